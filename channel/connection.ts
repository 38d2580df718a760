// Copyright 2026 the Weft authors. MIT license.

import { arrived, type Destination, type HandleForm, toHandle } from "../sync/handle.ts";
import { registerShared, Restored, SharedObject } from "../sync/shared_object.ts";
import type { WaitOptions } from "../sync/wait.ts";
import { checkRoom, storeMessage } from "./_bytes.ts";
import type { PollOptions, ReceiveIntoOptions } from "./connection_options.ts";
import { Hold } from "./_hold.ts";
import { PipeEnd, type PipeEndState } from "./_pipe_end.ts";
import { poll, pollSync } from "./_poll.ts";
import { type Port, receiving, sending } from "./_port.ts";
import { readableOf, writableOf } from "./_streams.ts";
import { ConnectionClosedError } from "./errors.ts";

/**
 * One end of a pipe, made by {@linkcode pipe}: it sends messages to the other end and receives what that sends.
 *
 * Messages are copied as `structuredClone` does. Each arrives whole and by itself, also an empty one; `undefined` is
 * a message.
 *
 * **Fairness:** the messages of one sender arrive in their order. Coroutines of one thread get messages in the order
 * in which they asked. Threads and processes that hold the same end compete; none has a claim.
 *
 * **Backpressure:** some megabyte can be under way in each direction. A send waits while there is no room; a message
 * that is larger passes when it is alone.
 *
 * **Cancellation:** a wait that is aborted or times out leaves no trace: its message is not sent, or none was taken.
 *
 * **Cleanup:** an end can be held by many, as an open file can be. Passing a connection to a thread or process, or
 * sending it through another one, lets the other side hold the same end, and whoever passes it still holds it. So
 * close a connection that others go on with. An end is closed when all who held it have closed it, have ended, were
 * killed, or have lost every reference to it. A handle that is under way counts as well, as long as its sender
 * lives. The other side then receives what was sent before, and after that a {@linkcode ConnectionClosedError}.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @typeParam T Type of what is sent.
 * @typeParam U Type of what is received.
 *
 * @example Ask a thread
 * ```ts
 * import { type Connection, pipe } from "@weft/concurrency/channel";
 * import { task } from "@weft/concurrency/task";
 * import { Thread } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * export const shout = task(import.meta, async (connection: Connection<string>) => {
 *   for await (const word of connection) await connection.send(word.toUpperCase());
 * });
 *
 * if (import.meta.main) {
 *   const [here, there] = pipe<string>();
 *   const thread = Thread.spawn(shout, there);
 *   there.close();
 *
 *   await here.send("hello");
 *   assertEquals(await here.receive(), "HELLO");
 *
 *   here.close();
 *   await thread.join();
 * }
 * ```
 */
export class Connection<T = unknown, U = T> extends SharedObject implements AsyncIterable<U> {
  readonly #hold: Hold;
  #readable: ReadableStream<U> | undefined;
  #writable: WritableStream<T> | undefined;

  static {
    registerShared<PipeEndState>(Connection, "connection", ({ place, name }, state) => {
      return new Connection(new Hold(PipeEnd.open(place, state), name, state.journey));
    });
  }

  /**
   * Takes an end that {@linkcode pipe} has made; nobody else can.
   *
   * @param end The end.
   * @throws {TypeError} If it is none.
   */
  constructor(end: object) {
    super(new Restored(holdOf(end).end.place, holdOf(end).name), 0);
    this.#hold = holdOf(end);
  }

  /** Whether it was closed, here. */
  get closed(): boolean {
    return this.#hold.closed;
  }

  /**
   * Sends a message, after waiting for room.
   *
   * @param value The message; copied at once.
   * @param options Timeout and signal of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the message cannot be cloned; named `TimeoutError`, if the time
   * is over first.
   * @throws {ConnectionClosedError} If nobody holds the other end, this one is closed, or that happens meanwhile; it
   * has the message as `value`.
   * @throws {TypeError} If the connection only receives.
   * @throws {RangeError} If the timeout is negative or not a number, or there is no memory for the message.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async send(value: T, options: WaitOptions = {}): Promise<void> {
    await this.#hold.sender(value).put(value, options);
  }

  /**
   * Sends a message, after blocking the thread until there is room; throws what {@linkcode Connection.send} does.
   *
   * @param value The message; copied at once.
   * @param options Timeout of the wait.
   */
  sendSync(value: T, options: Omit<WaitOptions, "signal"> = {}): void {
    this.#hold.sender(value).putSync(value, options);
  }

