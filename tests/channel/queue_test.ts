// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  PriorityQueue,
  Queue,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
} from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event, Lock } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import {
  consume,
  getOne,
  lockFrom,
  type Numbered,
  produce,
  putAndEnd,
} from "../fixtures/queue_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

// Without priorities the one does all that the other does.
const kinds: (typeof Queue)[] = [Queue, PriorityQueue];
const sharedCases = kinds.flatMap((kind) => [[kind, "thread"], [kind, "process"]] as const);
const cases = [...kinds.map((kind) => [kind, "local"] as const), ...sharedCases];

for (const [Queue, scope] of cases) {
  Deno.test(`${Queue.name}.get() gives the items in the order in which they were put (${scope})`, async () => {
    const queue = new Queue<number>({ scope });

    for (let i = 0; i < 100; i++) await queue.put(i);

    for (let i = 0; i < 100; i++) assertEquals(await queue.get(), i);
    assertEquals([queue.size, queue.isEmpty, queue.isFull], [0, true, false]);
  });

  Deno.test(`${Queue.name}.get() serves those who wait in their order (${scope})`, async () => {
    const queue = new Queue<number>({ scope });
    const waits = [0, 1, 2].map(() => queue.get());

    for (const item of [0, 1, 2]) await queue.put(item);

    assertEquals(await Promise.all(waits), [0, 1, 2]);
  });

  Deno.test(`${Queue.name}.put() waits while the queue is full, in the order of the puts (${scope})`, async () => {
    const queue = new Queue<number>({ scope, maxSize: 1 });
    const puts = [0, 1, 2, 3].map((item) => queue.put(item));
    assertEquals([queue.size, queue.isFull, queue.maxSize], [1, true, 1]);

    const items = [];
    for (let i = 0; i < 4; i++) items.push(await queue.get());

    await Promise.all(puts);
    assertEquals(items, [0, 1, 2, 3]);
  });

  Deno.test(`${Queue.name} refuses at once or in time what it cannot do (${scope})`, async () => {
    const queue = new Queue<string>({ scope, maxSize: 1 });

    assertThrows(() => queue.getNowait(), QueueEmptyError);
    assertThrows(() => queue.getSync({ timeout: 5 }), QueueEmptyError);
    await assertRejects(() => queue.get({ timeout: 5 }), QueueEmptyError);
    queue.putNowait("a");
    for (
      const error of [
        assertThrows(() => queue.putNowait("b"), QueueFullError),
        assertThrows(() => queue.putSync("b", { timeout: 5 }), QueueFullError),
        await assertRejects(() => queue.put("b", { timeout: 5 }), QueueFullError),
      ]
    ) assertEquals(error.value, "b");

    assertEquals([queue.getNowait(), queue.size], ["a", 0]);
  });

  Deno.test(`${Queue.name} waits that are aborted leave no trace (${scope})`, async () => {
    const queue = new Queue<number>({ scope, maxSize: 1 });
    const enough = new Error("enough");
    const gets = new AbortController();
    const get = queue.get({ signal: gets.signal });
    gets.abort(enough);
    await assertRejects(() => get, Error, "enough");
    await queue.put(1);
    const puts = new AbortController();
    const put = queue.put(2, { signal: puts.signal });
    puts.abort(enough);
    await assertRejects(() => put, Error, "enough");
    await assertRejects(() => queue.put(3, { signal: AbortSignal.abort(enough) }), Error, "enough");

    assertEquals([await queue.get(), queue.size], [1, 0]);
  });

  Deno.test(`${Queue.name}.close() wakes all who wait, and what is inside can be got (${scope})`, async () => {
    const full = new Queue<number>({ scope, maxSize: 1 });
    full.putSync(1);
    const put = full.put(2);
    const empty = new Queue<number>({ scope });
    const gets = [empty.get(), empty.get()];

    full.close();
    empty.close();

    assertEquals((await assertRejects(() => put, QueueClosedError)).value, 2);
    for (const get of gets) await assertRejects(() => get, QueueClosedError);
    assertEquals([full.closed, full.getSync()], [true, 1]);
    assertThrows(() => full.getSync(), QueueClosedError);
    assertThrows(() => full.getNowait(), QueueClosedError);
    assertThrows(() => full.putNowait(3), QueueClosedError);
    full.close();
  });

  Deno.test(`${Queue.name}.close() drops what is inside if it is to be immediate (${scope})`, async () => {
    const queue = new Queue<number>({ scope });
    for (const item of [1, 2, 3]) queue.putSync(item);

    queue.close({ immediate: true });

    await assertRejects(() => queue.get(), QueueClosedError);
    await queue.join();
  });

  Deno.test(`${Queue.name} can be iterated until it is closed and empty (${scope})`, async () => {
    const queue = new Queue<number>({ scope });
    for (const item of [1, 2, 3]) queue.putSync(item);
    queue.close();

    assertEquals(await Array.fromAsync(queue), [1, 2, 3]);
  });

  Deno.test(`${Queue.name}.join() resolves when every item that was put is done (${scope})`, async () => {
    const queue = new Queue<number>({ scope });
    await queue.join();
    queue.putSync(1);
    queue.putSync(2);
    let isDone = false;
    const joined = queue.join().then(() => isDone = true);

    queue.getSync();
    queue.taskDone();
    await assertRejects(() => queue.join({ timeout: 5 }), DOMException, "timed out");
    assertEquals(isDone, false);
    queue.getSync();
    queue.taskDone();

    await joined;
    assertThrows(() => queue.taskDone(), RangeError, "all were");
  });
}

