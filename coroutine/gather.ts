// Copyright 2026 the Weft authors. MIT license.

import { observed } from "../sync/observer.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { promised } from "./_promised.ts";

/**
 * What {@linkcode gather} resolves with.
 *
 * @typeParam L The types of what is gathered.
 */
export type Gathered<L extends readonly unknown[]> = { -readonly [I in keyof L]: Awaited<L[I]> };

/**
 * Waits for all results, and rejects as soon as one fails; the others go on then. Where they are to be cancelled, use a
 * `TaskGroup`.
 *
 * **Cancellation:** a timeout or an abort ends this wait alone.
 *
 * @typeParam L The types of what is gathered.
 * @param list Coroutines, promises and plain values.
 * @param options Timeout and signal of the wait.
 * @returns The results, in the order of the list.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {RangeError} If the timeout is negative or not a number.
 * @throws {unknown} The first error, or the reason of the signal.
 *
 * @example Gather results of different types
 * ```ts
 * import { gather, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const [user, size] = await gather([
 *   spawn(async () => {
 *     await sleep(2);
 *     return "Ada";
 *   }),
 *   Promise.resolve(3),
 * ]);
 *
 * assertEquals(user.length, size);
 * ```
 */
export function gather<const L extends readonly unknown[]>(
  list: L,
  options?: WaitOptions,
): Promise<Gathered<L>>;
/**
 * Waits for all results, and rejects as soon as one fails.
 *
 * @typeParam T Type of the results.
 * @param list Coroutines, promises and plain values.
 * @param options Timeout and signal of the wait.
 * @returns The results, in the order of the list.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {RangeError} If the timeout is negative or not a number.
 * @throws {unknown} The first error, or the reason of the signal.
 */
export function gather<T>(
  list: Iterable<PromiseLike<T> | T>,
  options?: WaitOptions,
): Promise<T[]>;
export async function gather(
  list: Iterable<unknown>,
  options: WaitOptions = {},
): Promise<unknown[]> {
  const scoped = beginWait(options);
  const all = Promise.all(Array.from(list, promised));
  return await observed("gather", () => waitFor(all, scoped));
}