  /**
   * Receives the next message, after waiting for one.
   *
   * @param options Timeout and signal of the wait.
   * @returns The message.
   * @throws {ConnectionClosedError} If there is none and nobody can send one any more, this connection is closed, or
   * that happens meanwhile.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {TypeError} If the connection only sends.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async receive(options: WaitOptions = {}): Promise<U> {
    const value = await this.#hold.receiver().take(options) as U;
    this.#hold.hear();
    return value;
  }

  /**
   * Receives the next message, after blocking the thread until there is one; throws what
   * {@linkcode Connection.receive} does.
   *
   * @param options Timeout of the wait.
   * @returns The message.
   */
  receiveSync(options: Omit<WaitOptions, "signal"> = {}): U {
    const value = this.#hold.receiver().takeSync(options) as U;
    this.#hold.hear();
    return value;
  }

  /**
   * Receives a message that is bytes (an `ArrayBuffer`, or an array or view over one) into a buffer.
   *
   * @param buffer Where the bytes go.
   * @param options From where on; timeout and signal of the wait.
   * @returns Number of bytes received.
   * @throws {BufferTooShortError} If they are more than there is room for; it has the whole message as `value`.
   * @throws {NotBytesError} If the message is something else; it has the message as `value`.
   * @throws {RangeError} If the offset is not within the buffer, or the timeout is negative or not a number.
   * @throws {TypeError} If the buffer is not a `Uint8Array`, or the connection only sends.
   * @throws {ConnectionClosedError} If there is none and nobody can send one any more, this connection is closed, or
   * that happens meanwhile.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   *
   * @example Use a buffer again and again
   * ```ts
   * import { pipe } from "@weft/concurrency/channel";
   * import { assertEquals } from "@std/assert";
   *
   * const [here, there] = pipe<Uint8Array>();
   * await here.send(new Uint8Array([1, 2, 3]));
   *
   * const buffer = new Uint8Array(8);
   * const length = await there.receiveInto(buffer, { offset: 2 });
   * assertEquals(buffer.subarray(0, 2 + length), new Uint8Array([0, 0, 1, 2, 3]));
   * ```
   */
  async receiveInto(buffer: Uint8Array, options: ReceiveIntoOptions = {}): Promise<number> {
    const room = checkRoom(buffer, options.offset);
    return storeMessage(await this.receive(options), room);
  }

  /**
   * Receives a message that is bytes into a buffer, after blocking the thread until there is one; throws what
   * {@linkcode Connection.receiveInto} does.
   *
   * @param buffer Where the bytes go.
   * @param options From where on; timeout of the wait.
   * @returns Number of bytes received.
   */
  receiveIntoSync(buffer: Uint8Array, options: Omit<ReceiveIntoOptions, "signal"> = {}): number {
    const room = checkRoom(buffer, options.offset);
    return storeMessage(this.receiveSync(options), room);
  }

