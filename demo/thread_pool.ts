// Copyright 2026 the Weft authors. MIT license.

/**
 * Thread pool: 控制并发量.
 *
 * `submit` gives a future: 一个在未来完成的操作. While it is not done, this thread can do other things; then
 * it has the result of the task, or its error. `shutdown` takes no more tasks, and with `wait=True` waits
 * for those that there are: `close()` and `join()`, or the end of a block with `await using`.
 *
 * ```sh
 * deno task demo thread-pool
 * deno run --allow-read=. demo/thread_pool.ts
 * ```
 *
 * @module
 */

import { Barrier, Event, SharedValue } from "@weft/concurrency/sync";
import { asCompleted, type Future, PoolClosedError, task } from "@weft/concurrency/task";
import { currentThread, ThreadPool } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/**
 * S0.6: one of many tasks.
 *
 * @param running How many run.
 * @param together Where the first ones meet: they run at once, however long a thread takes to start.
 */
export const work = task(
  import.meta,
  async function work(
    line: number,
    ms: number,
    running: SharedValue<"i32">,
    together?: Barrier,
  ) {
    const atOnce = running.add(1) + 1;
    await together?.wait();
    await sleep(ms);
    running.sub(1);
    return { line, atOnce, thread: currentThread().id, pid: Deno.pid };
  },
);

/** S3.1.5: an operation that is completed in the future, when the event says so. */
export const square = task(import.meta, async function square(n: number, go: Event) {
  await go.wait();
  if (n < 0) throw new RangeError(`${n} is negative`);
  return n * n;
});

/** The scenario. */
export const scenario: Scenario = {
  name: "thread-pool",
  module: import.meta.url,
  seeds: "S0.6 S3",
  title: "A hundred tasks on ten threads; futures; shutdown.",
  claim: "every future has its own result; ten threads ran all; shutdown waits for what there is",
  permissions: ["read=."],

  async run(ctx) {
    await showMany(ctx);
    await showFutures(ctx);
  },
};

/** A tenth of the tutorial's threads and tasks, and a tenth of their time. */
async function showMany(ctx: Context): Promise<void> {
  const pool = new ThreadPool(10); // pool只能创建10个线程
  const running = new SharedValue("i32", 0);
  const together = new Barrier(10, { timeout: 30_000 });
  const futures = Array.from({ length: 100 }, (_, line) => {
    return pool.submit(work, line, ctx.ms(1), running, line < 10 ? together : undefined);
  });
  const completed: number[] = [];
  for await (const future of asCompleted(futures)) completed.push((await future).line);
  pool.close();
  await pool.join();

  const results = await Promise.all(futures);
  const threads = new Set(results.map(({ thread }) => thread));
  const most = Math.max(...results.map(({ atOnce }) => atOnce));
  ctx.say(`100 tasks\t${threads.size} threads\t${most} at once`);
  const once = completed.length === 100 && new Set(completed).size === 100;
  ctx.check("asCompleted() gives each future once", once, completed);
  const own = results.every(({ line }, i) => line === i);
  ctx.check("each future has the result of its own task", own, results);
  ctx.check("ten threads ran all hundred", threads.size === 10 && !threads.has(0), threads);
  ctx.check("ten at once, never more", most === 10, most);
  ctx.check("all in this process", results.every(({ pid }) => pid === Deno.pid), results);
}

async function showFutures(ctx: Context): Promise<void> {
  const go = new Event();
  const futures: Future<number>[] = [];
  let before: boolean[];
  let late: unknown;
  {
    await using pool = new ThreadPool(2);
    for (const n of [3, -2, 1]) futures.push(pool.submit(square, n, go));
    pool.close(); // shutdown(wait=False)
    late = errorOf(() => pool.submit(square, 4, go));
    before = futures.map(({ done }) => done);
    ctx.say(`shutdown(wait=False)\tdone: ${before}`);
    ctx.say("this thread does something else meanwhile");
    go.set();
  } // shutdown(wait=True)
  const after = futures.map(({ done }) => done);
  ctx.say(`shutdown(wait=True)\tdone: ${after}`);
  ctx.check("close() does not wait", !before.includes(true), before);
  ctx.check("but no more tasks are taken", late instanceof PoolClosedError, late);
  ctx.check("the end of the block does", !after.includes(false), after);

  const [nine, error, one] = await Promise.all(futures.map((future) => {
    return future.catch((error: unknown) => error);
  }));
  ctx.say(`results\t${nine}\t${error}\t${one}`);
  ctx.check("the futures have the results", nine === 9 && one === 1, [nine, one]);
  ctx.check("or the error of their task", error instanceof RangeError, error);
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

if (import.meta.main) await runProgram(scenario);
