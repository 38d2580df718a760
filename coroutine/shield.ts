// Copyright 2026 the Weft authors. MIT license.

import { checkCoroutine } from "./_checks.ts";
import { detach } from "./_keys.ts";
import type { Coroutine } from "./coroutine.ts";

/**
 * Waits for a coroutine that is not to be cancelled with the one that waits: it goes on by itself then.
 *
 * @typeParam T What the coroutine gives.
 * @param coroutine What to wait for. From now on it belongs to no other coroutine; of a `TaskGroup` it stays a part.
 * @returns What it returns.
 * @throws {TypeError} If it is not a coroutine.
 * @throws {unknown} What it has thrown; or the reason of the coroutine that waits, if that is cancelled.
 *
 * @example Let a commit finish
 * ```ts
 * import { shield, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const client = spawn(async () => {
 *   await shield(spawn(async () => {
 *     await sleep(50);
 *     log.push("committed");
 *   }));
 *   log.push("never said");
 * });
 * await sleep(1);
 * await client.cancel();
 * await sleep(100);
 *
 * assertEquals(log, ["committed"]);
 * ```
 */
export async function shield<T>(coroutine: Coroutine<T>): Promise<T> {
  checkCoroutine(coroutine, "shield");
  coroutine[detach]();
  return await coroutine.join();
}
