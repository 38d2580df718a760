// Copyright 2026 the Weft authors. MIT license.

import { rwLockMutants } from "../model/mutants/rw_lock.ts";
import { littleRoom, rwLockMixes, rwLockScenarios } from "../model/scenarios/rw_lock.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "RWLock",
  scenarios: rwLockScenarios,
  mixes: rwLockMixes,
  mutants: rwLockMutants,
});

await testModel({
  name: "RWLock with little room",
  scenarios: async (load) => {
    const scenarios = await rwLockScenarios(load);
    return scenarios.map((scenario) => ({ ...scenario, preemptions: 1 }));
  },
  mutants: {},
  edits: [littleRoom],
});
