// Copyright 2026 the Weft authors. MIT license.

/**
 * Thousands of functions that run in turn in one thread, and can be cancelled.
 *
 * {@linkcode spawn} runs an async function, where that is enough, or a generator, which can be cancelled at each `yield`.
 * {@linkcode joinAll}, {@linkcode gather}, {@linkcode race} and {@linkcode asCompleted} wait for many; a
 * {@linkcode TaskGroup} keeps those together that fail together, and a {@linkcode CoroutinePool} runs only so many at once.
 * {@linkcode withTimeout} and {@linkcode shield} say what is cancelled and what is not, and a {@linkcode CoroutineLocal} is
 * a variable of each coroutine. A {@linkcode Greenlet} is switched to and from by hand.
 *
 * @example Three that wait at the same time
 * ```ts
 * import { joinAll, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * function* work(name: string, ms: number) {
 *   log.push(`${name} begins`);
 *   yield sleep(ms);
 *   log.push(`${name} ends`);
 * }
 * await joinAll([spawn(work, "a", 50), spawn(work, "b", 1)]);
 *
 * assertEquals(log, ["a begins", "b begins", "b ends", "a ends"]);
 * ```
 *
 * @module
 */

export type { WaitOptions } from "../sync/wait.ts";
export { asCompleted, type CompletedIterator } from "../task/as_completed.ts";
export * from "./cancel_all.ts";
export * from "./checkpoint.ts";
export { Coroutine } from "./coroutine.ts";
export { currentCoroutine } from "./current_coroutine.ts";
export * from "./coroutine_local.ts";
export * from "./coroutine_pool.ts";
export * from "./gather.ts";
export * from "./greenlet.ts";
export * from "./join_all.ts";
export * from "./race.ts";
export * from "./shield.ts";
export * from "./sleep.ts";
export { type CoroutineGenerator, spawn } from "./spawn.ts";
export * from "./task_group.ts";
export * from "./with_timeout.ts";
