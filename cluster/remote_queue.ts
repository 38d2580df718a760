// Copyright 2026 the Weft authors. MIT license.

import { QueueClosedError } from "../channel/errors.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { unscoped } from "../sync/cancellation.ts";
import { RemoteGetter } from "./_remote_getter.ts";
import { RemotePutter } from "./_remote_putter.ts";
import { type RemotePlace, RemoteProxy } from "./remote_object.ts";
import { takeAll } from "../channel/take_all.ts";

/** Options of {@linkcode RemoteQueue.put}. */
export interface RemotePutOptions extends WaitOptions {
  /**
   * Of a `PriorityQueue`: items with the lowest number are got first.
   *
   * @default {0}
   */
  readonly priority?: number | undefined;
}

/**
 * A queue of a manager: the part of a `Queue` that does not block, each with a promise. The manager can be one of this
 * library or one of Python, whose `queue.Queue`, `LifoQueue`, `PriorityQueue` and `JoinableQueue` work here.
 *
 * Items go as copies, as values that Python has: `undefined` arrives as `null`, for one.
 *
 * **Cancellation:** a wait that is aborted or times out leaves no trace. As a manager of Python does not notice it, what
 * is waited for is asked for again each tenth of a second: so that such a wait may end that much later, and with the
 * item if that has come meanwhile.
 *
 * @typeParam T Type of the items.
 *
 * @example Work on what others have put
 * ```ts
 * import { Queue, QueueEmptyError } from "@weft/concurrency/channel";
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const queue = new Queue<number>();
 * await using server = await serveManager({ port: 0, authKey, registry: { get_queue: () => queue } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<Queue<number>>("get_queue");
 *
 * await queue.put(6);
 * assertEquals(await remote.get({ timeout: 1000 }) * 7, 42);
 * await assertRejects(() => remote.getNowait(), QueueEmptyError);
 * ```
 */
export class RemoteQueue<T> extends RemoteProxy implements AsyncIterable<T> {
  readonly #place: RemotePlace;
  readonly #getter: RemoteGetter<T>;
  readonly #putter: RemotePutter;

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
    this.#getter = new RemoteGetter(place);
    this.#putter = new RemotePutter(place);
  }

  /** Number of items inside. */
  get size(): Promise<number> {
    return this.#call("qsize") as Promise<number>;
  }

  /** Whether no item is inside. */
  get isEmpty(): Promise<boolean> {
    return this.#call("empty") as Promise<boolean>;
  }

  /** Whether as many items are inside as there can be. */
  get isFull(): Promise<boolean> {
    return this.#call("full") as Promise<boolean>;
  }

  /**
   * Puts an item, after waiting for room if the queue is full. Items are put in the order of the calls.
   *
   * @param item The item; copied at once.
   * @param options Timeout and signal of the wait; of a `PriorityQueue` of this library the priority, of Python's that is
   * a part of the item.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be sent.
   * @throws {QueueFullError} If the time is over first; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed; it has the item as `value`.
   * @throws {ManagerLostError} If the connection is lost, so that it is not known whether the item was put.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  put(item: T, options: RemotePutOptions = {}): Promise<void> {
    return this.#putter.put(item, options);
  }

  /**
   * Puts an item if there is room.
   *
   * @param item The item; copied at once.
   * @param options Its priority.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be sent.
   * @throws {QueueFullError} If the queue is full; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed; it has the item as `value`.
   * @throws {ManagerLostError} If the connection is lost, so that it is not known whether the item was put.
   */
  putNowait(item: T, options: Pick<RemotePutOptions, "priority"> = {}): Promise<void> {
    return this.#putter.put(item, { ...options, timeout: 0 });
  }

  /**
   * Gets the first item, after waiting for one if the queue is empty.
   *
   * @param options Timeout and signal of the wait.
   * @returns The item.
   * @throws {QueueEmptyError} If the time is over first.
   * @throws {QueueClosedError} If the queue is closed and empty.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {PickleError} If the item is something that only Python has; it is gone.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  get(options: WaitOptions = {}): Promise<T> {
    if (options.timeout === 0) return this.getNowait();
    return this.#getter.get(options);
  }

  /**
   * Gets the first item if there is one.
   *
   * @returns The item.
   * @throws {QueueEmptyError} If the queue is empty.
   * @throws {QueueClosedError} If the queue is closed and empty.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {PickleError} If the item is something that only Python has; it is gone.
   */
  getNowait(): Promise<T> {
    return this.#call("get_nowait") as Promise<T>;
  }

  /**
   * Says that the work for one item that was got is done; for {@linkcode RemoteQueue.join}.
   *
   * @throws {Error} If it was said for every item already: a `RangeError`, or a `ValueError` of Python.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {RemoteError} If the queue is of a kind that does not count, as Python's `multiprocessing.Queue`.
   */
  async taskDone(): Promise<void> {
    await this.#call("task_done");
  }

  /**
   * Waits until {@linkcode RemoteQueue.taskDone} was called for every item that was put.
   *
   * @param options Timeout and signal of the wait.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    const scoped = beginWait(options);
    const { calls, ident } = this.#place;
    const given = new AbortController();
    const joined = unscoped(() => calls.callAlone(ident, "join", [], given.signal));
    try {
      await waitFor(joined, scoped);
    } finally {
      given.abort();
      joined.catch(() => {});
    }
  }

  /**
   * Closes the queue, for all who have it: nothing can be put any more, and what is inside can be got.
   *
   * @param options Whether to drop what is inside.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {RemoteError} If the queue is one of Python before 3.13, which cannot be closed.
   */
  async close(options: { readonly immediate?: boolean | undefined } = {}): Promise<void> {
    await this.#call("shutdown", options.immediate ? [true] : []);
  }

  /** Gets the items one after the other, until the queue is closed and empty. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return takeAll(() => this.get(), (error) => error instanceof QueueClosedError);
  }

  #call(name: string, args: readonly unknown[] = []): Promise<unknown> {
    return this.#place.calls.call(this.#place.ident, name, args);
  }
}
