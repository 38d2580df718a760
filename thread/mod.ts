// Copyright 2026 the Weft authors. MIT license.

/**
 * Threads: functions that run in parallel within this process.
 *
 * A {@linkcode Thread} runs a task in an isolate of its own: no variable is shared, only what is
 * passed on; there is no global interpreter lock, so threads use all cores. A {@linkcode ThreadPool} keeps
 * some of them for many tasks. {@linkcode currentThread},
 * {@linkcode mainThread}, {@linkcode threads} and {@linkcode activeCount} tell who is there, {@linkcode ThreadLocal} keeps a
 * value for each, {@linkcode Timer} calls a function later.
 *
 * A thread costs about as much as a process: take a thread where memory is to be shared or passed by
 * reference, a process where one must be able to fail, be limited or be killed alone.
 *
 * @example Run a function in a thread
 * ```ts
 * import { Thread } from "@weft/concurrency/thread";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const fib = task(import.meta, (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2));
 *
 * if (import.meta.main) {
 *   const threads = [20, 21, 22].map((n) => Thread.spawn(fib, n));
 *   assertEquals(await Promise.all(threads.map((thread) => thread.join())), [6765, 10946, 17711]);
 * }
 * ```
 *
 * @module
 */

export type { WaitOptions } from "../sync/wait.ts";
export type { ExitReason, ExitStatus } from "../task/lifecycle.ts";
export { activeCount, currentThread, mainThread, type ThreadInfo, threads } from "./current.ts";
export * from "./errors.ts";
export * from "./thread.ts";
export * from "./thread_local.ts";
export * from "./thread_pool.ts";
export * from "./timer.ts";
