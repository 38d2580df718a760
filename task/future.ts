// Copyright 2026 the Weft authors. MIT license.

import { observed } from "../sync/observer.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { bare, fail, fulfill, markCancelled, start } from "./producer.ts";
import { forgetFailure, noteFailure } from "./unseen.ts";

type FutureState = "pending" | "running" | "fulfilled" | "rejected" | "cancelled";

/** Options for the constructor of {@linkcode Future}. */
export interface FutureOptions {
  /**
   * Called by {@linkcode Future.cancel}. With `running` false the future was still pending and is
   * cancelled already: drop the queued work; the returned value means nothing. With `running` true
   * the work has begun: return `true` after having told it to stop, which cancels the future, or
   * `false` to let it go on.
   *
   * @default {undefined} A running future cannot be cancelled.
   */
  readonly cancel?: ((running: boolean) => boolean) | undefined;
}

/**
 * Is the result of work that runs elsewhere: a promise that tells its state, can be cancelled and
 * never ends the program by an unhandled rejection.
 *
 * What `then`, `catch` and `finally` return are plain promises, for which the rules of the platform
 * hold. A failed future that was never looked at by `then`, `catch`, `finally`, `await`,
 * {@linkcode Future.result} or {@linkcode Future.addDoneCallback} is reported on the console once
 * it is garbage-collected, or when the program ends.
 *
 * **Cancellation:** {@linkcode Future.cancel} rejects a pending future with a `DOMException` named
 * `AbortError`; a running one only if its producer agrees to stop the work.
 *
 * @typeParam T Type of the result.
 *
 * @example Run work later and cancel other work before it begins
 * ```ts
 * import { Future } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * const queue: (() => void)[] = [];
 * function submit(work: () => number): Future<number> {
 *   return new Future((resolve, _reject, start) => {
 *     queue.push(() => {
 *       if (start()) resolve(work());
 *     });
 *   });
 * }
 * const first = submit(() => 6 * 7);
 * const second = submit(() => 1 / 0);
 * assertEquals(second.cancel(), true);
 * for (const job of queue) job();
 *
 * assertEquals(await first, 42);
 * assertEquals([second.done, second.cancelled], [true, true]);
 * ```
 */
export class Future<T> extends Promise<T> {
  // What `then`, `catch` and `finally` derive is not itself the result of work.
  /** The class of the promises derived from a future: plain `Promise`. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // These take `never` so that a `Future<number>` is a `Future<unknown>`.
  readonly #fulfillPromise: (value: never) => void;
  readonly #rejectPromise: (reason: unknown) => void;
  #state: FutureState = "pending";
  // The producer has spoken, perhaps with a thenable that is still awaited.
  #resolved = false;
  #observed = false;
  #outcome: unknown = undefined;
  #cancelHook: ((running: boolean) => boolean) | undefined;
  #callbacks: ((future: never) => unknown)[] | undefined = undefined;

  /**
   * Creates a pending future.
   *
   * @param executor Called at once with three functions for the producer: `resolve` and `reject` as
   * those of a promise, of which only the first call counts, and `start`, to be called when the work
   * begins: it marks the future as running and returns `true`, or returns `false` if the future was
   * cancelled, or is done otherwise, and the work is not wanted. If the executor throws, the future
   * rejects.
   * @param options What to do when the future is cancelled.
   * @throws {TypeError} If `executor` is not a function.
   *
   * @example Make a running future cancellable
   * ```ts
   * import { Future } from "@weft/concurrency/task";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const controller = new AbortController();
   * const future = new Future<void>((_resolve, _reject, start) => void start(), {
   *   cancel() {
   *     controller.abort();
   *     return true;
   *   },
   * });
   * assertEquals(future.running, true);
   * assertEquals(future.cancel(), true);
   *
   * assertEquals(controller.signal.aborted, true);
   * await assertRejects(() => future, DOMException, "cancelled");
   * ```
   */
  constructor(
    executor: (
      resolve: (value: T | PromiseLike<T>) => void,
      reject: (reason?: unknown) => void,
      start: () => boolean,
    ) => void,
    options: FutureOptions = {},
  ) {
    if (typeof executor !== "function" && executor as unknown !== bare) {
      throw new TypeError(
        `Cannot create a future as the executor is not a function: current value is ${executor}`,
      );
    }
    super(capture);
    this.#fulfillPromise = fulfillPromise!;
    this.#rejectPromise = rejectPromise!;
    // Else the last promise would never be collected.
    fulfillPromise = rejectPromise = undefined;
    if (executor as unknown === bare) return;
    this.#cancelHook = options.cancel;
    try {
      executor(
        (value) => this.#resolve(value),
        (reason) => this.#reject(reason),
        () => this[start](),
      );
    } catch (error) {
      this.#reject(error);
    }
  }

