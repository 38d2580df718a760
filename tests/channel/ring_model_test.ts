// Copyright 2026 the Weft authors. MIT license.

import { checkedViews } from "../model/bytes.ts";
import { ringMutants } from "../model/mutants/ring.ts";
import { ringScenarios } from "../model/scenarios/ring.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Ring",
  scenarios: ringScenarios,
  mutants: ringMutants,
  edits: [checkedViews],
});
