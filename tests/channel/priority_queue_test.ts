// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  PriorityQueue,
  Queue,
  QueueClosedError,
  QueueFullError,
  select,
} from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { type Numbered, produceByPriority, queueFrom } from "../fixtures/queue_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

function drain<T>(queue: Queue<T>): T[] {
  const items = [];
  while (!queue.isEmpty) items.push(queue.getNowait());
  return items;
}

for (const scope of ["local", "thread", "process"] as const) {
  Deno.test(`PriorityQueue.get() gives the lowest priority first, of equal ones the first (${scope})`, () => {
    fc.assert(fc.property(fc.array(fc.nat(20)), (priorities) => {
      const queue = new PriorityQueue<readonly [number, number]>({ scope });
      const items = priorities.map((priority, i) => [priority, i] as const);
      for (const item of items) queue.putSync(item, { priority: item[0] });

      assertEquals(drain(queue), items.toSorted(([a], [b]) => a - b));
    }));
  });

  Deno.test(`PriorityQueue takes any number as a priority in each form of put (${scope})`, async () => {
    const queue = new PriorityQueue<string>({ scope });

    await queue.put("last", { priority: Infinity });
    queue.putSync("after zero", { priority: Number.MIN_VALUE });
    queue.putNowait("zero");
    await queue.put("minus zero", { priority: -0 });
    queue.putSync("zero again", { priority: undefined });
    queue.putNowait("a fraction", { priority: -0.5 });
    queue.putNowait("first", { priority: -Infinity });

    assertEquals(drain(queue), [
      "first",
      "a fraction",
      "zero",
      "minus zero",
      "zero again",
      "after zero",
      "last",
    ]);
  });

  Deno.test(`PriorityQueue refuses a priority that is none, and puts nothing (${scope})`, async () => {
    const queue = new PriorityQueue<string>({ scope });

    for (const priority of [NaN, "1" as unknown as number]) {
      await assertRejects(() => queue.put("a", { priority }), RangeError, `value is ${priority}`);
      assertThrows(() => queue.putSync("a", { priority }), RangeError, "priority");
      assertThrows(() => queue.putNowait("a", { priority }), RangeError, "priority");
    }

    assertEquals(queue.size, 0);
  });

  Deno.test(`PriorityQueue.put() has its priority also after a wait (${scope})`, async () => {
    const queue = new PriorityQueue<string>({ scope, maxSize: 2 });
    queue.putNowait("later", { priority: 3 });
    queue.putNowait("now", { priority: 1 });
    assertThrows(() => queue.putNowait("more", { priority: 0 }), QueueFullError);
    const put = queue.put("soon", { priority: 2 });

    assertEquals(await queue.get(), "now");
    await put;

    queue.close();
    assertThrows(() => queue.putSync("more", { priority: 0 }), QueueClosedError);
    assertEquals(await Array.fromAsync(queue), ["soon", "later"]);
  });

  Deno.test(`PriorityQueue takes part in select (${scope})`, async () => {
    const queue = new PriorityQueue<string>({ scope });
    queue.putNowait("urgent", { priority: -1 });

    const sent = await select([{ send: queue, value: "sent" }]);
    const first = await select([queue]);

    assertEquals([sent.index, first.value, queue.getNowait()], [0, "urgent", "sent"]);
  });
}

Deno.test("PriorityQueue can be extended and is a queue", () => {
  class Jobs extends PriorityQueue<string> {}
  const jobs = new Jobs({ scope: "local", name: "jobs" });

  jobs.putNowait("b", { priority: 2 });
  jobs.putNowait("a", { priority: 1 });

  assert(jobs instanceof Queue);
  assertEquals(Deno.inspect(jobs), 'Jobs "jobs" { scope: "local", size: 2 }');
  assertEquals(drain(jobs), ["a", "b"]);
});

for (const scope of ["thread", "process"] as const) {
  const spawn = <A extends unknown[], R>(task: Task<A, R>, ...args: A) => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  Deno.test(`PriorityQueue has the items of many in their order (${scope})`, async () => {
    const queue = new PriorityQueue<Numbered>({ scope });
    const count = 1000;

    const units = [0, 1].map((i) => spawn(produceByPriority, queue, i, count));
    await Promise.all(units.map((unit) => unit.join()));

    const items = drain(queue);
    assertEquals(items.length, 2 * count);
    const ranks = items.map(([, n]) => n % 10);
    assertEquals(ranks, ranks.toSorted());
    for (const producer of [0, 1]) {
      const numbers = items.filter(([of]) => of === producer).map(([, n]) => n);
      const expected = Array.from({ length: count }, (_, n) => n);
      assertEquals(numbers, expected.toSorted((a, b) => a % 10 - b % 10));
    }
  });
}

Deno.test("PriorityQueue of scope process travels through another queue", async () => {
  const queue = new PriorityQueue<string>({ scope: "process", maxSize: 7 });
  queue.putNowait("b", { priority: 2 });
  queue.putNowait("a", { priority: 1 });
  const way = new Queue<PriorityQueue<string>>({ scope: "process" });
  const unit = Process.spawn(queueFrom, way);

  way.putNowait(queue);

  assertEquals(await unit.join(), ["PriorityQueue", 7, "a"]);
  assertEquals(drain(queue), ["b", "c"]);
});
