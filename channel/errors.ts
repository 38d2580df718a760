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

  /** Creates the error of an item. */
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

  /** Creates the error, of an item if it is that of a put. */
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

  /** Creates the error, of a value if it is that of a send. */
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

for (const errorClass of [QueueFullError, QueueEmptyError, QueueClosedError, ChannelClosedError]) {
  registerError(errorClass);
}
