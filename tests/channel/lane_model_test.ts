// Copyright 2026 the Weft authors. MIT license.

import { checkedViews } from "../model/bytes.ts";
import { laneMutants } from "../model/mutants/lane.ts";
import { laneMixes, laneScenarios } from "../model/scenarios/lane.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Lane",
  scenarios: laneScenarios,
  mixes: laneMixes,
  mutants: laneMutants,
  edits: [checkedViews],
});
