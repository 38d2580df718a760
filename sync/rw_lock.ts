// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "./lock_core.ts";
import { Roster } from "./roster.ts";
import { type Attempt, WaitQueue } from "./_wait_queue.ts";
import { LockAbandonedError } from "./errors.ts";
import { type AcquireOptions, type AcquireSyncOptions, Guard } from "./guard.ts";
import type { Memory } from "./memory/memory.ts";
import { placeOf, registerShared, SharedObject, type SyncOptions } from "./shared_object.ts";
import { beginWait, Deadline } from "./wait.ts";

/*
 * Word 0: a lock, the door.  Word 1: whether a writer is inside.  Word 2: changes when a reader leaves while
 * the door is shut.  From word 16: the readers inside.
 *
 *   reader   goes in, then looks at the door: if it is open, that was all.
 *            Otherwise it goes out again, waits for the door, goes in, and leaves the door open.
 *   writer   waits for the door, and then, holding it, until the readers are out.
 *
 * A reader goes in before it looks, and a writer shuts the door before it looks: so one sees the other.
 */
const writingWord = 1;
const leftWord = 2;
const readersWord = 16;

/**
 * Lets many read at once, or one write, across coroutines, threads and, with `scope: "process"`, processes.
 *
 * It is not re-entrant: who reads and acquires again, for reading or writing, may wait for itself. A read
 * is released by the thread that took it.
 *
 * **Fairness:** a writer that waits keeps new readers out, so it is not starved. Coroutines of one thread that
 * have to wait get in in the order in which they asked. Threads and processes compete as for a `Lock`.
 *
 * **Cancellation:** a wait that is aborted or times out takes nothing and loses no wake-up.
 *
 * **Cleanup:** a reader that dies is forgotten, within about 100 ms. If a writer dies inside, the next to get
 * in, reader or writer, is told by a {@linkcode LockAbandonedError}, or takes over with `recover: true`.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Read together, write alone
 * ```ts
 * import { RWLock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new RWLock();
 * {
 *   using _one = await lock.acquireRead();
 *   using _two = await lock.acquireRead();
 *   assertEquals([lock.readers, lock.tryAcquireWrite()], [2, false]);
 * }
 * using _writer = await lock.acquireWrite();
 * assertEquals(lock.tryAcquireRead(), false);
 * ```
 */
export class RWLock extends SharedObject {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #door: LockCore;
  readonly #readers: Roster;
  /** Where the one who holds the door waits for readers to leave. */
  readonly #leaving: WaitQueue;