  /** Whether the future has its result or its error, or was cancelled. */
  get done(): boolean {
    return this.#state !== "pending" && this.#state !== "running";
  }

  /** Whether the work has begun and is not done. */
  get running(): boolean {
    return this.#state === "running";
  }

  /** Whether the future was cancelled. */
  get cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** Name of the class in `Object.prototype.toString`. */
  override get [Symbol.toStringTag](): string {
    return "Future";
  }

  /**
   * Cancels the future, unless it is done or it is running and its producer cannot stop the work.
   *
   * @returns `true` if the future is cancelled, also if it was so before; `false` if it goes on or is
   * done.
   *
   * @example Cancel twice
   * ```ts
   * import { Future } from "@weft/concurrency/task";
   * import { assertEquals } from "@std/assert";
   *
   * const future = new Future<number>(() => {});
   *
   * assertEquals(future.cancel(), true);
   * assertEquals(future.cancel(), true);
   * assertEquals(future.cancelled, true);
   * ```
   */
  cancel(): boolean {
    if (this.done) return this.cancelled;
    const hook = this.#cancelHook;
    if (this.#state === "pending") {
      this.#settleCancelled();
      hook?.(false);
      return true;
    }
    if (hook === undefined) return false;
    // Without its hook while the hook runs: aborting a signal may lead back to this method.
    this.#cancelHook = undefined;
    let agreed = false;
    try {
      agreed = hook(true);
    } finally {
      if (!this.done) this.#cancelHook = hook;
    }
    if (agreed && !this.done) this.#settleCancelled();
    return this.cancelled;
  }

  /**
   * Waits for the result.
   *
   * **Cancellation:** a timeout or an abort ends this wait alone; the future goes on.
   *
   * @param options How long and until when to wait.
   * @returns The result of the work.
   * @throws {DOMException} Named `TimeoutError` if the time is over, `AbortError` if the future is
   * cancelled.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} What the work threw; or the reason of the signal, if it aborts first.
   *
   * @example Stop waiting after a time
   * ```ts
   * import { Future } from "@weft/concurrency/task";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const { promise: input, resolve } = Promise.withResolvers<string>();
   * const future = new Future<string>((resolve) => resolve(input));
   * await assertRejects(() => future.result({ timeout: 1 }), DOMException, "timed out");
   *
   * resolve("late");
   * assertEquals(await future.result({ timeout: 1000 }), "late");
   * ```
   */
  async result(options: WaitOptions = {}): Promise<T> {
    const scoped = beginWait(options);
    return await observed("Future.result", () => waitFor(this, scoped));
  }

