// Copyright 2026 the Weft authors. MIT license.

import { channels } from "./channels.ts";
import { cluster } from "./cluster.ts";
import { coroutines } from "./coroutines.ts";
import { locks } from "./locks.ts";
import type { Topic } from "./measure.ts";
import { memory } from "./memory.ts";
import { pools } from "./pools.ts";
import { starting } from "./starting.ts";

/** All that is measured beside peers. */
export const topics: Readonly<Record<string, () => Promise<Topic>>> = {
  pools,
  channels,
  locks,
  coroutines,
  cluster,
  memory,
  starting,
};
