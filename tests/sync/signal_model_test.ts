// Copyright 2026 the Weft authors. MIT license.

import { signalMutants } from "../model/mutants/signal.ts";
import { signalScenarios } from "../model/scenarios/signal.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Signal",
  scenarios: signalScenarios,
  mutants: signalMutants,
});
