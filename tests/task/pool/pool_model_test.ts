// Copyright 2026 the Weft authors. MIT license.

import { checkedViews } from "../../model/bytes.ts";
import { poolMutants } from "../../model/mutants/pool.ts";
import { poolMixes, poolScenarios } from "../../model/scenarios/pool.ts";
import { smallPool } from "../../model/scenarios/pool_actors.ts";
import { testModel } from "../../model/suite.ts";

await testModel({
  name: "PoolEngine",
  scenarios: poolScenarios,
  mixes: poolMixes,
  mutants: poolMutants,
  edits: [checkedViews, ...smallPool],
  runs: 4,
});
