// Copyright 2026 the Weft authors. MIT license.

/*
 * What one alone sees of a queue, by CPython's test_queue.BaseQueueTestMixin (for Queue, LifoQueue and
 * PriorityQueue), FailingQueueTest, BaseSimpleQueueTest, multiprocessing's _TestQueue and TestSimpleQueue, and
 * asyncio's QueueBasicTests, QueueGetTests, QueuePutTests and _QueueJoinTestMixin.
 *
 * | CPython                                            | here                                                |
 * | -------------------------------------------------- | --------------------------------------------------- |
 * | test_basic, SimpleQueue test_basic                 | gives its items in the order of its kind; is full … |
 * | mp test_put, test_get                              | refuses what has no room; has nothing to get        |
 * | mp test_timeout                                    | does not give up before its time                    |
 * | mp test_qsize, SimpleQueue.empty                   | counts                                              |
 * | test_negative_timeout_raises_exception             | refuses a timeout that is negative                  |
 * | test_nowait, asyncio test_nonblocking_put, get …   | putNowait() and getNowait() never wait              |
 * | test_shrinking_queue                               | none: maxSize cannot be changed                     |
 * | FailingQueueTest, mp test_queue_feeder_…           | in failing_test.ts                                  |
 * | test_queue_task_done, test_queue_join, asyncio     | taskDone() …, join() …                              |
 * | test_task_done_underflow, test_join_empty_queue    |                                                     |
 * | asyncio test_float_maxsize                         | refuses a size that is not whole                    |
 * | asyncio test_empty, test_full, test_order          | counts, gives …                                     |
 * | mp test_closed_queue_…, SimpleQueue test_closed    | in shutdown_test.ts                                 |
 * | SimpleQueue test_references, test_reentrancy       | none (garbage collection); in failing_test.ts       |
 */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { QueueEmptyError, QueueFullError } from "../../../channel/mod.ts";
import { Event } from "../../../sync/mod.ts";
import { alone, drain } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

alone(" gives its items in the order of its kind, once and again", async ({ make, act, kind }) => {
  const queue = make({ maxSize: 3 });
  const numbers = [111, 333, 222];

  for (let round = 0; round < 2; round++) {
    assertEquals([queue.size, queue.isEmpty, queue.isFull], [0, true, false]);
    for (const [i, priority] of numbers.entries()) {
      await act(queue, "put", priority, { priority });
      assertEquals([queue.size, queue.isEmpty, queue.isFull], [i + 1, false, i === 2]);
    }
    const got = [await act(queue, "get"), await act(queue, "get"), await act(queue, "get")];
    assertEquals(got, kind.order(numbers));
  }
});

alone(" gives many items in the order of its kind", async ({ make, act, kind }) => {
  const queue = make();
  const numbers = Array.from({ length: 500 }, (_, i) => i * 7919 % 100);

  for (const priority of numbers) await act(queue, "put", priority, { priority });

  assertEquals(queue.size, 500);
  assertEquals(drain(queue), kind.order(numbers));
});

alone(" refuses what has no room, at once and in time", async ({ make, act }) => {
  const queue = make({ maxSize: 6 });
  await act(queue, "put", 1);
  await act(queue, "put", 2, {});
  await act(queue, "put", 3, { timeout: undefined });
  await act(queue, "put", 4, { timeout: 1000 });
  await act(queue, "put", 5, { timeout: 0 });
  queue.putNowait(6);
  assertEquals(queue.isFull, true);

  for (const timeout of [0, 1e-3, 10]) {
    const error = await assertRejects(
      () => act(queue, "put", 7, { timeout }),
      QueueFullError,
      String(timeout),
    );
    assertEquals(error.value, 7);
  }
  assertEquals(assertThrows(() => queue.putNowait(8), QueueFullError).value, 8);

  assertEquals(queue.size, 6);
  assertEquals(drain(queue).toSorted(), [1, 2, 3, 4, 5, 6]);
});

alone(" has nothing to get when it is empty, at once and in time", async ({ make, act }) => {
  const queue = make();
  for (let i = 1; i <= 4; i++) queue.putNowait(i);
  const got = [
    await act(queue, "get"),
    await act(queue, "get", { timeout: undefined }),
    await act(queue, "get", { timeout: 1000 }),
    await act(queue, "get", { timeout: 0 }),
  ];

  for (const timeout of [0, 1e-3, 10]) {
    await assertRejects(() => act(queue, "get", { timeout }), QueueEmptyError);
  }
  assertThrows(() => queue.getNowait(), QueueEmptyError);

  assertEquals([queue.size, queue.isEmpty], [0, true]);
  assertEquals(got.toSorted(), [1, 2, 3, 4]);
});

alone(" gives up no earlier than its time is over, and soon after", async ({ make, act }) => {
  const empty = make();
  const full = make({ maxSize: 1 });
  full.putNowait(1);

  for (const [queue, method, args] of [[empty, "get", []], [full, "put", [2]]] as const) {
    const start = performance.now();
    await assertRejects(() => act(queue, method, ...args, { timeout: 50 }));
    const passed = performance.now() - start;
    assertGreaterOrEqual(passed, 49);
    assertLess(passed, 5000);
  }
});

