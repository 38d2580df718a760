// Copyright 2026 the Weft authors. MIT license.

import { type Line, Waiters } from "./_waiters.ts";
import { suspend, type Suspension } from "./_suspension.ts";
import { inOrder } from "./cancellation.ts";
import { LockAbandonedError } from "./errors.ts";
import type { AcquireOptions, AcquireSyncOptions, Guard } from "./guard.ts";
import type { Lock } from "./lock.ts";
import { RLock } from "./rlock.ts";
import { placeOf, registerShared, Restored, SharedObject } from "./shared_object.ts";
import {
  beginWait,
  checkTimeout,
  Deadline,
  isOver,
  keepCancelled,
  type WaitOptions,
} from "./wait.ts";

/** Options of a {@linkcode Condition}, whose scope is that of its lock. */
export interface ConditionOptions {
  /** Name for people, in `Deno.inspect` and in messages. */
  readonly name?: string | undefined;
}

/**
 * Lets those who hold a lock wait, without it, until another one who holds it tells them that something
 * has changed.
 *
 * Its waits and notifications need the lock held, and leave it held: also when a wait times out, is aborted or
 * finds that a holder of the lock has died. The lock can be acquired and released through the condition, too.
 *
 * A wait releases the lock wholly, however often the caller holds it. But to an {@linkcode RLock} all async
 * functions of a thread that are no coroutines are one caller, so their waits release it once: where such
 * functions use a condition, give it a {@linkcode Lock}.
 *
 * **Fairness:** those who have waited longest are notified first; of several coroutines that wait at one
 * handle, one after the other.
 *
 * **Cancellation:** a wait that is aborted passes a notification that it got on to another one. One that
 * was notified before it has the lock back counts as notified, also if its time is over meanwhile.
 *
 * **Cleanup:** what was meant for a thread or process that died goes to another one, within about 100 ms.
 *
 * **Runtime:** with a lock of `scope: "process"` it works across processes, as the lock does.
 *
 * @example Wait for an item
 * ```ts
 * import { Condition, Lock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const condition = new Condition(new Lock());
 * const items: string[] = [];
 *
 * async function take(): Promise<string> {
 *   using _guard = await condition.acquire();
 *   await condition.waitFor(() => items.length > 0);
 *   return items.shift()!;
 * }
 *
 * const taken = take();
 * {
 *   using _guard = await condition.acquire();
 *   items.push("bread");
 *   condition.notify();
 * }
 * assertEquals(await taken, "bread");
 * ```
 */
export class Condition extends SharedObject {
  readonly #lock: Lock | RLock;
  readonly #waiters: Waiters;
  /** The coroutines that wait at this handle. */
  #line: Line | undefined;

  static {
    registerShared<{ lock: Lock | RLock }>(
      Condition,
      "condition",
      (restored, { lock }) => new Condition(lock, restored),
    );
  }

