// Copyright 2026 the Weft authors. MIT license.

import { registerError } from "./_errors.ts";

/**
 * Rejects a put for which a queue has no room, at once or in time.
 *
 * @example Take the item back
 * ```ts
 * import { Queue, QueueFullError } from "@weft/concurrency/channel";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const queue = new Queue<string>({ maxSize: 1 });
 * queue.putNowait("a");
 * const error = assertThrows(() => queue.putNowait("b"), QueueFullError);
 * assertEquals(error.value, "b");
 * ```
 */
export class QueueFullError extends Error {
  /** Always `"QueueFullError"`. */
  override readonly name = "QueueFullError";
  /** The item that was not taken. */
  readonly value: unknown;

  /**
   * Creates the error of an item.
   *
   * @param message What happened.
   * @param value The item.
   */
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Rejects a get for which a queue has no item, at once or in time.
 *
 * @example Look whether there is an item
 * ```ts
 * import { Queue, QueueEmptyError } from "@weft/concurrency/channel";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => new Queue().getNowait(), QueueEmptyError);
 * ```
 */
export class QueueEmptyError extends Error {
  /** Always `"QueueEmptyError"`. */
  override readonly name = "QueueEmptyError";
}

/**
 * Rejects a put into a queue that is closed, and a get from one that is closed and empty.
 *
 * @example Put into a queue that is closed
 * ```ts
 * import { Queue, QueueClosedError } from "@weft/concurrency/channel";
 * import { assertThrows } from "@std/assert";
 *
 * const queue = new Queue<number>();
 * queue.close();
 * assertThrows(() => queue.putNowait(1), QueueClosedError);
 * ```
 */
export class QueueClosedError extends Error {
  /** Always `"QueueClosedError"`. */
  override readonly name = "QueueClosedError";
  /** The item that was not taken, of a put. */
  readonly value: unknown;

  /**
   * Creates the error, of an item if it is that of a put.
   *
   * @param message What happened.
   * @param value The item.
   */
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Rejects a send on a channel that is closed, and a receive from one that is closed and empty.
 *
 * @example Take the value back
 * ```ts
 * import { Channel, ChannelClosedError } from "@weft/concurrency/channel";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const channel = new Channel<number>();
 * channel.close();
 * const error = await assertRejects(() => channel.send(1), ChannelClosedError);
 * assertEquals(error.value, 1);
 * ```
 */
export class ChannelClosedError extends Error {
  /** Always `"ChannelClosedError"`. */
  override readonly name = "ChannelClosedError";
  /** The value that was not sent, of a send. */
  readonly value: unknown;

  /**
   * Creates the error, of a value if it is that of a send.
   *
   * @param message What happened.
   * @param value The value.
   */
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Rejects a send to an end of a pipe that nobody holds, a receive when nothing comes any more, and every use of a
 * connection that is closed.
 *
 * @example Send what nobody can receive
 * ```ts
 * import { ConnectionClosedError, pipe } from "@weft/concurrency/channel";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [here, there] = pipe<string>();
 * there.close();
 * const error = assertThrows(() => here.sendSync("a"), ConnectionClosedError);
 * assertEquals(error.value, "a");
 * ```
 */
export class ConnectionClosedError extends Error {
  /** Always `"ConnectionClosedError"`. */
  override readonly name = "ConnectionClosedError";
  /** The message that was not sent, of a send. */
  readonly value: unknown;

  /**
   * Creates the error, of a message if it is that of a send.
   *
   * @param message What happened.
   * @param value The message that was not sent.
   */
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Rejects a receive into a buffer that has no room for the message, which was taken.
 *
 * @example Take the message all the same
 * ```ts
 * import { BufferTooShortError, pipe } from "@weft/concurrency/channel";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [here, there] = pipe<Uint8Array>();
 * here.sendSync(new Uint8Array([1, 2, 3]));
 * const error = assertThrows(() => there.receiveIntoSync(new Uint8Array(2)), BufferTooShortError);
 * assertEquals(error.value, new Uint8Array([1, 2, 3]));
 * ```
 */
export class BufferTooShortError extends Error {
  /** Always `"BufferTooShortError"`. */
  override readonly name = "BufferTooShortError";
  /** The whole message. */
  readonly value: unknown;

  /**
   * Creates the error of a message.
   *
   * @param message What happened.
   * @param value The message that was received.
   */
  constructor(message: string, value: unknown) {
    super(message);
    this.value = value;
  }
}

/**
 * Rejects a receive into a buffer if the message, which was taken, is not bytes.
 *
 * @example Take the message all the same
 * ```ts
 * import { NotBytesError, pipe } from "@weft/concurrency/channel";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const [here, there] = pipe<string>();
 * here.sendSync("hello");
 * const error = assertThrows(() => there.receiveIntoSync(new Uint8Array(8)), NotBytesError);
 * assertEquals(error.value, "hello");
 * ```
 */
export class NotBytesError extends TypeError {
  /** Always `"NotBytesError"`. */
  override readonly name = "NotBytesError";
  /** The message. */
  readonly value: unknown;

  /**
   * Creates the error of a message.
   *
   * @param message What happened.
   * @param value The message that was received.
   */
  constructor(message: string, value: unknown) {
    super(message);
    this.value = value;
  }
}

const errorClasses = [
  QueueFullError,
  QueueEmptyError,
  QueueClosedError,
  ChannelClosedError,
  ConnectionClosedError,
  BufferTooShortError,
  NotBytesError,
];
for (const errorClass of errorClasses) registerError(errorClass);
