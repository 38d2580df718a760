// Copyright 2026 the Weft authors. MIT license.

import { lockMutants, urgentLockMutants } from "../model/mutants/lock.ts";
import { impatience, lockMixes, lockScenarios } from "../model/scenarios/lock.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "LockCore",
  scenarios: lockScenarios,
  mixes: lockMixes,
  mutants: lockMutants,
});

await testModel({
  name: "LockCore without patience",
  scenarios: lockScenarios,
  mixes: lockMixes,
  mutants: urgentLockMutants,
  edits: [impatience],
});
