// Copyright 2026 the Weft authors. MIT license.

import { Indices } from "./_indices.ts";
import { RoundEnds } from "./_round_ends.ts";
import { WaitQueue } from "./_wait_queue.ts";
import { inOrder } from "./cancellation.ts";
import { BrokenBarrierError } from "./errors.ts";
import { functionForm } from "./handle.ts";
import { LockCore } from "./lock_core.ts";
import { everybody, type Memory } from "./memory/memory.ts";
import { Roster } from "./roster.ts";
import { placeOf, registerShared, SharedObject, type SyncOptions } from "./shared_object.ts";
import {
  beginWait,
  checkTimeout,
  Deadline,
  isOver,
  keepCancelled,
  type WaitOptions,
} from "./wait.ts";

/** Options of a {@linkcode Barrier}. */
export interface BarrierOptions extends SyncOptions {
  /**
   * Called by the last party to arrive, before any goes on. Only a wait that does not block its thread awaits
   * what it returns. A barrier with an action that is not a task cannot be passed on.
   */
  readonly action?: (() => unknown) | undefined;
  /**
   * Milliseconds that a party waits for the others at most, before the barrier is broken for all.
   *
   * @default {Infinity}
   */
  readonly timeout?: number | undefined;
}

/** The most parties that a barrier can have. */
const mostParties = 65_536;

/* Word 0: a lock around the changes of the others. */
const generationWord = 1;
/** Parties that wait in this generation. */
const arrivedWord = 2;
const brokenWord = 3;
const holesWord = 4;
const endsWord = 16;
const rosterWord = endsWord + RoundEnds.words;
const holeBitsWord = rosterWord + Roster.words;

/** An arrival. */
interface Arrival {
  readonly generation: number;
  /** Nothing if the barrier was full. */
  readonly index: number | undefined;
  readonly isLast: boolean;
}

/**
 * Lets a number of parties wait until all of them are there, again and again, across coroutines, threads and,
 * with `scope: "process"`, processes.
 *
 * If there is an action, the last party to arrive runs it, before any goes on; if it throws, that party gets the
 * error, and the barrier is broken. A broken barrier rejects every wait with a {@linkcode BrokenBarrierError}
 * until it is reset.
 *
 * **Cancellation:** a party whose wait is aborted or times out has not arrived, and may come again. The timeout
 * of the barrier itself breaks it. Once all are there, a wait ends as the round does, when the action has ended.
 *
 * **Cleanup:** if a party dies while it waits, the barrier is broken: when the last one arrives, or within about
 * 100 ms.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Go on together
 * ```ts
 * import { Barrier } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const barrier = new Barrier(2, { action: () => log.push("all there") });
 * await Promise.all(["a", "b"].map(async (name) => {
 *   log.push(`${name} arrives`);
 *   await barrier.wait();
 * }));
 *
 * assertEquals(log, ["a arrives", "b arrives", "all there"]);
 * ```
 */
export class Barrier extends SharedObject {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #parties: number;
  readonly #action: (() => unknown) | undefined;
  readonly #timeout: number;
  readonly #core: LockCore;
  readonly #roster: Roster;
  readonly #indices: Indices;
  readonly #ends: RoundEnds;
  readonly #queue: WaitQueue;

  static {
    registerShared<{ parties: number; action: () => unknown; timeout: number }>(
      Barrier,
      "barrier",
      (restored, { parties, action, timeout }) => {
        return new Barrier(parties, Object.assign(restored, { action, timeout }));
      },
    );
  }

