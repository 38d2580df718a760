// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LifoQueue, Queue, QueueClosedError, QueueFullError } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event, Lock } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { consume, lockFrom, type Numbered, produce } from "../fixtures/queue_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

for (const scope of ["local", "thread", "process"] as const) {
  Deno.test(`LifoQueue.get() gives the latest item first (${scope})`, async () => {
    const queue = new LifoQueue<number>({ scope });

    for (let i = 0; i < 100; i++) await queue.put(i);
    assertEquals([await queue.get(), queue.getSync()], [99, 98]);
    queue.putNowait(100);

    const rest = [];
    while (!queue.isEmpty) rest.push(queue.getNowait());
    assertEquals(rest, [100, ...Array.from({ length: 98 }, (_, i) => 97 - i)]);
  });

  Deno.test(`LifoQueue.put() waits while the queue is full (${scope})`, async () => {
    const queue = new LifoQueue<number>({ scope, maxSize: 2 });
    for (const item of [1, 2]) queue.putNowait(item);
    assertEquals(assertThrows(() => queue.putNowait(3), QueueFullError).value, 3);
    const puts = [queue.put(3), queue.put(4)];

    const items = [];
    for (let i = 0; i < 4; i++) items.push(await queue.get());

    await Promise.all(puts);
    assertEquals([items.toSorted(), items[0], queue.size], [[1, 2, 3, 4], 2, 0]);
  });

  Deno.test(`LifoQueue.close() leaves what is inside, and the iteration ends (${scope})`, async () => {
    const queue = new LifoQueue<number>({ scope });
    for (const item of [1, 2, 3]) queue.putSync(item);

    queue.close();

    await assertRejects(() => queue.put(4), QueueClosedError);
    assertEquals(await Array.fromAsync(queue), [3, 2, 1]);
    for (let i = 0; i < 3; i++) queue.taskDone();
    await queue.join();
  });

  Deno.test(`LifoQueue.close() drops what is inside if it is to be immediate (${scope})`, async () => {
    const queue = new LifoQueue<number>({ scope });
    for (const item of [1, 2, 3]) queue.putSync(item);

    queue.close({ immediate: true });

    await assertRejects(() => queue.get(), QueueClosedError);
    await queue.join();
  });
}

Deno.test("LifoQueue carries the very items in one thread, and keeps none that was got", async () => {
  const queue = new LifoQueue<object>({ scope: "local" });
  const item = {};

  await queue.put(item);

  assert(await queue.get() === item);
  assert(queue instanceof Queue);
  assertEquals(Deno.inspect(queue), 'LifoQueue { scope: "local", size: 0 }');
});

for (const scope of ["thread", "process"] as const) {
  const spawn = <A extends unknown[], R>(task: Task<A, R>, ...args: A) => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  for (const maxSize of [0, 3]) {
    Deno.test(`LifoQueue of ${maxSize} loses and doubles nothing (${scope})`, async () => {
      const queue = new LifoQueue<Numbered>({ scope, maxSize });
      const count = 2000;
      const consumers = [0, 1].map(() => spawn(consume, queue, "mixed"));

      const producers = [0, 1].map((i) => spawn(produce, queue, i, count, "mixed"));
      await Promise.all(producers.map((unit) => unit.join()));
      await queue.join();
      queue.close();
      const got = (await Promise.all(consumers.map((unit) => unit.join()))).flat();

      const numbers = got.map(([producer, n]) => producer * count + n).sort((a, b) => a - b);
      assertEquals(numbers, Array.from({ length: 2 * count }, (_, i) => i));
    });
  }
}

Deno.test("LifoQueue carries handles of the scope process", async () => {
  const queue = new LifoQueue<{ lock: Lock }>({ scope: "process" });
  const lock = new Lock({ scope: "process" });
  await lock.acquire();
  const unit = Process.spawn(lockFrom, queue);

  await queue.put({ lock });

  assertEquals(await unit.join(), false);
});
