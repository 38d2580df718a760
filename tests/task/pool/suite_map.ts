// Copyright 2026 the Weft authors. MIT license.

// Maps, which give all results at once.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { MapProgress } from "../../../task/mod.ts";
import { returnFunction } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import {
  defineTests,
  makeGate,
  makeNumbers,
  type MakePool,
  type PoolKind,
  range,
  until,
} from "./_helpers.ts";

/** Tests map() and starmap(). */
export function testMap(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  test("map() gives the results in the order of the items, for each size of chunks", {
    size: 2,
  }, async (pool) => {
    for (const chunkSize of [undefined, 1, 3, 100, 1000]) {
      const squares = await pool.map(tasks.squareLater, range(30), { chunkSize });

      assertEquals(squares, range(30).map((n) => n * n), `chunkSize: ${chunkSize}`);
    }
  });

  test("map() takes any iterable, also an empty one", { size: 2 }, async (pool) => {
    function* count() {
      for (let i = 0; i < 1000; i++) yield i;
    }

    assertEquals(await pool.map(tasks.square, []), []);
    assertEquals(await pool.map(tasks.square, [], { chunkSize: 3 }), []);
    assertEquals(await pool.map(tasks.square, new Set([3, 1, 2])), [9, 1, 4]);
    assertEquals(await pool.map(tasks.square, count()), range(1000).map((n) => n * n));
    assertEquals(await pool.starmap(tasks.subtract, []), []);
  });

  test("map() calls the task with the item alone", { size: 1 }, async (pool) => {
    assertEquals(await pool.map(tasks.countArguments as never, range(5)), [1, 1, 1, 1, 1]);
    assertEquals(await pool.map(tasks.echo, [[1, 2], undefined]), [[1, 2], undefined]);
  });

  test("starmap() calls the task with lists of arguments", { size: 2 }, async (pool) => {
    const lists = range(50).map((n) => [2 * n, n] as [number, number]);

    assertEquals(await pool.starmap(tasks.subtract, lists), range(50));
    assertEquals(await pool.starmap(tasks.subtract, new Set(lists), { chunkSize: 7 }), range(50));
    await assertRejects(() => pool.starmap(tasks.subtract, [3 as never]), TypeError);
    await assertRejects(
      () => pool.starmap(tasks.throwAt, [[{ item: 1, bad: 1 }]]),
      RangeError,
      "item 1 is bad",
    );
  });

  test("maps reject what they cannot work with, and the pool goes on", {}, async (pool) => {
    for (const chunkSize of [0, -1, 1.5, NaN]) {
      await assertRejects(() => pool.map(tasks.square, [1], { chunkSize }), RangeError);
      await assertRejects(() => pool.starmap(tasks.subtract, [[1, 2]], { chunkSize }), RangeError);
    }
    for (const items of [undefined, null, 3, {}] as never[]) {
      await assertRejects(() => pool.map(tasks.square, items), TypeError);
    }
    await assertRejects(() => pool.map(tasks.square, [1], { priority: NaN }), RangeError);

    assertEquals(await pool.map(tasks.square, [4]), [16]);
  });

  test("map() and submit() share the workers", { size: 2 }, async (pool) => {
    const squares = range(200).map((n) => n * n);

    const results = await Promise.all([
      pool.map(tasks.square, range(200)),
      pool.submit(tasks.square, 3),
      pool.map(tasks.square, range(200), { chunkSize: 1 }),
      pool.submit(tasks.square, 4),
    ]);

    assertEquals(results, [squares, 9, squares, 16]);
  });

  test(
    "map() with an item that fails rejects with its error and begins no more",
    {},
    async (pool) => {
      const calls = makeNumbers(1);
      const items = range(10_000).map((item) => ({ calls, item, bad: 3 }));

      const map = pool.map(tasks.countOrThrow, items, { chunkSize: 1 });

      const error = await assertRejects(() => map, RangeError, "item 3 is bad");
      assert(error.stack!.includes("pool_tasks.ts"), error.stack);
      const begun = calls.view[0]!;
      assert(begun >= 4 && begun < 1000, `${begun} calls`);
      assertEquals(await pool.submit(tasks.square, 2), 4);
      assertEquals(calls.view[0], begun);
    },
  );

  test("map() with an item that fails takes back those that wait", {}, async (pool) => {
    const gate = makeGate();
    const calls = makeNumbers(1);
    const items = range(20).map((item) => ({ gate, calls, item }));
    const map = pool.map(tasks.throwHoldOrCount, items, { chunkSize: 1 });
    map.catch(() => {});

    await until("nothing waits", () => pool.stats.failed > 0 && pool.stats.queued === 0);
    gate.open.set();

    await assertRejects(() => map, RangeError, "thrown in an item");
    assertEquals(await pool.submit(tasks.square, 3), 9);
    assertEquals(calls.view[0], 0);
  });

  test(
    "map() with an item that fails waits for those that were begun",
    { size: 2 },
    async (pool) => {
      const gate = makeGate();
      let settled = false;
      const map = pool.map(tasks.holdOrThrow, [{ gate, throws: false }, { gate, throws: true }], {
        chunkSize: 1,
      });
      map.catch(() => settled = true);

      await gate.reached.wait();
      // The other worker has failed before it does this.
      for (let i = 0; i < 3; i++) assertEquals(await pool.submit(tasks.square, 3), 9);
      assertEquals(settled, false);

      gate.open.set();
      await assertRejects(() => map, RangeError, "thrown in an item");
    },
  );

  test("map() rejects with the first error when several items fail", { size: 1 }, async (pool) => {
    const items = range(20).map((item) => ({ item, bad: item < 5 ? -1 : item }));

    for (const chunkSize of [1, 3, 20]) {
      const map = pool.map(tasks.throwAt, items, { chunkSize });
      await assertRejects(() => map, RangeError, "item 5 is bad");
    }
  });

  test(
    "map() rejects when an item or a result cannot be cloned",
    { workers: true, size: 2 },
    async (pool) => {
      const items = [1, 2, () => 3, 4];

      for (const chunkSize of [undefined, 1, 2]) {
        for (
          const map of [
            () => pool.map(tasks.echo, items, { chunkSize }),
            () => pool.map(returnFunction as never, range(3), { chunkSize }),
          ]
        ) {
          const error = await assertRejects(map, DOMException);
          assertEquals(error.name, "DataCloneError");
        }
      }

      assertEquals(await pool.map(tasks.square, [5]), [25]);
    },
  );

  test("map() rejects with what its source throws at the start, between and within chunks", {
    size: 2,
  }, async (pool) => {
    function* source(bad: number) {
      for (let i = 0; i < 10; i++) {
        if (i === bad) throw new TypeError(`no item ${bad}`);
        yield i;
      }
    }

    for (const bad of [0, 3, 4, 5]) {
      for (const chunkSize of [undefined, 1, 4]) {
        const map = () => pool.map(tasks.square, source(bad), { chunkSize });
        await assertRejects(map, TypeError, `no item ${bad}`);
      }
    }
    assertEquals(await pool.map(tasks.square, [5]), [25]);
  });

  test("map() tells its progress", { size: 2 }, async (pool) => {
    for (const chunkSize of [undefined, 1, 7]) {
      const reports: MapProgress[] = [];
      const onProgress = (progress: MapProgress) => reports.push(progress);

      await pool.map(tasks.square, range(50), { chunkSize, onProgress });

      const completed = reports.map((report) => report.completed);
      assertEquals(completed, completed.toSorted((a, b) => a - b));
      assertEquals(new Set(completed).size, completed.length, "each report tells of more");
      assert(completed[0]! > 0);
      assertEquals(reports.at(-1), { completed: 50, total: 50 });
      if (chunkSize === 7) assert(completed.length > 1, "one report for several chunks alone");
    }
  });

  test("map() tells its progress before it is done", {}, async (pool) => {
    const gate = makeGate();
    const { promise, resolve } = Promise.withResolvers<MapProgress>();
    const items = range(4).map((item) => ({ gate, at: 2, item }));

    const map = pool.map(tasks.holdAt, items, {
      chunkSize: 1,
      onProgress: (progress) => progress.completed === 2 && resolve(progress),
    });

    assertEquals(await promise, { completed: 2, total: 4 });
    gate.open.set();
    assertEquals(await map, [0, 1, 2, 3]);
  });

  test(
    "map() that is aborted rejects at once, aborts what runs and begins no more",
    {},
    async (pool) => {
      const { reached, open: aborted } = makeGate();
      const controller = new AbortController();
      const reason = new Error("enough");
      const items = range(100).map((item) => ({ reached, aborted, item }));
      const map = pool.map(tasks.untilAbortedItem, items, {
        chunkSize: 1,
        signal: controller.signal,
      });

      await reached.wait();
      reached.clear();
      controller.abort(reason);

      assertEquals(await map.catch((error) => error), reason);
      await aborted.wait();
      assertEquals(await pool.submit(tasks.square, 3), 9);
      assertEquals([reached.isSet, pool.stats.queued, pool.stats.running], [false, 0, 0]);
    },
  );

  test("map() with a signal that is aborted takes nothing from its source", {}, async (pool) => {
    let taken = 0;
    function* source() {
      for (;;) yield taken++;
    }
    const signal = AbortSignal.abort(new Error("too late"));

    await assertRejects(() => pool.map(tasks.square, source(), { signal }), Error, "too late");

    assertEquals([taken, pool.stats.queued, pool.stats.workers], [0, 0, 0]);
  });

  test("map() can be aborted by a timeout", {}, async (pool) => {
    const gate = makeGate();
    const signal = AbortSignal.timeout(20);

    const error = await assertRejects(
      () => pool.map(tasks.hold as never, [gate], { signal }),
      DOMException,
    );

    assertEquals(error.name, "TimeoutError");
    gate.open.set();
    assertEquals(await pool.submit(tasks.square, 3), 9);
  });

  test("map() of a pool that is closed rejects, and one from before it is closed goes on", {
    size: 2,
  }, async (pool) => {
    const map = pool.map(tasks.squareLater, range(120), { chunkSize: 3 });

    pool.close();

    const error = await assertRejects(() => pool.map(tasks.square, [1]));
    assertInstanceOf(error, Error);
    assertEquals(error.name, "PoolClosedError");
    assertEquals(await map, range(120).map((n) => n * n));
  });
}
