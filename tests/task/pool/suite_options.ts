// Copyright 2026 the Weft authors. MIT license.

// Priorities, the longest queue, and what pools tell of themselves.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { QueueFullError } from "../../../channel/mod.ts";
import type { Future } from "../../../task/mod.ts";
import { runOn } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import { exitDeno } from "../../fixtures/thread_ends.ts";
import {
  collect,
  defineTests,
  makeGate,
  makeNumbers,
  type MakePool,
  outcomeOf,
  type PoolKind,
  range,
} from "./_helpers.ts";

/** Tests priorities, maxQueue and stats. */
export function testOptions(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  test("run() begins the tasks with the lowest priority number first", {}, async (pool) => {
    const gate = makeGate();
    const order = makeNumbers(16);
    const held = pool.submit(tasks.hold, gate);
    await gate.reached.wait();
    const priorities = [5, 0, -3, 5, undefined, 0.5, -Infinity, -3, 1e9, 0, Infinity, 2];
    const futures = priorities.map((priority, who) => {
      return pool.run(tasks.note, [order, who], { priority });
    });
    futures.push(pool.submit(tasks.note, order, priorities.length));
    gate.open.set();

    await Promise.all([held, ...futures]);

    assertEquals([...order.view], [13, 6, 2, 7, 1, 4, 9, 12, 5, 11, 0, 3, 8, 10, 0, 0]);
  });

  test("map() begins its items by their priority, too", {}, async (pool) => {
    const gate = makeGate();
    const order = makeNumbers(10);
    const items = (first: number) => range(3).map((n) => ({ order, item: first + n }));
    const held = pool.submit(tasks.hold, gate);
    await gate.reached.wait();
    const work = [
      pool.map(tasks.noteItem, items(10), { chunkSize: 1, priority: 2 }),
      pool.map(tasks.noteItem, items(20), { chunkSize: 2, priority: 1 }),
      pool.run(tasks.note, [order, 30], { priority: 3 }),
      pool.run(tasks.note, [order, 0], { priority: -1 }),
    ];
    gate.open.set();

    await Promise.all([held, ...work]);

    assertEquals([...order.view], [8, 0, 20, 21, 22, 10, 11, 12, 30, 0]);
  });

  test("submit() throws when as many tasks wait as maxQueue allows", {
    maxQueue: 2,
  }, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate);
    await gate.reached.wait();
    const first = pool.submit(tasks.square, 1);
    const second = pool.run(tasks.square, [2], {});

    const refused = () => pool.submit(tasks.square, 3);
    assertThrows(refused, QueueFullError, "as maxQueue of them wait");
    assertThrows(() => pool.run(tasks.square, [3]), QueueFullError);
    assertEquals(pool.stats.queued, 2);
    assertEquals(first.cancel(), true);
    const third = pool.submit(tasks.square, 3);
    assertThrows(() => pool.submit(tasks.square, 4), QueueFullError);

    gate.open.set();
    assertEquals([await held, await second, await third], [undefined, 4, 9]);
    assertEquals(await pool.submit(tasks.square, 5), 25);
    assertEquals([pool.stats.completed, pool.stats.failed], [4, 1]);
  });

  test("submit() is not kept out by the chunks of a map", { maxQueue: 2 }, async (pool) => {
    const gate = makeGate();
    const items = range(20).map((item) => ({ gate, at: 0, item }));
    const map = pool.map(tasks.holdAt, items, { chunkSize: 1 });
    map.catch(() => {});
    await gate.reached.wait();

    const futures: Future<number>[] = [];
    assertThrows(() => {
      for (let n = 0; n < 10; n++) futures.push(pool.submit(tasks.square, n));
    }, QueueFullError);

    // One more, as the task that runs may be counted as if it were one of these.
    assert([2, 3].includes(futures.length), `${futures.length} tasks wait`);
    gate.open.set();
    assertEquals(await map, range(20));
    assertEquals(await Promise.all(futures), range(futures.length).map((n) => n * n));
  });

  test("submit() that throws as the queue is full leaves what was to be moved", {
    maxQueue: 1,
  }, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate);
    await gate.reached.wait();
    const waiting = pool.submit(tasks.square, 1);
    const { buffer } = new Uint8Array([1, 2, 3]);

    const run = () => pool.run(tasks.echo, [buffer], { transfer: [buffer] });
    assertThrows(run, QueueFullError);
    assertEquals([buffer.detached, buffer.byteLength], [false, 3]);

    gate.open.set();
    await Promise.all([held, waiting]);
    assertEquals(await run(), new Uint8Array([1, 2, 3]).buffer);
    assertEquals(buffer.detached, true);
  });

  test("maps of more items than maxQueue wait for room by themselves", {
    size: 2,
    maxQueue: 2,
  }, async (pool) => {
    const items = range(200);
    const squares = items.map((n) => n * n);

    const results = await Promise.all([
      pool.map(tasks.square, items, { chunkSize: 1 }),
      pool.map(tasks.square, items),
      collect(pool.imap(tasks.square, items, { chunkSize: 1 })).then(({ values }) => values),
    ]);

    assertEquals(results, [squares, squares, squares]);
    assertEquals(await pool.submit(tasks.square, 5), 25);
  });

  test("maps that wait for room end when they are aborted or the pool is", {
    maxQueue: 1,
  }, async (pool) => {
    const gate = makeGate();
    const held = outcomeOf(pool.submit(tasks.hold, gate));
    await gate.reached.wait();
    const controller = new AbortController();
    const options = { chunkSize: 1, signal: controller.signal };
    const aborted = pool.map(tasks.square, range(10), options);
    const ended = pool.map(tasks.square, range(10), { chunkSize: 1 });
    ended.catch(() => {});

    controller.abort(new Error("enough"));
    await assertRejects(() => aborted, Error, "enough");

    await pool.terminate();
    assertEquals([await outcomeOf(ended), await held], ["PoolClosedError", "PoolClosedError"]);
  });

  test("stats tell what waits, runs and is done", { workers: true }, async (pool) => {
    const figures = () => {
      const { workers, queued, running, completed, failed } = pool.stats;
      return { workers, queued, running, completed, failed };
    };
    assertEquals(figures(), { workers: 0, queued: 0, running: 0, completed: 0, failed: 0 });
    assertEquals([pool.stats.wait.count, pool.stats.run.count, pool.stats.utilization], [0, 0, 0]);

    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate);
    const waiting = range(3).map((n) => pool.submit(tasks.square, n));
    await gate.reached.wait();
    assertEquals(figures(), { workers: 1, queued: 3, running: 1, completed: 0, failed: 0 });
    const before = pool.stats;

    assertEquals(waiting[0]!.cancel(), true);
    gate.open.set();
    await held;
    await Promise.allSettled(waiting);
    await outcomeOf(pool.submit(tasks.throwAt, { item: 1, bad: 1 }));
    await outcomeOf(pool.submit(exitDeno, 1));
    await outcomeOf(pool.run(runOn, ["loop"], { timeout: 5 }));
    await pool.submit(tasks.square, 3);

    assertEquals(figures(), { workers: 1, queued: 0, running: 0, completed: 4, failed: 4 });
    assertEquals([before.queued, before.completed], [3, 0], "earlier stats do not change");
  });

  test("stats tell how long tasks have waited and run", { size: 1 }, async (pool) => {
    await pool.submit(tasks.square, 1);
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate);
    const waiting = pool.submit(tasks.square, 2);
    await gate.reached.wait();
    await new Promise((resolve) => setTimeout(resolve, 100));
    gate.open.set();
    await Promise.all([held, waiting]);

    const { wait, run, utilization } = pool.stats;

    assertEquals([wait.count, run.count], [3, 3]);
    for (const [what, histogram] of Object.entries({ wait, run })) {
      assert(histogram.max >= 95, `${what} ${histogram.max}`);
      assert(histogram.mean > 0 && histogram.mean <= histogram.max, `${what} ${histogram.mean}`);
      assert(histogram.quantile(1) >= 95, `${what} ${histogram.quantile(1)}`);
      assert(histogram.quantile(0.01) < 95, `${what} ${histogram.quantile(0.01)}`);
    }
    assert(utilization > 0 && utilization <= 1, `${utilization}`);
  });

  test(
    "stats of an idle pool tell of little work, those of a busy one of much",
    {},
    async (pool) => {
      await pool.submit(tasks.square, 1);
      const gate = makeGate();
      const held = pool.submit(tasks.hold, gate);
      await gate.reached.wait();
      await new Promise((resolve) => setTimeout(resolve, 50));
      gate.open.set();
      await held;
      const busy = pool.stats.utilization;

      await new Promise((resolve) => setTimeout(resolve, 200));

      assert(pool.stats.utilization < busy, `${pool.stats.utilization} after ${busy}`);
    },
  );

  test("stats count the items of maps once", { size: 2 }, async (pool) => {
    await pool.map(tasks.square, range(100), { chunkSize: 10 });

    const { queued, running, failed, completed } = pool.stats;
    assertEquals([queued, running, failed], [0, 0, 0]);
    // "A chunk of a map counts as one" where it waits; what is done is either.
    assert(completed === 100 || completed === 10, `${completed}`);
  });
}
