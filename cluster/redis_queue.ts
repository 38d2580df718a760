// Copyright 2026 the Weft authors. MIT license.

import { type BrokerQueueOptions, checkOptions, checkTime } from "./broker_options.ts";
import { BrokerQueue } from "./broker_queue.ts";
import { LateDriver } from "./_late_driver.ts";

/** Options of a {@linkcode RedisQueue}. */
export interface RedisQueueOptions extends BrokerQueueOptions {
  /**
   * Milliseconds for which a program that got items counts as alive without a sign of life; it gives one three times
   * as often. So long does it take until others get the items of a program that was killed, and a program that blocks
   * its thread for longer loses those that it has.
   *
   * @default {30000}
   */
  readonly leaseTime?: number | undefined;
}

const kind = { name: "RedisQueue", protocols: ["redis:", "rediss:"] };

/**
 * Carries items between programs on any machines through a Redis server, first in, first out: the asynchronous part of
 * a `Queue`. All handles with the same name on the same server are one queue.
 *
 * An item that was got belongs to who got it until `taskDone` says that it is done. If the program ends before, or the
 * handle is disposed of, it is delivered again: at least once, and exactly once as long as nobody dies and no lease
 * runs out.
 *
 * The first operation connects. An outage is waited out: puts and gets that wait go on after it, and no item is put
 * twice because of it. An open handle keeps the program running; {@linkcode RedisQueue.close} it, or use
 * `await using`.
 *
 * **Fairness:** the items of one handle come out in the order of its puts, but those that were given back come first.
 * Gets of one handle are served in their order, and handles that wait in about that of their gets.
 *
 * **Backpressure:** with a `maxSize` a put waits while so many items wait in the queue.
 *
 * **Cancellation:** a get that is aborted or times out takes nothing; a put neither, unless it was sent already.
 *
 * **Cleanup:** what a program that was killed had is delivered to others after `leaseTime`.
 *
 * **Runtime:** needs Redis 6.2 or newer, `npm:ioredis`, `--allow-net` for the server and `--allow-env`. Items last as
 * well as the server keeps its data: with `appendfsync always` what was put is there after any crash. In Redis a queue is
 * the stream `weft:queue:{NAME}` with the consumer group `weft`; with the format `"json"` each entry has the field
 * `value`, which any program can write with `XADD`. What cannot be read is moved to `weft:queue:{NAME}:dead`.
 *
 * @typeParam T Type of the items.
 *
 * @example Put and get
 * ```ts ignore
 * // Needs a server.
 * import { RedisQueue } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * await using queue = new RedisQueue<string>("letters", { url: "redis://127.0.0.1:6379" });
 * await queue.put("a");
 *
 * const item = await queue.get();
 * assertEquals(item, "a");
 * await queue.taskDone(item);
 * ```
 *
 * @experimental
 */
export class RedisQueue<T> extends BrokerQueue<T> {
  /**
   * Creates a handle on a queue; does not connect.
   *
   * @param name Name of the queue on the server.
   * @param options Where the server is, and how to work with it.
   * @throws {TypeError} If the name is not a string or empty, the URL is none with `redis:` or `rediss:`, or the format
   * is unknown.
   * @throws {RangeError} If a number is out of its range.
   *
   * @example Refuse what cannot be one
   * ```ts
   * import { RedisQueue } from "@weft/concurrency/cluster";
   * import { assertThrows } from "@std/assert";
   *
   * assertThrows(() => new RedisQueue("letters", { url: "http://127.0.0.1" }), TypeError, "redis://");
   * ```
   */
  constructor(name: string, options: RedisQueueOptions) {
    const settings = checkOptions(name, options, kind);
    const { leaseTime = 30_000 } = options;
    checkTime(kind, "leaseTime", leaseTime, 100);
    super(settings, (events) =>
      new LateDriver(async () => {
        const { RedisDriver } = await import("./_redis_driver.ts");
        return new RedisDriver(settings, leaseTime, events);
      }));
  }
}
