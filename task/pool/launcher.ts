// Copyright 2026 the Weft authors. MIT license.

import type { Destination } from "../../sync/handle.ts";
import type { TaskReference } from "../registry.ts";
import type { PoolWorker } from "./pool_worker.ts";
import type { SharedState } from "./shared_exchange.ts";
import type { Supply } from "./supplies.ts";

/** What a worker is started with. */
export interface PoolBoot {
  /** Its slot of the board. */
  readonly slot: number;
  /** The memory that it shares with the pool; without it all goes by messages. */
  readonly shared: SharedState | undefined;
  /** The tasks that the pool has met, by number. */
  readonly references: readonly TaskReference[];
  /** What it has been told before it started, and up to which number. */
  readonly supplies: readonly Supply[];
  readonly supplied: number;
  /** What it calls first. */
  readonly initializer: TaskReference | undefined;
  readonly initializerArgs: readonly unknown[];
  /** Calls after which it ends. */
  readonly maxTasks: number;
  /** Milliseconds without a task after which it ends. */
  readonly idleTimeout: number;
}

/** Starts the workers of one kind of pool. */
export interface Launcher {
  /** What the workers are: threads or processes. */
  readonly kind: Destination;
  /** Whether they can share memory with the pool. */
  readonly shares: boolean;
  /** Starts one. */
  launch(name: string, boot: PoolBoot, onMessage: (message: unknown) => void): PoolWorker;
}
