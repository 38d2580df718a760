// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "./lock_core.ts";
import { suspend, Suspension } from "./_suspension.ts";
import { type AcquireOptions, type AcquireSyncOptions, Guard } from "./guard.ts";
import { placeOf, registerShared, SharedObject, type SyncOptions } from "./shared_object.ts";
import { beginWait } from "./wait.ts";

/**
 * Lets one at a time into a section of code, across coroutines, threads and, with `scope: "process"`,
 * processes. It works in memory alone: also while its creator is blocked, busy or dead.
 *
 * It is not re-entrant: who holds it and acquires again waits, until somebody releases it. Whoever has
 * it may release it, not only its holder.
 *
 * **Fairness:** coroutines of one thread get it in the order in which they asked. Threads and processes
 * compete, until one has waited for a millisecond: then those who wait go before those who come.
 *
 * **Cancellation:** a wait that is aborted or times out takes nothing and loses no wake-up.
 *
 * **Cleanup:** if the holder's process or thread dies, one waiter is told by a
 * {@linkcode LockAbandonedError}, or takes over with `recover: true`.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Count without losing any
 * ```ts
 * import { Lock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new Lock();
 * let count = 0;
 * await Promise.all(Array.from({ length: 10 }, async () => {
 *   using _guard = await lock.acquire();
 *   const seen = count;
 *   await Promise.resolve();
 *   count = seen + 1;
 * }));
 * assertEquals(count, 10);
 * ```
 */
export class Lock extends SharedObject {
  readonly #core: LockCore;

  static {
    registerShared(Lock, "lock", (restored) => new Lock(restored));
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
    super(options, 1);
    const { memory, index } = placeOf(this);
    this.#core = new LockCore(memory, index, { what: "Lock", name: this.name, index });
  }

  /** Whether anybody holds the lock. */
  get locked(): boolean {
    return this.#core.locked;
  }

  /**
   * Waits until the lock is free and takes it.
   *
   * @param options Timeout and signal of the wait, and whether to take over from a dead holder.
   * @returns A guard that releases the lock when it is disposed; calling `release` does as well.
   * @throws {LockAbandonedError} If the holder has died, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async acquire(options: AcquireOptions = {}): Promise<Guard> {
    const wait = this.#core.acquire(beginWait(options));
    if (wait !== undefined) await wait;
    return new Guard(this.#core);
  }

  /**
   * Blocks the thread until the lock is free and takes it.
   *
   * @param options Timeout of the wait, and whether to take over from a dead holder.
   * @returns A guard that releases the lock when it is disposed; calling `release` does as well.
   * @throws {LockAbandonedError} If the holder has died, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {Error} If this thread holds the lock and there is no timeout.
   */
  acquireSync(options: AcquireSyncOptions = {}): Guard {
    this.#core.acquireSync(options);
    return new Guard(this.#core);
  }

  /** Takes the lock if it is free, and tells whether it did; never waits. */
  tryAcquire(): boolean {
    return this.#core.tryAcquire();
  }

  /**
   * Releases the lock.
   *
   * @throws {Error} If nobody holds it.
   */
  release(): void {
    this.#core.release();
  }

  /**
   * Lets a condition release it and take it again.
   *
   * @internal
   */
  [suspend](): Suspension {
    return new Suspension(this.#core);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return this.locked ? "locked" : "unlocked";
  }
}
