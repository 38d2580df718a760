// Copyright 2026 the Weft authors. MIT license.

/**
 * Queues, channels and pipes that carry values between coroutines, threads and, with `scope: "process"`, processes.
 * They work in shared memory alone, with no event loop in between, and travel as handles anywhere inside the
 * arguments of a thread or process, or through each other.
 *
 * A {@linkcode Queue} or {@linkcode Channel} is for many who send and many who receive. A {@linkcode pipe} is for
 * two who talk to each other, and each learns when the other has gone.
 *
 * | to                                             | take                       |
 * | ---------------------------------------------- | -------------------------- |
 * | hand out work, and wait until it is done       | {@linkcode Queue}          |
 * | the same, the latest or the most urgent first  | {@linkcode LifoQueue}, {@linkcode PriorityQueue} |
 * | go on only when the other side has the value   | {@linkcode Channel}        |
 * | ask and answer, and see that the other is gone | {@linkcode pipe}           |
 * | wait for several of them at once               | {@linkcode select}         |
 *
 * A wait takes `{ timeout, signal }`, the timeout in milliseconds. When the time is over, a queue rejects a put with a
 * {@linkcode QueueFullError} and a get with a {@linkcode QueueEmptyError}, other waits with a `DOMException` named
 * `TimeoutError` (`poll` tells `false`); an abort rejects with the reason of the signal. Nothing was put or taken then.
 *
 * @example Put and get
 * ```ts
 * import { Queue } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new Queue<string>();
 * await queue.put("a");
 *
 * assertEquals(await queue.get(), "a");
 * ```
 *
 * @module
 */

export * from "./channel.ts";
export * from "./connection.ts";
export type * from "./connection_options.ts";
export * from "./errors.ts";
export * from "./lifo_queue.ts";
export * from "./pipe.ts";
export * from "./priority_queue.ts";
export * from "./queue.ts";
export * from "./select.ts";
