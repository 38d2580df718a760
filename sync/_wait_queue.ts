// Copyright 2026 the Weft authors. MIT license.

import { Spin } from "./_spin.ts";
import { attend } from "./isolate.ts";
import type { AsyncWait, Memory } from "./memory/memory.ts";
import { type EndObserved, isObserved, type Label, observeWait, subjectOf } from "./observer.ts";
import { checkTimeout, type ScopedOptions, timeoutError, watchEnds } from "./wait.ts";

/**
 * Tries to get what is waited for. Gives `undefined` when it has it, else the value of the word to sleep
 * on, which says to whoever changes the word that somebody sleeps. What it throws ends the wait.
 *
 * @param waited Milliseconds since who waits first slept, if it has.
 */
export type Attempt = (waited?: number) => number | undefined;

/** Milliseconds between looks whether what is waited for can still come. */
const probeInterval = 100;

/** Microtasks for which a line waits before it sleeps. */
const turns = 10;
/** Milliseconds for which only those of this isolate are served. */
const longestTurn = 1;

interface WaitQueueOptions {
  /** What an observer is told; nothing without it. */
  readonly label?: Label | undefined;
  /**
   * Looks whether what is waited for can still come, and if not changes the word and notifies; called now and
   * then while somebody waits.
   */
  readonly probe?: () => void;
  /** Milliseconds that a thread may sleep on a value of the word, where that is less than usual. */
  readonly longestSleep?: (seen: number) => number | undefined;
  /** What waits for the same have learnt, if the queue does not live long enough to. */
  readonly spin?: Spin;
}

interface Waiter {
  readonly attempt: Attempt;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** When it came, and how often the line had slept before. */
  readonly since: number;
  readonly sleeps: number;
}

/**
 * The waits for one word of one isolate: the engine under every primitive that waits, so that timeouts,
 * aborts and the death of others are dealt with once.
 *
 * Coroutines of the isolate wait in line; the first alone sleeps on the word, for all of them. Isolates
 * compete for the word as the kernel wakes them.
 *
 * A wake-up is never lost: who is woken tries at once, and an attempt that fails marks the word again. A
 * wait that ends otherwise has not been woken, or is followed by the next in line.
 */
export class WaitQueue {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #probe: (() => void) | undefined;
  readonly #longestSleep: ((seen: number) => number | undefined) | undefined;
  readonly #spin: Spin;
  readonly #label: Label | undefined;
  readonly #line: Waiter[] = [];
  #driving = false;
  /** Whether an attempt of the first in line runs, which may change the word. */
  #serving = false;
  #sleep: AsyncWait | undefined;
  /** How often the line has slept. */
  #sleeps = 0;
  #seen = 0;
  /** When others were woken last. */
  #notified = 0;
  #probeTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param memory Where the word is.
   * @param index The word that waits sleep on.
   */
  constructor(memory: Memory, index: number, options: WaitQueueOptions = {}) {
    this.#memory = memory;
    this.#index = index;
    this.#probe = options.probe;
    this.#longestSleep = options.longestSleep;
    this.#spin = options.spin ?? new Spin();
    this.#label = options.label;
  }

  /** Number of coroutines of this isolate that wait. */
  get size(): number {
    return this.#line.length;
  }

  /**
   * Blocks the thread until an attempt succeeds.
   *
   * @returns Whether it did; `false` if the time was over first.
   */
  waitSync(attempt: Attempt, timeout: number): boolean {
    if (timeout > 0 && this.#spin.run(attempt)) return true;
    const endObserved = timeout > 0 ? this.#observe(true) : undefined;
    if (endObserved === undefined) return this.#sleepSync(attempt, timeout);
    let error: unknown;
    try {
      const inTime = this.#sleepSync(attempt, timeout);
      if (!inTime) error = timeoutError(timeout);
      return inTime;
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      endObserved(error);
    }
  }

  #sleepSync(attempt: Attempt, timeout: number): boolean {
    const start = performance.now();
    let waited: number | undefined;
    for (;;) {
      const seen = attempt(waited);
      if (seen === undefined) return true;
      const rest = timeout - (waited ?? 0);
      if (rest <= 0) return false;
      const longest = this.#longestSleep?.(seen) ?? probeInterval;
      const result = this.#memory.wait(this.#index, seen, Math.min(rest, longest));
      if (result === "timed-out" && longest === probeInterval) {
        attend();
        this.#probe?.();
      }
      waited = performance.now() - start;
    }
  }

