// Copyright 2026 the Weft authors. MIT license.

import { currentScope } from "../sync/cancellation.ts";
import { pause } from "./_turn.ts";

/**
 * Lets all other coroutines run that are ready, and now and then timers and events, before the caller goes on.
 *
 * **Fairness:** those that are ready run in turn.
 *
 * **Cancellation:** in a coroutine that is cancelled it rejects with the reason. So a long computation calls it now and
 * then; in a generator a `yield` of nothing does the same.
 *
 * @returns When the others have had their turn.
 * @throws {unknown} The reason of the coroutine, if it is cancelled.
 *
 * @example Cancel a computation
 * ```ts
 * import { checkpoint, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assert } from "@std/assert";
 *
 * let rounds = 0;
 * const search = spawn(async () => {
 *   for (;; rounds++) await checkpoint();
 * });
 * await sleep(1);
 * await search.cancel();
 * assert(rounds > 0);
 * ```
 */
export async function checkpoint(): Promise<void> {
  const scope = currentScope();
  if (scope === undefined) return await pause();
  scope.throwIfCancelled();
  let cancelled = false;
  const end = () => cancelled = true;
  scope.enter(end);
  await pause();
  scope.exit(end);
  if (cancelled) throw scope.reason;
}
