// Copyright 2026 the Weft authors. MIT license.

import type { Task } from "./task.ts";

/** Options of a pool of workers. */
export interface PoolOptions {
  /**
   * Name of the pool, for people; its workers are called after it.
   *
   * @default {"ThreadPool-N" or "ProcessPool-N"}
   */
  readonly name?: string | undefined;
  /** What each worker calls before its first task. If it throws, the pool is broken. */
  // deno-lint-ignore no-explicit-any -- arguments of any types
  readonly initializer?: Task<any, unknown> | undefined;
  /**
   * The arguments of the initializer.
   *
   * @default {[]}
   */
  readonly initializerArgs?: readonly unknown[] | undefined;
  /**
   * Number of tasks after which a worker is replaced by a new one.
   *
   * @default {Infinity}
   */
  readonly maxTasksPerWorker?: number | undefined;
  /**
   * Milliseconds without a task after which a worker ends.
   *
   * @default {Infinity}
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Number of workers that are started at once and kept.
   *
   * @default {0}
   */
  readonly minSize?: number | undefined;
  /**
   * The most tasks that wait for a worker; one more is a `QueueFullError`. Maps never have more than a few chunks
   * that wait, and are not counted.
   *
   * @default {Infinity}
   */
  readonly maxQueue?: number | undefined;
}
