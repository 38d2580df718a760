// Copyright 2026 the Weft authors. MIT license.

import { type Attempt, WaitQueue } from "./_wait_queue.ts";
import { Guard } from "./guard.ts";
import type { Memory } from "./memory/memory.ts";
import {
  placeOf,
  registerShared,
  Restored,
  SharedObject,
  type SyncOptions,
} from "./shared_object.ts";
import { beginWait, checkTimeout, timeoutError, type WaitOptions } from "./wait.ts";

/** The most permits that a semaphore can have. */
const mostPermits = 0x7fff_ffff;

/*
 * Word 0: permits that can be taken.  Word 1: waits that may sleep on word 0.
 *
 * Who is about to sleep counts itself first and looks at the permits again, and who releases adds the
 * permits before it looks at the count: so one of them sees the other. A wait that died stays counted;
 * that costs its semaphore wake-ups of nobody, and nothing else.
 */
const permitsWord = 0;
const sleepersWord = 1;

interface Sleeper {
  readonly attempt: Attempt;
  readonly leave: () => void;
}

/**
 * Limits how many may be in a section of code at once, across coroutines, threads and, with
 * `scope: "process"`, processes.
 *
 * Permits have no owner: whoever likes may release, also more than were there at first. The permit of
 * a thread or process that dies is lost.
 *
 * **Fairness:** coroutines of one thread get permits in the order in which they asked. Threads and
 * processes compete; none has a claim.
 *
 * **Cancellation:** a wait that is aborted or times out takes no permit and loses no wake-up.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Bound the number of parallel jobs
 * ```ts
 * import { Semaphore } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const semaphore = new Semaphore(2);
 * let running = 0, peak = 0;
 * await Promise.all(Array.from({ length: 6 }, async () => {
 *   using _permit = await semaphore.acquire();
 *   peak = Math.max(peak, ++running);
 *   await Promise.resolve();
 *   running--;
 * }));
 * assertEquals(peak, 2);
 * ```
 */
export class Semaphore extends SharedObject {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #queue: WaitQueue;
  /** Counts coroutines in line as one: when the first leaves, its sleep goes on for the others. */
  readonly #line: Sleeper;

  static {
    registerShared(Semaphore, "semaphore", (restored) => new Semaphore(0, restored));
  }

  /**
   * Creates a semaphore with every permit available.
   *
   * @param permits Number of permits; a whole number from 0 to 2^31 - 1, by default 1.
   * @param options Its scope and name.
   * @throws {RangeError} If `permits` is not such a number.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(permits = 1, options: SyncOptions = {}) {
    checkPermits(permits, 0);
    super(options, 2);
    const { memory, index } = placeOf(this);
    this.#memory = memory;
    this.#index = index;
    if (!(options instanceof Restored)) memory.store(index + permitsWord, permits);
    this.#queue = new WaitQueue(memory, index + permitsWord, {
      label: { what: "Semaphore", name: this.name, index },
    });
    this.#line = this.#sleeper();
  }

  /** Number of permits that can be taken without waiting. */
  get value(): number {
    return this.#memory.load(this.#index + permitsWord);
  }

  /**
   * Waits for a permit and takes it.
   *
   * @param options Timeout and signal of the wait.
   * @returns A guard that releases the permit when it is disposed; calling `release` does as well.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async acquire(options: WaitOptions = {}): Promise<Guard> {
    options = beginWait(options);
    if (options.signal !== undefined || !this.tryAcquire()) await this.#wait(options);
    return new Guard(this);
  }

  /**
   * Blocks the thread until there is a permit and takes it.
   *
   * @param options Timeout of the wait.
   * @returns A guard that releases the permit when it is disposed; calling `release` does as well.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   */
  acquireSync(options: Omit<WaitOptions, "signal"> = {}): Guard {
    const timeout = checkTimeout(options.timeout);
    if (!this.#take()) {
      const sleeper = this.#sleeper();
      try {
        if (!this.#queue.waitSync(sleeper.attempt, timeout)) throw timeoutError(timeout);
      } finally {
        sleeper.leave();
      }
    }
    return new Guard(this);
  }

  /** Takes a permit if there is one, and tells whether it did; never waits. */
  tryAcquire(): boolean {
    return this.#queue.size === 0 && this.#take();
  }

  /**
   * Adds permits.
   *
   * @param permits How many; a whole number from 1, by default 1.
   * @throws {RangeError} If `permits` is not such a number, or there would be more than 2^31 - 1.
   */
  release(permits = 1): void {
    checkPermits(permits, 1);
    this.addPermits(permits, mostPermits);
  }

  /** Adds permits, up to a limit; for the subclass with one. */
  protected addPermits(permits: number, limit: number): void {
    const memory = this.#memory;
    const index = this.#index;
    for (;;) {
      const seen = memory.load(index + permitsWord);
      if (seen + permits > limit) {
        throw new RangeError(
          `Cannot release ${permits} of the semaphore as there would be more than ${limit}: ` +
            `current value is ${seen}`,
        );
      }
      if (memory.compareExchange(index + permitsWord, seen, seen + permits) === seen) break;
    }
    if (memory.load(index + sleepersWord) === 0) return;
    if (this.#queue.handOver() && this.value === 0) return;
    memory.notify(index + permitsWord, permits);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `value: ${this.value}`;
  }

  async #wait(options: WaitOptions): Promise<void> {
    try {
      await this.#queue.wait(this.#line.attempt, options);
    } finally {
      if (this.#queue.size === 0) this.#line.leave();
    }
  }

  #take(): boolean {
    const memory = this.#memory;
    const index = this.#index;
    for (;;) {
      const seen = memory.load(index + permitsWord);
      if (seen <= 0) return false;
      if (memory.compareExchange(index + permitsWord, seen, seen - 1) === seen) return true;
    }
  }

  /** An attempt that counts itself among the sleepers from its first failure on. */
  #sleeper(): Sleeper {
    const memory = this.#memory;
    const index = this.#index;
    let counted = false;
    const attempt = () => {
      if (this.#take()) return undefined;
      if (counted) return 0;
      counted = true;
      memory.add(index + sleepersWord, 1);
      return this.#take() ? undefined : 0;
    };
    const leave = () => {
      if (!counted) return;
      counted = false;
      memory.add(index + sleepersWord, -1);
    };
    return { attempt, leave };
  }
}

/** Checks a number of permits. */
export function checkPermits(permits: number, least: number): void {
  if (Number.isInteger(permits) && permits >= least && permits <= mostPermits) return;
  throw new RangeError(
    `Cannot count permits as they are not a whole number from ${least} to ${mostPermits}: ` +
      `current value is ${permits}`,
  );
}
