// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, toHandle } from "../sync/handle.ts";
import type { Memory } from "../sync/memory/memory.ts";
import { allocate } from "../sync/memory/place.ts";
import {
  createBytes,
  openBytes,
  type SharedBytes,
  type SharedBytesState,
} from "../sync/memory/shared_bytes.ts";
import {
  placeOf,
  registerShared,
  Restored,
  type Scope,
  SharedObject,
} from "../sync/shared_object.ts";
import { Signal } from "../sync/signal.ts";
import { checkTimeout, isTimeout, type WaitOptions } from "../sync/wait.ts";
import { decode, decodeLoading } from "./codec.ts";
import { QueueClosedError, QueueEmptyError, QueueFullError } from "./errors.ts";
import { LocalStore } from "./_local_store.ts";
import { Ring } from "./_ring.ts";
import { RingStore } from "./_ring_store.ts";
import type { Store, Taken } from "./_store.ts";

/** Who can use a queue: one thread, which gets the very items, or whoever shares its memory, as copies. */
export type QueueScope = "local" | Scope;

/** Options of a {@linkcode Queue}. */
export interface QueueOptions {
  /**
   * The most items that are inside at once; a put waits as long as there are so many. 0 is no limit.
   *
   * @default {0}
   */
  readonly maxSize?: number | undefined;
  /**
   * Who can use it.
   *
   * @default {"thread"}
   */
  readonly scope?: QueueScope | undefined;
  /** Name for people, in `Deno.inspect` and in messages. */
  readonly name?: string | undefined;
}

/** Options of {@linkcode Queue.close}. */
export interface QueueCloseOptions {
  /**
   * Whether to drop the items that are inside.
   *
   * @default {false}
   */
  readonly immediate?: boolean | undefined;
}

/* After the words of the ring: */
const itemWord = Ring.words;
const roomWord = itemWord + 16;
const doneWord = roomWord + 16;
/** Calls of taskDone, modulo 2^32. */
const donesWord = doneWord + 1;
const words = doneWord + 16;

/** Bytes of a ring at first. */
const firstBytes = 65_536;

/** What the other side of a queue must know besides place and name. */
interface QueueState {
  readonly maxSize: number;
  readonly bytes: SharedBytesState;
  readonly length: number;
}

/**
 * Carries items from who puts them to who gets them, first in, first out, between coroutines, threads and, with
 * `scope: "process"`, processes. It works in memory alone: also while its creator is blocked, busy or dead.
 *
 * Items are copied as `structuredClone` does, but for `scope: "local"`, where they are the same.
 *
 * **Fairness:** the items of one who puts come out in their order. Coroutines of one thread get items in the order
 * in which they asked. Threads and processes compete; none has a claim.
 *
 * **Backpressure:** with a `maxSize` a put waits while the queue is full. Without one it never waits; the memory of
 * the queue grows as it must, and does not shrink.
 *
 * **Cancellation:** a wait that is aborted or times out leaves no trace: its item is not inside, or none was taken.
 *
 * **Cleanup:** who dies in the middle of a put or get leaves the queue as it was, but may take the item in hand with
 * it. What was put is there for others also when who put it has ended.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @typeParam T Type of the items.
 *
 * @example Put and get
 * ```ts
 * import { Queue } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new Queue<string>({ maxSize: 2 });
 * await queue.put("a");
 * await queue.put("b");
 *
 * assertEquals([await queue.get(), await queue.get()], ["a", "b"]);
 * ```
 */
export class Queue<T> extends SharedObject<QueueScope> implements AsyncIterable<T> {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #maxSize: number;
  readonly #store: Store<T>;
  readonly #bytes: SharedBytes | undefined;
  readonly #items: Signal;
  readonly #room: Signal;
  readonly #done: Signal;

  static {
    registerShared<QueueState>(
      Queue,
      "queue",
      (restored, { maxSize, bytes, length }) => {
        return new Queue(Object.assign(restored, { maxSize, bytes, length }));
      },
    );
  }