  /**
   * Waits until an attempt succeeds, after those who were in line before.
   *
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first, or of the coroutine, if that is cancelled; or what the
   * attempt throws.
   */
  async wait(attempt: Attempt, options: ScopedOptions): Promise<void> {
    const { signal } = options;
    const timeout = checkTimeout(options.timeout);
    signal?.throwIfAborted();
    if (this.#line.length === 0 && attempt() === undefined) return;
    if (timeout === 0) throw timeoutError(0);

    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const since = performance.now();
    const waiter: Waiter = { attempt, resolve, reject, since, sleeps: this.#sleeps };
    this.#line.push(waiter);
    const endObserved = this.#observe(false);
    const unwatchEnds = watchEnds(options, timeout, (error) => this.#leave(waiter, error));
    if (this.#line.length === 1) this.#drive();
    try {
      await promise;
      endObserved?.();
    } catch (error) {
      endObserved?.(error);
      throw error;
    } finally {
      unwatchEnds();
    }
  }

  /** Lets those of this isolate try at once who wait in line, for one of it that has changed the word. */
  serve(): void {
    while (!this.#serving && this.#line.length > 0 && this.#serve() === undefined);
  }

  /**
   * Lets those of this isolate try at once, which is much quicker than waking others; but now and then it is the
   * turn of the others.
   *
   * @returns Whether nobody else need be woken.
   */
  handOver(): boolean {
    if (this.#serving || this.#line.length === 0) return false;
    const now = performance.now();
    if (now - this.#notified > longestTurn) {
      this.#notified = now;
      return false;
    }
    this.serve();
    return true;
  }

  #observe(blocks: boolean): EndObserved | undefined {
    if (this.#label === undefined || !isObserved()) return undefined;
    return observeWait(subjectOf(this.#memory, this.#label), blocks);
  }

  #leave(waiter: Waiter, error: unknown): boolean {
    const at = this.#line.indexOf(waiter);
    if (at < 0) return false;
    this.#line.splice(at, 1);
    this.#settle(() => waiter.reject(error));
    return true;
  }

  /** Settles a wait that has left the line; the last one when nothing of its sleep is left. */
  #settle(settle: () => void): void {
    const sleep = this.#sleep;
    if (this.#line.length > 0 || sleep === undefined) return settle();
    this.#stopProbing();
    sleep.cancel();
    sleep.promise.then(settle);
  }

  /** Serves the line until it is empty; one run at a time. */
  async #drive(): Promise<void> {
    // A run that was left with an empty line ends when its sleep has: it takes over what has come meanwhile.
    if (this.#driving) return;
    this.#driving = true;
    while (this.#line.length > 0) {
      if (this.#serve() === undefined) continue;
      await this.#linger();
      const seen = this.#line.length > 0 ? this.#serve() : undefined;
      if (seen === undefined) continue;
      this.#sleep = this.#memory.waitAsync(this.#index, seen);
      if (this.#sleep === undefined) continue;
      this.#startProbing(seen);
      const result = await this.#sleep.promise;
      this.#sleep = undefined;
      this.#sleeps++;
      // Whoever it was meant for has left.
      if (result === "ok" && this.#line.length === 0) this.#memory.notify(this.#index, 1);
    }
    this.#stopProbing();
    this.#driving = false;
  }

  /** Gives others of this isolate time to change the word before the event loop turns: to sleep takes longer. */
  async #linger(): Promise<void> {
    let first = this.#line[0];
    for (let i = 0; i < turns && first !== undefined; i++) {
      await undefined;
      if (this.#line[0] === first) continue;
      first = this.#line[0];
      i = 0;
    }
  }

  /** Lets the first in line try; gives what to sleep on if it has to wait. */
  #serve(): number | undefined {
    const first = this.#line[0]!;
    this.#serving = true;
    try {
      const hasSlept = first.sleeps !== this.#sleeps;
      const seen = first.attempt(hasSlept ? performance.now() - first.since : undefined);
      if (seen !== undefined) return seen;
      this.#line.shift();
      this.#settle(first.resolve);
    } catch (error) {
      this.#line.shift();
      this.#settle(() => first.reject(error));
    } finally {
      this.#serving = false;
    }
    return undefined;
  }

  // Looks at the word as well: who was woken can have died before it did anything.
  #startProbing(seen: number): void {
    this.#seen = seen;
    this.#probeTimer ??= setInterval(() => {
      this.#probe?.();
      if (this.#memory.load(this.#index) !== this.#seen) this.#memory.notify(this.#index, 1);
    }, probeInterval);
  }

  #stopProbing(): void {
    clearInterval(this.#probeTimer);
    this.#probeTimer = undefined;
  }
}
