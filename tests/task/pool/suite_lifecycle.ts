// Copyright 2026 the Weft authors. MIT license.

// How pools begin, grow, shrink and end.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PoolClosedError } from "../../../task/mod.ts";
import { runOn } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import {
  collect,
  defineTests,
  hasWorkers,
  makeGate,
  makeNumbers,
  type MakePool,
  outcomeOf,
  type PoolKind,
  poolNames,
  range,
  soon,
  until,
} from "./_helpers.ts";

/** Tests close(), join(), terminate() and the number of workers. */
export function testLifecycle(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);
  const name = poolNames[kind];

  test("close() takes no more tasks, and those that it has are run", { size: 2 }, async (pool) => {
    const futures = range(60).map((n) => pool.submit(tasks.squareLater, n));
    let done = 0;
    for (const future of futures) future.then(() => done++);

    pool.close();
    pool.close();
    assertThrows(() => pool.submit(tasks.square, 1), PoolClosedError);
    assertThrows(() => pool.run(tasks.square, [1]), PoolClosedError);
    await assertRejects(() => pool.starmap(tasks.subtract, [[1, 2]]), PoolClosedError);

    await Promise.all([pool.join(), pool.join()]);
    assertEquals(done, 60);
    assertEquals(await Promise.all(futures), range(60).map((n) => n * n));
    await pool.join();
    pool.close();
    assertEquals([pool.stats.workers, pool.stats.queued, pool.stats.completed], [0, 0, 60]);
    assertThrows(() => pool.submit(tasks.square, 1), PoolClosedError);
  });

  test("close() ends idle workers", {}, async (pool) => {
    await pool.submit(tasks.square, 1);

    pool.close();
    await pool.join();

    assertEquals(pool.stats.workers, 0);
  });

  test("join() rejects when the pool is not closed", {}, async (pool) => {
    await assertRejects(() => pool.join(), Error, "clos");

    assertEquals(await pool.submit(tasks.square, 3), 9);
  });

  test("join() ends by its timeout and its signal, and can be called again", {}, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate, "held");
    await gate.reached.wait();
    pool.close();

    const error = await assertRejects(() => pool.join({ timeout: 5 }), DOMException);
    assertEquals(error.name, "TimeoutError");
    const controller = new AbortController();
    const join = pool.join({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assertRejects(() => join, Error, "enough");

    gate.open.set();
    await pool.join({ timeout: 50_000 });
    assertEquals([await held, pool.stats.workers], ["held", 0]);
  });

  test("terminate() rejects what is not done, however much that is", { size: 2 }, async (pool) => {
    const { reached } = makeGate();
    const done = pool.submit(tasks.square, 3);
    await done;
    const how = hasWorkers(kind) ? "loop" : "pending";
    const running = [pool.submit(runOn, how, reached), pool.submit(runOn, "pending")];
    await reached.wait();
    const waiting = range(10_000).map((n) => pool.submit(tasks.squareLater, n));
    const map = outcomeOf(pool.map(tasks.square, range(10_000), { chunkSize: 10 }));
    const imap = collect(pool.imap(tasks.square, range(100)));

    await Promise.all([pool.terminate(), pool.terminate()]);

    for (const future of [...running, ...waiting]) assert(future.done);
    const outcomes = await Promise.all([...running, ...waiting].map(outcomeOf));
    assertEquals(new Set([...outcomes, await map]), new Set(["PoolClosedError"]));
    assert((await imap).error instanceof PoolClosedError);
    assertEquals(await done, 9);
    const { workers, queued, running: left } = pool.stats;
    assertEquals([workers, queued, left], [0, 0, 0]);
    assertThrows(() => pool.submit(tasks.square, 1), PoolClosedError);
    await pool.terminate();
    await pool.join();
  });

  test("terminate() ends a pool whose worker is about to start", {}, async (pool) => {
    const future = pool.submit(tasks.square, 3);

    await pool.terminate();

    assertEquals([await outcomeOf(future), pool.stats.workers], ["PoolClosedError", 0]);
  });

  test("terminate() ends a pool that is closed and joined", {}, async (pool) => {
    const future = pool.submit(runOn, "loop");
    pool.close();
    const join = pool.join();

    await pool.terminate();

    await join;
    assertEquals(await outcomeOf(future), "PoolClosedError");
  });

  Deno.test(`${name} that nobody uses starts no worker and ends`, async () => {
    const closed = make(2);
    assertEquals(closed.stats.workers, 0);
    closed.close();
    await soon(closed.join(), "join()");

    await soon(make(2).terminate(), "terminate()");
    await using _pool = make(2);
  });

  Deno.test(`${name} waits for its work at the end of its scope`, async () => {
    let future;
    let stats;
    {
      await using pool = make(1);
      future = pool.submit(tasks.squareLater, 5);
      stats = () => pool.stats;
    }

    assertEquals([future.done, await future, stats().workers], [true, 25, 0]);
  });

  test("starts workers as tasks need them, and ends those that are idle for long", {
    workers: true,
    size: 2,
    minSize: 1,
    idleTimeout: 50,
  }, async (pool) => {
    const gates = [makeGate(), makeGate()];
    const workers = new Set(gates.map((gate) => pool.submit(tasks.holdBlocked, gate)));
    for (const gate of gates) await gate.reached.wait();
    assertEquals(pool.stats.workers, 2);
    for (const gate of gates) gate.open.set();
    const ids = new Set(await Promise.all(workers));

    await until("one worker is left", () => pool.stats.workers < 2);
    const left = await pool.submit(tasks.identify);
    await new Promise((resolve) => setTimeout(resolve, 200));

    assertEquals([ids.size, pool.stats.workers], [2, 1]);
    assertEquals([ids.has(left), await pool.submit(tasks.identify)], [true, left]);
  });

  test("ends all workers that are idle for long, and starts new ones", {
    workers: true,
    size: 2,
    idleTimeout: 20,
  }, async (pool) => {
    const first = await pool.submit(tasks.identify);
    await until("no worker is left", () => pool.stats.workers === 0);

    const second = await pool.submit(tasks.identify);

    assert(first !== second);
    assertEquals(await pool.map(tasks.square, range(10)), range(10).map((n) => n * n));
  });

  test(
    "does not take a worker that works for one that is idle",
    { workers: true, idleTimeout: 20 },
    async (pool) => {
      const worker = await pool.submit(tasks.identify);
      const gate = makeGate();
      const held = pool.submit(tasks.holdBlocked, gate);
      await gate.reached.wait();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const next = pool.submit(tasks.identify);
      gate.open.set();

      const holder = await held;
      assertEquals(await next, holder);
      // It may have ended by itself before it was given the second task.
      assertEquals(typeof worker, "string");
    },
  );

  test(
    "replaces each worker after so many tasks",
    { workers: true, maxTasksPerWorker: 3 },
    async (pool) => {
      const ids: string[] = [];
      for (let i = 0; i < 7; i++) ids.push(await pool.submit(tasks.identify));

      assertEquals(new Set(ids).size, 3);
      assertEquals([ids[0], ids[1], ids[3], ids[4]], [ids[2], ids[2], ids[5], ids[5]]);
      const more = await Promise.all(range(5).map(() => pool.submit(tasks.countCalls)));
      assert(Math.max(...more) <= 3, `${more}`);
    },
  );

  test("replaces workers after each task and ends when it is closed meanwhile", {
    workers: true,
    size: 2,
    maxTasksPerWorker: 1,
  }, async (pool) => {
    const futures = range(6).map(() => pool.submit(tasks.identify));

    pool.close();
    await pool.join();

    assertEquals(new Set(await Promise.all(futures)).size, 6);
  });

  test("replaces workers during a map and loses nothing", {
    workers: true,
    size: 2,
    maxTasksPerWorker: 2,
  }, async (pool) => {
    const ids = await pool.map(tasks.identifyFor, range(12), { chunkSize: 2 });

    assertEquals(ids.length, 12);
    const most = Math.max(...ids.map((id) => ids.filter((other) => other === id).length));
    // A task is a chunk, as for `maxtasksperchild` of CPython, or an item.
    assert(most <= 4, `${most} items in one worker`);
  });

  test("holds all results when many tasks end as it is closed", { size: 2 }, async (pool) => {
    for (const count of [0, 1, 50]) {
      const other = make(2);
      const runs = makeNumbers(50);
      const futures = range(count).map((n) => other.submit(tasks.countAt, runs, n));
      other.close();
      await soon(other.join(), "join()", other);
      assertEquals(await Promise.all(futures), range(count));
      assertEquals([...runs.view].reduce((a, b) => a + b, 0), count);
    }
    assertEquals(await pool.submit(tasks.square, 3), 9);
  });
}