  /**
   * Creates a queue that is empty.
   *
   * @param options Its limit, scope and name.
   * @throws {RangeError} If `maxSize` is not a whole number from 0.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(options: QueueOptions = {}) {
    const { maxSize = 0, scope = "thread" } = options;
    if (!Number.isSafeInteger(maxSize) || maxSize < 0) {
      throw new RangeError(
        `Cannot create a queue as its size is not a whole number from 0: current value is ${maxSize}`,
      );
    }
    super(
      options as { name?: string },
      () => allocate(scope === "local" ? "thread" : scope, words),
    );
    const { memory, index } = placeOf(this);
    this.#memory = memory;
    this.#index = index;
    this.#maxSize = maxSize;
    this.#items = new Signal(memory, index + itemWord);
    this.#room = new Signal(memory, index + roomWord);
    this.#done = new Signal(memory, index + doneWord);
    if (options instanceof Restored) {
      const { bytes, length } = options as unknown as QueueState;
      this.#bytes = openBytes(bytes, length);
    } else if (scope !== "local") this.#bytes = createBytes(scope, firstBytes);
    this.#store = this.#bytes === undefined
      ? new LocalStore()
      : new RingStore(memory, index, this.#bytes);
  }

  /** Who can use it. */
  override get scope(): QueueScope {
    return this.#bytes === undefined ? "local" : super.scope;
  }

  /** The most items that are inside at once; 0 if there is no limit. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Number of items inside. */
  get size(): number {
    return this.#store.size;
  }

  /** Whether no item is inside. */
  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** Whether as many items are inside as there can be. */
  get isFull(): boolean {
    return this.#maxSize > 0 && this.size >= this.#maxSize;
  }

  /** Whether the queue is closed. */
  get closed(): boolean {
    return this.#store.closed;
  }

