// Copyright 2026 the Weft authors. MIT license.

// Tasks that run too long.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Lock } from "../../../sync/mod.ts";
import { runOn } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import { defineTests, makeGate, type MakePool, outcomeOf, type PoolKind } from "./_helpers.ts";

/** Tests the timeout of run(). */
export function testTimeout(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  for (const how of ["loop", "microtasks", "expression", "blocked", "pending"]) {
    test(
      `run() with a timeout ends a task that goes on for ever, and its worker: ${how}`,
      { workers: true },
      async (pool) => {
        const worker = await pool.submit(tasks.identify);
        const future = pool.run(runOn, [how], { timeout: 20 });
        const next = pool.submit(tasks.identify);

        const error = await assertRejects(() => future, DOMException);

        assertEquals(error.name, "TimeoutError");
        assert(await next !== worker);
        assertEquals([pool.stats.workers, pool.stats.failed, pool.stats.completed], [1, 1, 2]);
      },
    );
  }

  test(
    "run() with a timeout aborts the signal of the task, and keeps a worker that stops",
    {},
    async (pool) => {
      const worker = await pool.submit(tasks.identify);
      const { reached, open: aborted } = makeGate();
      const future = pool.run(tasks.untilAborted, [reached, aborted], { timeout: 20 });

      assertEquals((await assertRejects(() => future, DOMException)).name, "TimeoutError");

      await aborted.wait();
      assertEquals(await pool.submit(tasks.identify), worker);
      assertEquals(future.cancelled, false);
    },
  );

  test(
    "run() with a timeout stops a task that asks its signal now and then",
    { workers: true },
    async (pool) => {
      const worker = await pool.submit(tasks.identify);
      const { reached, open: aborted } = makeGate();
      const future = pool.run(tasks.computeUntilAborted, [reached, aborted], { timeout: 20 });

      assertEquals(await outcomeOf(future), "TimeoutError");

      await aborted.wait();
      assertEquals(await pool.submit(tasks.identify), worker);
    },
  );

  test("run() with a timeout does nothing to a task that is done in time", {}, async (pool) => {
    const worker = await pool.submit(tasks.identify);

    assertEquals(await pool.run(tasks.square, [3], { timeout: 10_000 }), 9);
    assertEquals(await pool.run(tasks.square, [3], { timeout: Infinity }), 9);

    assertEquals(await pool.submit(tasks.identify), worker);
    assertEquals(await pool.submit(tasks.isAborted), false);
  });

  test("run() counts its timeout from when the task begins", {}, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate);
    await gate.reached.wait();
    const future = pool.run(tasks.square, [3], { timeout: 600 });

    await new Promise((resolve) => setTimeout(resolve, 650));
    assertEquals(future.done, false);
    gate.open.set();

    assertEquals(await future, 9);
    await held;
  });

  test(
    "run() gives the result of a task that was done in time, however late that is seen",
    { workers: true },
    async (pool) => {
      const { reached, open } = makeGate();
      // A process is told of a task that it does not know while this thread is not blocked.
      await pool.submit(tasks.setEvent, open);
      const future = pool.run(tasks.setEvent, [reached], { timeout: 150 });

      // Blocks this thread, so that the timeout is over when it sees the result.
      reached.waitSync({ timeout: 30_000 });
      const end = performance.now() + 300;
      while (performance.now() < end);

      assertEquals(await future, "done");
      assertEquals(await pool.submit(tasks.square, 3), 9);
    },
  );

  test("run() with a timeout ends one task of several, and the others go on", {
    workers: true,
    size: 2,
  }, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate, "held");
    await gate.reached.wait();
    const endless = pool.run(runOn, ["loop"], { timeout: 20 });
    const queued = [1, 2, 3].map((n) => pool.submit(tasks.square, n));

    assertEquals(await outcomeOf(endless), "TimeoutError");
    assertEquals(await Promise.all(queued), [1, 4, 9]);

    gate.open.set();
    assertEquals(await held, "held");
    assertEquals(pool.stats.workers, 2);
  });

  test(
    "run() with a timeout ends a task that waits for a lock, which is not lost",
    { workers: true },
    async (pool) => {
      const lock = new Lock({ scope: "process" });
      const { reached } = makeGate();
      await lock.acquire();
      await pool.submit(tasks.identify);
      const future = pool.run(tasks.acquireBlocked, [lock, reached], { timeout: 200 });
      await reached.wait();

      assertEquals(await outcomeOf(future), "TimeoutError");
      assertEquals(await pool.submit(tasks.square, 3), 9);
      lock.release();

      await lock.acquire({ timeout: 30_000 });
      lock.release();
    },
  );

  test(
    "run() with a signal and a timeout ends a task that does not mind the signal",
    { workers: true },
    async (pool) => {
      const { reached } = makeGate();
      const controller = new AbortController();
      const options = { signal: controller.signal, timeout: 500 };
      const future = pool.run(runOn, ["loop", reached], options);
      await reached.wait();

      controller.abort(new RangeError("enough"));

      assertEquals(await outcomeOf(future), "RangeError");
      assertEquals(await pool.submit(tasks.square, 3), 9);
    },
  );

  test(
    "cancel() of a task with a timeout that does not stop ends it with its worker",
    { workers: true },
    async (pool) => {
      const { reached } = makeGate();
      const future = pool.run(runOn, ["loop", reached], { timeout: 500 });
      await reached.wait();

      assertEquals(future.cancel(), true);

      assertEquals(await outcomeOf(future), "AbortError");
      assertEquals(await pool.submit(tasks.square, 3), 9);
    },
  );

  test(
    "terminate() ends a task that runs on after its cancellation",
    { workers: true },
    async (pool) => {
      const { reached } = makeGate();
      const future = pool.submit(runOn, "loop", reached);
      await reached.wait();

      assertEquals(future.cancel(), true);
      await pool.terminate();

      assertEquals([await outcomeOf(future), pool.stats.workers], ["AbortError", 0]);
    },
  );
}
