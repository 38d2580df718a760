// Copyright 2026 the Weft authors. MIT license.

import { type Coroutine, current } from "./coroutine.ts";

/**
 * Gives the coroutine that runs the code that calls this, also after awaits and in timers.
 *
 * @returns The coroutine; `undefined` in code that was not spawned, and in timers and the like that are left when a
 * coroutine has ended.
 *
 * @example Ask for the name
 * ```ts
 * import { currentCoroutine, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const name = await spawn(async function worker() {
 *   await Promise.resolve();
 *   return currentCoroutine()?.name;
 * });
 *
 * assertEquals(name, "worker");
 * assertEquals(currentCoroutine(), undefined);
 * ```
 */
export function currentCoroutine(): Coroutine | undefined {
  return current();
}
