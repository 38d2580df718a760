// Copyright 2026 the Weft authors. MIT license.

import { checkCoroutine } from "./_checks.ts";
import type { Coroutine } from "./coroutine.ts";

/**
 * Cancels coroutines, and waits until all have ended.
 *
 * @param coroutines What to cancel; those that have ended stay as they are.
 * @param reason What those who join them get; by default a `DOMException` named `AbortError`.
 * @returns When all have ended.
 * @throws {TypeError} If one is not a coroutine; then none is cancelled.
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
  const all = [...coroutines];
  for (const coroutine of all) checkCoroutine(coroutine, "cancel");
  await Promise.all(all.map((coroutine) => coroutine.cancel(reason)));
}
