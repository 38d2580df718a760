// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { QueueClosedError, QueueFullError } from "../../channel/mod.ts";
import { joinAll, spawn } from "../../coroutine/mod.ts";
import type { DefineTest } from "./_broker_cases.ts";

/** Defines tests of how work, and handles, end. */
export function testEnds(kind: string, test: DefineTest): void {
  test(".taskDone() acknowledges the item that is named", async (make) => {
    const [first, second] = [make<{ id: number } | string>(), make<{ id: number } | string>()];
    const items = [{ id: 0 }, { id: 1 }, "x", "x", { id: 4 }];
    for (const item of items) await first.put(item);
    const got: unknown[] = [];
    for (const _ of items) got.push(await first.get());

    await first.taskDone(got[1] as string);
    await first.taskDone("x");
    await assertRejects(() => first.taskDone(got[1] as string), RangeError);
    await assertRejects(() => first.taskDone({ id: 0 }), RangeError);
    await first[Symbol.asyncDispose]();

    const rest = [];
    for (let i = 0; i < 3; i++) rest.push(await second.get());
    assertEquals(rest, [{ id: 0 }, "x", { id: 4 }]);
    assertEquals(await second.size, 0);
  });

  test(".taskDone() acknowledges the oldest item of the coroutine that calls", async (make) => {
    const [first, second] = [make(), make()];
    for (let i = 0; i < 6; i++) await first.put(i);
    const got: number[][] = [];
    const coroutines = [0, 1, 2].map((i) =>
      spawn(function* () {
        got[i] = [yield* ask(), yield* ask()];
        if (i === 1) yield first.taskDone();
      })
    );
    function* ask(): Generator<unknown, number, number> {
      return yield first.get();
    }
    await joinAll(coroutines);
    await first[Symbol.asyncDispose]();

    const rest = [];
    for (let i = 0; i < 5; i++) rest.push(await second.get());
    const expected = got.flat().filter((item) => item !== got[1]![0]);
    assertEquals(rest.sort(), expected.sort());
    assertEquals(await second.size, 0);
  });

  test(".taskDone() without an item in hand is refused", async (make) => {
    const queue = make();
    await assertRejects(() => queue.taskDone(), RangeError);
    await queue.put(1);
    await queue.get();
    await queue.taskDone();

    await assertRejects(() => queue.taskDone(), RangeError);
  });

  test(".join() waits until all that was put is done", async (make) => {
    const [put, get] = [make(), make()];
    await put.join();
    await put.put(1);
    await put.put(2);
    await assertRejects(() => put.join({ timeout: 20 }), DOMException, "20 ms");
    const controller = new AbortController();
    const aborted = assertRejects(() => get.join({ signal: controller.signal }), Error, "no");
    let done = 0;
    const joins = [get.join().then(() => done), get.join().then(() => done)];

    for (let i = 0; i < 2; i++) {
      await get.get();
      done++;
      if (i === 0) controller.abort(new Error("no"));
      await get.taskDone();
    }

    await aborted;
    assertEquals(await Promise.all(joins), [2, 2]);
  });

  test(".close() refuses puts, and lets what is inside be got", async (make) => {
    const queue = make();
    const puts = [1, 2, 3].map((item) => queue.put(item));
    const closing = queue.close();
    const error = await assertRejects(() => queue.put(4), QueueClosedError);
    assertEquals([error.value, queue.closed], [4, true]);
    await Promise.all([...puts, closing]);

    const items = [];
    for await (const item of queue) {
      items.push(item);
      await queue.taskDone(item);
    }

    assertEquals(items, [1, 2, 3]);
    await assertRejects(() => queue.get(), QueueClosedError);
    await assertRejects(() => queue.getNowait(), QueueClosedError);
    await queue.close();
  });

  test(".close() ends gets and puts that wait", async (make) => {
    const [getting, putting] = [make(), make({ maxSize: 1 })];
    const gets = [getting.get(), getting.get()];
    const ends = gets.map((get) => get.catch((error) => error));
    await putting.put(1);
    assertEquals(await ends[0], 1);

    await getting.close();
    assertInstanceOf(await ends[1], QueueClosedError);

    await putting.put(2);
    const full = assertRejects(() => putting.put(3), QueueClosedError);
    await assertRejects(() => putting.putNowait(4), QueueFullError);
    await putting.close();
    assertEquals((await full).value, 3);
  });

  test(".close() with immediate gives back what is not acknowledged", async (make) => {
    const [first, second] = [make(), make()];
    for (let i = 0; i < 4; i++) await second.put(i);
    for (let i = 0; i < 3; i++) await first.get();
    await first.taskDone(1);

    await first.close({ immediate: true });

    await assertRejects(() => first.get(), QueueClosedError);
    const rest = [];
    for (let i = 0; i < 3; i++) rest.push(await second.get());
    assertEquals(rest.sort(), [0, 2, 3]);
  });

  test("[Symbol.asyncDispose]() lets those who wait get what is given back", async (make) => {
    const [first, second] = [make(), make()];
    await first.put(1);
    await first.get();
    const waiting = second.get();

    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();

    assertEquals(await waiting, 1);
  });

  test("[Symbol.asyncDispose]() ends whatever waits", async (make) => {
    const [queue, full] = [make(), make({ maxSize: 1 })];
    const waits = [queue.get(), queue.get({ timeout: 600_000 }), queue.getNowait()];
    const ends = Promise.allSettled([...waits, full.put(1).then(() => full.put(2))]);
    await queue[Symbol.asyncDispose]();
    await full[Symbol.asyncDispose]();

    assertEquals((await ends).length, 4);
    await assertRejects(() => queue.size, QueueClosedError);
    await assertRejects(() => queue.join(), QueueClosedError);
  });

  test(" shows its name and state", async (make) => {
    const queue = make();
    assert(Deno.inspect(queue).startsWith(`${kind} "test {`), Deno.inspect(queue));
    assert(Deno.inspect(queue).includes("not connected"), Deno.inspect(queue));
    await queue.put(1);
    await queue.get();
    assert(Deno.inspect(queue).includes(" connected, unacknowledged: 1"), Deno.inspect(queue));
    await queue[Symbol.asyncDispose]();
    assert(Deno.inspect(queue).includes("closed, unacknowledged: 0"), Deno.inspect(queue));
  });
}
