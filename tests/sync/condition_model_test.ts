// Copyright 2026 the Weft authors. MIT license.

import { conditionMutants } from "../model/mutants/condition.ts";
import { conditionMixes, conditionScenarios } from "../model/scenarios/condition.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Condition",
  scenarios: conditionScenarios,
  mixes: conditionMixes,
  mutants: conditionMutants,
});
