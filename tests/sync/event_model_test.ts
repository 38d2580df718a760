// Copyright 2026 the Weft authors. MIT license.

import { eventMutants } from "../model/mutants/event.ts";
import { eventMixes, eventScenarios } from "../model/scenarios/event.ts";
import { testModel } from "../model/suite.ts";

await testModel({
  name: "Event",
  scenarios: eventScenarios,
  mixes: eventMixes,
  mutants: eventMutants,
});
