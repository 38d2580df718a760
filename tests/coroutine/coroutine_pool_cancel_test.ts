// Copyright 2026 the Weft authors. MIT license.

// Tasks of pools of coroutines that are cancelled, or run too long.

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import { CoroutinePool, currentCoroutine, sleep, spawn } from "../../coroutine/mod.ts";
import { Event, Lock } from "../../sync/mod.ts";
import { currentTask, type Future } from "../../task/mod.ts";
import { double, long, range, settle } from "./_pool_helpers.ts";

Deno.test("CoroutinePool.submit() of a task that is cancelled at once never runs it", async () => {
  await using pool = new CoroutinePool(1);
  let runs = 0;
  const count = () => ++runs;

  const [first, second, third] = [pool.submit(count), pool.submit(count), pool.submit(count)];
  assertEquals([first.running, second.running], [true, false]);
  assertEquals([first.cancel(), second.cancel()], [true, true]);

  assertEquals(await third, 1);
  assertEquals([first.cancelled, second.cancelled, runs], [true, true, 1]);
  assertEquals([pool.stats.completed, pool.stats.failed, pool.stats.queued], [1, 2, 0]);
});

for (const kind of ["an async function", "a generator", "an async generator"]) {
  Deno.test(`cancel() of ${kind} that runs in a pool runs finally blocks, and its place is taken until then`, async () => {
    await using pool = new CoroutinePool(1);
    const log: string[] = [];
    const [begun, mayEnd] = [new Event(), new Event()];
    const cleanUp = async () => {
      await mayEnd.wait();
      log.push("cleaned up");
    };
    const future = kind === "an async function"
      ? pool.submit(async () => {
        try {
          begun.set();
          await sleep(long);
        } finally {
          await cleanUp();
        }
      })
      : kind === "a generator"
      ? pool.submit(function* () {
        try {
          begun.set();
          yield sleep(long);
        } finally {
          yield cleanUp();
        }
      })
      : pool.submit(async function* () {
        try {
          begun.set();
          yield await sleep(long);
        } finally {
          await cleanUp();
        }
      });
    await begun.wait();
    const next = pool.submit(() => log.push("next"));

    assertEquals(future.cancel(), true);
    assertEquals((await assertRejects(() => future, DOMException)).name, "AbortError");
    await settle();
    assertEquals([log, pool.stats.running, pool.stats.queued], [[], 1, 1]);

    mayEnd.set();
    await next;
    assertEquals(log, ["cleaned up", "next"]);
  });
}

Deno.test("cancel() of a task that waits for nothing of Weft frees its place, and its signal tells it later", async () => {
  await using pool = new CoroutinePool(1);
  const gate = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<boolean>();
  const future = pool.submit(async () => {
    await gate.promise;
    seen.resolve(currentTask().signal.aborted);
  });
  await settle();

  assertEquals(future.cancel(), true);

  assertEquals(await pool.submit(double, 2), 4);
  gate.resolve();
  assertEquals(await seen.promise, true);
});

Deno.test("cancel() of a task ends what that has spawned, before its place is free", async () => {
  await using pool = new CoroutinePool(1);
  const log: string[] = [];
  const begun = new Event();
  const future = pool.submit(async () => {
    await spawn(async () => {
      try {
        begun.set();
        await sleep(long);
      } finally {
        await sleep(1);
        log.push("the child has ended");
      }
    });
  });
  await begun.wait();

  future.cancel();
  await pool.submit(() => log.push("next"));

  assertEquals(log, ["the child has ended", "next"]);
});

Deno.test("cancel() of a task that waits for a lock or an item takes neither", async () => {
  await using pool = new CoroutinePool(2);
  const lock = new Lock();
  const queue = new Queue<number>();
  await lock.acquire();
  const futures = [pool.submit(() => lock.acquire()), pool.submit(() => queue.get())];
  await settle();

  for (const future of futures) future.cancel();
  lock.release();
  await queue.put(1);
  await settle();

  assertEquals([lock.tryAcquire(), queue.getNowait()], [true, 1]);
  lock.release();
});