Deno.test("Queue carries the very items in one thread, and copies otherwise", () => {
  const item = { n: 1 };
  const local = new Queue<object>({ scope: "local" });
  const thread = new Queue<object>();
  local.putSync(item);
  thread.putSync(item);
  item.n = 2;

  assert(local.getSync() === item);
  assertEquals(thread.getSync(), { n: 1 });
});

Deno.test("Queue.put() refuses what cannot be cloned, and puts nothing", async () => {
  const queue = new Queue<unknown>({ maxSize: 1 });

  const error = await assertRejects(() => queue.put({ a: [() => {}] }), DOMException);

  assertEquals([error.name, error.message.includes("$.a[0]")], ["DataCloneError", true]);
  queue.putNowait("there is room");
});

Deno.test("new Queue() refuses a size or scope that is none, and a local one does not travel", () => {
  for (const maxSize of [-1, 1.5, NaN]) {
    assertThrows(() => new Queue({ maxSize }), RangeError, String(maxSize));
  }
  assertThrows(() => new Queue({ scope: "world" as "thread" }), TypeError, "world");
  const local = new Queue<Numbered>({ scope: "local", name: "jobs" });
  const thread = new Queue<Numbered>({ name: "jobs" });

  assertThrows(() => Thread.spawn(consume, local, "sync"), DOMException, "queue jobs");
  assertThrows(() => Process.spawn(consume, thread, "sync"), DOMException, "queue jobs");
});

Deno.test("Queue shows name, scope and size in Deno.inspect", () => {
  const queue = new Queue<number>({ name: "jobs", maxSize: 3 });
  queue.putSync(1);
  queue.close();

  assertEquals(Deno.inspect(queue), 'Queue "jobs" { scope: "thread", size: 1/3, closed }');
  assertEquals(Deno.inspect(new Queue({ scope: "local" })), 'Queue { scope: "local", size: 0 }');
});

for (const [Queue, scope] of sharedCases) {
  const spawn = <A extends unknown[], R>(task: Task<A, R>, ...args: A) => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  for (const form of ["sync", "async", "mixed"]) {
    for (const maxSize of [0, 1, 100]) {
      Deno.test(`${Queue.name} of ${maxSize} loses and doubles nothing (${scope}, ${form})`, async () => {
        const queue = new Queue<Numbered>({ scope, maxSize });
        const count = maxSize === 1 ? 500 : 5000;
        const consumers = [0, 1].map(() => spawn(consume, queue, form));

        await Promise.all([0, 1].map((i) => spawn(produce, queue, i, count, form).join()));
        await queue.join();
        queue.close();
        const got = await Promise.all(consumers.map((unit) => unit.join()));

        for (const producer of [0, 1]) {
          const each = got.map((items) =>
            items.filter(([of]) => of === producer).map(([, n]) => n)
          );
          for (const numbers of each) assertEquals(numbers, numbers.toSorted((a, b) => a - b));
          const all = each.flat().toSorted((a, b) => a - b);
          assertEquals(all, Array.from({ length: count }, (_, i) => i));
        }
      });
    }
  }

  Deno.test(`${Queue.name} has the item of one who has ended (${scope})`, async () => {
    const queue = new Queue<string>({ scope });

    const unit = spawn(putAndEnd, queue);
    await unit.join();
    await unit.exited;

    assertEquals(queue.getSync(), "the last words");
  });

  Deno.test(`${Queue.name}.close() wakes who blocks its thread (${scope})`, async () => {
    const queue = new Queue<string>({ scope });
    const ready = new Event({ scope });
    const unit = spawn(getOne, queue, ready);
    await ready.wait();

    queue.close();

    assertEquals(await unit.join(), "QueueClosedError");
  });
}

Deno.test("Queue carries handles of the scope process", async () => {
  const queue = new Queue<{ lock: Lock }>({ scope: "process" });
  const lock = new Lock({ scope: "process" });
  await lock.acquire();
  const unit = Process.spawn(lockFrom, queue);

  await queue.put({ lock });

  assertEquals(await unit.join(), false);
  await assertRejects(() => queue.put({ lock: new Lock() }), DOMException, "lock");
});