  /**
   * Tells whether a receive need not wait: there is a message, or none comes any more. Does not wait either, unless
   * it is given a timeout.
   *
   * @param options Timeout and signal of the wait.
   * @returns Whether it is so, now or in time.
   * @throws {ConnectionClosedError} If this connection is closed.
   * @throws {TypeError} If the connection only sends.
   * @throws {RangeError} If the timeout is not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async poll(options: PollOptions = {}): Promise<boolean> {
    return await poll(this.#hold, options);
  }

  /**
   * Tells whether a receive need not wait, as {@linkcode Connection.poll} does; blocks the thread if it is given a
   * timeout.
   *
   * @param options Timeout of the wait.
   * @returns Whether it is so, now or in time.
   */
  pollSync(options: Omit<PollOptions, "signal"> = {}): boolean {
    return pollSync(this.#hold, options);
  }

  /**
   * What is received, as a stream; the same one each time. It takes a message only when it is read. It ends when
   * nobody can send any more. Cancelling it shuts down this direction, for all who hold either end.
   *
   * @throws {TypeError} If the connection only sends.
   */
  get readable(): ReadableStream<U> {
    const hold = this.#hold;
    const lane = hold.incoming ?? hold.receiver();
    return this.#readable ??= readableOf<U>({
      receive: (options) => this.receive(options),
      finish: () => hold.finish(lane),
    });
  }

  /**
   * A stream that sends what is written to it; the same one each time. Closing or aborting it shuts down this
   * direction, for all who hold either end: the other side receives what was sent before, and then no more.
   *
   * @throws {TypeError} If the connection only receives.
   *
   * @example Let a stream pass through a thread
   * ```ts
   * import { type Connection, pipe } from "@weft/concurrency/channel";
   * import { task } from "@weft/concurrency/task";
   * import { Thread } from "@weft/concurrency/thread";
   * import { assertEquals } from "@std/assert";
   *
   * export const square = task(import.meta, async (connection: Connection<number>) => {
   *   for await (const n of connection) await connection.send(n * n);
   * });
   *
   * if (import.meta.main) {
   *   const [here, there] = pipe<number>();
   *   const thread = Thread.spawn(square, there);
   *   there.close();
   *
   *   const squares = ReadableStream.from([1, 2, 3]).pipeThrough(here);
   *   assertEquals(await Array.fromAsync(squares), [1, 4, 9]);
   *   await thread.join();
   * }
   * ```
   */
  get writable(): WritableStream<T> {
    const hold = this.#hold;
    const lane = hold.outgoing ?? hold.sender();
    return this.#writable ??= writableOf<T>({
      send: (value, options) => this.send(value, options),
      finish: () => hold.finish(lane),
    });
  }

  /**
   * Closes the connection, here: others who hold the same end go on. Whoever waits at it is thrown a
   * {@linkcode ConnectionClosedError}. Does nothing if it is closed.
   */
  close(): void {
    this.#hold.close();
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * Receives the messages one after the other, until nobody can send any more.
   *
   * @throws {ConnectionClosedError} If this connection is closed at the start.
   * @throws {TypeError} If the connection only sends.
   */
  async *[Symbol.asyncIterator](): AsyncIterator<U> {
    this.#hold.receiver();
    for (;;) {
      let value: U;
      try {
        value = await this.receive();
      } catch (error) {
        if (error instanceof ConnectionClosedError) return;
        throw error;
      }
      yield value;
    }
  }

  /**
   * Makes what one receive of `select` is done with.
   *
   * @internal
   */
  [receiving](): Port<U> {
    return this.#hold.receiver().takePort() as Port<U>;
  }

  /**
   * Makes what one send of `select` is done with.
   *
   * @internal
   */
  [sending](value: T): Port<void> {
    return this.#hold.sender(value).putPort(value);
  }

  /**
   * Makes it travel as a handle on the same end.
   *
   * @throws {DOMException} Named `DataCloneError`, if it is closed or cannot get there.
   * @throws {RangeError} If too many such handles are under way.
   */
  override [toHandle](destination: Destination | undefined): HandleForm {
    if (this.closed) {
      const what = `connection ${this.name ?? ""}`.trim();
      throw new DOMException(`Cannot clone ${what} as it is closed`, "DataCloneError");
    }
    const { kind, state } = super[toHandle](destination);
    const { journey, passage } = this.#hold.end.depart(destination);
    return { kind, state: { ...state as object, journey }, passage };
  }

  /**
   * Takes over from the handle that has brought it.
   *
   * @internal
   */
  [arrived](complete: boolean): void {
    const { end, journey } = this.#hold;
    if (!complete) this.close();
    else if (journey !== undefined) end.arrive(journey);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    const { incoming, outgoing, end } = this.#hold;
    const direction = incoming === undefined ? "sends" : outgoing === undefined ? "receives" : "";
    const waiting = incoming === undefined ? "" : `messages: ${incoming.size}`;
    const open = end.otherGone ? "the other end is closed" : "open";
    const state = this.closed ? "closed" : open;
    return [direction, waiting, state].filter((part) => part !== "").join(", ");
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return this.#hold.end.describe();
  }
}

function holdOf(end: object): Hold {
  if (end instanceof Hold) return end;
  throw new TypeError("Cannot create one end of a pipe: call pipe() to get both");
}