  /**
   * Creates a condition.
   *
   * @param lock The lock that belongs to it, which others may have as well; by default a new {@linkcode RLock}.
   * @param options Its name.
   * @throws {TypeError} If `lock` is not a `Lock` or `RLock`.
   */
  constructor(lock: Lock | RLock = new RLock(), options: ConditionOptions = {}) {
    if (typeof lock?.[suspend] !== "function") {
      throw new TypeError(
        `Cannot create a condition as its lock is not a Lock or RLock: current value is ${lock}`,
      );
    }
    const own = options instanceof Restored ? options : { ...options, scope: lock.scope };
    super(own, Waiters.words);
    const { memory, index } = placeOf(this);
    this.#lock = lock;
    this.#waiters = new Waiters(memory, index, {
      probe: () => this.#removeDead(),
      label: { what: "Condition", name: this.name, index },
    });
  }

  /** The lock. */
  get lock(): Lock | RLock {
    return this.#lock;
  }

  /** How many wait and are not notified. */
  get waiting(): number {
    return this.#waiters.pending;
  }

  /** Whether anybody holds the lock. */
  get locked(): boolean {
    return this.#lock.locked;
  }

  /**
   * Acquires the lock, as its own `acquire` does.
   *
   * @param options Timeout and signal of the wait, and whether to take over from a dead holder.
   * @returns A guard that releases the lock when it is disposed; calling `release` does as well.
   */
  acquire(options: AcquireOptions = {}): Promise<Guard> {
    return this.#lock.acquire(options);
  }

  /**
   * Acquires the lock, as its own `acquireSync` does.
   *
   * @param options Timeout of the wait, and whether to take over from a dead holder.
   * @returns A guard that releases the lock when it is disposed; calling `release` does as well.
   */
  acquireSync(options: AcquireSyncOptions = {}): Guard {
    return this.#lock.acquireSync(options);
  }

  /** Takes the lock if it can be had at once, and tells whether it did; never waits. */
  tryAcquire(): boolean {
    return this.#lock.tryAcquire();
  }

  /**
   * Releases the lock.
   *
   * @throws {Error} If it is not held.
   */
  release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again.
   *
   * @param options Timeout and signal of the wait; they do not end the wait for the lock.
   * @throws {Error} If the caller does not hold the lock.
   * @throws {RangeError} If the timeout is negative or not a number, or more than 128 threads wait.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts before the lock is taken again.
   * @throws {LockAbandonedError} If a holder of the lock has died meanwhile; the caller has it now.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    const { signal } = options;
    checkTimeout(options.timeout);
    const suspension = this.#suspend("wait");
    options = beginWait(options);
    const line = this.#line ??= this.#waiters.open();
    this.#waiters.enter(line);
    suspension.release();
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#waiters.wait(line, options);
    } catch (error) {
      failure = { error };
    }
    const died = await inOrder(suspension.acquire());
    const granted = this.#waiters.leave(line, failure === undefined);
    if (line.size === 0) this.#line = undefined;
    if (signal?.aborted) failure = { error: signal.reason };
    else if (granted && isOver(failure?.error, options)) failure = undefined;
    if (granted && failure !== undefined) {
      this.#waiters.grant(1, (wake) => suspension.defer(wake));
    }
    if (died) {
      keepCancelled(failure?.error, options);
      throw abandoned();
    }
    if (failure !== undefined) throw failure.error;
  }

  /**
   * Releases the lock, blocks the thread until it is notified, and takes the lock again.
   *
   * @param options Timeout of the wait; it does not end the wait for the lock.
   * @throws {Error} If the caller does not hold the lock.
   * @throws {RangeError} If the timeout is negative or not a number, or more than 128 threads wait.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {LockAbandonedError} If a holder of the lock has died meanwhile; the caller has it now.
   */
  waitSync(options: Omit<WaitOptions, "signal"> = {}): void {
    const deadline = new Deadline(options.timeout);
    const suspension = this.#suspend("wait");
    const line = this.#waiters.open();
    this.#waiters.enter(line);
    suspension.releaseSync();
    const inTime = this.#waiters.waitSync(line, deadline);
    const died = suspension.acquireSync();
    const granted = this.#waiters.leave(line, inTime);
    if (died) throw abandoned();
    if (!granted) throw deadline.error;
  }

  /**
   * Waits until a predicate holds, which is looked at now and whenever this wait is notified.
   *
   * @typeParam T What the predicate gives.
   * @param predicate Called with the lock held.
   * @param options Timeout and signal of the whole wait.
   * @returns What the predicate gave, which is not falsy.
   * @throws {Error} If the caller does not hold the lock.
   * @throws {RangeError} If the timeout is negative or not a number, or more than 128 threads wait.
   * @throws {DOMException} Named `TimeoutError`, if the time is over and the predicate does not hold.
   * @throws {unknown} The reason of the signal, if it aborts first, or what the predicate throws.
   * @throws {LockAbandonedError} If a holder of the lock has died meanwhile; the caller has it now.
   */
  async waitFor<T>(predicate: () => T, options: WaitOptions = {}): Promise<T> {
    const deadline = new Deadline(options.timeout);
    this.#suspend("wait");
    options.signal?.throwIfAborted();
    for (;;) {
      const result = predicate();
      if (result) return result;
      try {
        await this.wait({ signal: options.signal, timeout: deadline.rest });
      } catch (error) {
        const result = isOver(error, options) && predicate();
        if (result) return result;
        throw deadline.explain(error, options);
      }
    }
  }

  /**
   * Blocks the thread until a predicate holds, which is looked at now and whenever this wait is notified.
   *
   * @typeParam T What the predicate gives.
   * @param predicate Called with the lock held.
   * @param options Timeout of the whole wait.
   * @returns What the predicate gave, which is not falsy.
   * @throws {Error} If the caller does not hold the lock.
   * @throws {RangeError} If the timeout is negative or not a number, or more than 128 threads wait.
   * @throws {DOMException} Named `TimeoutError`, if the time is over and the predicate does not hold.
   * @throws {unknown} What the predicate throws.
   * @throws {LockAbandonedError} If a holder of the lock has died meanwhile; the caller has it now.
   */
  waitForSync<T>(predicate: () => T, options: Omit<WaitOptions, "signal"> = {}): T {
    const deadline = new Deadline(options.timeout);
    this.#suspend("wait");
    for (;;) {
      const result = predicate();
      if (result) return result;
      try {
        this.waitSync({ timeout: deadline.rest });
      } catch (error) {
        const result = isOver(error, {}) && predicate();
        if (result) return result;
        throw deadline.explain(error);
      }
    }
  }

  /**
   * Lets some of those who wait go on, once the caller has released the lock. If fewer wait, lets all go on;
   * who waits later is not meant.
   *
   * @param count How many; a whole number from 0, by default 1.
   * @throws {Error} If the caller does not hold the lock.
   * @throws {RangeError} If `count` is not such a number.
   */
  notify(count = 1): void {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(
        `Cannot notify as the count is not a whole number from 0: current value is ${count}`,
      );
    }
    this.#notify(count);
  }

  /**
   * Lets all who wait go on, once the caller has released the lock.
   *
   * @throws {Error} If the caller does not hold the lock.
   */
  notifyAll(): void {
    this.#notify(Infinity);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `waiting: ${this.waiting}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return { lock: this.#lock };
  }

  #notify(count: number): void {
    const suspension = this.#suspend("notify");
    this.#waiters.grant(count, (wake) => suspension.defer(wake));
  }

  #suspend(verb: string): Suspension {
    const suspension = this.#lock[suspend]();
    if (suspension.held) return suspension;
    throw new Error(`Cannot ${verb} as the caller does not hold the lock of the condition`);
  }

  #removeDead(): void {
    if (!this.#waiters.hasDead()) return;
    this.#lock[suspend]().tryWith(() => this.#waiters.removeDead());
  }
}

function abandoned(): LockAbandonedError {
  return new LockAbandonedError("A holder of the lock has died while the condition was waited for");
}
