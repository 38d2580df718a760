// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { checkTimeout, startTimer, type WaitOptions } from "../sync/wait.ts";
import { type ExitStatus, Lifecycle } from "../task/lifecycle.ts";

/** Options of a {@linkcode Timer}. */
export interface TimerOptions<Args extends unknown[] = unknown[]> {
  /** The arguments of the function. */
  readonly args: Readonly<Args>;
}

type TimerState = "new" | "pending" | "running" | "ended" | "cancelled";

const returned: ExitStatus = { reason: "returned", code: 0 };
const threw: ExitStatus = { reason: "threw", code: 1 };
const cancelled: ExitStatus = { reason: "terminated", code: 1 };

/**
 * Calls a function once after a time, unless it is cancelled before.
 *
 * The function runs in the thread that started the timer, so it may be any function. The program
 * does not end while a timer is pending.
 *
 * **Cancellation:** {@linkcode Timer.cancel} and disposal keep the function from being called; once
 * it runs they do nothing.
 *
 * **Cleanup:** an error that nobody joins is printed as `Exception in timer:`, after a second or when
 * the program ends; it does not end the program.
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
// deno-lint-ignore no-explicit-any -- arguments of any types, where only the result is named
export class Timer<R = unknown, Args extends unknown[] = any[]> implements Disposable {
  readonly #delay: number;
  readonly #fn: (...args: Args) => R | PromiseLike<R>;
  readonly #args: Args;
  // A daemon, because the pending timer of the platform itself keeps the program from ending.
  readonly #life = new Lifecycle<R | undefined>("timer", "", true);
  #state: TimerState = "new";
  #stop: (() => void) | undefined;

  /**
   * Creates a timer that will call a function with arguments.
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
    options: TimerOptions<NoInfer<Args>>,
  );
  /**
   * Creates a timer that will call a function without arguments.
   *
   * @param delay Milliseconds from the start to the call; `Infinity` never calls.
   * @param fn The function to call.
   * @throws {RangeError} If `delay` is negative or not a number.
   * @throws {TypeError} If `fn` is not a function.
   */
  constructor(delay: number, fn: () => R | PromiseLike<R>);
  constructor(
    delay: number,
    fn: (...args: Args) => R | PromiseLike<R>,
    options?: TimerOptions<Args>,
  ) {
    if (typeof fn !== "function") {
      throw new TypeError(`Cannot create a timer as fn is not a function: current value is ${fn}`);
    }
    this.#delay = checkTimeout(delay);
    this.#fn = fn;
    this.#args = [...options?.args ?? []] as unknown[] as Args;
  }

  /** Whether the timer was started and neither its function has ended nor it was cancelled. */
  get isAlive(): boolean {
    return this.#life.isAlive;
  }

  /**
   * Starts the timer.
   *
   * @returns This timer.
   * @throws {Error} If it was started or cancelled before.
   */
  start(): this {
    if (this.#state === "cancelled") {
      throw new Error("Cannot start the timer as it was cancelled");
    }
    if (this.#state !== "new") throw new Error("Cannot start the timer as it was started before");
    this.#state = "pending";
    this.#life.begin();
    this.#stop = startTimer(this.#delay, () => this.#fire());
    return this;
  }

  /** Cancels the timer: its function is not called. Does nothing once the function is called. */
  cancel(): void {
    if (this.#state !== "new" && this.#state !== "pending") return;
    this.#stop?.();
    this.#state = "cancelled";
    this.#life.end(cancelled, { ok: true, value: undefined });
  }

  /**
   * Waits until the function has returned or the timer is cancelled.
   *
   * @param options Timeout and signal of the wait.
   * @returns What the function returned; `undefined` if the timer was cancelled before.
   * @throws {unknown} What the function threw; or the reason of the signal, if it aborts first.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {Error} If the timer was not started.
   */
  async join(options: WaitOptions = {}): Promise<R | undefined> {
    if (this.#state === "new") throw new Error("Cannot join the timer as it was not started");
    return await this.#life.join(options);
  }

  /** Cancels the timer, unless its function is called. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  async #fire(): Promise<void> {
    this.#state = "running";
    try {
      const value = await this.#fn(...this.#args);
      this.#state = "ended";
      this.#life.end(returned, { ok: true, value });
    } catch (error) {
      this.#state = "ended";
      this.#life.end(threw, { ok: false, error });
    }
  }
}

refuseInstances(Timer);
