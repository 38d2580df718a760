// Copyright 2026 the Weft authors. MIT license.

import { barrierMutants } from "../model/mutants/barrier.ts";
import { barrierMixes, barrierScenarios } from "../model/scenarios/barrier.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Barrier",
  scenarios: barrierScenarios,
  mixes: barrierMixes,
  mutants: barrierMutants,
});
