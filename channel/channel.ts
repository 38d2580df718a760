// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, toHandle } from "../sync/handle.ts";
import { allocate } from "../sync/memory/place.ts";
import {
  placeOf,
  registerShared,
  Restored,
  type Scope,
  SharedObject,
} from "../sync/shared_object.ts";
import { timeoutError, type WaitOptions } from "../sync/wait.ts";
import type { Conduit, ConduitErrors } from "./_conduit.ts";
import { ChannelClosedError } from "./errors.ts";
import { localError } from "./_local_error.ts";
import { LocalFrames, SharedFrames } from "./_frames.ts";
import { Lane } from "./_lane.ts";
import { LocalStore } from "./_local_store.ts";
import { type Port, receiving, sending } from "./_port.ts";
import { Rendezvous } from "./_rendezvous.ts";
import type { RingState } from "./ring_bytes.ts";
import { RingStore } from "./_ring_store.ts";
import type { Reason } from "./_store.ts";
import { takeAll } from "./take_all.ts";

/** Who can use a channel: one thread, which gets the very values, or whoever shares its memory, as copies. */
export type ChannelScope = "local" | Scope;

/** Options of a {@linkcode Channel}. */
export interface ChannelOptions {
  /**
   * How many values can be inside. With 0 a send waits until its value is received.
   *
   * @default {0}
   */
  readonly capacity?: number | undefined;
  /**
   * Who can use it.
   *
   * @default {"thread"}
   */
  readonly scope?: ChannelScope | undefined;
  /** Name for people, in `Deno.inspect` and in messages. */
  readonly name?: string | undefined;
}

/** What {@linkcode Channel.tryReceive} gives: a value, or why there is none. */
export type ChannelReceiveResult<T> =
  | {
    /** There was a value. */
    readonly state: "ok";
    /** The value. */
    readonly value: T;
  }
  | {
    /** There is no value now; one may come. */
    readonly state: "empty";
  }
  | {
    /** There is no value and none comes, as the channel is closed. */
    readonly state: "closed";
  };

/** What the other side of a channel must know besides place and name. */
interface ChannelState {
  readonly capacity: number;
  readonly ring: RingState;
}

/**
 * Hands values from who sends them to who receives them, between coroutines, threads and, with
 * `scope: "process"`, processes. Without a capacity both meet: a send is done when its value is received.
 *
 * Values are copied as `structuredClone` does, but for `scope: "local"`, where they are the same.
 *
 * **Fairness:** the values of one who sends are received in their order. Coroutines of one thread are served in
 * the order in which they came. Threads and processes compete; none has a claim.
 *
 * **Backpressure:** a send waits while the channel is full.
 *
 * **Cancellation:** a wait that is aborted or times out leaves no trace. If the value was handed over at that very
 * moment, the wait succeeds.
 *
 * **Cleanup:** who dies in the middle of a send or receive may take the value in hand with it; the others go on.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @typeParam T Type of the values.
 *
 * @example Send and receive
 * ```ts
 * import { Channel } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const channel = new Channel<number>();
 * const received = Array.fromAsync(channel);
 * for (const n of [1, 2, 3]) await channel.send(n);
 * channel.close();
 *
 * assertEquals(await received, [1, 2, 3]);
 * ```
 */
