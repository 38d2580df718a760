// Copyright 2026 the Weft authors. MIT license.

// What every queue at a broker does, whichever broker it is.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { BrokerQueueOptions } from "../../cluster/broker_options.ts";
import { type BrokerCase, prepareTests } from "./_broker_cases.ts";
import { testEnds } from "./_broker_ends.ts";
import { testFlow } from "./_broker_flow.ts";
import { testFormats } from "./_broker_formats.ts";
import { freePort } from "./_ports.ts";

export type { BrokerCase, BrokerServer, Maker, Rest } from "./_broker_cases.ts";

/** Defines the tests of one class of queues. */
export function testBroker(broker: BrokerCase): void {
  const { name: kind } = broker;
  const test = prepareTests(broker);
  testFlow(test);
  testFormats(test);
  testEnds(kind, test);

  Deno.test(`${kind} rejects when no server is there in time`, async () => {
    const url = `${broker.protocol}//user:secret@127.0.0.1:${freePort()}`;
    await using queue = broker.make("test", { url, connectTimeout: 200 });

    const waits = [queue.put(1), queue.get(), queue.getNowait(), queue.size, queue.join()];
    for (const end of await Promise.allSettled(waits)) {
      assert(end.status === "rejected");
      const error = end.reason as Error;
      assert(error.message.includes("within 200 ms"), `${error}`);
      assert(error.cause instanceof Error);
      assert(!error.message.includes("secret") && error.message.includes("127.0.0.1"));
    }
    const closed = assertRejects(() => queue.put(1));
    await queue.close();
    await closed;
  });

  Deno.test(`new ${kind}() refuses what cannot be a queue`, () => {
    const url = `${broker.protocol}//127.0.0.1`;
    const make = (name: unknown, options: unknown) => () => {
      broker.make(name as string, options as BrokerQueueOptions);
    };
    assertThrows(make("", { url }), TypeError, "name");
    assertThrows(make(1, { url }), TypeError, "name");
    assertThrows(make("a", { url: "http://u:secret@x" }), TypeError, "***");
    assertThrows(make("a", { url: "nowhere" }), TypeError, "url");
    assertThrows(make("a", {}), TypeError, "url");
    assertThrows(make("a", { url, format: "xml" }), TypeError, "format");
    for (const bad of [-1, 1.5, NaN, "1"]) {
      assertThrows(make("a", { url, maxSize: bad }), RangeError, "maxSize");
      assertThrows(make("a", { url, prefetch: bad }), RangeError, "prefetch");
    }
    for (const bad of [0, -1, NaN, Infinity, "1"]) {
      assertThrows(make("a", { url, connectTimeout: bad }), RangeError, "connectTimeout");
      assertThrows(make("a", { url, backoff: { min: bad } }), RangeError, "backoff.min");
    }
    assertThrows(make("a", { url, backoff: { min: 9, max: 8 } }), RangeError, "backoff.max");
  });
}

/** Defines a test with much to carry, after which a client may be busy for a while: for a file of its own. */
export function testLargeItems(broker: BrokerCase): void {
  const test = prepareTests(broker);

  test(" carries 5,000 items, and items of 1 MiB", async (make) => {
    const [put, get] = [make<unknown>(), make<unknown>({ prefetch: 100 })];
    const large = crypto.getRandomValues(new Uint8Array(65_536));
    const bytes = new Uint8Array(1 << 20).map((_, i) => large[i % 65_521]!);
    const puts = Array.from({ length: 5000 }, (_, i) => put.put(i));
    for (let i = 0; i < 3; i++) puts.push(put.put(bytes));

    const dones = [];
    for (let i = 0; i < 5000; i++) {
      assertEquals(await get.get(), i);
      dones.push(get.taskDone(i));
    }
    for (let i = 0; i < 3; i++) assertEquals(await get.get(), bytes);
    await Promise.all([...puts, ...dones]);
    for (let i = 0; i < 3; i++) await get.taskDone();

    await put.join();
  }, { sanitizeOps: false, sanitizeResources: false });
}
