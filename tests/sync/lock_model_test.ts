// Copyright 2026 the Weft authors. MIT license.

import { lockMutants } from "../model/mutants/lock.ts";
import { lockMixes, lockScenarios } from "../model/scenarios/lock.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "LockCore",
  scenarios: lockScenarios,
  mixes: lockMixes,
  mutants: lockMutants,
});
