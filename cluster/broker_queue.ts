// Copyright 2026 the Weft authors. MIT license.

/**
 * What queues at brokers have in common: which get has which item, what is acknowledged, how it ends. How to talk to
 * the broker is the driver's business.
 *
 * ```
 *   put ──► Puts ──send──► driver ══► broker ══► driver ──deliver──► Gets ─────► get ──► Hand
 *                                                  ▲                    │                  │
 *                                                  ├─────── demand ─────┤                  │
 *                                                  ├────── giveBack ────┘ when nobody asks │
 *                                                  └───────────── acknowledge ─────────────┘ taskDone
 * ```
 */

import { refuseInstances } from "../channel/codec.ts";
import {
  beginWait,
  checkTimeout,
  Deadline,
  type ScopedOptions,
  waitFor,
  type WaitOptions,
} from "../sync/wait.ts";
import { currentOwner } from "../sync/owner.ts";
import { QueueClosedError } from "../channel/errors.ts";
import type { BrokerDriver, BrokerEvents, Delivery } from "./_broker_driver.ts";
import { readItem, writeItem } from "./_broker_format.ts";
import { endedError, Gets } from "./_broker_gets.ts";
import { Hand } from "./_broker_items.ts";
import { type BrokerCloseOptions, type BrokerSettings, hidePassword } from "./broker_options.ts";
import { Puts } from "./_broker_puts.ts";
import { takeAll } from "../channel/take_all.ts";

/** Milliseconds that the connection of a queue that is closed outlives the last use of it. */
const lingerTime = 100;

/** Milliseconds between two looks of a join: at first, and at most. */
const firstLook = 5;
const lastLook = 200;

/**
 * A handle on a queue at a broker; what {@linkcode RedisQueue} and {@linkcode AmqpQueue} have in common.
 *
 * @typeParam T Type of the items.
 *
 * @example Work on items at either broker
 * ```ts ignore
 * // Needs a server.
 * import { AmqpQueue, type BrokerQueue, RedisQueue } from "@weft/concurrency/cluster";
 *
 * async function work(queue: BrokerQueue<string>): Promise<void> {
 *   for await (const letter of queue) {
 *     console.log(letter);
 *     await queue.taskDone(letter);
 *   }
 * }
 *
 * const url = Deno.args[0]!;
 * await using queue = url.startsWith("amqp")
 *   ? new AmqpQueue<string>("letters", { url })
 *   : new RedisQueue<string>("letters", { url });
 * await work(queue);
 * ```
 *
 * @experimental
 */
export abstract class BrokerQueue<T> implements AsyncIterable<T>, AsyncDisposable {
  readonly #settings: BrokerSettings;
  readonly #driver: BrokerDriver;
  readonly #puts: Puts;
  readonly #gets: Gets;
  readonly #hand = new Hand();
  /** `"ended"`: nothing can be got any more. */
  #state: "open" | "closed" | "ended" = "open";
  /** Number of operations under way that need the connection. */
  #operations = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #ending: Promise<void> | undefined;
  /** What has a join look at once. */
  readonly #joins = new Set<() => void>();

