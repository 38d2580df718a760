// Copyright 2026 the Weft authors. MIT license.

// Tasks that are cancelled, by their futures or by signals.

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { currentTask, type Future } from "../../../task/mod.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import {
  defineTests,
  makeGate,
  makeNumbers,
  type MakePool,
  outcomeOf,
  type PoolKind,
  range,
  until,
} from "./_helpers.ts";

/** Tests cancel() of futures and the signal of run(). */
export function testCancel(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  test("cancel() removes a task that waits", {}, async (pool) => {
    const gate = makeGate();
    const order = makeNumbers(3);
    const held = pool.submit(tasks.hold, gate);
    const waiting = pool.submit(tasks.note, order, 1);
    const next = pool.submit(tasks.note, order, 2);
    await gate.reached.wait();

    assertEquals([waiting.cancel(), waiting.cancel()], [true, true]);
    assertEquals([waiting.done, waiting.cancelled, waiting.running], [true, true, false]);
    const error = await assertRejects(() => waiting, DOMException);
    assertEquals(error.name, "AbortError");

    gate.open.set();
    await Promise.all([held, next]);
    assertEquals([...order.view], [1, 2, 0]);
    assertEquals([pool.stats.completed, pool.stats.failed], [2, 1]);
  });

  test(
    "cancel() of some of many tasks that wait removes these alone",
    { size: 2 },
    async (pool) => {
      const gates = [makeGate(), makeGate()];
      const runs = makeNumbers(200);
      const held = gates.map((gate) => pool.submit(tasks.hold, gate));
      for (const gate of gates) await gate.reached.wait();
      const futures = range(200).map((n) => pool.submit(tasks.countAt, runs, n));

      for (const [n, future] of futures.entries()) if (n % 2 === 0) assert(future.cancel());
      assertEquals(pool.stats.queued, 100);
      for (const gate of gates) gate.open.set();

      const outcomes = await Promise.all(futures.map(outcomeOf));
      assertEquals(outcomes, range(200).map((n) => n % 2 === 0 ? "AbortError" : n));
      assertEquals([...runs.view], range(200).map((n) => n % 2));
      await Promise.all(held);
    },
  );

  test("cancel() aborts the signal of a task that runs, and keeps its worker", {}, async (pool) => {
    const worker = await pool.submit(tasks.identify);
    const { reached, open: aborted } = makeGate();
    const future = pool.submit(tasks.untilAborted, reached, aborted);
    await reached.wait();

    assertEquals(future.cancel(), true);
    assertEquals([future.done, future.cancelled], [true, true]);
    assertEquals((await assertRejects(() => future, DOMException)).name, "AbortError");

    await aborted.wait();
    assertEquals(await pool.submit(tasks.identify), worker);
    assertEquals(await pool.submit(tasks.isAborted), false);
    assertEquals([pool.stats.running, pool.stats.queued, pool.stats.failed], [0, 0, 1]);
  });

  test(
    "cancel() is seen by a task that computes without a break",
    { workers: true },
    async (pool) => {
      const worker = await pool.submit(tasks.identify);
      const { reached, open: aborted } = makeGate();
      const future = pool.submit(tasks.computeUntilAborted, reached, aborted);
      await reached.wait();

      assertEquals(future.cancel(), true);

      await aborted.wait();
      assertEquals(await pool.submit(tasks.identify), worker);
    },
  );

  test("cancel() is final, whatever the task returns then", {}, async (pool) => {
    const { reached } = makeGate();
    const future = pool.submit(tasks.returnWhenAborted, reached);
    await reached.wait();

    assertEquals(future.cancel(), true);
    assertEquals(await pool.submit(tasks.square, 3), 9);

    assertEquals(await outcomeOf(future), "AbortError");
    assertEquals([future.cancelled, pool.stats.completed], [true, 1]);
  });

  test("cancel() of a task that is done changes nothing", {}, async (pool) => {
    const future = pool.submit(tasks.square, 3);
    await future;
    const failed = pool.submit(tasks.throwAt, { item: 1, bad: 1 });
    await outcomeOf(failed);

    assertEquals([future.cancel(), failed.cancel()], [false, false]);

    assertEquals([future.cancelled, await future, await outcomeOf(failed)], [
      false,
      9,
      "RangeError",
    ]);
  });

  test(
    "cancel() when a task may begin, run or be done has one outcome",
    { size: 2 },
    async (pool) => {
      const runs = makeNumbers(500);
      const futures: Future<number>[] = [];
      for (const n of range(500)) {
        futures.push(pool.submit(tasks.countAt, runs, n));
        if (n % 7 === 0) await outcomeOf(futures[Math.max(0, n - 5)]!);
        if (n % 3 === 0) futures[Math.max(0, n - 2)]!.cancel();
      }

      const outcomes = await Promise.all(futures.map(outcomeOf));

      for (const [n, outcome] of outcomes.entries()) {
        if (futures[n]!.cancelled) assertEquals(outcome, "AbortError");
        else assertEquals([outcome, runs.view[n]], [n, 1]);
        assert(runs.view[n]! <= 1);
      }
      // What was cancelled while it ran may run a moment longer.
      await until("nothing runs", () => pool.stats.queued === 0 && pool.stats.running === 0);
    },
  );

  test("cancel() of all tasks and close() leave nothing to wait for", { size: 2 }, async (pool) => {
    const futures = range(50).map((n) => pool.submit(tasks.squareLater, n));

    for (const future of futures) future.cancel();
    pool.close();
    await pool.join();

    for (const future of futures) assert(future.done);
  });

  test("run() with a signal removes a task that waits when that aborts", {}, async (pool) => {
    const gate = makeGate();
    const order = makeNumbers(3);
    const controller = new AbortController();
    const reason = new Error("enough");
    const held = pool.submit(tasks.hold, gate);
    const waiting = pool.run(tasks.note, [order, 1], { signal: controller.signal });
    const next = pool.submit(tasks.note, order, 2);
    await gate.reached.wait();

    controller.abort(reason);
    assertStrictEquals(await waiting.catch((error) => error), reason);

    gate.open.set();
    await Promise.all([held, next]);
    assertEquals([...order.view], [1, 2, 0]);
    assertEquals([waiting.cancelled, waiting.cancel()].at(0), waiting.cancelled);
  });

  test(
    "run() with a signal rejects with its reason when that aborts while the task runs",
    {},
    async (pool) => {
      const worker = await pool.submit(tasks.identify);
      for (const reason of [new Error("enough"), "a text", undefined]) {
        const { reached, open: aborted } = makeGate();
        const controller = new AbortController();
        const { signal } = controller;
        const future = pool.run(tasks.untilAborted, [reached, aborted], { signal });
        await reached.wait();

        controller.abort(reason);

        assertStrictEquals(await future.catch((error) => error), signal.reason);
        await aborted.wait();
      }
      assertEquals(await pool.submit(tasks.identify), worker);
    },
  );

  test("run() throws the reason of a signal that is aborted already", {}, async (pool) => {
    const reason = new TypeError("too late");
    const signal = AbortSignal.abort(reason);

    const error = assertThrows(() => pool.run(tasks.square, [3], { signal }));

    assertStrictEquals(error, reason);
    assertEquals([pool.stats.queued, pool.stats.workers], [0, 0]);
    assertEquals(await pool.submit(tasks.square, 3), 9);
  });

  test(
    "run() with a signal that aborts when the task is done changes nothing",
    {},
    async (pool) => {
      const controller = new AbortController();
      const future = pool.run(tasks.square, [3], { signal: controller.signal });
      await future;

      controller.abort(new Error("too late"));

      assertEquals([await future, future.cancelled], [9, false]);
      assertEquals(await pool.submit(tasks.isAborted), false);
    },
  );

  test("run() leaves no listener at its signal, however the task ends", {}, async (pool) => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      listeners++;
      Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--;
      Reflect.apply(removeEventListener, signal, args);
    };

    const futures = range(10).map((n) => pool.run(tasks.square, [n], { signal }));
    futures[9]!.cancel();
    futures.push(pool.run(tasks.throwAt as never, [{ item: 1, bad: 1 }] as never, { signal }));
    await Promise.all(futures.map(outcomeOf));
    await pool.map(tasks.square, range(10), { signal });
    if (kind !== "coroutine") assertThrows(() => pool.run(tasks.echo, [() => {}], { signal }));

    assertEquals(listeners, 0);
  });

  test("run() with one signal for many tasks removes or aborts all", { size: 2 }, async (pool) => {
    const { reached, open: aborted } = makeGate();
    const controller = new AbortController();
    const { signal } = controller;
    const futures = [
      pool.run(tasks.untilAborted, [reached, aborted], { signal }),
      ...range(100).map((n) => pool.run(tasks.hold, [makeGate(), n], { signal })),
    ];
    await reached.wait();

    controller.abort(new Error("enough"));

    const outcomes = await Promise.all(futures.map(outcomeOf));
    assertEquals(new Set(outcomes), new Set(["Error"]));
    assertEquals(pool.stats.queued, 0);
    // One holds at a gate that nobody opens.
    await pool.terminate();
  });

  Deno.test(`currentTask() has a signal that never aborts outside of the workers (${kind})`, () => {
    assertEquals(currentTask().signal.aborted, false);
    assertEquals(tasks.isAborted(), false);
  });
}