alone(" takes a timeout too long for a timer", async ({ make, act }) => {
  const queue = make({ maxSize: 1 });

  await act(queue, "put", 1, { timeout: Number.MAX_VALUE });

  assertEquals(await act(queue, "get", { timeout: Infinity }), 1);
});

alone(" refuses a timeout that is negative or not a number", async ({ make, act }) => {
  const full = make({ maxSize: 1 });
  full.putNowait(1);
  const empty = make();

  for (const timeout of [-1, -1e-9, -Infinity, NaN, "1" as unknown as number]) {
    for (const queue of [full, empty]) {
      await assertRejects(() => act(queue, "put", 2, { timeout }), RangeError, "timeout");
      await assertRejects(() => act(queue, "get", { timeout }), RangeError, "timeout");
      await assertRejects(() => act(queue, "join", { timeout }), RangeError, "timeout");
    }
  }

  assertEquals([full.size, empty.size], [1, 0]);
});

alone(".put() and .get() with a signal that has aborted do nothing", async ({ make }) => {
  const queue = make();
  const enough = new Error("enough");
  const signal = AbortSignal.abort(enough);
  queue.putNowait(1);

  await assertRejects(() => queue.put(2, { signal }), Error, "enough");
  await assertRejects(() => queue.get({ signal }), Error, "enough");
  await assertRejects(() => queue.join({ signal }), Error, "enough");

  assertEquals(drain(queue), [1]);
}, { forms: ["async"] });

alone(" rejects with the reason of a signal, also if that is a timeout", async ({ make }) => {
  const full = make({ maxSize: 1 });
  full.putNowait(1);
  const empty = make();
  const calls = [
    (signal: AbortSignal) => full.put(2, { signal }),
    (signal: AbortSignal) => full.join({ signal, timeout: 60_000 }),
    (signal: AbortSignal) => empty.get({ signal, timeout: 60_000 }),
  ];

  for (const call of calls) {
    const signal = AbortSignal.timeout(1);
    const error = await assertRejects(async () => void await call(signal));
    assert(error === signal.reason, Deno.inspect(error));
  }
}, { forms: ["async"] });

alone(".putNowait() and getNowait() never wait", ({ make }) => {
  const queue = make({ maxSize: 2 });

  for (let round = 0; round < 2; round++) {
    queue.putNowait(1);
    queue.putNowait(2);
    assertThrows(() => queue.putNowait(3), QueueFullError);
    assertEquals([queue.getNowait(), queue.getNowait()].toSorted(), [1, 2]);
    assertThrows(() => queue.getNowait(), QueueEmptyError);
  }
}, { forms: ["sync"] });

alone(" without a limit is never full", async ({ make, act }) => {
  const queue = make();

  for (let i = 0; i < 3000; i++) await act(queue, "put", i);

  assertEquals([queue.size, queue.isFull, queue.maxSize], [3000, false, 0]);
  assertEquals(drain(queue).length, 3000);
});

alone(" refuses a size that is not a whole number from 0", ({ make }) => {
  for (const maxSize of [-1, 1.5, NaN, Infinity, 2 ** 60, "1" as unknown as number]) {
    assertThrows(() => make({ maxSize }), RangeError, String(maxSize));
  }
}, { forms: ["sync"] });

alone(".taskDone() is refused once all is done", ({ make }) => {
  const queue = make();
  assertThrows(() => queue.taskDone(), RangeError);

  queue.putNowait(1);
  queue.taskDone();

  assertThrows(() => queue.taskDone(), RangeError);
  queue.putNowait(2);
  queue.taskDone();
}, { forms: ["sync"] });

alone(".join() waits for a taskDone() for each item, once and again", async ({ make, act }) => {
  const queue = make();
  await act(queue, "join");

  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 3; i++) queue.putNowait(i);
    for (let i = 0; i < 3; i++) {
      await assertRejects(
        () => act(queue, "join", { timeout: i === 0 ? 5 : 0 }),
        DOMException,
        "timed out",
      );
      queue.getNowait();
      // Not when all is taken, but when all is done.
      await assertRejects(() => act(queue, "join", { timeout: 0 }), DOMException, "timed out");
      queue.taskDone();
    }
    await act(queue, "join");
    await act(queue, "join", { timeout: 0 });
  }
  assertThrows(() => queue.taskDone(), RangeError);
});

alone(".join() ends for each of those who wait in it", async ({ make }) => {
  const queue = make();
  queue.putNowait(1);
  const controller = new AbortController();
  const aborted = queue.join({ signal: controller.signal });
  let ended = 0;
  const joins = [0, 1, 2].map(() => queue.join().then(() => ended++));

  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  assertEquals(ended, 0);
  queue.taskDone();
  await Promise.all(joins);

  assert(ended === 3);
}, { forms: ["async"] });
