// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "./lock_core.ts";
import { suspend, Suspension } from "./_suspension.ts";
import { type AcquireOptions, type AcquireSyncOptions, Guard } from "./guard.ts";
import type { Memory } from "./memory/memory.ts";
import { currentOwner, thread } from "./owner.ts";
import { placeOf, registerShared, SharedObject, type SyncOptions } from "./shared_object.ts";
import { beginWait, checkTimeout } from "./wait.ts";

/* Word 0: the lock. Word 1: the coroutine that holds it. Word 2: how often it does. */
const ownerWord = 1;
const depthWord = 2;

/**
 * A {@linkcode Lock} that its owner can acquire again without waiting, and must release as often.
 *
 * The owner is the coroutine, in code that was started by `spawn`, or else the thread: async functions
 * of one thread that are not coroutines are one owner, and do not exclude each other.
 *
 * **Fairness:** coroutines of one thread get it in the order in which they asked. Threads and processes
 * compete, until one has waited for a millisecond: then those who wait go before those who come.
 *
 * **Cancellation:** a wait that is aborted or times out takes nothing and loses no wake-up.
 *
 * **Cleanup:** if the owner's process or thread dies, one waiter is told by a
 * {@linkcode LockAbandonedError}, or takes over with `recover: true`.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Call a function that takes the lock as well
 * ```ts
 * import { RLock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new RLock();
 * function inner(): number {
 *   using _guard = lock.acquireSync();
 *   return lock.depth;
 * }
 * using _guard = lock.acquireSync();
 * assertEquals(inner(), 2);
 * assertEquals(lock.depth, 1);
 * ```
 */
export class RLock extends SharedObject {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #core: LockCore;

  static {
    registerShared(RLock, "rlock", (restored) => new RLock(restored));
  }

  /**
   * Creates a lock that is free.
   *
   * @param options Its scope and name.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(options: SyncOptions = {}) {
    super(options, 3);
    const { memory, index } = placeOf(this);
    this.#memory = memory;
    this.#index = index;
    this.#core = new LockCore(memory, index, { what: "RLock", name: this.name, index });
  }

  /** Whether anybody holds the lock. */
  get locked(): boolean {
    return this.#core.locked;
  }

  /** How often the caller holds the lock; 0 if it does not. */
  get depth(): number {
    return this.#isOwned(currentOwner()) ? this.#load(depthWord) : 0;
  }

  /**
   * Takes the lock once more if the caller holds it, else waits until it is free.
   *
   * @param options Timeout and signal of the wait, and whether to take over from a dead owner.
   * @returns A guard that releases the lock when it is disposed; calling `release` does as well.
   * @throws {LockAbandonedError} If the owner has died, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async acquire(options: AcquireOptions = {}): Promise<Guard> {
    options = beginWait(options);
    const owner = currentOwner();
    if (!this.#enterAgain(owner)) {
      const wait = this.#core.acquire(options, () => this.#enter(owner));
      if (wait !== undefined) await wait;
    }
    return new Guard(this);
  }

  /**
   * Takes the lock once more if the caller holds it, else blocks the thread until it is free.
   *
   * @param options Timeout of the wait, and whether to take over from a dead owner.
   * @returns A guard that releases the lock when it is disposed; calling `release` does as well.
   * @throws {LockAbandonedError} If the owner has died, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {Error} If another coroutine of this thread holds the lock and there is no timeout.
   */
  acquireSync(options: AcquireSyncOptions = {}): Guard {
    checkTimeout(options.timeout);
    const owner = currentOwner();
    if (this.#core.take()) this.#enter(owner);
    else if (!this.#enterAgain(owner)) {
      this.#core.acquireSync(options, () => this.#enter(owner));
    }
    return new Guard(this);
  }

  /** Takes the lock if it is free or the caller's, and tells whether it did; never waits. */
  tryAcquire(): boolean {
    const owner = currentOwner();
    return this.#enterAgain(owner) || this.#core.tryAcquire(() => this.#enter(owner));
  }

  /**
   * Undoes one acquire; after the last one the lock is free.
   *
   * @throws {Error} If the caller does not hold it.
   */
  release(): void {
    if (!this.#isOwned(currentOwner())) {
      throw new Error("Cannot release the lock as the caller does not hold it");
    }
    const depth = this.#load(depthWord);
    if (depth === 1) this.#core.release();
    else this.#store(depthWord, depth - 1);
  }

  /**
   * Lets a condition release it and take it again.
   *
   * @internal
   */
  [suspend](): Suspension {
    const owner = currentOwner();
    return new Suspension(this.#core, {
      depth: () => this.#isOwned(owner) ? this.#load(depthWord) : 0,
      set: (depth) => this.#enter(owner, depth),
      shared: owner === thread,
    });
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return this.locked ? `locked, depth: ${this.#load(depthWord)}` : "unlocked";
  }

  // Only the holder writes these two words, so to find oneself in them is to be the holder.
  #isOwned(owner: number): boolean {
    return this.#core.held && this.#load(ownerWord) === owner;
  }

  #enter(owner: number, depth = 1): void {
    this.#store(ownerWord, owner);
    this.#store(depthWord, depth);
  }

  #enterAgain(owner: number): boolean {
    if (!this.#isOwned(owner)) return false;
    this.#store(depthWord, this.#load(depthWord) + 1);
    return true;
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value);
  }
}
