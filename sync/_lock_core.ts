// Copyright 2026 the Weft authors. MIT license.

import { WaitQueue } from "./_wait_queue.ts";
import { type AcquireOptions, type AcquireSyncOptions, LockAbandonedError } from "./guard.ts";
import type { Memory } from "./memory/memory.ts";
import { checkTimeout, timeoutError } from "./wait.ts";

/** Set while somebody sleeps: the sign bit. */
const waiting = 1 << 31;
/** The token of the holder. */
const holder = ~waiting;
/** Stands in the holder's place when it has died. */
const abandoned = 0x3fff_ffff;

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
 *   abandoned | …       held by a dead one, as a waiter has found out
 * ```
 */
export class LockCore {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #token: number;
  readonly #queue: WaitQueue;

  constructor(memory: Memory, index: number) {
    this.#memory = memory;
    this.#index = index;
    this.#token = memory.token;
    this.#queue = new WaitQueue(memory, index, () => this.#probe());
  }

  /** Number of coroutines of this isolate that wait for it. */
  get waiting(): number {
    return this.#queue.size;
  }

  get locked(): boolean {
    return this.#memory.load(this.#index) !== 0;
  }

  /** Whether this isolate holds it. */
  get held(): boolean {
    return (this.#memory.load(this.#index) & holder) === this.#token;
  }

  /** Each form of acquire calls `taken` at once when it has the lock, before anybody else runs. */
  tryAcquire(taken?: Taken): boolean {
    return this.#queue.size === 0 && this.#take(taken);
  }

  acquireSync(options: AcquireSyncOptions, taken?: Taken): void {
    const timeout = checkTimeout(options.timeout);
    if (this.#take(taken)) return;
    if (timeout === Infinity && this.held) {
      throw new Error(
        "Cannot wait for the lock as this thread holds it, and would block itself for ever",
      );
    }
    if (!this.#queue.waitSync(this.#attempt(options, taken), timeout)) throw timeoutError(timeout);
  }

  acquire(options: AcquireOptions, taken?: Taken): Promise<void> {
    if (options.signal === undefined && this.#queue.size === 0) {
      checkTimeout(options.timeout);
      if (this.#take(taken)) return done;
    }
    return this.#queue.wait(this.#attempt(options, taken), options);
  }

  release(): void {
    const before = this.#memory.exchange(this.#index, 0);
    if (before < 0) this.#memory.notify(this.#index, 1);
    else if (before === 0) throw new Error("Cannot release the lock as it is not held");
  }

  #take(taken: Taken | undefined): boolean {
    if (this.#memory.compareExchange(this.#index, 0, this.#token) !== 0) return false;
    taken?.(false);
    return true;
  }

  #attempt({ recover }: AcquireOptions, taken: Taken | undefined): () => number | undefined {
    // Who has slept cannot know whether others still do, and leaves the mark.
    let own = this.#token;
    return () => {
      for (;;) {
        const seen = this.#memory.load(this.#index);
        if (seen === 0) {
          // In line, the sleep of who was first is one's own, too.
          const next = this.#queue.size > 0 ? this.#token | waiting : own;
          if (this.#memory.compareExchange(this.#index, 0, next) !== 0) continue;
          taken?.(false);
          return undefined;
        } else if ((seen & holder) === abandoned) {
          const next = recover ? this.#token | waiting : 0;
          if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;
          if (recover) {
            taken?.(true);
            return undefined;
          }
          this.#memory.notify(this.#index, 1);
          throw new LockAbandonedError("The holder of the lock has died while it held it");
        } else {
          own = this.#token | waiting;
          const marked = seen | waiting;
          if (seen === marked) return marked;
          if (this.#memory.compareExchange(this.#index, seen, marked) === seen) return marked;
        }
      }
    };
  }

  #probe(): void {
    const seen = this.#memory.load(this.#index);
    const token = seen & holder;
    if (seen === 0 || token === abandoned || token === this.#token) return;
    if (this.#memory.isAlive(token)) return;
    const next = abandoned | waiting;
    if (this.#memory.compareExchange(this.#index, seen, next) !== seen) return;
    this.#memory.notify(this.#index, 1);
  }
}

const done = Promise.resolve();
