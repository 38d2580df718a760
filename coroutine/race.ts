// Copyright 2026 the Weft authors. MIT license.

import { inOrder } from "../sync/cancellation.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { promised } from "./_promised.ts";
import { cancelAll } from "./cancel_all.ts";
import { Coroutine } from "./coroutine.ts";

/**
 * Waits for the first that ends, with a result or an error, and cancels the other coroutines.
 *
 * **Cancellation:** a timeout or an abort cancels all coroutines of the list. It settles when those that were cancelled
 * have ended.
 *
 * @typeParam L Types of the coroutines and promises.
 * @param list Coroutines and promises; promises that lose go on.
 * @param options Timeout and signal of the wait.
 * @returns The result of the first.
 * @throws {RangeError} If the list is empty, or the timeout is negative or not a number.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {unknown} The error of the first, or the reason of the signal.
 *
 * @example Take the quicker one
 * ```ts
 * import { race, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const after = (ms: number) =>
 *   spawn(async () => {
 *     await sleep(ms);
 *     return ms;
 *   });
 * const slow = after(60_000);
 * const quick = after(1);
 *
 * assertEquals(await race([slow, quick]), 1);
 * assertEquals(slow.cancelled, true);
 * ```
 */
export function race<const L extends readonly PromiseLike<unknown>[]>(
  list: L,
  options?: WaitOptions,
): Promise<Awaited<L[number]>>;
/**
 * Waits for the first that ends, with a result or an error, and cancels the other coroutines.
 *
 * @typeParam T Type of the results.
 * @param list Coroutines and promises; promises that lose go on.
 * @param options Timeout and signal of the wait.
 * @returns The result of the first.
 * @throws {RangeError} If the list is empty, or the timeout is negative or not a number.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {unknown} The error of the first, or the reason of the signal.
 */
export function race<T>(
  list: Iterable<PromiseLike<T>>,
  options?: WaitOptions,
): Promise<T>;
export async function race(
  list: Iterable<PromiseLike<unknown>>,
  options: WaitOptions = {},
): Promise<unknown> {
  const items = [...list];
  if (items.length === 0) {
    throw new RangeError("Cannot race as the list is empty, so that nothing would ever end");
  }
  try {
    const scoped = beginWait(options);
    const first = Promise.race(items.map(promised));
    return await observed("race", () => waitFor(first, scoped));
  } finally {
    await inOrder(cancelAll(items.filter((item) => item instanceof Coroutine)));
  }
}
