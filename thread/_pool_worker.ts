// Copyright 2026 the Weft authors. MIT license.

import { type PoolBoot, servePool } from "../task/pool/serve.ts";
import { task } from "../task/task.ts";
import { currentWire } from "../task/wire.ts";

/** What a thread of a pool does. */
export const poolWorker = task(import.meta, async function serveThreadPool(boot: PoolBoot) {
  await servePool(boot, "thread", currentWire());
});
