// Copyright 2026 the Weft authors. MIT license.

/**
 * Locks and numbers in shared memory: one set for coroutines, threads and, with `scope: "process"`,
 * processes. They work in memory alone, also while their creator is blocked, busy or dead, and travel as
 * handles anywhere inside the arguments of a thread or process.
 *
 * | to                                          | take                                             |
 * | ------------------------------------------- | ------------------------------------------------ |
 * | let one at a time into a section            | {@linkcode Lock}                                 |
 * | the same, where its functions call each other | {@linkcode RLock}                              |
 * | let many read at once, or one write         | {@linkcode RWLock}                               |
 * | let `n` at a time in, or count things       | {@linkcode Semaphore}, {@linkcode BoundedSemaphore} |
 * | tell everybody that something has happened  | {@linkcode Event}                                |
 * | wait under a lock for what others change    | {@linkcode Condition}                            |
 * | wait for each other                         | {@linkcode Barrier}                              |
 * | share a number or many                      | {@linkcode SharedValue}, {@linkcode SharedArray} |
 * | share bytes                                 | {@linkcode SharedMemory}                         |
 *
 * Each waits in two forms: `acquire` and `wait` give a promise, `acquireSync` and `waitSync` block the
 * thread, also the main one. All take a timeout in milliseconds, the former a signal as well.
 *
 * @example Let one at a time in
 * ```ts
 * import { Lock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new Lock();
 * {
 *   using _guard = await lock.acquire();
 *   assertEquals(lock.tryAcquire(), false);
 * }
 * assertEquals(lock.tryAcquire(), true);
 * ```
 *
 * @module
 */

export * from "./barrier.ts";
export * from "./bounded_semaphore.ts";
export * from "./condition.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./guard.ts";
export type { Destination, HandleForm, Passage } from "./handle.ts";
export * from "./lock.ts";
export type { ArrayOf, NumberOf, NumberType } from "./number_types.ts";
export * from "./rlock.ts";
export * from "./rw_lock.ts";
export { Semaphore } from "./semaphore.ts";
export * from "./shared_array.ts";
export * from "./shared_memory.ts";
export type { Scope, SharedObject, SyncOptions } from "./shared_object.ts";
export * from "./shared_value.ts";
export type { WaitOptions } from "./wait.ts";
