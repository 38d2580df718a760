// Copyright 2026 the Weft authors. MIT license.

import { type Attempt, WaitQueue } from "./_wait_queue.ts";
import { LockAbandonedError } from "./errors.ts";
import type { AcquireOptions, AcquireSyncOptions } from "./guard.ts";
import type { Memory } from "./memory/memory.ts";
import { emit, isObserved, type Label, subjectOf } from "./observer.ts";
import { currentOwner } from "./owner.ts";
import { checkTimeout, timeoutError } from "./wait.ts";

/** Set while somebody sleeps: the sign bit. */
const waiting = 1 << 31;
/** Set while somebody waits too long. */
const urgent = 1 << 30;
/** The token of the holder. */
const holder = 0x3fff_ffff;
/** Stands in the holder's place when it has died. */
const abandoned = holder;
/** Milliseconds after which a wait is too long. */
const patience = 1;
/** Milliseconds that a free lock is kept for those who have slept. */
const reservation = 5;

/** Called when the lock is taken, with whether it was taken over from a dead holder. */
export type Taken = (recovered: boolean) => void;

/**
 * A lock in one word of memory: the mutex of Ulrich Drepper's "Futexes Are Tricky" with the holder's token
 * in place of its state, so that who waits can see that the holder has died.
 *
 * ```text
 *   0                   free
 *   token               held, nobody sleeps
 *   token | waiting     held, somebody may sleep
 *   … | urgent          the same, and who sleeps gets it next
 *   waiting | urgent    free for those who have slept
 *   abandoned | …       held by a dead one, as a waiter has found out
 * ```
 *
 * Who is awake takes a free lock before those who have to wake up, which makes it fast. So that they are not
 * starved they make it urgent after a millisecond, as the mutex of Go does; who has not slept for it then
 * sleeps before taking it, but not for long, as they may be busy.
 */
export class LockCore {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #token: number;
  readonly #queue: WaitQueue;
  readonly #label: Label | undefined;
  #deferred: (() => void)[] | undefined;