  static {
    registerShared(RWLock, "rwlock", (restored) => new RWLock(restored));
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
    super(options, readersWord + Roster.words);
    const { memory, index } = placeOf(this);
    this.#memory = memory;
    this.#index = index;
    const label = { what: "RWLock", name: this.name, index };
    this.#door = new LockCore(memory, index, label);
    this.#readers = new Roster(memory, index + readersWord);
    this.#leaving = new WaitQueue(memory, index + leftWord, {
      probe: () => this.#forgetDead(),
      label,
    });
  }

  /** Whether anybody reads or writes. */
  get locked(): boolean {
    return this.writeLocked || !this.#readers.isEmpty;
  }

  /** Whether a writer is inside. */
  get writeLocked(): boolean {
    return this.#load(writingWord) !== 0;
  }

  /** How many read. */
  get readers(): number {
    return this.#readers.size;
  }

  /**
   * Waits until nobody writes or waits to write, and takes the lock for reading.
   *
   * @param options Timeout and signal of the wait, and whether to take over from a dead writer.
   * @returns A guard that releases the read when it is disposed; calling `releaseRead` does as well.
   * @throws {LockAbandonedError} If a writer has died inside, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async acquireRead(options: AcquireOptions = {}): Promise<Guard> {
    options = beginWait(options);
    const deadline = new Deadline(options.timeout);
    if (!this.tryAcquireRead()) {
      const entry = this.#entry();
      await this.#door.acquire({ ...options, recover: true }, entry.taken);
      if (!entry.done) {
        await this.#pass(this.#enter, options, deadline);
        this.#door.release();
      }
    }
    return new Guard(this.#read);
  }

  /**
   * Blocks the thread until nobody writes or waits to write, and takes the lock for reading.
   *
   * @param options Timeout of the wait, and whether to take over from a dead writer.
   * @returns A guard that releases the read when it is disposed; calling `releaseRead` does as well.
   * @throws {LockAbandonedError} If a writer has died inside, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {Error} If a coroutine of this thread writes or is about to, and there is no timeout.
   */
  acquireReadSync(options: AcquireSyncOptions = {}): Guard {
    const deadline = new Deadline(options.timeout);
    if (!this.tryAcquireRead()) {
      this.#door.acquireSync({ ...options, recover: true });
      this.#passSync(this.#enter, options, deadline);
      this.#door.release();
    }
    return new Guard(this.#read);
  }

  /**
   * Takes the lock for reading if it can be had at once, and tells whether it did; never waits. It may also
   * refuse while other readers are about to get in.
   */
  tryAcquireRead(): boolean {
    if (this.#door.waiting > 0 || !this.#readers.enter()) return false;
    if (this.#door.free) return true;
    this.#leave();
    return false;
  }

  /**
   * Releases one read of this thread.
   *
   * @throws {Error} If this thread has none.
   */
  releaseRead(): void {
    if (!this.#leave()) {
      throw new Error("Cannot release the lock as this thread does not hold it for reading");
    }
  }

  /**
   * Waits until nobody reads or writes, and takes the lock for writing.
   *
   * @param options Timeout and signal of the wait, and whether to take over from a dead writer.
   * @returns A guard that releases the lock when it is disposed; calling `releaseWrite` does as well.
   * @throws {LockAbandonedError} If a writer has died inside, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async acquireWrite(options: AcquireOptions = {}): Promise<Guard> {
    options = beginWait(options);
    const deadline = new Deadline(options.timeout);
    if (!this.#door.free || !this.#tryWrite()) {
      await this.#door.acquire({ ...options, recover: true });
      await this.#pass(this.#emptied, options, deadline);
      this.#store(writingWord, 1);
    }
    return new Guard(this.#write);
  }

  /**
   * Blocks the thread until nobody reads or writes, and takes the lock for writing.
   *
   * @param options Timeout of the wait, and whether to take over from a dead writer.
   * @returns A guard that releases the lock when it is disposed; calling `releaseWrite` does as well.
   * @throws {LockAbandonedError} If a writer has died inside, unless `recover` is set.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {Error} If this thread holds the lock and there is no timeout.
   */
  acquireWriteSync(options: AcquireSyncOptions = {}): Guard {
    const deadline = new Deadline(options.timeout);
    if (!this.#door.free || !this.#tryWrite()) {
      if (deadline.rest === Infinity && this.#readers.own > 0) {
        throw new Error(
          "Cannot wait for the lock as this thread reads, and would block itself for ever",
        );
      }
      this.#door.acquireSync({ ...options, recover: true });
      this.#passSync(this.#emptied, options, deadline);
      this.#store(writingWord, 1);
    }
    return new Guard(this.#write);
  }

  /** Takes the lock for writing if nobody reads or writes, and tells whether it did; never waits. */
  tryAcquireWrite(): boolean {
    return this.#tryWrite() || this.#readers.removeDead().length > 0 && this.#tryWrite();
  }

  /**
   * Releases the lock after writing.
   *
   * @throws {Error} If nobody writes.
   */
  releaseWrite(): void {
    if (this.#memory.exchange(this.#index + writingWord, 0) === 0) {
      throw new Error("Cannot release the lock as it is not held for writing");
    }
    this.#door.release();
  }

  /**
   * Releases the lock after writing if somebody writes, else one read of this thread.
   *
   * @throws {Error} If nobody writes, and this thread does not read.
   */
  release(): void {
    if (this.writeLocked) this.releaseWrite();
    else this.releaseRead();
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    if (this.writeLocked) return "locked for writing";
    const { readers } = this;
    return readers === 0 ? "unlocked" : `locked for reading, readers: ${readers}`;
  }

  readonly #read = { release: () => this.releaseRead() };
  readonly #write = { release: () => this.releaseWrite() };

  readonly #enter: Attempt = () => {
    const seen = this.#load(leftWord);
    return this.#readers.enter() ? undefined : seen;
  };

  readonly #emptied: Attempt = () => {
    const seen = this.#load(leftWord);
    return this.#readers.isEmpty ? undefined : seen;
  };

  /** Goes in as soon as the door is had, and gives it back before anybody else of this thread runs. */
  #entry(): { readonly done: boolean; readonly taken: () => void } {
    let done = false;
    const taken = () => {
      if (this.writeLocked || !this.#readers.enter()) return;
      done = true;
      this.#door.release();
    };
    return {
      get done() {
        return done;
      },
      taken,
    };
  }

  /** Gets in, for one who holds the door, and gives it back if that fails. */
  async #pass(attempt: Attempt, options: AcquireOptions, deadline: Deadline): Promise<void> {
    try {
      this.#checkAbandoned(options);
      await this.#leaving.wait(attempt, { ...options, timeout: deadline.rest });
    } catch (error) {
      this.#door.release();
      throw deadline.explain(error, options);
    }
  }

  #passSync(attempt: Attempt, options: AcquireSyncOptions, deadline: Deadline): void {
    try {
      this.#checkAbandoned(options);
      if (!this.#leaving.waitSync(attempt, deadline.rest)) throw deadline.error;
    } catch (error) {
      this.#door.release();
      throw error;
    }
  }

  // Who holds the door and finds a writer inside has the door from that one, which has died.
  #checkAbandoned({ recover }: AcquireOptions): void {
    if (this.#memory.exchange(this.#index + writingWord, 0) === 0 || recover) return;
    throw new LockAbandonedError(
      "The writer has died while it held the lock: look at what the lock guards, and acquire it again",
    );
  }

  #tryWrite(): boolean {
    if (!this.#readers.isEmpty || !this.#door.tryAcquire()) return false;
    if (this.#readers.isEmpty) {
      this.#store(writingWord, 1);
      return true;
    }
    this.#door.release();
    return false;
  }

  #leave(): boolean {
    if (!this.#readers.leave()) return false;
    if (!this.#door.free) this.#tellLeft();
    return true;
  }

  // Tells it in any case: a reader may have died after it left and before it told.
  #forgetDead(): void {
    this.#readers.removeDead();
    this.#tellLeft();
  }

  #tellLeft(): void {
    this.#memory.add(this.#index + leftWord, 1);
    this.#leaving.serve();
    this.#memory.notify(this.#index + leftWord, 1);
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value);
  }
}