export class Channel<T> extends SharedObject<ChannelScope>
  implements AsyncIterable<T>, Disposable, AsyncDisposable {
  readonly #capacity: number;
  readonly #conduit: Conduit<T>;
  /** Where the values are, if they are shared. */
  readonly #ring: { describe(): RingState } | undefined;

  static {
    registerShared<ChannelState>(Channel, "channel", (restored, { capacity, ring }) => {
      return new Channel(Object.assign(restored, { capacity, ring }));
    });
  }

  /**
   * Creates a channel that is open and empty.
   *
   * @param options Its capacity, scope and name.
   * @throws {RangeError} If `capacity` is not a whole number from 0.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(options: ChannelOptions = {}) {
    const { capacity = 0, scope = "thread" } = options;
    if (!Number.isSafeInteger(capacity) || capacity < 0) {
      throw new RangeError(
        `Cannot create a channel as its capacity is not a whole number from 0: current value is ${capacity}`,
      );
    }
    const [ownWords, storeWords] = capacity === 0
      ? [Rendezvous.words, SharedFrames.words]
      : [Lane.words, RingStore.words];
    super(
      options as { name?: string },
      () => allocate(scope === "local" ? "thread" : scope, ownWords + storeWords),
    );
    this.#capacity = capacity;
    const place = placeOf(this);
    const { memory, index } = place;
    const state = options instanceof Restored ? (options as unknown as ChannelState) : undefined;
    const storePlace = { memory, index: index + ownWords };
    const limits = { frames: capacity, bytes: Infinity };
    const verbs = { take: "Channel.receive", put: "Channel.send", name: this.name, index };
    if (scope === "local" && state === undefined) {
      this.#conduit = capacity === 0
        ? new Rendezvous(place, new LocalFrames<T>(), errors, verbs)
        : new Lane<T>(memory, index, { store: new LocalStore(capacity), errors, verbs });
    } else if (capacity === 0) {
      const frames = SharedFrames.at<T>(storePlace, state?.ring);
      this.#ring = frames;
      this.#conduit = new Rendezvous(place, frames, errors, verbs);
    } else {
      const store = RingStore.at<T>(storePlace, limits, state?.ring);
      this.#ring = store;
      this.#conduit = new Lane<T>(memory, index, { store, errors, verbs });
    }
  }

  /** Who can use it. */
  override get scope(): ChannelScope {
    return this.#ring === undefined ? "local" : super.scope;
  }

  /** How many values can be inside. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Number of values inside; always 0 without a capacity. */
  get size(): number {
    return this.#conduit.size;
  }

  /** Whether the channel is closed. */
  get closed(): boolean {
    return this.#conduit.closed;
  }

  /**
   * Sends a value, after waiting until there is room or, without a capacity, until it is received.
   *
   * @param value The value; copied at once, unless the channel is local.
   * @param options Timeout and signal of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the value cannot be cloned.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {ChannelClosedError} If the channel is closed, or is meanwhile; it has the value.
   * @throws {RangeError} If the timeout is negative or not a number, or there is no memory for the value.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  send(value: T, options: WaitOptions = {}): Promise<void> {
    return this.#conduit.put(value, options);
  }

  /**
   * Sends a value, after blocking the thread until there is room or, without a capacity, until it is received.
   *
   * @param value The value; copied at once, unless the channel is local.
   * @param options Timeout of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the value cannot be cloned.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {ChannelClosedError} If the channel is closed, or is meanwhile; it has the value.
   * @throws {RangeError} If the timeout is negative or not a number, or there is no memory for the value.
   */
  sendSync(value: T, options: Omit<WaitOptions, "signal"> = {}): void {
    this.#conduit.putSync(value, options);
  }

  /**
   * Sends a value if there is room or, without a capacity, if a `receive` waits for it, or a `select` of this
   * thread; never waits.
   *
   * @param value The value; copied at once, unless the channel is local.
   * @returns Whether it is sent; `false` also if the channel is closed.
   * @throws {DOMException} Named `DataCloneError`, if the value cannot be cloned.
   * @throws {RangeError} If there is no memory for the value.
   */
  trySend(value: T): boolean {
    try {
      return this.#conduit.tryPut(value);
    } catch (error) {
      if (error instanceof ChannelClosedError) return false;
      throw error;
    }
  }

  /**
   * Receives the first value, after waiting for one.
   *
   * @param options Timeout and signal of the wait.
   * @returns The value.
   * @throws {ChannelClosedError} If the channel is closed and empty, or is so meanwhile, and no reason was given.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first, or that of {@linkcode Channel.close}.
   */
  receive(options: WaitOptions = {}): Promise<T> {
    return this.#conduit.take(options);
  }

  /**
   * Receives the first value, after blocking the thread until there is one.
   *
   * @param options Timeout of the wait.
   * @returns The value.
   * @throws {ChannelClosedError} If the channel is closed and empty, or is so meanwhile, and no reason was given.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first, or `DataCloneError`, if the value needs
   * a module that is not loaded; it stays.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of {@linkcode Channel.close}.
   */
  receiveSync(options: Omit<WaitOptions, "signal"> = {}): T {
    return this.#conduit.takeSync(options);
  }

  /**
   * Receives the first value if there is one or, without a capacity, if somebody waits to send it; never waits. A
   * `select` that sends to several channels waits at one of them at a time.
   *
   * @returns The value, or why there is none.
   * @throws {DOMException} Named `DataCloneError`, if the value needs a module that is not loaded; it stays.
   *
   * @example Look at what is there
   * ```ts
   * import { Channel } from "@weft/concurrency/channel";
   * import { assertEquals } from "@std/assert";
   *
   * const channel = new Channel<number>({ capacity: 1 });
   * await channel.send(42);
   *
   * assertEquals(channel.tryReceive(), { state: "ok", value: 42 });
   * assertEquals(channel.tryReceive(), { state: "empty" });
   * ```
   */
  tryReceive(): ChannelReceiveResult<T> {
    // Looked at first: what is sent before the channel is closed must be seen.
    const { closed } = this;
    const taken = this.#conduit.tryTake();
    if (taken !== undefined) return { state: "ok", value: taken.value };
    return closed ? { state: "closed" } : { state: "empty" };
  }

  /**
   * Closes the channel, for all who have it: nothing can be sent any more, who waits to send is refused, and what
   * is inside can be received. Does nothing if it is closed.
   *
   * @param reason What those are thrown who receive from it then; a {@linkcode ChannelClosedError} if missing. What
   * cannot be cloned in it is replaced by its text.
   *
   * @example Tell why
   * ```ts
   * import { Channel } from "@weft/concurrency/channel";
   * import { assertRejects } from "@std/assert";
   *
   * const channel = new Channel<number>();
   * channel.close(new Error("no more numbers"));
   *
   * await assertRejects(() => channel.receive(), Error, "no more numbers");
   * ```
   */
  close(...reason: [reason?: unknown]): void {
    this.#conduit.close(reason.length === 0 ? undefined : { value: reason[0] });
  }

  /** Closes the channel. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes the channel. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * Receives the values one after the other, until the channel is closed and empty.
   *
   * @throws {unknown} The reason of {@linkcode Channel.close}, if it has one.
   */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return takeAll(() => this.receive(), (error) => errors.isEnd(error));
  }

  /**
   * Makes what one receive of `select` is done with.
   *
   * @internal
   */
  [receiving](): Port<T> {
    return this.#conduit.takePort();
  }

  /**
   * Makes what one send of `select` is done with.
   *
   * @internal
   */
  [sending](value: T): Port<void> {
    return this.#conduit.putPort(value);
  }

  /** Makes it travel as a handle on itself. */
  override [toHandle](destination: Destination | undefined): HandleForm {
    if (this.scope === "local") throw localError("channel", this.name);
    return super[toHandle](destination);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `size: ${this.size}/${this.#capacity}${this.closed ? ", closed" : ""}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return { capacity: this.#capacity, ring: this.#ring!.describe() };
  }
}

/** What was thrown at the end, for no reason; a reason can be of the same class. */
const ends = new WeakSet<Error>();

const errors: ConduitErrors = {
  full: (_value, timeout) => timeoutError(timeout!),
  empty: (timeout) => timeoutError(timeout!),
  refused: (value) => new ChannelClosedError("Cannot send as the channel is closed", value),
  ended: (reason: Reason | undefined) => {
    if (reason !== undefined) return reason.value;
    const end = new ChannelClosedError("Cannot receive as the channel is closed and empty");
    ends.add(end);
    return end;
  },
  isEnd: (error) => ends.has(error as Error),
};
