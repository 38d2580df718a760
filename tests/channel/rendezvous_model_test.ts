// Copyright 2026 the Weft authors. MIT license.

import { checkedViews } from "../model/bytes.ts";
import { rendezvousMutants } from "../model/mutants/rendezvous.ts";
import { littleRoom, rendezvousScenarios } from "../model/scenarios/rendezvous.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Rendezvous",
  scenarios: rendezvousScenarios,
  mutants: rendezvousMutants,
  edits: [checkedViews, ...littleRoom],
});