  /**
   * Creates a barrier at which nobody waits.
   *
   * @param parties How many wait for each other; a whole number from 1 to 65,536.
   * @param options Its action, timeout, scope and name.
   * @throws {RangeError} If `parties` is not such a number, or the timeout is negative or not a number.
   * @throws {TypeError} If the scope is not one, or the action is not a function.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(parties: number, options: BarrierOptions = {}) {
    if (!Number.isInteger(parties) || parties < 1 || parties > mostParties) {
      throw new RangeError(
        `Cannot create a barrier as the parties are not a whole number from 1 to ${mostParties}: ` +
          `current value is ${parties}`,
      );
    }
    const { action } = options;
    if (action !== undefined && typeof action !== "function") {
      throw new TypeError(
        `Cannot create a barrier as its action is not a function: current value is ${action}`,
      );
    }
    super(options, holeBitsWord + Math.ceil(parties / 32));
    const { memory, index } = placeOf(this);
    this.#memory = memory;
    this.#index = index;
    this.#parties = parties;
    this.#action = action;
    this.#timeout = checkTimeout(options.timeout);
    this.#core = new LockCore(memory, index);
    this.#roster = new Roster(memory, index + rosterWord);
    this.#indices = new Indices(memory, index + holesWord, index + holeBitsWord);
    this.#ends = new RoundEnds(memory, index + endsWord);
    this.#queue = new WaitQueue(memory, index + generationWord, {
      probe: () => this.#lookForDead(),
      label: { what: "Barrier", name: this.name, index },
    });
  }

  /** How many wait for each other. */
  get parties(): number {
    return this.#parties;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#load(arrivedWord);
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    return this.#load(brokenWord) !== 0;
  }

