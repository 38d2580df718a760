// Copyright 2026 the Weft authors. MIT license.

import { WaitQueue } from "./_wait_queue.ts";
import { Guard } from "./guard.ts";
import { type Destination, type HandleForm, registerHandle, toHandle } from "./handle.ts";
import type { Scope } from "./memory/memory.ts";
import { allocate, describePlace, openPlace, type Place, type PlaceState } from "./memory/place.ts";
import { Restored, type SyncOptions } from "./options.ts";
import { checkTimeout, timeoutError, type WaitOptions } from "./wait.ts";

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
export class Semaphore {
  readonly #place: Place;
  readonly #name: string | undefined;
  readonly #queue: WaitQueue;

  static {
    registerHandle("semaphore", (state) => restore(Semaphore, state));
  }

  /**
   * Creates a semaphore with every permit available.
   *
   * @param permits Number of permits; a whole number from 0 to 2^31 - 1.
   * @param options Its scope and name.
   * @throws {RangeError} If `permits` is not such a number.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(permits = 1, options: SyncOptions = {}) {
    checkPermits(permits, 0);
    this.#name = options.name;
    if (options instanceof Restored) {
      this.#place = options.place;
    } else {
      this.#place = allocate(options.scope, 2);
      this.#place.memory.store(this.#place.index + permitsWord, permits);
    }
    this.#queue = new WaitQueue(this.#place.memory, this.#place.index + permitsWord);
  }

  /** Number of permits that can be taken without waiting. */
  get value(): number {
    return this.#place.memory.load(this.#place.index + permitsWord);
  }

  /** Who can use the semaphore. */
  get scope(): Scope {
    return this.#place.memory.scope;
  }

  /** Name of the semaphore, if it has one. */
  get name(): string | undefined {
    return this.#name;
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
    const { signal } = options;
    if (signal !== undefined || !this.tryAcquire()) {
      const sleeper = this.#sleeper();
      try {
        await this.#queue.wait(sleeper.attempt, options);
      } finally {
        sleeper.leave();
      }
    }
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
    if (!this.#take()) {
      const timeout = checkTimeout(options.timeout);
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
   * @param permits How many; a whole number from 1.
   * @throws {RangeError} If `permits` is not such a number, or there would be more than 2^31 - 1.
   */
  release(permits = 1): void {
    checkPermits(permits, 1);
    this.addPermits(permits, mostPermits);
  }

  /** Adds permits, up to a limit; for the subclass with one. */
  protected addPermits(permits: number, limit: number): void {
    const { memory, index } = this.#place;
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
    if (memory.load(index + sleepersWord) > 0) memory.notify(index + permitsWord, permits);
  }

  /** Makes the semaphore travel as a handle on itself. */
  [toHandle](destination: Destination | undefined): HandleForm {
    return { kind: "semaphore", state: this.describe(destination) };
  }

  /** Says how the other side finds the semaphore. */
  protected describe(destination: Destination | undefined): object {
    const what = `semaphore ${this.#name ?? ""}`.trim();
    return { place: describePlace(this.#place, destination, what), name: this.#name };
  }

  /** Shows name, scope and value in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const name = this.#name === undefined ? "" : ` ${JSON.stringify(this.#name)}`;
    return `${this.constructor.name}${name} { scope: "${this.scope}", value: ${this.value} }`;
  }

  #take(): boolean {
    const { memory, index } = this.#place;
    for (;;) {
      const seen = memory.load(index + permitsWord);
      if (seen <= 0) return false;
      if (memory.compareExchange(index + permitsWord, seen, seen - 1) === seen) return true;
    }
  }

  /** An attempt that counts itself among the sleepers from its first failure on. */
  #sleeper(): { attempt: () => number | undefined; leave: () => void } {
    const { memory, index } = this.#place;
    let counted = false;
    const attempt = () => {
      if (this.#take()) return undefined;
      if (counted) return 0;
      counted = true;
      memory.add(index + sleepersWord, 1);
      return this.#take() ? undefined : 0;
    };
    const leave = () => {
      if (counted) memory.add(index + sleepersWord, -1);
    };
    return { attempt, leave };
  }
}

/** Makes an instance of what another side has described. */
export function restore<T>(
  theClass: new (permits: number, options: SyncOptions) => T,
  state: unknown,
): T {
  const { place, name, permits } = state as {
    place: PlaceState;
    name: string | undefined;
    permits?: number;
  };
  return new theClass(permits ?? 0, new Restored(openPlace(place), name));
}

/** Checks a number of permits. */
export function checkPermits(permits: number, least: number): void {
  if (Number.isInteger(permits) && permits >= least && permits <= mostPermits) return;
  throw new RangeError(
    `Cannot count permits as they are not a whole number from ${least} to ${mostPermits}: ` +
      `current value is ${permits}`,
  );
}
