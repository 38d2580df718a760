// Copyright 2026 the Weft authors. MIT license.

// Workers that end, and what is left of that.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { type Future, type Pool, type Task, WorkerLostError } from "../../../task/mod.ts";
import * as faults from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import * as ends from "../../fixtures/thread_ends.ts";
import {
  collect,
  defineTests,
  makeGate,
  type MakePool,
  outcomeOf,
  type PoolKind,
  range,
} from "./_helpers.ts";

/** Tests what becomes of tasks whose workers end. */
export function testLosses(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  const exits: [name: string, submit: (pool: Pool) => Future<unknown>, code: number][] = [
    ["Deno.exit(0)", (pool) => pool.submit(ends.exitDeno, 0), 0],
    ["Deno.exit(3)", (pool) => pool.submit(ends.exitDeno, 3), 3],
    ["process.exit(4)", (pool) => pool.submit(ends.exitProcess, 4), 4],
    ["Deno.exit(5) while it waits", (pool) => pool.submit(ends.exitLater), 5],
  ];
  if (kind === "thread") exits.push(["self.close()", (pool) => pool.submit(ends.closeSelf), 0]);

  test(
    "a task that ends its worker is lost alone, and the worker is replaced",
    {},
    async (pool) => {
      let worker = await pool.submit(tasks.identify);
      for (const [name, submit, code] of exits) {
        const lost = submit(pool);
        const queued = range(10).map((n) => pool.submit(tasks.square, n));

        const error = await assertRejects(() => lost, WorkerLostError);

        assertEquals([error.name, error.exitCode, error.exitSignal], [
          "WorkerLostError",
          code,
          undefined,
        ], name);
        assertEquals(await Promise.all(queued), range(10).map((n) => n * n), name);
        const next = await pool.submit(tasks.identify);
        assert(next !== worker, name);
        worker = next;
      }
      assertEquals([pool.stats.workers, pool.stats.failed], [1, exits.length]);
    },
  );

  test("a worker that ends takes no task of the others along", { size: 2 }, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate, "held");
    await gate.reached.wait();

    await assertRejects(() => pool.submit(ends.exitDeno, 1), WorkerLostError);
    assertEquals(await pool.submit(tasks.square, 3), 9);

    gate.open.set();
    assertEquals([await held, pool.stats.workers], ["held", 2]);
  });

  test("a map whose worker ends rejects, and the pool goes on", { size: 2 }, async (pool) => {
    for (const chunkSize of [undefined, 1, 3]) {
      const exit = ends.exitDeno as unknown as Task<[number], number>;
      const map = pool.map(exit, [7, 7, 7, 7, 7], { chunkSize });
      const error = await assertRejects(() => map, WorkerLostError);
      assertEquals(error.exitCode, 7);
      const { values, error: last } = await collect(pool.imap(exit, [7], { chunkSize }));
      assertEquals(values, []);
      assertInstanceOf(last, WorkerLostError);
    }

    assertEquals(await pool.map(tasks.square, range(9)), range(9).map((n) => n * n));
  });

  for (const [what, name] of [["throwInTimer", "timer"], ["rejectUnhandled", "promise"]] as const) {
    test(
      `an error that nothing catches is the cause of the loss of what runs: in a ${name}`,
      {},
      async (pool) => {
        const worker = await pool.submit(tasks.identify);
        const lost = pool.submit(ends[what]);
        const queued = pool.submit(tasks.square, 3);

        const error = await assertRejects(() => lost, WorkerLostError);

        assertInstanceOf(error.cause, RangeError);
        assert(error.cause.stack!.includes("thread_ends.ts"), error.cause.stack);
        assertEquals(await queued, 9);
        assert(await pool.submit(tasks.identify) !== worker);
      },
    );
  }

  for (const what of ["throwAfterReturn", "rejectAfterReturn", "exitAfterReturn"] as const) {
    test(
      `a worker that is lost after its task has returned is replaced: ${what}`,
      {},
      async (pool) => {
        const first = await pool.submit(tasks.identify);
        const late = faults[what] as Task<[number], string>;
        const future = pool.submit(late, 3);

        assertEquals(await future, "returned");
        let worker = first;
        let lost = 0;
        while (worker === first) {
          // What runs when the worker ends is lost with it.
          const outcome = await outcomeOf(pool.submit(tasks.identify));
          if (outcome === "WorkerLostError") lost++;
          else worker = outcome as string;
        }

        assert(lost <= 1, `${lost} tasks were lost`);
        assertEquals(await future, "returned");
        assertEquals(await pool.map(tasks.square, [1, 2, 3]), [1, 4, 9]);
        assertEquals(pool.stats.workers, 1);
      },
    );
  }

  test("tasks that end their worker one after the other do not break the pool", {
    size: 2,
  }, async (pool) => {
    const outcomes = range(15).map((n) => {
      if (n % 3 === 0) return outcomeOf(pool.submit(tasks.square, n));
      return outcomeOf(pool.submit(ends.exitDeno, n));
    });

    assertEquals(
      await Promise.all(outcomes),
      range(15).map((n) => n % 3 === 0 ? n * n : "WorkerLostError"),
    );
    assertEquals(await pool.submit(tasks.square, 3), 9);
  });

  test(
    "a worker that ends when the pool is closed leaves the tasks that wait to others",
    {},
    async (pool) => {
      const lost = outcomeOf(pool.submit(ends.exitDeno, 1));
      const queued = range(5).map((n) => pool.submit(tasks.square, n));

      pool.close();
      await pool.join();

      assertEquals(await lost, "WorkerLostError");
      assertEquals(await Promise.all(queued), [0, 1, 4, 9, 16]);
    },
  );
}
