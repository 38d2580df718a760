// Copyright 2026 the Weft authors. MIT license.

import { type BrokerQueueOptions, checkOptions, checkTime } from "./broker_options.ts";
import { BrokerQueue } from "./broker_queue.ts";
import { LateDriver } from "./_late_driver.ts";

/** Options of an {@linkcode AmqpQueue}. */
export interface AmqpQueueOptions extends BrokerQueueOptions {
  /**
   * Milliseconds, of which AMQP knows whole seconds, after which client and server give each other a sign of life; the
   * server may want them more often. Who gives none for twice as long counts as gone: so long does it take until
   * others get the items of a machine that was cut off, and a program that blocks its thread for longer loses those
   * that it has. A program that was killed on a machine that works is noticed at once.
   *
   * @default {30000}
   */
  readonly heartbeat?: number | undefined;
}

const kind = { name: "AmqpQueue", protocols: ["amqp:", "amqps:"] };

/** The most bytes that a name of AMQP can have. */
const longestName = 255;

/**
 * Carries items between programs on any machines through a server of AMQP 0-9-1, as RabbitMQ, first in, first out: the
 * asynchronous part of a `Queue`. All handles with the same name on the same server are one queue.
 *
 * An item that was got belongs to who got it until `taskDone` says that it is done. If the program ends before, or the
 * handle is disposed of, it is delivered again. It is so, too, if the connection is lost meanwhile, or the server
 * crashes just after `taskDone`; and an item is put twice if the connection is lost before the server has confirmed
 * it. So each is delivered at least once, and more than once only after an outage.
 *
 * The first operation connects. An outage is waited out: puts and gets that wait go on after it. An open handle keeps
 * the program running; {@linkcode AmqpQueue.close} it, or use `await using`.
 *
 * AMQP does not tell what other programs have in hand: {@linkcode AmqpQueue.join} waits until the queue is empty and all
 * that *this handle* got is done.
 *
 * **Fairness:** the items of one handle come out in the order of its puts, but those that were given back come first.
 * Gets of one handle are served in their order; handles take turns.
 *
 * **Backpressure:** with a `maxSize` a put waits while so many items wait in the queue. A queue that was created without
 * that limit can exceed it when several handles put at the same time.
 *
 * **Cancellation:** a get that is aborted or times out takes nothing; a put neither, unless it was sent already.
 *
 * **Cleanup:** what a program that was killed had is delivered to others at once; see
 * {@linkcode AmqpQueueOptions.heartbeat} for one that cannot be reached. RabbitMQ takes an item back that is not done
 * after 30 minutes, unless its `consumer_timeout` says otherwise; all that the handle has is delivered again then.
 *
 * **Runtime:** needs RabbitMQ 3.8 or newer, `npm:amqplib`, and `--allow-net` for the server. The queue is a durable one
 * of the default exchange, and the items are persistent; one that exists is used as it is, but it must be a classic one
 * to be got from. With the format `"json"` the body of each message is JSON text, which any program can write and
 * read. What cannot be read is rejected, so that it goes to the dead-letter exchange of the queue if it has one.
 *
 * @typeParam T Type of the items.
 *
 * @example Put and get
 * ```ts ignore
 * // Needs a server.
 * import { AmqpQueue } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * await using queue = new AmqpQueue<string>("letters", { url: "amqp://127.0.0.1" });
 * await queue.put("a");
 *
 * const item = await queue.get();
 * assertEquals(item, "a");
 * await queue.taskDone(item);
 * ```
 *
 * @experimental
 */
export class AmqpQueue<T> extends BrokerQueue<T> {
  /**
   * Creates a handle on a queue; does not connect.
   *
   * @param name Name of the queue on the server; at most 255 bytes of UTF-8.
   * @param options Where the server is, and how to work with it.
   * @throws {TypeError} If the name is not a string or empty, the URL is none with `amqp:` or `amqps:`, or the format is
   * unknown.
   * @throws {RangeError} If a number is out of its range, or the name is too long.
   *
   * @example Refuse what cannot be one
   * ```ts
   * import { AmqpQueue } from "@weft/concurrency/cluster";
   * import { assertThrows } from "@std/assert";
   *
   * assertThrows(() => new AmqpQueue("letters", { url: "http://127.0.0.1" }), TypeError, "amqp://");
   * ```
   */
  constructor(name: string, options: AmqpQueueOptions) {
    const settings = checkOptions(name, options, kind);
    const { heartbeat = 30_000 } = options;
    checkTime(kind, "heartbeat", heartbeat, 1000);
    const { length } = new TextEncoder().encode(name);
    if (length > longestName) {
      throw new RangeError(
        `Cannot create an AmqpQueue as its name has more than ${longestName} bytes: current value is ${length}`,
      );
    }
    const seconds = Math.min(Math.ceil(heartbeat / 1000), 0xffff);
    super(settings, (events) =>
      new LateDriver(async () => {
        const { AmqpDriver } = await import("./_amqp_driver.ts");
        return new AmqpDriver({ ...settings, heartbeat: seconds }, events);
      }));
  }
}
