// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { checkTimeout, startTimer, waitFor, type WaitOptions } from "../sync/wait.ts";

/** Options of a {@linkcode Timer}. */
export interface TimerOptions<Args extends unknown[] = unknown[]> {
  /** The arguments of the function. */
  readonly args?: Args | undefined;
}

/**
 * Calls a function once after a time, unless it is cancelled before.
 *
 * The function runs in the thread that started the timer, so it may be any function. The program
 * does not end while a timer is pending.
 *
 * @typeParam R What the function returns.
 * @typeParam Args The types of its arguments.
 *
 * @example Do something later, or not
 * ```ts
 * import { Timer } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * const greeting = new Timer(10, (name: string) => `Hello ${name}`, { args: ["you"] }).start();
 * const alarm = new Timer(60_000, () => "Wake up").start();
 *
 * alarm.cancel();
 * assertEquals(await greeting.join(), "Hello you");
 * assertEquals(await alarm.join(), undefined);
 * ```
 */
export class Timer<R = unknown, Args extends unknown[] = unknown[]> implements Disposable {
  readonly #delay: number;
  readonly #fn: (...args: Args) => R | PromiseLike<R>;
  readonly #args: Args;
  readonly #ended = Promise.withResolvers<R | undefined>();
  #state: "new" | "pending" | "ended" = "new";
  #stop: (() => void) | undefined;

  /**
   * Creates a timer.
   *
   * @param delay Milliseconds from the start to the call; `Infinity` never calls.
   * @param fn The function to call.
   * @param options The arguments of the function.
   * @throws {RangeError} If `delay` is negative or not a number.
   * @throws {TypeError} If `fn` is not a function.
   */
  constructor(
    delay: number,
    fn: (...args: Args) => R | PromiseLike<R>,
    options: TimerOptions<NoInfer<Args>> = {},
  ) {
    if (typeof fn !== "function") {
      throw new TypeError(`Cannot create a timer as fn is not a function: current value is ${fn}`);
    }
    this.#delay = checkTimeout(delay);
    this.#fn = fn;
    this.#args = options.args ?? [] as unknown[] as Args;
  }

  /** Whether the timer was started and neither its function has returned nor it was cancelled. */
  get isAlive(): boolean {
    return this.#state === "pending";
  }

  /**
   * Starts the timer.
   *
   * @returns This timer.
   * @throws {Error} If it was started before.
   */
  start(): this {
    if (this.#state !== "new") throw new Error("Cannot start the timer as it was started before");
    this.#state = "pending";
    this.#stop = startTimer(this.#delay, () => this.#fire());
    return this;
  }

  /** Cancels the timer: its function is not called if it was not yet. */
  cancel(): void {
    this.#stop?.();
    this.#state = "ended";
    this.#ended.resolve(undefined);
  }

  /**
   * Waits until the function has returned or the timer is cancelled.
   *
   * @param options Timeout and signal of the wait.
   * @returns What the function returned; `undefined` if the timer was cancelled before.
   * @throws {unknown} What the function threw.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {Error} If the timer was not started.
   */
  async join(options: WaitOptions = {}): Promise<R | undefined> {
    if (this.#state === "new") throw new Error("Cannot join the timer as it was not started");
    return await waitFor(this.#ended.promise, options);
  }

  /** Cancels the timer. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  async #fire(): Promise<void> {
    this.#stop = undefined;
    try {
      this.#ended.resolve(await this.#fn(...this.#args));
    } catch (error) {
      this.#ended.reject(error);
    } finally {
      this.#state = "ended";
    }
  }
}

refuseInstances(Timer);