  /**
   * Puts an item, after waiting for room if the queue is full.
   *
   * @param item The item; copied at once, unless the queue is local.
   * @param options Timeout and signal of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be cloned.
   * @throws {QueueFullError} If the time is over first; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed, or is meanwhile; it has the item as `value`.
   * @throws {RangeError} If the timeout is negative or not a number, or there is no memory for the item.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async put(item: T, options: WaitOptions = {}): Promise<void> {
    checkTimeout(options.timeout);
    options.signal?.throwIfAborted();
    const again = this.#tryPut(item, this.#room.waiting > 0);
    if (again === undefined) return;
    try {
      await this.#room.wait(again, options);
    } catch (error) {
      throw isTimeout(error) ? full(item, options.timeout) : error;
    }
    this.#afterPut();
  }

  /**
   * Puts an item, after blocking the thread until there is room if the queue is full.
   *
   * @param item The item; copied at once, unless the queue is local.
   * @param options Timeout of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be cloned.
   * @throws {QueueFullError} If the time is over first; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed, or is meanwhile; it has the item as `value`.
   * @throws {RangeError} If the timeout is negative or not a number, or there is no memory for the item.
   */
  putSync(item: T, options: Omit<WaitOptions, "signal"> = {}): void {
    const timeout = checkTimeout(options.timeout);
    const again = this.#tryPut(item, false);
    if (again === undefined) return;
    if (!this.#room.waitSync(again, timeout)) throw full(item, timeout);
    this.#afterPut();
  }

  /**
   * Puts an item if there is room; never waits.
   *
   * @param item The item; copied at once, unless the queue is local.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be cloned.
   * @throws {QueueFullError} If the queue is full; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed; it has the item as `value`.
   * @throws {RangeError} If there is no memory for the item.
   */
  putNowait(item: T): void {
    if (this.#tryPut(item, this.#room.waiting > 0) !== undefined) throw full(item, undefined);
  }

  /**
   * Gets the first item, after waiting for one if the queue is empty.
   *
   * @param options Timeout and signal of the wait.
   * @returns The item.
   * @throws {QueueEmptyError} If the time is over first.
   * @throws {QueueClosedError} If the queue is closed and empty, or is so meanwhile.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async get(options: WaitOptions = {}): Promise<T> {
    checkTimeout(options.timeout);
    options.signal?.throwIfAborted();
    let taken = this.#items.waiting > 0 ? undefined : this.#tryGet();
    if (taken === undefined) {
      try {
        await this.#items.wait(() => (taken = this.#tryGet()) !== undefined, options);
      } catch (error) {
        throw isTimeout(error) ? empty(options.timeout) : error;
      }
    }
    this.#afterGet();
    const { value, bytes } = taken!;
    return bytes === undefined ? value : await decodeLoading(bytes) as T;
  }

  /**
   * Gets the first item, after blocking the thread until there is one if the queue is empty.
   *
   * @param options Timeout of the wait.
   * @returns The item.
   * @throws {QueueEmptyError} If the time is over first.
   * @throws {QueueClosedError} If the queue is closed and empty, or is so meanwhile.
   * @throws {RangeError} If the timeout is negative or not a number.
   */
  getSync(options: Omit<WaitOptions, "signal"> = {}): T {
    const timeout = checkTimeout(options.timeout);
    let taken = this.#tryGet();
    if (taken === undefined) {
      const inTime = this.#items.waitSync(() => (taken = this.#tryGet()) !== undefined, timeout);
      if (!inTime) throw empty(timeout);
    }
    return this.#open(taken!);
  }

  /**
   * Gets the first item if there is one; never waits.
   *
   * @returns The item.
   * @throws {QueueEmptyError} If the queue is empty.
   * @throws {QueueClosedError} If the queue is closed and empty.
   */
  getNowait(): T {
    const taken = this.#tryGet();
    if (taken === undefined) throw empty(undefined);
    return this.#open(taken);
  }

  /**
   * Says that the work for one item that was got is done; for {@linkcode Queue.join}.
   *
   * @throws {RangeError} If it was said for every item already.
   */
  taskDone(): void {
    for (;;) {
      const dones = this.#load(donesWord);
      if (dones === this.#store.put) {
        throw new RangeError("Cannot say that a task is done as all were said to be");
      }
      const next = (dones + 1) | 0;
      if (this.#memory.compareExchange(this.#index + donesWord, dones, next) !== dones) continue;
      if (next === this.#store.put) this.#done.wakeAll();
      return;
    }
  }

  /**
   * Waits until {@linkcode Queue.taskDone} was called for every item that was put.
   *
   * @param options Timeout and signal of the wait.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    await this.#done.wait(() => this.#load(donesWord) === this.#store.put, options);
  }

  /**
   * Closes the queue, for all who have it: nothing can be put any more, and what is inside can be got.
   *
   * @param options Whether to drop what is inside.
   */
  close(options: QueueCloseOptions = {}): void {
    this.#store.close();
    if (options.immediate) {
      while (this.#store.drop()) this.taskDone();
    }
    this.#items.wakeAll();
    this.#room.wakeAll();
  }

  /** Gets the items one after the other, until the queue is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof QueueClosedError) return;
        throw error;
      }
      yield item;
    }
  }

  /** Makes it travel as a handle on itself. */
  override [toHandle](destination: Destination | undefined): HandleForm {
    if (this.#bytes !== undefined) return super[toHandle](destination);
    const what = `queue ${this.name ?? ""}`.trim();
    throw new DOMException(
      `Cannot clone ${what} as its scope is "local": create it with { scope: "thread" } or "process"`,
      "DataCloneError",
    );
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    const limit = this.#maxSize === 0 ? "" : `/${this.#maxSize}`;
    return `size: ${this.size}${limit}${this.closed ? ", closed" : ""}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    const bytes = this.#bytes!;
    const state: QueueState = {
      maxSize: this.#maxSize,
      bytes: bytes.describe(undefined),
      length: bytes.bytes.length,
    };
    return state;
  }

  #tryPut(item: T, mustWait: boolean): (() => boolean) | undefined {
    const limit = this.#maxSize === 0 ? Infinity : this.#maxSize;
    const refuse = () => {
      throw new QueueClosedError("Cannot put as the queue is closed", item);
    };
    const again = this.#store.tryPut(item, limit, refuse, mustWait);
    if (again === undefined) this.#afterPut();
    return again;
  }

  #tryGet(): Taken<T> | undefined {
    // Looked at first: what is put before the queue is closed must be seen.
    const { closed } = this;
    const taken = this.#store.tryTake();
    if (taken !== undefined || !closed) return taken;
    throw new QueueClosedError("Cannot get as the queue is closed and empty");
  }

  #afterPut(): void {
    this.#items.wake();
    if (this.#maxSize > 0 && !this.isFull) this.#room.wake();
  }

  #afterGet(): void {
    if (this.#maxSize > 0) this.#room.wake();
    if (!this.isEmpty) this.#items.wake();
  }

  #open({ value, bytes }: Taken<T>): T {
    this.#afterGet();
    return bytes === undefined ? value : decode(bytes) as T;
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }
}

function full(item: unknown, timeout: number | undefined): QueueFullError {
  const when = timeout === undefined ? "" : ` for ${timeout} ms`;
  return new QueueFullError(`Cannot put as the queue is full${when}`, item);
}

function empty(timeout: number | undefined): QueueEmptyError {
  const when = timeout === undefined ? "" : ` for ${timeout} ms`;
  return new QueueEmptyError(`Cannot get as the queue is empty${when}`);
}
