// Copyright 2026 the Weft authors. MIT license.

/**
 * Weft, the concurrency standard library for Deno: run any function in another process or thread,
 * typed and safe.
 *
 * Each module can be imported alone: `@weft/concurrency/task` makes functions that can run
 * elsewhere, `@weft/concurrency/thread` and `@weft/concurrency/process` run them there,
 * `@weft/concurrency/coroutine` runs any function beside others in one thread, `@weft/concurrency/sync` has the locks and
 * numbers that they share, and `@weft/concurrency/channel` what moves values between them. `@weft/concurrency/cluster`
 * does that over a network, for programs in Python too.
 *
 * Each thread and each process loads the module of its task, with all that this imports: one that imports
 * `@weft/concurrency/task` instead of the whole starts twice as fast.
 *
 * @example Run a function in a thread and in a process
 * ```ts
 * import { Process, task, Thread } from "@weft/concurrency";
 * import { assertEquals } from "@std/assert";
 *
 * export const square = task(import.meta, (n: number) => n * n);
 *
 * if (import.meta.main) {
 *   assertEquals(await Thread.spawn(square, 12).join(), 144);
 *   assertEquals(await Process.spawn(square, 13).join(), 169);
 * }
 * ```
 *
 * @module
 */

export * from "./channel/mod.ts";
export * from "./cluster/mod.ts";
export * from "./coroutine/mod.ts";
export * from "./process/mod.ts";
export * from "./sync/mod.ts";
export * from "./task/mod.ts";
export * from "./thread/mod.ts";
