// Copyright 2026 the Weft authors. MIT license.

import { rlockMutants } from "../model/mutants/rlock.ts";
import { rlockMixes, rlockScenarios } from "../model/scenarios/rlock.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "RLock",
  scenarios: rlockScenarios,
  mixes: rlockMixes,
  mutants: rlockMutants,
});
