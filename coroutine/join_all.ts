// Copyright 2026 the Weft authors. MIT license.

import { observed } from "../sync/observer.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { checkCoroutine } from "./_checks.ts";
import { outcome, unwatchEnd, watchEnd } from "./_keys.ts";
import type { Coroutine } from "./coroutine.ts";

/**
 * What {@linkcode joinAll} resolves with.
 *
 * @typeParam L The types of the coroutines.
 */
export type JoinedAll<L extends readonly unknown[]> = {
  -readonly [I in keyof L]: Awaited<L[I]> | undefined;
};

/**
 * Waits until all coroutines have ended, also when some of them fail.
 *
 * **Cancellation:** a timeout or an abort ends this wait alone; the coroutines go on.
 *
 * @typeParam L Types of the coroutines.
 * @param coroutines What to wait for.
 * @param options Timeout and signal of the wait.
 * @returns Their results, in the order in which they were given; of one that was cancelled `undefined`.
 * @throws {TypeError} If one is not a coroutine.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {RangeError} If the timeout is negative or not a number.
 * @throws {AggregateError} If several have failed, with their errors.
 * @throws {unknown} The error of the one that has failed; or the reason of the signal.
 *
 * @example Wait for three at once
 * ```ts
 * import { joinAll, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const coroutines = [3, 1, 2].map((n) =>
 *   spawn(function* () {
 *     yield sleep(n);
 *     return n;
 *   })
 * );
 *
 * assertEquals(await joinAll(coroutines), [3, 1, 2]);
 * ```
 */
export function joinAll<const L extends readonly Coroutine[]>(
  coroutines: L,
  options?: WaitOptions,
): Promise<JoinedAll<L>>;
/**
 * Waits until all coroutines have ended, also when some of them fail.
 *
 * @typeParam T What the coroutines give.
 * @param coroutines What to wait for.
 * @param options Timeout and signal of the wait.
 * @returns Their results, in the order in which they were given; of one that was cancelled `undefined`.
 * @throws {TypeError} If one is not a coroutine.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {RangeError} If the timeout is negative or not a number.
 * @throws {AggregateError} If several have failed, with their errors.
 * @throws {unknown} The error of the one that has failed; or the reason of the signal.
 */
export function joinAll<T>(
  coroutines: Iterable<Coroutine<T>>,
  options?: WaitOptions,
): Promise<(T | undefined)[]>;
export async function joinAll(
  coroutines: Iterable<Coroutine>,
  options: WaitOptions = {},
): Promise<unknown> {
  const all = [...coroutines];
  for (const coroutine of all) checkCoroutine(coroutine, "join");
  const scoped = beginWait(options);
  let left = all.length;
  const ended = Promise.withResolvers<void>();
  const watcher = () => {
    if (--left === 0) ended.resolve();
  };
  if (left === 0) return [];
  for (const coroutine of all) coroutine[watchEnd](watcher);
  try {
    await observed("joinAll", () => waitFor(ended.promise, scoped));
  } catch (error) {
    for (const coroutine of all) coroutine[unwatchEnd](watcher);
    throw error;
  }
  return results(all);
}

function results<T>(coroutines: readonly Coroutine<T>[]): (T | undefined)[] {
  const values: (T | undefined)[] = [];
  const errors: unknown[] = [];
  for (const coroutine of coroutines) {
    const ended = coroutine[outcome];
    values.push(ended.state === "fulfilled" ? ended.value : undefined);
    if (ended.state === "rejected") errors.push(ended.error);
  }
  if (errors.length === 0) return values;
  if (errors.length === 1) throw errors[0];
  throw new AggregateError(errors, `${errors.length} of ${values.length} coroutines have failed`);
}
