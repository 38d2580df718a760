// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects } from "@std/assert";
import { QueueEmptyError, QueueFullError } from "../../channel/mod.ts";
import { spawn } from "../../coroutine/mod.ts";
import type { DefineTest } from "./_broker_cases.ts";

/** Defines tests of how items come and go. */
export function testFlow(test: DefineTest): void {
  test(".get() gives the items in the order in which they were put", async (make) => {
    const [put, get] = [make(), make()];
    for (let i = 0; i < 20; i++) await put.put(i);
    await Promise.all(Array.from({ length: 20 }, (_, i) => put.put(20 + i)));

    for (let i = 0; i < 40; i++) {
      assertEquals(await get.get(), i);
      await get.taskDone();
    }
    assertEquals([await put.size, await put.isEmpty], [0, true]);
  });

  test(".get() serves those who wait in their order", async (make) => {
    const [put, get] = [make(), make()];
    const waits = [0, 1, 2].map(() => get.get());

    for (const item of [0, 1, 2]) await put.put(item);

    assertEquals(await Promise.all(waits), [0, 1, 2]);
  });

  test(".get() takes nothing when its time is over", async (make) => {
    const queue = make();
    await assertRejects(() => queue.get({ timeout: 20 }), QueueEmptyError, "20 ms");
    await assertRejects(() => queue.get({ timeout: 0 }), QueueEmptyError);
    await assertRejects(() => queue.get({ timeout: -1 }), RangeError);
    await queue.put(1);

    assertEquals(await queue.get({ timeout: 60_000 }), 1);
  });

  test(".get() takes nothing when its signal aborts", async (make) => {
    const queue = make();
    await assertRejects(() => queue.get({ signal: AbortSignal.abort("early") }));
    const controller = new AbortController();
    const waits = [queue.get(), queue.get({ signal: controller.signal }), queue.get()];
    const reason = new Error("enough");

    controller.abort(reason);
    assertEquals(await waits[1]!.catch((error) => error), reason);
    await queue.put(1);
    await queue.put(2);

    assertEquals([await waits[0], await waits[2]], [1, 2]);
  });

  test(".get() takes nothing in a coroutine that is cancelled", async (make) => {
    const queue = make();
    const coroutine = spawn(function* () {
      yield queue.get();
    });
    const other = queue.get();
    await new Promise((resolve) => setTimeout(resolve));

    coroutine.cancel();
    await assertRejects(() => coroutine.join());
    await queue.put(1);

    assertEquals(await other, 1);
  });

  test(".get() of another handle has an item that came for a get that had ended", async (make) => {
    const [early, late] = [make(), make()];
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const get = early.get({ signal: controller.signal });
      // Before, while and after the item is on its way.
      const put = late.put(i);
      if (i % 2 === 0) await put;
      controller.abort();
      const item = await get.catch(() => undefined);
      await put;
      if (item === undefined) assertEquals(await late.get(), i);
      else assertEquals(item, i);
    }
    assertEquals(await late.size, 0);
  });

  test(".get() leaves to others what is not asked for", async (make) => {
    const [first, second] = [make(), make()];
    for (let i = 0; i < 10; i++) await first.put(i);

    assertEquals(await first.get(), 0);

    for (let i = 1; i < 10; i++) assertEquals(await second.getNowait(), i);
  });

  test(".get() leaves to others what is not asked for when some were given back", async (make) => {
    const [first, second, third] = [make(), make(), make()];
    for (let i = 0; i < 6; i++) await first.put(i);
    for (let i = 0; i < 3; i++) await first.get();
    await first[Symbol.asyncDispose]();

    const items = [await second.get()];
    for (let i = 0; i < 5; i++) items.push(await third.getNowait());

    assertEquals(items.sort(), [0, 1, 2, 3, 4, 5]);
  });

  test(".get() gives many items before any is acknowledged", async (make) => {
    const queue = make();
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    await Promise.all(numbers.map((i) => queue.put(i)));

    for (const i of numbers.slice(0, 150)) assertEquals(await queue.get(), i);
    assertEquals(await Promise.all(numbers.slice(150).map(() => queue.get())), numbers.slice(150));
    for (const i of numbers.toReversed()) await queue.taskDone(i);

    await queue.join();
  });

  test(" shares its items among all who get", async (make) => {
    const count = 1000;
    const put = make();
    const items: number[] = [];
    const consumers = [make(), make({ prefetch: 10 }), make()].map(async (queue) => {
      for await (const item of queue) {
        items.push(item);
        await queue.taskDone(item);
        if (items.length === count) stop();
      }
    });
    const { promise: all, resolve: stop } = Promise.withResolvers<void>();
    const puts = Array.from({ length: count }, (_, i) => put.put(i));
    await Promise.all([...puts, all]);
    await put.join();

    assertEquals(items.toSorted((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
    void consumers;
  });

  test(".put() waits while the queue is full, in the order of the puts", async (make) => {
    const queue = make({ maxSize: 2 });
    let put = 0;
    const puts = Array.from({ length: 8 }, (_, i) => queue.put(i).then(() => put++));
    await puts[1];
    assertEquals([await queue.size, await queue.isFull, queue.maxSize], [2, true, 2]);
    assertEquals(put, 2);

    for (let i = 0; i < 8; i++) assertEquals(await queue.get(), i);
    await Promise.all(puts);

    assertEquals([await queue.size, await queue.isFull], [0, false]);
  });

  test(".put() puts nothing when its time is over or its signal aborts", async (make) => {
    const queue = make({ maxSize: 1 });
    await queue.put(0);
    const controller = new AbortController();
    const late = assertRejects(() => queue.put(1, { timeout: 30 }), QueueFullError, "30 ms");
    const aborted = assertRejects(() => queue.put(2, { signal: controller.signal }), Error, "no");
    const refused = assertRejects(() => queue.put(3, { timeout: 0 }), QueueFullError);
    const last = queue.put(4);

    assertEquals([(await late).value, (await refused).value], [1, 3]);
    controller.abort(new Error("no"));
    await aborted;

    assertEquals(await queue.get(), 0);
    await last;
    assertEquals([await queue.get(), await queue.size], [4, 0]);
  });

  test(".putNowait() and getNowait() do not wait", async (make) => {
    const queue = make<string>({ maxSize: 1 });
    await assertRejects(() => queue.getNowait(), QueueEmptyError);
    await queue.putNowait("a");
    const error = await assertRejects(() => queue.putNowait("b"), QueueFullError);

    assertEquals(error.value, "b");
    assertEquals(await queue.getNowait(), "a");
    await queue.putNowait("c");
  });
}
