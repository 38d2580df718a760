// Copyright 2026 the Weft authors. MIT license.

import { currentScope } from "../sync/cancellation.ts";
import { checkTimeout, timeoutError } from "../sync/wait.ts";
import { clearAlarm, setAlarm } from "./_alarm.ts";
import type { AnyFunction } from "./_body.ts";
import { promised } from "./_promised.ts";
import { create } from "./_keys.ts";
import { Coroutine } from "./coroutine.ts";
import { checkFunction } from "./_checks.ts";
import { type CoroutineGenerator, livingParent } from "./spawn.ts";

/**
 * Runs a function as a coroutine, and cancels it when a time is over.
 *
 * **Cancellation:** when the time is over, or the coroutine that waits is cancelled, that of the function is cancelled,
 * and waited for: its `finally` blocks have run. A result that it gives all the same is not lost.
 *
 * @typeParam T What the function returns.
 * @param ms Milliseconds that it may take.
 * @param fn A generator function, or one that gives an async generator.
 * @returns What it returned.
 * @throws {TypeError} If `fn` is not a function.
 * @throws {RangeError} If `ms` is negative or not a number.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {unknown} What the function has thrown.
 *
 * @example Give up after a time
 * ```ts
 * import { sleep, withTimeout } from "@weft/concurrency/coroutine";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * assertEquals(await withTimeout(60_000, async () => await Promise.resolve("quick")), "quick");
 * await assertRejects(() => withTimeout(1, () => sleep(60_000)), DOMException, "timed out");
 * ```
 */
export function withTimeout<T>(ms: number, fn: () => CoroutineGenerator<T>): Promise<T>;
/**
 * Runs a function as a coroutine, and cancels it when a time is over.
 *
 * @typeParam R What the function returns.
 * @param ms Milliseconds that it may take.
 * @param fn An async function.
 * @returns What it returned.
 * @throws {TypeError} If `fn` is not a function.
 * @throws {RangeError} If `ms` is negative or not a number.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {unknown} What the function has thrown.
 */
export function withTimeout<R>(ms: number, fn: () => R): Promise<Awaited<R>>;
export async function withTimeout(ms: number, fn: AnyFunction): Promise<unknown> {
  checkTimeout(ms);
  checkFunction(fn, "run");
  const scope = currentScope();
  scope?.throwIfCancelled();
  const coroutine = Coroutine[create](fn, [], livingParent(), withTimeout);
  // Not the timeout itself: code within might take that for one of its own waits.
  let late: DOMException | undefined;
  const alarm = setAlarm(ms, () => {
    late = new DOMException(`The coroutine was cancelled after ${ms} ms`, "AbortError");
    coroutine.cancel(late);
  });
  // It is cancelled together with the one that waits here, which knows it by the error of it.
  let cancelled = false;
  const end = () => cancelled = true;
  scope?.enter(end);
  try {
    return await promised(coroutine);
  } catch (error) {
    if (cancelled && error === scope!.reason) cancelled = false;
    throw late !== undefined && error === late ? timeoutError(ms) : error;
  } finally {
    scope?.exit(end);
    if (cancelled) scope!.renew();
    clearAlarm(alarm);
  }
}