Deno.test("cancel() in a listener of the signal of the task, and again, does no harm", async () => {
  await using pool = new CoroutinePool(1);
  const begun = new Event();
  let heard = 0;
  const future: Future<void> = pool.submit(async () => {
    currentTask().signal.addEventListener("abort", () => {
      heard++;
      assertEquals(future.cancel(), true);
      pool.submit(double, 1);
    });
    begun.set();
    await sleep(long);
  });
  await begun.wait();

  assertEquals([future.cancel(), future.cancel(), heard], [true, true, 1]);
  await pool.submit(double, 1);
  assertEquals([pool.stats.completed, pool.stats.failed], [2, 1]);
});

Deno.test("run() gives the task the reason of its signal", async () => {
  await using pool = new CoroutinePool(1);
  const reason = new Error("enough");
  const controller = new AbortController();
  const seen = Promise.withResolvers<unknown[]>();
  const begun = new Event();
  const future = pool.run(
    async () => {
      const { signal } = currentTask();
      begun.set();
      await sleep(long).catch((error) => seen.resolve([error, signal.reason]));
    },
    [],
    { signal: controller.signal },
  );
  await begun.wait();

  controller.abort(reason);

  assertStrictEquals(await future.catch((error) => error), reason);
  for (const error of await seen.promise) assertStrictEquals(error, reason);
});

Deno.test("run() with a timeout rejects at once, cancels the task and waits for it with the next", async () => {
  await using pool = new CoroutinePool(1);
  const log: unknown[] = [];
  const mayEnd = new Event();
  const future = pool.run(
    async () => {
      try {
        await sleep(long);
      } catch (error) {
        await mayEnd.wait();
        log.push(error);
      }
      return "too late";
    },
    [],
    { timeout: 5 },
  );
  const next = pool.submit(() => log.push("next"));

  const error = await assertRejects(() => future, DOMException, "5 ms");
  assertEquals([error.name, log], ["TimeoutError", []]);
  mayEnd.set();

  await next;
  assertStrictEquals(log[0], error);
  assertEquals([log[1], pool.stats.completed, pool.stats.failed], ["next", 1, 1]);
});

Deno.test("run() with a timeout that races with the end of the task has one outcome", async () => {
  await using pool = new CoroutinePool(20);
  let ran = 0;
  const futures = range(400).map((n) => {
    const work = async () => {
      await sleep(n % 5);
      ran++;
      return n;
    };
    return pool.run(work, [], { timeout: 2 });
  });

  let done = 0;
  for (const [n, future] of futures.entries()) {
    const outcome = await future.catch((error) => error.name);
    if (outcome === "TimeoutError") continue;
    assertEquals(outcome, n);
    done++;
  }

  assertEquals([pool.stats.completed, pool.stats.completed + pool.stats.failed], [done, 400]);
  assert(ran >= done);
  assertEquals(pool.stats.run.count, 400);
});

Deno.test("run() leaves no timer when the task is done or cancelled", async () => {
  await using pool = new CoroutinePool(2);
  const options = { timeout: long };
  const futures = range(6).map((n) => pool.run(double, [n], options));
  futures[0]!.cancel();
  futures[5]!.cancel();
  futures.push(pool.run(() => Promise.reject(new RangeError("no")), [], options) as Future<never>);

  const outcomes = await Promise.all(futures.map((future) => future.catch((error) => error.name)));

  // The sanitizer finds timers that are left.
  assertEquals(outcomes, ["AbortError", 2, 4, 6, 8, "AbortError", "RangeError"]);
});

Deno.test("a task that cancels itself rejects its future with the reason", async () => {
  await using pool = new CoroutinePool(1);
  const reason = new Error("by itself");

  const future = pool.submit(async () => {
    currentCoroutine()!.cancel(reason);
    await sleep(long);
  });

  assertStrictEquals(await future.catch((error) => error), reason);
  assertEquals(await pool.submit(double, 1), 2);
});

Deno.test("run() with a timeout counts it from the begin also for a task that has waited", async () => {
  await using pool = new CoroutinePool(1);
  const gate = Promise.withResolvers<void>();
  const held = pool.submit(() => gate.promise);
  const future = pool.run(() => sleep(long), [], { timeout: 20 });

  await sleep(40);
  assertEquals([future.done, future.running], [false, false]);
  gate.resolve();

  assertEquals((await assertRejects(() => future, DOMException)).name, "TimeoutError");
  await held;
});
