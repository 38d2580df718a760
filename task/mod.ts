// Copyright 2026 the Weft authors. MIT license.

/**
 * Functions that can run elsewhere, and what they come to.
 *
 * {@linkcode task} makes a function of a module one that a thread or process can run;
 * {@linkcode importTask} does the same for a function of a module that cannot be edited. A
 * {@linkcode Future} is a promise of a result that can be cancelled and asked for its state;
 * {@linkcode wait} and {@linkcode asCompleted} wait for many of them. A {@linkcode Pool} is what pools of
 * threads and processes have in common; what they run asks {@linkcode currentTask} whether it is to stop.
 *
 * @example Make a task and use the function here, too
 * ```ts
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const square = task(import.meta, (n: number) => n * n);
 *
 * assertEquals(square(12), 144);
 * ```
 *
 * @module
 */

export type { WaitOptions } from "../sync/wait.ts";
export * from "./as_completed.ts";
export { BootstrapError } from "./bootstrap.ts";
export { type CurrentTask, currentTask } from "./current_task.ts";
export * from "./future.ts";
export type { Histogram } from "./histogram.ts";
export type { ExitReason, ExitStatus } from "./lifecycle.ts";
export type * from "./pool.ts";
export * from "./pool_errors.ts";
export type * from "./pool_options.ts";
export * from "./task.ts";
export * from "./wait.ts";
export type { WorkerPool } from "./worker_pool.ts";
