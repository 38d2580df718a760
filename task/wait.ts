// Copyright 2026 the Weft authors. MIT license.

import { unwatch, watch } from "../sync/settlement.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, checkTimeout, startTimer, type WaitOptions, watchEnds } from "../sync/wait.ts";
import { uniquePromises } from "./_unique_promises.ts";

/** Options for {@linkcode wait}. */
export interface WaitFuturesOptions extends WaitOptions {
  /**
   * Milliseconds to wait at most. When they are over, the wait resolves with what is done so far: the
   * one wait of Weft that a timeout does not reject.
   *
   * @default {Infinity}
   */
  readonly timeout?: number | undefined;
  /**
   * What to wait for: `"all"` of the futures, the `"first"` one that is done in whichever way, or the
   * `"firstError"`: the first one that fails, being cancelled not counted, or all of them if none
   * fails.
   *
   * @default {"all"}
   */
  readonly until?: "all" | "first" | "firstError" | undefined;
}

/** What {@linkcode wait} resolves with; each future is in one of the two sets. */
export interface WaitFuturesResult<F> {
  /** The futures that have a result or an error or were cancelled, in the order they were done. */
  readonly done: Set<F>;
  /** The others, in the order they were given. */
  readonly pending: Set<F>;
}

/** What futures and coroutines tell of themselves beyond being promises. */
interface Stateful {
  readonly done?: unknown;
  readonly cancelled?: unknown;
}

/**
 * Waits for futures, plain promises or both, and never rejects because one of them does. A future
 * given more than once counts once. No rejection of theirs ends the program, and a failed
 * {@linkcode Future} still counts as not looked at.
 *
 * **Cancellation:** a timeout resolves with what is done so far, an abort rejects; the futures go on.
 *
 * @typeParam F Type of the futures.
 * @param futures What to wait for.
 * @param options How long and until when to wait.
 * @returns The futures that are done and those that are not.
 * @throws {TypeError} If an item is not a promise, or `until` is not one of its values.
 * @throws {RangeError} If the timeout is negative or not a number.
 * @throws {unknown} The reason of the signal, if it aborts first.
 *
 * @example Take the first result
 * ```ts
 * import { Future, wait } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * const quick = new Future<string>((resolve) => resolve("quick"));
 * const slow = new Future<string>(() => {});
 * const { done, pending } = await wait([slow, quick], { until: "first" });
 *
 * assertEquals([...done], [quick]);
 * assertEquals([...pending], [slow]);
 * ```
 */
export async function wait<F extends PromiseLike<unknown>>(
  futures: Iterable<F>,
  options: WaitFuturesOptions = {},
): Promise<WaitFuturesResult<F>> {
  const { until = "all" } = options;
  if (until !== "all" && until !== "first" && until !== "firstError") {
    throw new TypeError(
      `Cannot wait as "until" is not "all", "first" or "firstError": current value is ${until}`,
    );
  }
  const timeout = checkTimeout(options.timeout);
  const pending = uniquePromises(futures);
  const { signal, scope } = beginWait(options);
  const done = new Set<F>();
  if (pending.size === 0) return { done, pending };

  const end = Promise.withResolvers<void>();
  let ended = false;
  const onSettled = (item: PromiseLike<unknown>, failed: boolean) => {
    pending.delete(item as F);
    done.add(item as F);
    const isError = failed && (item as Stateful).cancelled !== true;
    if (pending.size === 0 || until === "first" || (until === "firstError" && isError)) {
      ended = true;
      end.resolve();
    }
  };
  for (const item of [...pending]) watch(item, onSettled);
  const cancelTimer = startTimer(timeout, end.resolve);
  const unwatchEnds = watchEnds({ signal, scope }, Infinity, (error) => {
    if (ended) return false;
    ended = true;
    end.reject(error);
    return true;
  });
  try {
    // Resumes a microtask after the end, so that all that was settled before has been told.
    await observed("wait", () => end.promise);
  } finally {
    cancelTimer();
    unwatchEnds();
    for (const item of pending) unwatch(item, onSettled);
  }
  for (const item of [...pending]) {
    if (isDone(item as Stateful)) onSettled(item, false);
  }
  return { done, pending };
}

function isDone(item: Stateful): boolean {
  return item.done === true && typeof item.cancelled === "boolean";
}
