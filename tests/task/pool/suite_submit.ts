// Copyright 2026 the Weft authors. MIT license.

// Single tasks, and the futures that they give.

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { asCompleted, Future, importTask, type Task, wait } from "../../../task/mod.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import {
  defineTests,
  hasWorkers,
  makeGate,
  makeNumbers,
  type MakePool,
  type PoolKind,
  range,
  until,
} from "./_helpers.ts";

/** Tests submit() and run(). */
export function testSubmit(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  test("submit() resolves with what the task returns", {}, async (pool) => {
    const future = pool.submit(tasks.subtract, 7, 2);

    assert(future instanceof Future);
    assertEquals(await future, 5);
    assertEquals(await pool.submit(tasks.squareLater, 9), 81);
    assertEquals(await pool.run(tasks.subtract, [2, 7]), -5);
  });

  test("submit() works as soon as the pool is there, and with all results at once", {
    size: 2,
  }, async (pool) => {
    const futures = range(300).map((n) => pool.submit(tasks.square, n));

    assertEquals(await Promise.all(futures), range(300).map((n) => n * n));
  });

  test("submit() goes on while the thread that calls is blocked, and gives all results then", {
    workers: true,
    size: 2,
  }, async (pool) => {
    const runs = makeNumbers(1000);
    const futures = range(1000).map((n) => pool.submit(tasks.countAt, runs, n));
    await futures[0];

    const end = performance.now() + 200;
    while (performance.now() < end);

    assertEquals(await Promise.all(futures), range(1000));
    assertEquals(new Set(runs.view), new Set([1]));
  });

  test("submit() begins the tasks in the order of the calls", {}, async (pool) => {
    const ends: number[] = [];
    const futures = range(50).map((n) => pool.submit(tasks.square, n));
    for (const [n, future] of futures.entries()) future.addDoneCallback(() => ends.push(n));

    await Promise.all(futures);
    await pool.submit(tasks.echo, "the callbacks have run");

    assertEquals(ends, range(50));
  });

  test("submit() hands on as many arguments as it is given", {}, async (pool) => {
    assertEquals(await pool.submit(tasks.countArguments), 0);
    assertEquals(await pool.submit(tasks.countArguments, undefined, undefined), 2);
    assertEquals(await pool.run(tasks.countArguments, range(300)), 300);
  });

  test("submit() runs a function of a module that was not made a task", {}, async (pool) => {
    const url = new URL("data:text/javascript,export const join = (a, b) => a + b");
    const join = importTask<(a: string, b: string) => string>(url, "join");

    assertEquals(await pool.submit(join, "a", "b"), "ab");
  });

  test(
    "submit() hands on a task, and one that starts a pool itself",
    { workers: true },
    async (pool) => {
      assertEquals(await pool.submit(tasks.apply, tasks.square, 6), 36);
      const inner = importTask<(n: number) => Promise<number>>(
        new URL("../../fixtures/pool_nested.ts", import.meta.url),
        `sumIn${kind === "thread" ? "Threads" : "Processes"}`,
      );

      assertEquals(await pool.submit(inner, 10), 285);
    },
  );

  test(
    "submit() throws for what is no task, and the pool goes on",
    { workers: true },
    async (pool) => {
      function plain() {}
      for (const value of [plain, undefined, null, 3, {}]) {
        const bad = value as unknown as Task<[]>;
        assertThrows(() => pool.submit(bad), TypeError);
        assertThrows(() => pool.run(bad, []), TypeError);
        await assertRejects(() => pool.map(bad as unknown as Task<[number]>, [1]), TypeError);
      }
      assertThrows(() => pool.submit(plain as unknown as Task<[]>), TypeError, "task(import.meta,");

      assertEquals(await pool.submit(tasks.square, 3), 9);
      assertEquals(pool.stats.failed, 0);
    },
  );

  test(
    "run() throws for arguments and options that are not what they should be",
    {},
    async (pool) => {
      const run = (args: unknown, options?: object) => () =>
        pool.run(tasks.square, args as [number], options);

      for (const args of [undefined, null, 3, {}, "12"]) assertThrows(run(args), TypeError);
      for (const timeout of [-1, NaN, "1"]) assertThrows(run([1], { timeout }), RangeError);
      for (const priority of [NaN, "1", null]) assertThrows(run([1], { priority }), RangeError);
      for (const transfer of [3, {}, [3]]) {
        const error = assertThrows(run([1], { transfer }));
        assert(["TypeError", "DataCloneError"].includes((error as Error).name), String(error));
      }
      for (const signal of [3, {}]) assertThrows(run([1], { signal }), TypeError);

      assertEquals(await pool.run(tasks.square, [3], { timeout: undefined, signal: undefined }), 9);
      assertEquals([pool.stats.completed, pool.stats.failed], [1, 0]);
    },
  );

  test("futures tell whether their task waits, runs or is done", {}, async (pool) => {
    const states = () => futures.map(({ running, done }) => [running, done]);
    const gates = [makeGate(), makeGate()];
    const futures = gates.map((gate, n) => pool.submit(tasks.hold, gate, n));

    await gates[0]!.reached.wait();
    // The news that it runs may be under way still.
    await until("the future runs", () => futures[0]!.running);
    assertEquals(states(), [[true, false], [false, false]]);

    gates[0]!.open.set();
    assertEquals(await futures[0], 0);
    gates[1]!.open.set();
    assertEquals(await futures[1], 1);
    assertEquals(states(), [[false, true], [false, true]]);
    assertEquals(futures.map(({ cancelled }) => cancelled), [false, false]);
  });

  test("futures call back once, with a result, an error or a cancellation", {}, async (pool) => {
    const gate = makeGate();
    const called: string[] = [];
    const futures: Record<string, Future<unknown>> = {
      held: pool.submit(tasks.hold, gate),
      failed: pool.submit(tasks.throwAt, { item: 1, bad: 1 }),
      cancelled: pool.submit(tasks.square, 1),
    };
    for (const [name, future] of Object.entries(futures)) {
      future.addDoneCallback(() => called.push(name));
    }

    assertEquals(futures["cancelled"]!.cancel(), true);
    gate.open.set();
    await Promise.allSettled(Object.values(futures));
    await pool.submit(tasks.square, 1);

    assertEquals(called, ["cancelled", "held", "failed"]);
  });

  test("submit() works from the callback of a future", {}, async (pool) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    pool.submit(tasks.square, 3).addDoneCallback(async (future) => {
      resolve(await pool.submit(tasks.square, await future));
    });

    assertEquals(await promise, 81);
  });

  test("the wait for a result can end before the task", {}, async (pool) => {
    const gate = makeGate();
    const future = pool.submit(tasks.hold, gate, "late");

    const error = await assertRejects(() => future.result({ timeout: 5 }), DOMException);
    assertEquals(error.name, "TimeoutError");
    assertEquals([future.done, future.cancelled], [false, false]);

    gate.open.set();
    assertEquals(await future.result(), "late");
  });

  test("futures can be waited for together", { size: 2 }, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate, "held");
    const quick = pool.submit(tasks.echo, "quick");

    const first = await wait([held, quick], { until: "first" });
    assertEquals([first.done, first.pending], [new Set([quick]), new Set([held])]);

    gate.open.set();
    const ends: unknown[] = [];
    for await (const future of asCompleted([held, quick])) ends.push(await future);
    assertEquals(ends, ["quick", "held"]);
  });

  test("runs at most as many tasks at once as it has size", { size: 2 }, async (pool) => {
    const gates = range(3).map(makeGate);
    const futures = gates.map((gate, n) => pool.submit(tasks.hold, gate, n));

    await gates[0]!.reached.wait();
    await gates[1]!.reached.wait();
    assertEquals([pool.size, pool.stats.workers, pool.stats.queued], [2, 2, 1]);
    assertEquals(gates[2]!.reached.isSet, false);

    gates[1]!.open.set();
    await gates[2]!.reached.wait();
    for (const gate of gates) gate.open.set();
    assertEquals(await Promise.all(futures), [0, 1, 2]);
    assertEquals(pool.stats.workers, hasWorkers(kind) ? 2 : 0);
  });

  test(
    "starts no second worker while the first is idle",
    { workers: true, size: 2 },
    async (pool) => {
      assertEquals(pool.stats.workers, 0);
      const workers = new Set<string>();

      for (let i = 0; i < 20; i++) workers.add(await pool.submit(tasks.identify));

      assertEquals([workers.size, pool.stats.workers], [1, 1]);
    },
  );

  test("starts no more workers than there are tasks, however large it is", {
    size: 200,
  }, async (pool) => {
    const gates = range(2).map(makeGate);
    const futures = gates.map((gate) => pool.submit(tasks.hold, gate, "held"));

    for (const gate of gates) await gate.reached.wait();
    assertEquals([pool.size, pool.stats.workers], [200, 2]);

    for (const gate of gates) gate.open.set();
    assertEquals(await Promise.all(futures), ["held", "held"]);
  });

  test("leaves the function of a task as it is here", { workers: true }, async (pool) => {
    const here = tasks.identify();

    assertStrictEquals(tasks.identify(), here);
    assert(await pool.submit(tasks.identify) !== here);
  });

  Deno.test(`${kind} pools throw for sizes and options that are not what they should be`, () => {
    for (const size of [0, -1, 1.5, NaN, Infinity]) assertThrows(() => make(size), RangeError);
    for (const n of [-1, NaN]) assertThrows(() => make(1, { maxQueue: n }), RangeError);
    assertThrows(() => make(1, { name: 3 as unknown as string }), TypeError);
    if (!hasWorkers(kind)) return;
    for (const n of [0, -1, 1.5, NaN]) {
      assertThrows(() => make(1, { maxTasksPerWorker: n }), RangeError);
    }
    for (const n of [-1, 1.5, NaN, 3]) assertThrows(() => make(2, { minSize: n }), RangeError);
    for (const n of [-1, NaN]) assertThrows(() => make(1, { idleTimeout: n }), RangeError);
    assertThrows(
      () => make(1, { initializer: (() => {}) as unknown as Task<[]> }),
      TypeError,
      "task(import.meta,",
    );
    assertThrows(
      () => make(1, { initializer: tasks.configure, initializerArgs: 3 as unknown as [] }),
      TypeError,
    );
  });
}