  /**
   * Creates a handle on a queue; does not connect.
   *
   * @internal
   */
  constructor(settings: BrokerSettings, connect: (events: BrokerEvents) => BrokerDriver) {
    this.#settings = settings;
    this.#driver = connect({
      deliver: (delivery) => this.#gets.deliver(delivery),
      revoke: (tags) => this.#gets.revoke(tags),
      fail: (error) => this.#gets.fail(() => error),
      room: () => this.#puts.look(),
    });
    this.#puts = new Puts(this.#driver);
    this.#gets = new Gets(this.#driver, settings.prefetch);
  }

  /** Name of the queue at the broker. */
  get name(): string {
    return this.#settings.name;
  }

  /** The most items that wait in the queue at once; 0 if there is no limit. */
  get maxSize(): number {
    return this.#settings.maxSize;
  }

  /** Whether this handle is closed; others on the queue may be open. */
  get closed(): boolean {
    return this.#state !== "open";
  }

  /** Number of items in the queue that nobody has got. */
  get size(): Promise<number> {
    return this.#count();
  }

  /** Whether there is no item in the queue that nobody has got. */
  get isEmpty(): Promise<boolean> {
    return this.#count().then((size) => size === 0);
  }

  /** Whether as many items are in the queue as there can be. */
  get isFull(): Promise<boolean> {
    const { maxSize } = this;
    return maxSize === 0 ? Promise.resolve(false) : this.#count().then((size) => size >= maxSize);
  }

  /**
   * Puts an item, after waiting for room if the queue is full, and waits until the broker has it for good.
   *
   * The item is copied at once. While it waits for room or for a connection, it is taken back if the time is over or
   * the signal aborts. Once it is sent, the put ends when it is known whether the broker has it.
   *
   * @param item The item.
   * @param options Timeout and signal of the wait. A timeout of 0 does not wait for room.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be written; it names the part.
   * @throws {QueueFullError} If the time is over first; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed, or is while it waits for room; it has the item as `value`.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {Error} If no first connection comes about in time, or the broker refuses the item.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async put(item: T, options: WaitOptions = {}): Promise<void> {
    const wait = beginWait(options);
    if (this.closed) throw new QueueClosedError("Cannot put as the queue is closed", item);
    const body = writeItem(item, this.#settings.format);
    await this.#run(() => this.#puts.put(item, body, wait, checkTimeout(options.timeout)));
  }

  /**
   * Puts an item if there is room, and waits until the broker has it for good.
   *
   * @param item The item; copied at once.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be written; it names the part.
   * @throws {QueueFullError} If the queue is full; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed; it has the item as `value`.
   * @throws {Error} If no first connection comes about in time, or the broker refuses the item.
   */
  putNowait(item: T): Promise<void> {
    return this.put(item, { timeout: 0 });
  }

  /**
   * Gets the first item, after waiting for one if the queue is empty. It is delivered again, to anybody, unless
   * `taskDone` is called for it.
   *
   * An item that comes for a get that has ended meanwhile stays for the next get of this handle, and goes back after a
   * second.
   *
   * @param options Timeout and signal of the wait. A timeout of 0 asks the broker once.
   * @returns The item.
   * @throws {QueueEmptyError} If the time is over first.
   * @throws {QueueClosedError} If this handle is closed and the queue empty, or both are so meanwhile.
   * @throws {DOMException} Named `DataCloneError`, if what came cannot be read; it is taken out of the queue.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {Error} If no first connection comes about in time, or the broker refuses.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async get(options: WaitOptions = {}): Promise<T> {
    const wait = beginWait(options);
    const timeout = checkTimeout(options.timeout);
    const owner = currentOwner();
    this.#checkEnded("get");
    return await this.#run(async () => this.#open(await this.#gets.get(wait, timeout), owner));
  }

  /**
   * Gets the first item if there is one, after asking the broker once.
   *
   * @returns The item.
   * @throws {QueueEmptyError} If the queue is empty.
   * @throws {QueueClosedError} If this handle is closed and the queue empty.
   * @throws {DOMException} Named `DataCloneError`, if what came cannot be read; it is taken out of the queue.
   * @throws {Error} If no first connection comes about in time, or the broker refuses.
   */
  getNowait(): Promise<T> {
    return this.get({ timeout: 0 });
  }

  /**
   * Says that the work for an item is done: the broker forgets it. Resolves when the broker knows.
   *
   * Without an item it is the one that the coroutine that calls got first of those which it has not done, and if it
   * has none, or is no coroutine, the one that this handle has had for longest.
   *
   * An item that was lost with the connection, and so is delivered again, does not come back: this resolves then, too.
   *
   * @param item The item: the same object, or an equal primitive.
   * @throws {RangeError} If this handle has not got it, or it was said before; or if it has got none.
   */
  async taskDone(item?: T): Promise<void> {
    const held = arguments.length > 0 ? this.#hand.takeItem(item) : this.#hand.takeOldest();
    if (held === undefined) {
      throw new RangeError(
        "Cannot say that a task is done as all were said to be, or this handle did not get it",
      );
    }
    await this.#run(() => this.#driver.acknowledge(held.tag));
    for (const look of this.#joins) look();
  }

  /**
   * Waits until `taskDone` was called for every item that was put, by whoever.
   *
   * @param options Timeout and signal of the wait.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {QueueClosedError} If this handle is closed with `immediate` or disposed of.
   * @throws {Error} If no first connection comes about in time, or the broker refuses.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    const wait = beginWait(options);
    const deadline = new Deadline(options.timeout);
    try {
      await this.#run(() => this.#join(wait, deadline));
    } catch (error) {
      throw deadline.explain(error, wait);
    }
  }

  /**
   * Closes this handle; others on the queue, also in other programs, are not concerned. Nothing can be put any more;
   * what is in the queue can be got until it is empty. The connection ends when nothing is under way and everything
   * that was got is acknowledged.
   *
   * @param options Whether to get nothing any more, and to give back what was got and not acknowledged.
   * @returns When the puts that were sent are done, and the gets that waited have an item or were refused.
   */
  async close(options: BrokerCloseOptions = {}): Promise<void> {
    if (options.immediate) return await this[Symbol.asyncDispose]();
    if (this.#state === "open") this.#state = "closed";
    this.#puts.close();
    await Promise.all([this.#puts.done, this.#gets.close()]);
    if (this.#unused) await this.#disconnect();
  }

  /**
   * Gets the items one after the other, until this handle is closed and the queue is empty. Throws as `get` does, also
   * for what cannot be read; a new iteration goes on after it.
   */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return takeAll(() => this.get(), (error) => error instanceof QueueClosedError);
  }

  /**
   * Closes this handle, gives back what was got and not acknowledged, which others get at once, and ends the
   * connection. Puts that were sent are waited for as long as a connection may take.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#ending ??= this.#end();
  }

  /** Shows name and state. */
  [Symbol.for("Deno.customInspect")](): string {
    const { name, url } = this.#settings;
    const state = this.closed ? "closed" : this.#driver.connected ? "connected" : "not connected";
    return `${this.constructor.name} ${JSON.stringify(name)} { url: "${
      hidePassword(url)
    }", ${state}, unacknowledged: ${this.#hand.size} }`;
  }

  /** Whether nothing needs the connection. */
  get #unused(): boolean {
    return this.#operations + this.#puts.size + this.#hand.size === 0;
  }

  /** Does something that needs the connection. */
  async #run<R>(operation: () => Promise<R>): Promise<R> {
    clearTimeout(this.#linger);
    this.#operations++;
    try {
      return await operation();
    } finally {
      this.#operations--;
      this.#settle();
    }
  }

  /** Reads what has come. */
  async #open(delivery: Delivery, owner: number): Promise<T> {
    if (this.#state === "ended") throw endedError();
    try {
      const item = readItem(delivery.body, this.#settings.format) as T;
      this.#hand.add(delivery.tag, item, owner);
      return item;
    } catch (cause) {
      const reason = `${(cause as Error).message}`;
      await this.#driver.discard(delivery.tag, reason);
      const error = new DOMException(
        `Cannot get an item of ${this.constructor.name} "${this.name}" as it is not in its format ("${this.#settings.format}"), and was taken out: ${reason}`,
        "DataCloneError",
      );
      throw Object.defineProperty(error, "cause", { value: cause });
    }
  }

  async #count(): Promise<number> {
    this.#checkEnded("count");
    const { ready } = await this.#run(async () => {
      await this.#driver.ready();
      return await this.#driver.count();
    });
    return ready + this.#gets.size;
  }

  async #join(wait: ScopedOptions, deadline: Deadline): Promise<void> {
    for (let time = firstLook;; time = Math.min(lastLook, time * 2)) {
      this.#checkEnded("join");
      const { ready, held } = await waitFor(
        this.#driver.ready().then(() => this.#driver.count()),
        { ...wait, timeout: deadline.rest },
      );
      const here = this.#puts.size + this.#gets.size + this.#hand.size;
      if (ready + held + here === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, time);
      this.#joins.add(resolve);
      try {
        await waitFor(promise, { ...wait, timeout: deadline.rest });
      } finally {
        clearTimeout(timer);
        this.#joins.delete(resolve);
      }
    }
  }

  /** Ends the connection of a queue that is closed if nothing needs it, a little later. */
  #settle(): void {
    clearTimeout(this.#linger);
    if (this.#state !== "closed" || !this.#unused) return;
    this.#linger = setTimeout(() => this.#unused && this.#disconnect(), lingerTime);
  }

  async #disconnect(): Promise<void> {
    clearTimeout(this.#linger);
    // The driver gives it back.
    this.#gets.drop();
    await this.#driver.disconnect();
  }

  async #end(): Promise<void> {
    this.#state = "ended";
    this.#gets.fail(endedError);
    for (const look of this.#joins) look();
    this.#puts.close();
    void this.#gets.close();
    try {
      await waitFor(this.#puts.done, { timeout: this.#settings.connectTimeout });
    } catch {
      // Those that are left learn that it is not known what has become of them.
    }
    this.#hand.clear();
    await this.#disconnect();
    await this.#puts.done;
  }

  #checkEnded(verb: string): void {
    if (this.#state === "ended") {
      throw new QueueClosedError(`Cannot ${verb} as the queue is closed`);
    }
  }
}

refuseInstances(BrokerQueue);
