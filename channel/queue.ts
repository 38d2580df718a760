// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, toHandle } from "../sync/handle.ts";
import { allocate } from "../sync/memory/place.ts";
import { placeOf, Restored, type Scope, SharedObject } from "../sync/shared_object.ts";
import { checkTimeout, timeoutError, type WaitOptions } from "../sync/wait.ts";
import { QueueClosedError, QueueEmptyError, QueueFullError } from "./errors.ts";
import type { ConduitErrors } from "./_conduit.ts";
import { Lane } from "./_lane.ts";
import { localError } from "./_local_error.ts";
import { type Port, receiving, sending } from "./_port.ts";
import { fifo, kindOf, type QueueState, registerQueue, showLanes } from "./_queue_kind.ts";
import type { SharedStore, Store } from "./_store.ts";
import { Tally } from "./_tally.ts";
import { takeAll } from "./take_all.ts";

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

const tallyWord = Lane.words;
const storeWord = tallyWord + Tally.words;

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
 * it. What was put is there for others also when who put it has ended, but for handles with the scope `"process"` in
 * it: they are found as long as their sender lives.
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
  readonly #maxSize: number;
  readonly #store: Store<T>;
  readonly #lane: Lane<T>;
  readonly #tally: Tally;

  static {
    registerQueue(Queue, "queue", fifo);
    showLanes(<T>(queue: object) => (queue as Queue<T>).#lane);
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
    const kind = kindOf(new.target);
    super(
      options as { name?: string },
      () => allocate(scope === "local" ? "thread" : scope, storeWord + kind.words),
    );
    const { memory, index } = placeOf(this);
    const place = { memory, index: index + storeWord };
    const limit = maxSize === 0 ? Infinity : maxSize;
    this.#maxSize = maxSize;
    if (options instanceof Restored) {
      this.#store = kind.open(place, (options as unknown as QueueState).store, limit);
    } else if (scope === "local") this.#store = kind.local(limit);
    else this.#store = kind.create(place, limit);
    this.#lane = new Lane<T>(memory, index, {
      store: this.#store,
      errors,
      verbs: { take: "Queue.get", put: "Queue.put", name: this.name, index },
    });
    this.#tally = new Tally(memory, index + tallyWord, () => this.#store.put, {
      what: "Queue.join",
      name: this.name,
      index,
    });
  }

  /** Who can use it. */
  override get scope(): QueueScope {
    return "describe" in this.#store ? super.scope : "local";
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
    return this.#store.isFull;
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
  put(item: T, options: WaitOptions = {}): Promise<void> {
    return this.#lane.put(item, options);
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
    this.#lane.putSync(item, options);
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
    this.#lane.putNowait(item);
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
  get(options: WaitOptions = {}): Promise<T> {
    return this.#lane.take(options);
  }

  /**
   * Gets the first item, after blocking the thread until there is one if the queue is empty.
   *
   * @param options Timeout of the wait.
   * @returns The item.
   * @throws {QueueEmptyError} If the time is over first.
   * @throws {QueueClosedError} If the queue is closed and empty, or is so meanwhile.
   * @throws {DOMException} Named `DataCloneError`, if the item needs a module that is not loaded; it stays.
   * @throws {RangeError} If the timeout is negative or not a number.
   */
  getSync(options: Omit<WaitOptions, "signal"> = {}): T {
    return this.#lane.takeSync(options);
  }

  /**
   * Gets the first item if there is one; never waits.
   *
   * @returns The item.
   * @throws {QueueEmptyError} If the queue is empty.
   * @throws {QueueClosedError} If the queue is closed and empty.
   * @throws {DOMException} Named `DataCloneError`, if the item needs a module that is not loaded; it stays.
   */
  getNowait(): T {
    // Looked at first: what is put before the queue is closed must be seen.
    const { closed } = this;
    const taken = this.#lane.tryTake();
    if (taken !== undefined) return taken.value;
    throw closed ? errors.ended(undefined) : errors.empty(undefined);
  }

  /**
   * Says that the work for one item that was got is done; for {@linkcode Queue.join}.
   *
   * @throws {RangeError} If it was said for every item already.
   */
  taskDone(): void {
    if (this.#tally.count()) return;
    throw new RangeError("Cannot say that a task is done as all were said to be");
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
    await this.#tally.wait(options);
  }

  /**
   * Blocks the thread until {@linkcode Queue.taskDone} was called for every item that was put.
   *
   * @param options Timeout of the wait.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   */
  joinSync(options: Omit<WaitOptions, "signal"> = {}): void {
    const timeout = checkTimeout(options.timeout);
    if (!this.#tally.waitSync(timeout)) throw timeoutError(timeout);
  }

  /**
   * Closes the queue, for all who have it: nothing can be put any more, who waits to put is refused, and what is
   * inside can be got.
   *
   * @param options Whether to drop what is inside; what is dropped counts as done for {@linkcode Queue.join}.
   */
  close(options: QueueCloseOptions = {}): void {
    this.#lane.close();
    if (!options.immediate) return;
    while (this.#store.drop()) this.#tally.count();
  }

  /** Gets the items one after the other, until the queue is closed and empty. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return takeAll(() => this.get(), (error) => error instanceof QueueClosedError);
  }

  /**
   * Makes what one get of `select` is done with.
   *
   * @internal
   */
  [receiving](): Port<T> {
    return this.#lane.takePort();
  }

  /**
   * Makes what one put of `select` is done with.
   *
   * @internal
   */
  [sending](item: T): Port<void> {
    return this.#lane.putPort(item);
  }

  /** Makes it travel as a handle on itself. */
  override [toHandle](destination: Destination | undefined): HandleForm {
    if (this.scope === "local") throw localError("queue", this.name);
    return super[toHandle](destination);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    const limit = this.#maxSize === 0 ? "" : `/${this.#maxSize}`;
    return `size: ${this.size}${limit}${this.closed ? ", closed" : ""}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    const store = this.#store as SharedStore<T>;
    const state: QueueState = { maxSize: this.#maxSize, store: store.describe() };
    return state;
  }
}

const errors: ConduitErrors = {
  full: (item, timeout) => {
    return new QueueFullError(`Cannot put as the queue is full${span(timeout)}`, item);
  },
  empty: (timeout) => new QueueEmptyError(`Cannot get as the queue is empty${span(timeout)}`),
  refused: (item) => new QueueClosedError("Cannot put as the queue is closed", item),
  ended: () => new QueueClosedError("Cannot get as the queue is closed and empty"),
  isEnd: (error) => error instanceof QueueClosedError,
};

function span(timeout: number | undefined): string {
  return timeout === undefined ? "" : ` for ${timeout} ms`;
}
