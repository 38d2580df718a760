// Copyright 2026 the Weft authors. MIT license.

import { isObserved, observeWait } from "../sync/observer.ts";
import { beginWait, checkTimeout, type WaitOptions, watchEnds } from "../sync/wait.ts";
import { clearAlarm, setAlarm } from "./_alarm.ts";

/**
 * Waits for a time.
 *
 * **Cancellation:** an abort, a shorter timeout, or the end of the coroutine that waits rejects it, and takes its timer
 * back.
 *
 * @param ms Milliseconds to wait, at least; with `Infinity` until it is cancelled.
 * @param options Timeout and signal of the wait.
 * @returns When they are over.
 * @throws {RangeError} If `ms` or the timeout is negative or not a number.
 * @throws {DOMException} Named `TimeoutError`, if the timeout is over first.
 * @throws {unknown} The reason of the signal, if it aborts first, or of the coroutine, if that is cancelled.
 *
 * @example Wait a little
 * ```ts
 * import { sleep } from "@weft/concurrency/coroutine";
 * import { assert } from "@std/assert";
 *
 * const start = performance.now();
 * await sleep(10);
 * assert(performance.now() - start >= 9);
 * ```
 */
export function sleep(ms: number, options: WaitOptions = {}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  try {
    checkTimeout(ms);
    const { scope, signal, timeout } = beginWait(options);
    const endObserved = isObserved() ? observeWait({ what: "sleep", object: "" }) : undefined;
    const end = (...errors: [] | [unknown]) => {
      if (!clearAlarm(alarm) && errors.length > 0) return false;
      endObserved?.(errors[0]);
      unwatch?.();
      scope?.exit(end);
      if (errors.length > 0) reject(errors[0]);
      else resolve();
      return true;
    };
    const alarm = setAlarm(ms, end);
    const unwatch = signal === undefined && timeout === undefined
      ? undefined
      : watchEnds({ signal }, timeout ?? Infinity, end);
    scope?.enter(end);
  } catch (error) {
    reject(error);
  }
  return promise;
}
