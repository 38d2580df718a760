// Copyright 2026 the Weft authors. MIT license.

import { semaphoreMutants } from "../model/mutants/semaphore.ts";
import { semaphoreMixes, semaphoreScenarios } from "../model/scenarios/semaphore.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Semaphore",
  scenarios: semaphoreScenarios,
  mixes: semaphoreMixes,
  mutants: semaphoreMutants,
});