  /** @param label What it is, for who observes; without it nobody is told who holds it or waits. */
  constructor(memory: Memory, index: number, label?: Label) {
    this.#label = label;
    this.#memory = memory;
    this.#index = index;
    this.#token = memory.token;
    this.#queue = new WaitQueue(memory, index, {
      label,
      probe: () => this.#probe(),
      longestSleep: (seen) => (seen & holder) === 0 ? reservation : undefined,
    });
  }

  /** Number of coroutines of this isolate that wait for it. */
  get waiting(): number {
    return this.#queue.size;
  }

  get locked(): boolean {
    return (this.#memory.load(this.#index) & holder) !== 0;
  }

  /** Whether who comes can take it. */
  get free(): boolean {
    return this.#memory.load(this.#index) === 0;
  }

  /** Whether this isolate holds it. */
  get held(): boolean {
    return (this.#memory.load(this.#index) & holder) === this.#token;
  }

  /** Each form of acquire calls `taken` at once when it has the lock, before anybody else runs. */
  tryAcquire(taken?: Taken): boolean {
    if (this.#queue.size > 0) return false;
    // Who never waits need not care who does; nobody might.
    return this.#take(taken) || this.#take(taken, waiting | urgent, this.#token | waiting);
  }

  acquireSync(options: AcquireSyncOptions, taken?: Taken): void {
    const timeout = checkTimeout(options.timeout);
    if (this.#take(taken)) return;
    if (timeout === Infinity && this.held) {
      throw new Error(
        "Cannot wait for the lock as this thread holds it, and would block itself for ever",
      );
    }
    if (this.#queue.waitSync(this.#attempt(options, taken), timeout)) return;
    this.#calm();
    throw timeoutError(timeout);
  }

  /** Gives nothing if it need not wait: a promise more would take longer than all the rest. */
  acquire(options: AcquireOptions, taken?: Taken): Promise<void> | undefined {
    if (options.signal === undefined && this.#queue.size === 0) {
      checkTimeout(options.timeout);
      if (this.#take(taken)) return undefined;
    }
    return this.#wait(options, taken);
  }

  async #wait(options: AcquireOptions, taken: Taken | undefined): Promise<void> {
    try {
      await this.#queue.wait(this.#attempt(options, taken), options);
    } catch (error) {
      this.#calm();
      throw error;
    }
  }

  /** Does something as soon as the lock is released here. */
  defer(action: () => void): void {
    (this.#deferred ??= []).push(action);
  }

  release(): void {
    if (isObserved()) this.#tell("hold-end");
    try {
      if (this.#memory.compareExchange(this.#index, this.#token, 0) !== this.#token) this.#hand();
    } finally {
      if (this.#deferred !== undefined) this.#runDeferred();
    }
  }

  #runDeferred(): void {
    const deferred = this.#deferred!;
    this.#deferred = undefined;
    for (const action of deferred) action();
  }

  /** Releases it where others may wait. */
  #hand(): void {
    for (;;) {
      const seen = this.#memory.load(this.#index);
      if ((seen & holder) === 0) throw new Error("Cannot release the lock as it is not held");
      const next = (seen & urgent) === 0 ? 0 : waiting | urgent;
      if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;
      if (seen < 0 && !(next === 0 && this.#queue.handOver())) this.#memory.notify(this.#index, 1);
      return;
    }
  }

  /**
   * Does something short with the lock if nobody alive holds it. Whoever takes it next is told of a holder that
   * has died all the same.
   */
  tryWith(action: () => void): void {
    const seen = this.#memory.load(this.#index);
    if (!this.#isDead(seen & holder)) {
      if (!this.tryAcquire()) return;
      action();
      return this.release();
    }
    if (this.#memory.compareExchange(this.#index, seen, this.#token | waiting) !== seen) return;
    action();
    this.#memory.store(this.#index, abandoned | waiting);
    this.#memory.notify(this.#index, 1);
  }

  /** Takes it if it is free, whoever waits. */
  take(): boolean {
    if (this.#memory.compareExchange(this.#index, 0, this.#token) !== 0) return false;
    if (isObserved()) this.#tell("hold-begin");
    return true;
  }

  #tell(type: "hold-begin" | "hold-end", coroutine = currentOwner()): void {
    if (this.#label === undefined) return;
    emit({ type, ...subjectOf(this.#memory, this.#label) }, coroutine);
  }

  #take(taken: Taken | undefined, from = 0, to = this.#token, owner?: number): boolean {
    if (this.#memory.compareExchange(this.#index, from, to) !== from) return false;
    if (isObserved()) this.#tell("hold-begin", owner);
    taken?.(false);
    return true;
  }

  #attempt({ recover }: AcquireOptions, taken: Taken | undefined): Attempt {
    // Who has slept cannot know whether others still do, and leaves the mark.
    let own = this.#token;
    // It may be given the lock while another coroutine runs.
    const owner = isObserved() ? currentOwner() : undefined;
    return (waited) => {
      for (;;) {
        const seen = this.#memory.load(this.#index);
        if ((seen & holder) === 0) {
          if (seen !== 0) {
            own = this.#token | waiting;
            if (waited === undefined) return seen;
          }
          // In line, the sleep of who was first is one's own, too.
          const next = this.#queue.size > 0 ? this.#token | waiting : own;
          if (this.#take(taken, seen, next, owner)) return undefined;
        } else if ((seen & holder) === abandoned) {
          const next = recover ? this.#token | waiting : 0;
          if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;
          if (recover) {
            if (isObserved()) this.#tell("hold-begin", owner);
            taken?.(true);
            return undefined;
          }
          this.#memory.notify(this.#index, 1);
          throw new LockAbandonedError(
            "The holder of the lock has died while it held it: look at what the lock guards, " +
              "and acquire it again",
          );
        } else {
          own = this.#token | waiting;
          const marked = seen | waiting | (waited !== undefined && waited > patience ? urgent : 0);
          if (seen === marked) return marked;
          if (this.#memory.compareExchange(this.#index, seen, marked) === seen) return marked;
        }
      }
    };
  }

  /** Ends the urgency, as who has left may have been the only one in a hurry; others see to it again. */
  #calm(): void {
    for (;;) {
      const seen = this.#memory.load(this.#index);
      if ((seen & urgent) === 0) return;
      const next = (seen & holder) === 0 ? 0 : seen & ~urgent;
      if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;
      if (next === 0) this.#memory.notify(this.#index, 1);
      return;
    }
  }

  #isDead(token: number): boolean {
    if (token === 0 || token === this.#token) return false;
    return token === abandoned || !this.#memory.isAlive(token);
  }

  #probe(): void {
    const seen = this.#memory.load(this.#index);
    const token = seen & holder;
    // Who was woken may have died, or be busy.
    if (token === 0 && seen !== 0) this.#memory.notify(this.#index, 1);
    if (token === abandoned || !this.#isDead(token)) return;
    const next = abandoned | waiting;
    if (this.#memory.compareExchange(this.#index, seen, next) !== seen) return;
    this.#memory.notify(this.#index, 1);
  }
}
