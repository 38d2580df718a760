// Copyright 2026 the Weft authors. MIT license.

import type { Coroutine } from "./coroutine.ts";

/**
 * Cancels coroutines, and waits until all have ended.
 *
 * @param coroutines What to cancel; those that have ended stay as they are.
 * @param reason What those who join them get.
 * @returns When all have ended; it never rejects.
 *
 * @example Stop all workers
 * ```ts
 * import { cancelAll, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assert } from "@std/assert";
 *
 * const workers = [1, 2, 3].map(() => spawn(() => sleep(60_000)));
 * await cancelAll(workers);
 * assert(workers.every((worker) => worker.cancelled));
 * ```
 */
export async function cancelAll(
  coroutines: Iterable<Coroutine>,
  reason?: unknown,
): Promise<void> {
  await Promise.all(Array.from(coroutines, (coroutine) => coroutine.cancel(reason)));
}
