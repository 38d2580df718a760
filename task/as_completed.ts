// Copyright 2026 the Weft authors. MIT license.

import { unwatch, watch } from "../sync/settlement.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, checkTimeout, startTimer, type WaitOptions } from "../sync/wait.ts";
import { uniquePromises } from "./_unique_promises.ts";

/** What {@linkcode asCompleted} returns: an iterator that does not await what it yields. */
export interface CompletedIterator<F> extends AsyncIterableIterator<F>, AsyncDisposable {
  /** Stops the timer and the listeners, and ends the calls of `next` that wait. */
  return(value?: unknown): Promise<IteratorResult<F>>;
  /** Returns this iterator. */
  [Symbol.asyncIterator](): CompletedIterator<F> | (CompletedIterator<F> & AsyncDisposable);
}

/**
 * Iterates over futures, plain promises or both, as they complete: those that are done already first.
 * It yields the futures themselves, so one that fails does not end the iteration. A future given more
 * than once is yielded once.
 *
 * The timeout counts from the call, for the iteration as a whole. When it is over, what is done is
 * yielded before the iteration rejects.
 *
 * **Cancellation:** an abort ends the iteration even if some futures are done; the futures go on.
 *
 * **Cleanup:** leaving the loop, the timeout or the last future that completes removes the timer and
 * the listeners; an iterator that is not used needs a call of `return`, or `await using`.
 *
 * @typeParam F Type of the futures.
 * @param futures What to iterate over.
 * @param options How long and until when to wait.
 * @returns An iterator over the futures. It rejects with a `DOMException` named `TimeoutError`, which
 * says how many are unfinished, or with the reason of the signal.
 * @throws {TypeError} If an item is not a promise.
 * @throws {RangeError} If the timeout is negative or not a number.
 *
 * @example Use results as they come
 * ```ts
 * import { asCompleted, Future } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * const { promise: input, resolve } = Promise.withResolvers<string>();
 * const slow = new Future<string>((resolve) => resolve(input));
 * const quick = new Future<string>((resolve) => resolve("quick"));
 * const results: string[] = [];
 * for await (const future of asCompleted([slow, quick], { timeout: 1000 })) {
 *   results.push(await future);
 *   resolve("slow");
 * }
 *
 * assertEquals(results, ["quick", "slow"]);
 * ```
 */
// Keep the union, although its parts are the same type: TypeScript 6 takes what `for await` yields to
// be the awaited future (its result) for every type of iterator but a union, from the second loop on.
export function asCompleted<F extends PromiseLike<unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): CompletedIterator<F> | (CompletedIterator<F> & AsyncDisposable) {
  return new CompletionIterator(uniquePromises(futures), options);
}

// Not an async generator: its `yield` would await the future instead of handing it out, and its
// `return` would wait for a future that never completes.
class CompletionIterator<F extends PromiseLike<unknown>> implements CompletedIterator<F> {
  readonly #total: number;
  /** The futures that have not completed. */
  readonly #pending: Set<F>;
  /** The futures that have completed, of which the first `#yielded` are handed out. */
  #completed: F[] = [];
  #yielded = 0;
  /** Calls of `next` that wait, in order; none while a completed future is left. */
  #waiters: PromiseWithResolvers<IteratorResult<F>>[] = [];
  /** What `next` rejects with when no completed future is left. */
  #failure: { readonly error: unknown } | undefined = undefined;
  #signal: AbortSignal | undefined;
  #cancelTimer: (() => void) | undefined = undefined;

  constructor(futures: Set<F>, options: WaitOptions) {
    const timeout = checkTimeout(options.timeout);
    this.#total = futures.size;
    this.#pending = futures;
    this.#signal = options.signal;
    if (futures.size === 0 || this.#signal?.aborted) return;
    this.#cancelTimer = startTimer(timeout, this.#onTimeout);
    this.#signal?.addEventListener("abort", this.#onAbort);
    for (const item of [...futures]) watch(item, this.#onSettled);
  }

  next(): Promise<IteratorResult<F>> {
    // Also when all is completed, and nothing listens to the signal any more.
    if (this.#signal?.aborted) this.#onAbort();
    if (this.#yielded < this.#completed.length) {
      return Promise.resolve({ done: false, value: this.#completed[this.#yielded++]! });
    }
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#end();
      return Promise.reject(error);
    }
    if (this.#pending.size === 0) return Promise.resolve({ done: true, value: undefined });
    return this.#wait();
  }

  return(value?: unknown): Promise<IteratorResult<F>> {
    this.#end();
    return Promise.resolve({ done: true, value });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  async #wait(): Promise<IteratorResult<F>> {
    const { scope } = beginWait({});
    const waiter = Promise.withResolvers<IteratorResult<F>>();
    const leave = (error: unknown) => {
      const at = this.#waiters.indexOf(waiter);
      if (at < 0) return false;
      this.#waiters.splice(at, 1);
      waiter.reject(error);
      return true;
    };
    this.#waiters.push(waiter);
    scope?.enter(leave);
    try {
      return await observed("asCompleted", () => waiter.promise);
    } finally {
      scope?.exit(leave);
    }
  }

  readonly #onSettled = (item: PromiseLike<unknown>): void => {
    this.#pending.delete(item as F);
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#completed.push(item as F);
    else waiter.resolve({ done: false, value: item as F });
    if (this.#pending.size > 0) return;
    this.#release();
    this.#endWaiters();
  };

  readonly #onTimeout = (): void => {
    const message = `${this.#pending.size} (of ${this.#total}) futures unfinished`;
    this.#fail(new DOMException(message, "TimeoutError"));
  };

  readonly #onAbort = (): void => {
    this.#completed = [];
    this.#yielded = 0;
    this.#fail(this.#signal!.reason);
  };

  #fail(error: unknown): void {
    this.#release();
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#failure = { error };
    } else {
      waiter.reject(error);
      this.#end();
    }
  }

  #end(): void {
    this.#release();
    this.#pending.clear();
    this.#completed = [];
    this.#yielded = 0;
    this.#failure = undefined;
    this.#signal = undefined;
    this.#endWaiters();
  }

  #endWaiters(): void {
    for (const waiter of this.#waiters) waiter.resolve({ done: true, value: undefined });
    this.#waiters = [];
  }

  #release(): void {
    this.#cancelTimer?.();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    for (const item of this.#pending) unwatch(item, this.#onSettled);
  }
}
