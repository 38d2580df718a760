// Copyright 2026 the Weft authors. MIT license.

/*
 * Who waits in a queue for others, by CPython's test_queue.BaseQueueTestMixin, multiprocessing's _TestQueue, and
 * asyncio's QueueGetTests, QueuePutTests and _QueueJoinTestMixin.
 *
 * | CPython                                                | here                                            |
 * | ------------------------------------------------------ | ----------------------------------------------- |
 * | simple_queue_test: do_blocking_test (put, get)         | lets a put go on …, gives what is put later     |
 * | simple_queue_test: do_exceptional_blocking_test        | times out for who waits elsewhere               |
 * | asyncio test_blocking_get_wait, test_blocking_put_wait | the same                                        |
 * | asyncio test_get_with_putters                          | lets a put go on when something is got          |
 * | asyncio test_why_are_getters_waiting, … putters …      | lets all who wait go on, one after the other    |
 * | test_queue_join, mp test_task_done, asyncio            | join() ends when others have done all           |
 * | test_multiple_getters / putters of asyncio             | serves one of those who wait for each item      |
 */

import { assertEquals, assertRejects } from "@std/assert";
import { aWhile, comesToStay, drain, exactly, QueueSuite } from "./_harness.ts";

const suite = new QueueSuite();

suite.together(".get() gives what is put later", 1, async ({ objects: { queue }, actors }) => {
  for (let i = 0; i < 3; i++) {
    const get = actors[0]!.wait("queue", "get");
    await get.isWaiting();

    queue.putNowait(i);

    assertEquals(await get, i);
    assertEquals(queue.size, 0);
  }
});

suite.together(".put() goes on when something is got", 1, async ({ objects, actors }) => {
  const { queue } = objects;
  queue.putNowait(0);
  for (let i = 0; i < 3; i++) {
    const put = actors[0]!.run("wait", "queue", "put", i + 1);
    await put.isWaiting();
    await exactly(0, [put]);

    assertEquals(queue.getNowait(), i);

    await put;
    assertEquals(queue.size, 1);
  }
}, { maxSize: 1 });

suite.together(" times out for who waits elsewhere", 2, async ({ objects, actors }) => {
  const { queue } = objects;
  const [one, other] = actors;
  await assertRejects(() => one!.wait("queue", "get", { timeout: 10 }), Error, "empty");
  queue.putNowait(1);

  const late = other!.run("wait", "queue", "put", 2, { timeout: 10 });
  await assertRejects(() => late, Error, "full");

  assertEquals(drain(queue), [1]);
}, { maxSize: 1 });

suite.together(".get() serves one of those who wait for each item", 5, async (scene) => {
  const { objects: { queue }, actors } = scene;
  const gets = actors.map((actor) => actor.wait<number>("queue", "get"));
  await Promise.all(gets.map((get) => get.isWaiting()));

  for (let i = 0; i < 5; i++) {
    queue.putNowait(i);
    await exactly(i + 1, gets);
  }

  assertEquals((await Promise.all(gets)).toSorted(), [0, 1, 2, 3, 4]);
  assertEquals(queue.size, 0);
});

suite.together(".get() serves all who wait when much is put at once", 5, async (scene) => {
  const { objects: { queue }, actors } = scene;
  for (let round = 0; round < 10; round++) {
    const gets = actors.map((actor) => actor.wait<number>("queue", "get"));
    await Promise.all(gets.map((get) => get.isWaiting()));

    for (let i = 0; i < 5; i++) queue.putNowait(i);

    assertEquals((await Promise.all(gets)).toSorted(), [0, 1, 2, 3, 4]);
  }
});

suite.together(".put() lets all go on who wait, one for each item", 5, async (scene) => {
  const { objects: { queue }, actors } = scene;
  queue.putNowait(9);
  const puts = actors.map((actor, i) => actor.run("wait", "queue", "put", i));
  await Promise.all(puts.map((put) => put.isWaiting()));
  await exactly(0, puts);

  const got = [queue.getNowait()];
  await exactly(1, puts);
  while (got.length < 6) got.push(await queue.get());
  await Promise.all(puts);

  assertEquals(got.toSorted(), [0, 1, 2, 3, 4, 9]);
  await comesToStay("empty", () => queue.isEmpty);
}, { maxSize: 1 });

suite.together(".get() of others gets what one that times out leaves", 2, async (scene) => {
  const { objects: { queue }, actors: [late, last] } = scene;
  const first = late!.wait("queue", "get", { timeout: 20 });
  const second = last!.wait("queue", "get");
  await Promise.all([first, second].map((call) => call.isWaiting()));

  await assertRejects(() => first, Error, "empty");
  await exactly(0, [second]);
  queue.putNowait(1);

  assertEquals(await second, 1);
});

