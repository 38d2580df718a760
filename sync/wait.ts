// Copyright 2026 the Weft authors. MIT license.

import { type CancelScope, currentScope, type EndWait } from "./cancellation.ts";
import { unwatch, watch } from "./settlement.ts";
import { show } from "./show.ts";

/** How long and until when an operation may wait; taken by everything in Weft that waits. */
export interface WaitOptions {
  /**
   * Milliseconds to wait at most. When they are over, the wait rejects with a `DOMException` named
   * `TimeoutError`. `0` does not wait at all, `Infinity` waits without limit.
   *
   * @default {Infinity}
   */
  readonly timeout?: number | undefined;
  /** Ends the wait when it aborts; the wait then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a wait that ends as well when the coroutine is cancelled that waits. */
export interface ScopedOptions extends WaitOptions {
  readonly scope?: CancelScope | undefined;
}

/** The longest delay that a platform timer keeps; a longer one would fire at once. */
export const longestTimer = 0x7fffffff;

/**
 * Checks a timeout given by a caller.
 *
 * @param timeout Milliseconds, or `undefined` for no limit.
 * @returns The same milliseconds, `Infinity` for no limit.
 * @throws {RangeError} If `timeout` is negative or not a number.
 */
export function checkTimeout(timeout: number | undefined): number {
  if (timeout === undefined) return Infinity;
  if (typeof timeout !== "number" || !(timeout >= 0)) {
    throw new RangeError(
      `Cannot wait as the timeout is not a non-negative number: current value is ${show(timeout)}`,
    );
  }
  return timeout;
}

/**
 * Begins a wait of a caller; what the library waits for on its own behalf, or must wait for to leave things in order,
 * does without.
 *
 * @returns The same options, with the scope of the coroutine that calls if there is one.
 * @throws {RangeError} If the timeout is negative or not a number.
 * @throws {unknown} The reason of the signal if it is aborted, or of the coroutine if that is cancelled.
 */
export function beginWait<O extends WaitOptions>(options: O): O & ScopedOptions {
  checkTimeout(options.timeout);
  options.signal?.throwIfAborted();
  const scope = currentScope();
  if (scope === undefined) return options;
  scope.throwIfCancelled();
  return { ...options, scope };
}

/**
 * Watches for what ends a wait early: its time, its signal, and the coroutine that waits being cancelled.
 *
 * @param options The options of the wait.
 * @param timeout Milliseconds that it may take.
 * @param end Called with the error, perhaps before this returns.
 * @returns A function that ends the watch.
 */
export function watchEnds(
  { signal, scope }: ScopedOptions,
  timeout: number,
  end: EndWait,
): () => void {
  const onAbort = () => end(signal!.reason);
  const cancelTimer = startTimer(timeout, () => end(timeoutError(timeout)));
  signal?.addEventListener("abort", onAbort, { once: true });
  scope?.enter(end);
  return () => {
    cancelTimer();
    signal?.removeEventListener("abort", onAbort);
    scope?.exit(end);
  };
}

/** Creates the error of a wait whose time is over. */
export function timeoutError(timeout: number): DOMException {
  return new DOMException(`The wait timed out after ${timeout} ms`, "TimeoutError");
}

/** The time of a wait that has several parts. */
export class Deadline {
  readonly #timeout: number;
  readonly #end: number;

  /**
   * Starts it.
   *
   * @throws {RangeError} If `timeout` is negative or not a number.
   */
  constructor(timeout: number | undefined) {
    this.#timeout = checkTimeout(timeout);
    this.#end = this.#timeout === Infinity ? Infinity : performance.now() + this.#timeout;
  }

  /** Milliseconds that are left for the next part. */
  get rest(): number {
    return this.#end === Infinity ? Infinity : Math.max(0, this.#end - performance.now());
  }

  /** The error for the end of the time. */
  get error(): DOMException {
    return timeoutError(this.#timeout);
  }

  /** Puts the time of the whole wait into the error of a part. */
  explain(error: unknown, options: ScopedOptions = {}): unknown {
    return isOver(error, options) ? this.error : error;
  }
}

/** Tells whether an error is one that says that a time is over. */
export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

/**
 * Tells whether a wait has thrown an error as its time was over; the reason of its signal, or of the cancellation of its
 * coroutine, can look the same.
 */
export function isOver(error: unknown, { signal, scope }: ScopedOptions): boolean {
  if (!isTimeout(error) || scope?.reason === error) return false;
  return !(signal?.aborted && signal.reason === error);
}

/** Notes that a wait has not thrown what it was ended with: a coroutine that is cancelled is told at its next wait. */
export function keepCancelled(error: unknown, { scope }: ScopedOptions): void {
  if (scope !== undefined && error !== undefined && scope.reason === error) scope.renew();
}

/**
 * Waits for `promise` as long as `options` allow.
 *
 * **Cancellation:** a timeout or an abort ends this wait alone; `promise` goes on. Timer and
 * listener are gone when it settles. An aborted signal wins, even over a promise that is settled.
 *
 * @param promise What to wait for.
 * @param options Timeout and signal.
 * @returns What `promise` resolves with.
 * @throws {RangeError} If the timeout is negative or not a number.
 */
export async function waitFor<T>(
  promise: PromiseLike<T>,
  options: ScopedOptions = {},
): Promise<T> {
  const { signal, scope } = options;
  const timeout = checkTimeout(options.timeout);
  signal?.throwIfAborted();
  if (timeout === Infinity && signal === undefined && scope === undefined) return await promise;

  // Not Promise.race: each call of it would stay with a promise that does not settle.
  const end = Promise.withResolvers<void>();
  let ended = false;
  const onSettled = () => {
    ended = true;
    end.resolve();
  };
  watch(promise, onSettled);
  const unwatchEnds = watchEnds(options, timeout, (error) => {
    if (ended) return false;
    ended = true;
    end.reject(error);
    return true;
  });
  try {
    await end.promise;
    return await promise;
  } finally {
    unwatch(promise, onSettled);
    unwatchEnds();
  }
}

/**
 * Calls `callback` after `delay` milliseconds, which may be more than a platform timer keeps.
 *
 * @returns A function that cancels the timer.
 */
export function startTimer(delay: number, callback: () => void): () => void {
  let handle: ReturnType<typeof setTimeout> | undefined;
  const arm = (rest: number) => {
    if (rest === Infinity) return;
    const step = Math.min(rest, longestTimer);
    handle = setTimeout(() => rest > step ? arm(rest - step) : callback(), step);
  };
  arm(delay);
  return () => clearTimeout(handle);
}

/** Lets the program end although a timer is pending. */
export function unrefTimer(handle: ReturnType<typeof setTimeout>): void {
  // A number or an object, depending on which library's types the program brings.
  Deno.unrefTimer(handle as unknown as number);
}
