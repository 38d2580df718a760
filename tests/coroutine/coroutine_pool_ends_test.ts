// Copyright 2026 the Weft authors. MIT license.

// The ends of pools of coroutines.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { CoroutinePool, sleep, spawn } from "../../coroutine/mod.ts";
import { currentTask, PoolClosedError } from "../../task/mod.ts";
import { double, long, range, settle } from "./_pool_helpers.ts";

Deno.test("terminate() runs finally blocks and resolves after them", async () => {
  const pool = new CoroutinePool(2);
  const log: string[] = [];
  const work = function* (name: string) {
    try {
      yield sleep(long);
    } finally {
      yield sleep(2);
      log.push(name);
    }
  };
  const futures = ["a", "b", "c"].map((name) => pool.submit(work, name));
  await settle();

  const terminated = pool.terminate();
  for (const future of futures) await assertRejects(() => future, PoolClosedError);
  assertEquals(log, []);
  await terminated;

  assertEquals(log.sort(), ["a", "b"]);
  assertEquals([pool.stats.running, pool.stats.queued, pool.stats.failed], [0, 0, 3]);
  await pool.join();
});

Deno.test("terminate() gives tasks a PoolClosedError as their reason", async () => {
  const pool = new CoroutinePool(1);
  let reason: unknown;
  const future = pool.submit(() => sleep(long).catch((error) => reason = error));
  await settle();

  await pool.terminate();

  assert(reason instanceof PoolClosedError);
  assertStrictEquals(await future.catch((error) => error), reason);
});

Deno.test("terminate() and join() in a task of the pool do not wait for that", async () => {
  const pool = new CoroutinePool(2);
  const log: string[] = [];
  const other = pool.submit(async () => {
    await sleep(long);
  });
  const future = pool.submit(async () => {
    await assertRejects(() => pool.join(), Error, "not closed");
    pool.close();
    await assertRejects(() => pool.join(), Error, "wait for itself");
    await spawn(() => assertRejects(() => pool.join(), Error, "wait for itself"));
    // Has it not given up.
    const { signal } = currentTask();
    await pool.terminate();
    assertEquals(signal.aborted, true);
    log.push("terminated");
  });

  await assertRejects(() => future, PoolClosedError);
  await assertRejects(() => other, PoolClosedError);
  await pool.join();
  await settle();
  assertEquals(log, ["terminated"]);
});

Deno.test("close() in a task lets what waits run, and the pool ends", async () => {
  const pool = new CoroutinePool(1);
  const futures = [pool.submit(() => pool.close()), pool.submit(double, 3)];

  await Promise.all(futures);
  await pool.join();

  assertEquals(await futures[1], 6);
  assertThrows(() => pool.submit(double, 1), PoolClosedError);
});

Deno.test("a program that ends before a pool is told so", async () => {
  const program = `
    import { CoroutinePool } from ${JSON.stringify(import.meta.resolve("../../coroutine/mod.ts"))};
    const pool = new CoroutinePool(1, { name: "crawlers" });
    await pool.submit(() => 1);
    pool.submit(() => new Promise(() => {}));
    pool.submit(() => 2);
    pool.submit(() => 3).cancel();
    const idle = new CoroutinePool(1, { name: "idle" });
    await idle.map((n) => n, [1, 2]);
    Deno.exit(3);
  `;

  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    env: { NO_COLOR: "1" },
  }).output();

  assertEquals(code, 3);
  assertEquals(
    new TextDecoder().decode(stderr),
    "Pool crawlers ended with 2 tasks that were not done\n",
  );
});

Deno.test("a pool leaves nothing behind over many rounds", async () => {
  const pool = new CoroutinePool(10);
  const round = async () => {
    const futures = range(200).map((n) =>
      pool.run(double, [n], { timeout: long, priority: 2 - n % 3 })
    );
    for (const future of futures.filter((_, n) => n % 3 === 0)) future.cancel();
    await Promise.allSettled(futures);
    await pool.map(double, range(500));
    for await (const n of pool.imap(double, range(500))) if (n === 200) break;
    await pool.submit(double, 1);
  };
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const heap = async () => {
    for (let i = 0; i < 4; i++) {
      gc();
      await settle();
    }
    return Deno.memoryUsage().heapUsed;
  };
  // In one coroutine, which could be what keeps something, too.
  const grown = await spawn(async () => {
    for (let i = 0; i < 20; i++) await round();
    const before = await heap();
    for (let i = 0; i < 60; i++) await round();
    return await heap() - before;
  });

  const { queued, running } = pool.stats;
  assertEquals([queued, running], [0, 0]);
  // 50,000 calls: less than 20 bytes for each.
  assert(grown < 1_000_000, `${grown} bytes`);
  await pool.terminate();
});

Deno.test("close() lets an imap go on whose source has more to give", async () => {
  await using pool = new CoroutinePool(1);
  const gate = Promise.withResolvers<void>();
  async function* source() {
    yield 1;
    await gate.promise;
    yield 2;
  }
  const results = pool.imap(double, source());
  assertEquals(await results.next(), { done: false, value: 2 });

  pool.close();
  await settle();
  assertEquals(pool.stats.running, 0);
  gate.resolve();

  assertEquals(await Array.fromAsync(results), [4]);
  await pool.join();
});

Deno.test("join() does not wait for an imap whose results nobody takes", async () => {
  const pool = new CoroutinePool(1);
  const results = pool.imap(double, range(100));
  await results.next();

  pool.close();
  await pool.join({ timeout: 20_000 });

  assertEquals([pool.stats.running, pool.stats.queued], [0, 0]);
  await results.return!();
});