  /**
   * Adds a function to call when the future is done, in whichever way. Functions are called in the
   * order in which they were added and never before this method returns. An error in one of them is
   * reported on the console and keeps no other from being called.
   *
   * @param fn Called with the future.
   * @throws {TypeError} If `fn` is not a function.
   *
   * @example Count what is done
   * ```ts
   * import { Future } from "@weft/concurrency/task";
   * import { assertEquals } from "@std/assert";
   *
   * let done = 0;
   * const future = new Future<string>((resolve) => resolve("ready"));
   * future.addDoneCallback(() => done++);
   * assertEquals(done, 0);
   *
   * await future;
   * assertEquals(done, 1);
   * ```
   */
  addDoneCallback(fn: (future: this) => void): void {
    if (typeof fn !== "function") {
      throw new TypeError(
        `Cannot add a done callback as it is not a function: current value is ${fn}`,
      );
    }
    this.#observe();
    if (this.done) queueMicrotask(() => callBack(fn, this));
    else (this.#callbacks ??= []).push(fn);
  }

  /**
   * Adds functions to call with the result or the error, as `then` of a promise does.
   *
   * @param onFulfilled Called with the result.
   * @param onRejected Called with the error.
   * @returns A plain promise of what the called function returns.
   */
  override then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    // deno-lint-ignore no-explicit-any -- the signature of Promise
    onRejected?: ((reason: any) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    this.#observe();
    return super.then(onFulfilled, onRejected);
  }

  /** Shows the state, and the result or the error, in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](
    inspect: (value: unknown, options?: object) => string,
    options: object = {},
  ): string {
    const { name } = this.constructor;
    const state = this.#state;
    if (state !== "fulfilled" && state !== "rejected") return `${name} { ${state} }`;
    return `${name} { ${state}: ${inspect(this.#outcome, options)} }`;
  }

  /** @internal */
  [start](): boolean {
    if (this.done) return false;
    this.#state = "running";
    return true;
  }

  /** @internal */
  [fulfill](value: unknown): void {
    this.#fulfill(value as T);
  }

  /** @internal */
  [fail](reason: unknown): void {
    this.#fail(reason);
  }

  /** @internal */
  [markCancelled](): void {
    if (!this.done) this.#settleCancelled();
  }

  #resolve(value: T | PromiseLike<T>): void {
    if (this.#resolved) return;
    this.#resolved = true;
    if (!isObject(value)) return this.#fulfill(value);
    if (value as unknown === this) {
      return this.#fail(
        new TypeError("Cannot resolve a future as the value is the future itself"),
      );
    }
    let thenable;
    try {
      thenable = typeof (value as Partial<PromiseLike<T>>).then === "function";
    } catch (error) {
      return this.#fail(error);
    }
    if (!thenable) return this.#fulfill(value as T);
    // A plain promise awaits it, because the state of this one has to change in step.
    new Promise<T>((resolve) => resolve(value)).then(
      (value) => this.#fulfill(value),
      (reason) => this.#fail(reason),
    );
  }

  #reject(reason: unknown): void {
    if (this.#resolved) return;
    this.#resolved = true;
    this.#fail(reason);
  }

  #fulfill(value: T): void {
    if (this.done) return;
    this.#fulfillPromise(value as never);
    this.#settle("fulfilled", value);
  }

  #fail(reason: unknown): void {
    if (this.done) return;
    this.#rejectHandled(reason);
    if (!this.#observed) noteFailure(this, reason);
    this.#settle("rejected", reason);
  }

  #settleCancelled(): void {
    const reason = new DOMException("The future was cancelled", "AbortError");
    this.#rejectHandled(reason);
    this.#settle("cancelled", reason);
  }

  #settle(state: FutureState, outcome: unknown): void {
    const callbacks = this.#callbacks;
    this.#state = state;
    this.#outcome = outcome;
    this.#resolved = true;
    this.#cancelHook = undefined;
    this.#callbacks = undefined;
    if (callbacks === undefined) return;
    queueMicrotask(() => {
      for (const callback of callbacks) callBack(callback, this as never);
    });
  }

  // With a handler of its own a rejection never ends the program; `super.then`, because this is not
  // somebody looking at the outcome.
  #rejectHandled(reason: unknown): void {
    super.then(undefined, ignore);
    this.#rejectPromise(reason);
  }

  #observe(): void {
    if (this.#observed) return;
    this.#observed = true;
    if (this.#state === "rejected") forgetFailure(this);
  }
}

// Outside of the constructor, so that the functions that a promise gives need no other one to be kept.
let fulfillPromise: ((value: never) => void) | undefined;
let rejectPromise: ((reason: unknown) => void) | undefined;

function capture(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  fulfillPromise = resolve;
  rejectPromise = reject;
}

// An async function, so that the rejection of an async callback is reported too.
async function callBack<F>(callback: (future: F) => unknown, future: F): Promise<void> {
  try {
    await callback(future);
  } catch (error) {
    console.error("Error in a done callback of a future:", error);
  }
}

function ignore(): void {}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