  /**
   * Waits until all parties are there.
   *
   * @param options Timeout and signal of the wait.
   * @returns A number from 0 that no other party of the same round gets.
   * @throws {BrokenBarrierError} If the barrier is broken, or is broken or reset meanwhile.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first, or what the action throws.
   */
  async wait(options: WaitOptions = {}): Promise<number> {
    const deadline = new Deadline(options.timeout);
    options = beginWait(options);
    for (;;) {
      const arrival = this.#arrive();
      if (arrival.isLast) {
        this.#lookForDead();
        try {
          if (!this.broken) await this.#action?.();
        } catch (error) {
          this.#fail(arrival, error);
        }
        return this.#trip(arrival);
      }
      const limit = this.#limit(arrival, deadline);
      try {
        const timeout = limit ?? deadline.rest;
        await this.#queue.wait(this.#passed(arrival), { ...options, timeout });
      } catch (error) {
        const breaks = limit !== undefined && isOver(error, options);
        if (this.#giveUp(arrival, breaks, deadline.explain(error, options))) {
          keepCancelled(error, options);
          await inOrder(this.#queue.wait(this.#passed(arrival), {}));
        }
      }
      const index = this.#leave(arrival);
      if (index !== undefined) return index;
    }
  }

  /**
   * Blocks the thread until all parties are there.
   *
   * @param options Timeout of the wait.
   * @returns A number from 0 that no other party of the same round gets.
   * @throws {BrokenBarrierError} If the barrier is broken, or is broken or reset meanwhile.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {TypeError} If the action returns a promise.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} What the action throws.
   */
  waitSync(options: Omit<WaitOptions, "signal"> = {}): number {
    const deadline = new Deadline(options.timeout);
    for (;;) {
      const arrival = this.#arrive();
      if (arrival.isLast) {
        this.#lookForDead();
        try {
          if (!this.broken) checkSync(this.#action?.());
        } catch (error) {
          this.#fail(arrival, error);
        }
        return this.#trip(arrival);
      }
      const limit = this.#limit(arrival, deadline);
      if (!this.#queue.waitSync(this.#passed(arrival), limit ?? deadline.rest)) {
        if (this.#giveUp(arrival, limit !== undefined, deadline.error)) {
          this.#queue.waitSync(this.#passed(arrival), Infinity);
        }
      }
      const index = this.#leave(arrival);
      if (index !== undefined) return index;
    }
  }

  /** Breaks the barrier: all who wait, and all who come until it is reset, are told so. */
  abort(): void {
    this.#section(() => this.#break());
  }

  /** Makes the barrier as new; all who wait are told that it was broken. */
  reset(): void {
    this.#section(() => {
      if (this.#load(arrivedWord) > 0) this.#end(true);
      this.#store(brokenWord, 0);
    });
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `waiting: ${this.waiting}/${this.#parties}${this.broken ? ", broken" : ""}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    if (this.#action !== undefined && functionForm(this.#action) === undefined) {
      const barrier = `barrier ${this.name ?? ""}`.trim();
      throw new DOMException(
        `Cannot clone ${barrier} as its action is a plain function: make it a task`,
        "DataCloneError",
      );
    }
    return { parties: this.#parties, action: this.#action, timeout: this.#timeout };
  }

  #arrive(): Arrival {
    return this.#section(() => {
      if (this.broken) throw broken();
      const generation = this.#load(generationWord);
      const arrived = this.#load(arrivedWord);
      // More than the parties use it: they wait for the next round to begin.
      if (arrived === this.#parties) return { generation, index: undefined, isLast: false };
      if (!this.#roster.enter(generation)) {
        throw new RangeError("Cannot wait at the barrier as there is no room for more threads");
      }
      const index = this.#indices.take(arrived);
      this.#store(arrivedWord, arrived + 1);
      return { generation, index, isLast: arrived + 1 === this.#parties };
    });
  }

  /** Milliseconds until the barrier breaks, if the time of the wait is not over before. */
  #limit({ index }: Arrival, deadline: Deadline): number | undefined {
    return index !== undefined && this.#timeout < deadline.rest ? this.#timeout : undefined;
  }

  /** Breaks the round of the last to arrive, as its action has failed. */
  #fail({ generation }: Arrival, error: unknown): never {
    this.#section(() => {
      this.#roster.leave();
      if (this.#load(generationWord) === generation) this.#break();
    });
    throw error;
  }

  /** Ends the round, for the last to arrive. */
  #trip({ generation, index }: Arrival): number {
    return this.#section(() => {
      this.#roster.leave();
      if (this.#load(generationWord) !== generation) throw broken();
      this.#end(false);
      return index!;
    });
  }

  #passed({ generation }: Arrival): () => number | undefined {
    return () => this.#load(generationWord) === generation ? generation : undefined;
  }

  /**
   * Ends a wait whose time is over or whose signal has aborted, unless its round can go on by now.
   *
   * @returns Whether the end of its round is still to be waited for.
   */
  #giveUp({ generation, index }: Arrival, breaks: boolean, error: unknown): boolean {
    return this.#section(() => {
      // Not to wait in line again, behind those of a later round.
      if (this.#load(generationWord) !== generation) return false;
      if (breaks) {
        this.#break();
        return false;
      }
      if (index !== undefined) {
        const arrived = this.#load(arrivedWord);
        // All are there, and the round counts on this one.
        if (arrived === this.#parties) return true;
        this.#roster.leave();
        this.#indices.giveBack(index);
        this.#store(arrivedWord, arrived - 1);
      }
      throw error;
    });
  }

  /** Ends a wait whose round has ended; gives nothing if it was not part of it. */
  #leave({ generation, index }: Arrival): number | undefined {
    if (index === undefined) return undefined;
    return this.#section(() => {
      this.#roster.leave();
      if (this.#ends.wasBroken(generation, this.#load(generationWord))) throw broken();
      return index;
    });
  }

  #lookForDead(): void {
    // In a section, so that nobody finds the dead gone before the barrier is broken; and to find out whether
    // somebody has died in one.
    this.#section(() => {
      if (this.#roster.removeDead().includes(this.#load(generationWord))) this.#break();
    });
  }

  #break(): void {
    this.#store(brokenWord, 1);
    this.#end(true);
  }

  #end(isBroken: boolean): void {
    const generation = this.#load(generationWord);
    this.#ends.note(generation, isBroken);
    this.#indices.clear();
    this.#store(arrivedWord, 0);
    this.#store(generationWord, (generation + 1) | 0);
    this.#queue.serve();
    this.#memory.notify(this.#index + generationWord, everybody);
  }

  /** Runs something short that nobody else may come in between. */
  #section<T>(action: () => T): T {
    // Who died in its section may have left anything behind.
    this.#core.acquireSync({ recover: true }, (recovered) => recovered && this.#break());
    try {
      return action();
    } finally {
      this.#core.release();
    }
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value);
  }
}

function broken(): BrokenBarrierError {
  return new BrokenBarrierError("The barrier is broken");
}

function checkSync(result: unknown): void {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== "function") return;
  Promise.resolve(result).catch(() => {});
  throw new TypeError(
    "Cannot wait for the action of a barrier in waitSync() as it returns a promise: use wait()",
  );
}