suite.together(".get() that is aborted elsewhere takes nothing", 2, async (scene) => {
  const { objects: { queue }, actors: [aborted, last] } = scene;
  const first = aborted!.wait("queue", "get", { abortable: true });
  await first.isWaiting();
  const second = last!.wait("queue", "get");
  await second.isWaiting();

  first.abort();
  await assertRejects(() => first, Error, "enough");
  await exactly(0, [second]);
  queue.putNowait(1);

  assertEquals([await second, queue.size], [1, 0]);
}, { forms: ["async"] });

suite.together(
  ".join() ends when others have done all",
  4,
  async ({ objects: { queue }, actors }) => {
    const [worker, other, ...joiners] = actors;
    const joins = () => joiners.map((actor) => actor.wait("queue", "join"));
    await Promise.all(joins());
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 4; i++) queue.putNowait(i);
      const calls = joins();
      await Promise.all(calls.map((call) => call.isWaiting()));

      for (const actor of [worker!, other!, worker!, other!]) {
        await actor.wait("queue", "get");
        await exactly(0, calls);
        await actor.invoke("queue", "taskDone");
      }

      await Promise.all(calls);
      await assertRejects(() => worker!.invoke("queue", "taskDone"), Error, "all were");
    }
  },
  { maxSize: 4 },
);

suite.together(".close() wakes who waits to get, each once", 5, async ({ objects, actors }) => {
  const gets = actors.map((actor) => actor.wait("queue", "get"));
  await Promise.all(gets.map((get) => get.isWaiting()));
  await exactly(0, gets);

  objects.queue.close();

  for (const get of gets) await assertRejects(() => get, Error, "closed");
  await Promise.all(actors.map((actor) => assertRejects(() => actor.wait("queue", "get"))));
  assertEquals(await Promise.all(actors.map((actor) => actor.get("queue", "closed"))), [
    ...actors.map(() => true),
  ]);
});

for (const immediate of [false, true]) {
  const how = immediate ? "close({ immediate })" : "close()";
  suite.together(`.${how} wakes who waits to put, each once`, 4, async (scene) => {
    const { objects: { queue }, actors } = scene;
    queue.putNowait(9);
    const puts = actors.map((actor, i) => actor.run("wait", "queue", "put", i));
    await Promise.all(puts.map((put) => put.isWaiting()));
    await exactly(0, puts);

    queue.close({ immediate });

    for (const put of puts) await assertRejects(() => put, Error, "closed");
    assertEquals(drain(queue), immediate ? [] : [9]);
    await aWhile();
    assertEquals(queue.size, 0);
  }, { maxSize: 1 });

  suite.together(`.join() after ${how} ends when what is left is done`, 3, async (scene) => {
    const { objects: { queue }, actors: [worker, ...joiners] } = scene;
    for (let i = 0; i < 3; i++) queue.putNowait(i);
    await worker!.wait("queue", "get");
    const joins = joiners.map((actor) => actor.wait("queue", "join"));
    await Promise.all(joins.map((join) => join.isWaiting()));

    queue.close({ immediate });
    for (let left = immediate ? 0 : 2; left > 0; left--) {
      await exactly(0, joins);
      await worker!.wait("queue", "get");
      await worker!.invoke("queue", "taskDone");
    }
    await exactly(0, joins);
    await worker!.invoke("queue", "taskDone");

    await Promise.all(joins);
    await assertRejects(() => worker!.invoke("queue", "taskDone"), Error, "all were");
    await assertRejects(() => worker!.wait("queue", "get"), Error, "closed");
  });

  suite.together(`.${how} ends the join of others if nothing is in work`, 2, async (scene) => {
    const { objects: { queue }, actors } = scene;
    for (let i = 0; i < 3; i++) queue.putNowait(i);
    const joins = actors.map((actor) => actor.wait("queue", "join"));
    await Promise.all(joins.map((join) => join.isWaiting()));

    queue.close({ immediate });
    if (!immediate) {
      await exactly(0, joins);
      for (const _item of drain(queue)) queue.taskDone();
    }

    await Promise.all(joins);
  });
}

suite.together(".close() by another wakes who waits here", 1, async ({ objects, actors }) => {
  const { queue } = objects;
  const gets = [queue.get(), queue.get()].map((get) => assertRejects(() => get, Error, "closed"));

  await actors[0]!.invoke("queue", "close");

  await Promise.all(gets);
});
