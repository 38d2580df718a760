// Copyright 2026 the Weft authors. MIT license.

// Maps that give each result as it comes.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { MapProgress } from "../../../task/mod.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import {
  collect,
  defineTests,
  makeGate,
  makeNumbers,
  type MakePool,
  type PoolKind,
  range,
  until,
} from "./_helpers.ts";

const forms = ["imap", "imapUnordered"] as const;

/** How many items may be taken when so many results were consumed: it may read ahead further and further. */
function mostTaken(consumed: number): number {
  return 40 + 3 * consumed;
}

/** A source without end that tells what happens to it. */
class Endless {
  taken = 0;
  ended = false;

  async *items(): AsyncGenerator<number> {
    try {
      for (;;) {
        await Promise.resolve();
        yield this.taken++;
      }
    } finally {
      this.ended = true;
    }
  }

  *itemsAtOnce(): Generator<number> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.ended = true;
    }
  }
}

/** Tests imap() and imapUnordered(). */
export function testImap(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  for (const form of forms) {
    test(`${form}() gives all results and ends`, { size: 2 }, async (pool) => {
      async function* source() {
        for (const n of range(50)) yield await Promise.resolve(n);
      }

      for (const chunkSize of [undefined, 1, 3, 1000]) {
        for (const items of [range(50), new Set(range(50)), source()]) {
          const { values, error } = await collect(pool[form](tasks.square, items, { chunkSize }));

          if (form === "imapUnordered") values.sort((a, b) => a - b);
          assertEquals([values, error], [range(50).map((n) => n * n), undefined]);
        }
      }
      assertEquals(await collect(pool[form](tasks.square, [])), { values: [], error: undefined });
    });

    test(`${form}() refuses what it cannot work with`, {}, async (pool) => {
      const next = (items: unknown, options = {}) => async () =>
        await pool[form](tasks.square, items as number[], options).next();

      for (const chunkSize of [0, -1, 1.5, NaN]) {
        await assertRejects(next([1], { chunkSize }), RangeError);
      }
      for (const items of [undefined, null, 3, {}]) await assertRejects(next(items), TypeError);
      const bad = (kind === "coroutine" ? 3 : square) as never;
      await assertRejects(async () => await pool[form](bad, [1]).next(), TypeError);

      assertEquals(await next([3])(), { done: false, value: 9 });
    });

    test(
      `${form}() gives the results before what an item throws, then that, and then ends`,
      {},
      async (pool) => {
        for (const chunkSize of [1, 2]) {
          const items = range(9).map((item) => ({ item, bad: 4 }));
          const results = pool[form](tasks.throwAt, items, { chunkSize });

          const { values, error } = await collect(results);

          assertEquals([values, String(error)], [range(4), "RangeError: item 4 is bad"]);
          assertEquals(await results.next(), { done: true, value: undefined });
        }
      },
    );

    test(`${form}() gives the results before what its source throws, then that, and then ends`, {
      size: 2,
    }, async (pool) => {
      async function* source(bad: number) {
        for (let i = 0; i < 10; i++) {
          if (i === bad) throw new TypeError(`no item ${bad}`);
          yield await Promise.resolve(i);
        }
      }
      for (const bad of [0, 3, 4, 5]) {
        for (const chunkSize of [undefined, 1, 4]) {
          const results = pool[form](tasks.square, source(bad), { chunkSize });

          const { values, error } = await collect(results);

          if (form === "imapUnordered") values.sort((a, b) => a - b);
          assertEquals(values, range(bad).map((n) => n * n));
          assertEquals(String(error), `TypeError: no item ${bad}`);
          assertEquals(await results.next(), { done: true, value: undefined });
        }
      }
    });

    test(`${form}() takes from a source without end as fast as it is consumed`, {
      size: 2,
    }, async (pool) => {
      for (const items of ["items", "itemsAtOnce"] as const) {
        const source = new Endless();
        let count = 0;

        for await (const result of pool[form](tasks.echo, source[items](), { chunkSize: 1 })) {
          assertEquals(typeof result, "number");
          count++;
          assert(source.taken <= mostTaken(count), `${source.taken} taken after ${count}`);
          if (count === 100) break;
        }

        // Whatever could be taken now would be: there are no results left to wait for.
        await pool.submit(tasks.echo, "done");
        assert(source.taken <= mostTaken(100), `${source.taken} taken`);
        await until("the source has ended", () => source.ended);
      }
    });

    test(`${form}() reads ahead with chunks of its own choice by what was consumed, about`, {
      size: 2,
    }, async (pool) => {
      const source = new Endless();
      let count = 0;

      for await (const _ of pool[form](tasks.echo, source.items())) {
        count++;
        const most = 500 + 20 * count;
        assert(source.taken <= most, `${source.taken} taken after ${count}`);
        if (count === 1000) break;
      }

      await until("the source has ended", () => source.ended);
    });

    test(
      `${form}() gives a result before its source has the next item`,
      { size: 2 },
      async (pool) => {
        let consumed = 0;
        async function* source() {
          for (let n = 0; n < 20; n++) {
            await until(`${n} results were consumed`, () => consumed >= n);
            yield n;
          }
        }

        for await (const result of pool[form](tasks.square, source())) {
          assertEquals(result, consumed ** 2);
          consumed++;
        }

        assertEquals(consumed, 20);
      },
    );

    test(`${form}() aborts what it has begun when its loop is left`, {}, async (pool) => {
      const { reached, open: aborted } = makeGate();
      const items = range(20).map((item) => ({ reached, aborted, item }));

      for await (const item of pool[form](tasks.untilAbortedItem, items, { chunkSize: 1 })) {
        assertEquals(item, 0);
        await reached.wait();
        reached.clear();
        break;
      }

      await aborted.wait();
      assertEquals(await pool.submit(tasks.square, 3), 9);
      assertEquals([reached.isSet, pool.stats.queued], [false, 0]);
    });

    test(`${form}() that is aborted rejects and aborts what runs`, {}, async (pool) => {
      const { reached, open: aborted } = makeGate();
      const controller = new AbortController();
      const items = range(20).map((item) => ({ reached, aborted, item }));
      const results = pool[form](tasks.untilAbortedItem, items, {
        chunkSize: 1,
        signal: controller.signal,
      });
      assertEquals(await results.next(), { done: false, value: 0 });
      const next = results.next();

      await reached.wait();
      controller.abort(new Error("enough"));

      await assertRejects(() => next, Error, "enough");
      await aborted.wait();
      assertEquals(await results.next(), { done: true, value: undefined });
    });

    test(`${form}() of a pool that is closed rejects`, {}, async (pool) => {
      pool.close();

      const error = await assertRejects(async () => await pool[form](tasks.square, [1]).next());

      assertEquals((error as Error).name, "PoolClosedError");
    });

    test(`${form}() answers several calls of next() at once, and return()`, {
      size: 2,
    }, async (pool) => {
      const source = new Endless();
      const results = pool[form](tasks.echo, source.items(), { chunkSize: 1 });

      const nexts = await Promise.all([results.next(), results.next(), results.next()]);

      const values = nexts.map(({ value }) => value as number);
      if (form === "imap") assertEquals(values, [0, 1, 2]);
      else assertEquals(new Set(values).size, 3);
      assertEquals((await results.return!()).done, true);
      await until("the source has ended", () => source.ended);
      assertEquals((await results.next()).done, true);
    });

    test(`${form}() tells its progress`, { size: 2 }, async (pool) => {
      const reports: MapProgress[] = [];
      const gate = makeGate();
      async function* source() {
        for (const item of range(20)) yield await Promise.resolve({ gate, at: 19, item });
        // The pool hears of the end of its source before the last item can be done.
        setTimeout(() => gate.open.set());
      }

      await collect(pool[form](tasks.holdAt, source(), {
        chunkSize: 1,
        onProgress: (progress) => reports.push(progress),
      }));

      assertEquals(reports[0], { completed: 1, total: undefined });
      assertEquals(reports.at(-1), { completed: 20, total: 20 });
    });
  }

  test("imap() gives the results in the order of the items, whichever is done first", {
    size: 2,
  }, async (pool) => {
    const gate = makeGate();
    const items = range(3).map((item) => ({ gate, at: 0, item }));
    const results = pool.imap(tasks.holdAt, items, { chunkSize: 1 });
    const first = results.next();

    await gate.reached.wait();
    assertEquals(await pool.submit(tasks.square, 3), 9);
    gate.open.set();

    assertEquals([(await first).value, ...(await collect(results)).values], [0, 1, 2]);
  });

  test("imapUnordered() gives the results that are done first", { size: 2 }, async (pool) => {
    const gate = makeGate();
    const items = range(3).map((item) => ({ gate, at: 0, item }));
    const results = pool.imapUnordered(tasks.holdAt, items, { chunkSize: 1 });

    assertEquals(await results.next(), { done: false, value: 1 });
    assertEquals(await results.next(), { done: false, value: 2 });
    gate.open.set();
    assertEquals((await collect(results)).values, [0]);
  });

  test("imap() calls the task with each item once", { size: 2 }, async (pool) => {
    const order = makeNumbers(201);
    const items = range(200).map((item) => ({ order, item }));

    const { values } = await collect(pool.imap(tasks.noteItem, items));

    assertEquals(values, range(200));
    assertEquals([...order.view].slice(1).sort((a, b) => a - b), range(200));
  });
}

function square(n: number): number {
  return n * n;
}
