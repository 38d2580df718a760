// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "./_lock_core.ts";
import { type AcquireOptions, type AcquireSyncOptions, Guard } from "./guard.ts";
import { type Destination, type HandleForm, registerHandle, toHandle } from "./handle.ts";
import type { Scope } from "./memory/memory.ts";
import { allocate, describePlace, openPlace, type Place, type PlaceState } from "./memory/place.ts";
import { Restored, type SyncOptions } from "./options.ts";
import { currentOwner } from "./owner.ts";

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
 * compete; none has a claim.
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
export class RLock {
  readonly #place: Place;
  readonly #name: string | undefined;
  readonly #core: LockCore;

  static {
    registerHandle("rlock", (state) => {
      const { place, name } = state as { place: PlaceState; name: string | undefined };
      return new RLock(new Restored(openPlace(place), name));
    });
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
    this.#place = options instanceof Restored ? options.place : allocate(options.scope, 3);
    this.#name = options.name;
    this.#core = new LockCore(this.#place.memory, this.#place.index);
  }

  /** Whether anybody holds the lock. */
  get locked(): boolean {
    return this.#core.locked;
  }

  /** How often the caller holds the lock; 0 if it does not. */
  get depth(): number {
    return this.#isOwned(currentOwner()) ? this.#load(depthWord) : 0;
  }

  /** Who can use the lock. */
  get scope(): Scope {
    return this.#place.memory.scope;
  }

  /** Name of the lock, if it has one. */
  get name(): string | undefined {
    return this.#name;
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
    options.signal?.throwIfAborted();
    const owner = currentOwner();
    if (!this.#enterAgain(owner)) await this.#core.acquire(options, () => this.#enter(owner));
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
    const owner = currentOwner();
    if (!this.#enterAgain(owner)) this.#core.acquireSync(options, () => this.#enter(owner));
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
    const depth = this.#load(depthWord) - 1;
    this.#store(depthWord, depth);
    if (depth === 0) this.#core.release();
  }

  /** Makes the lock travel as a handle on itself. */
  [toHandle](destination: Destination | undefined): HandleForm {
    const place = describePlace(this.#place, destination, `rlock ${this.#name ?? ""}`.trim());
    return { kind: "rlock", state: { place, name: this.#name } };
  }

  /** Shows name, scope and state in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const name = this.#name === undefined ? "" : ` ${JSON.stringify(this.#name)}`;
    const state = this.locked ? `locked, depth: ${this.#load(depthWord)}` : "unlocked";
    return `RLock${name} { scope: "${this.scope}", ${state} }`;
  }

  // Only the holder writes these two words, so to find oneself in them is to be the holder.
  #isOwned(owner: number): boolean {
    return this.#core.held && this.#load(ownerWord) === owner;
  }

  #enter(owner: number): void {
    this.#store(ownerWord, owner);
    this.#store(depthWord, 1);
  }

  #enterAgain(owner: number): boolean {
    if (!this.#isOwned(owner)) return false;
    this.#store(depthWord, this.#load(depthWord) + 1);
    return true;
  }

  #load(word: number): number {
    return this.#place.memory.load(this.#place.index + word);
  }

  #store(word: number, value: number): void {
    this.#place.memory.store(this.#place.index + word, value);
  }
}
