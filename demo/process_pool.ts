// Copyright 2026 the Weft authors. MIT license.

/**
 * Process pool: a number of processes, and any number of tasks.
 *
 * 防止进程开启数量过多导致服务器压力过大: for a hundred tasks one does not start a hundred processes.
 * A task waits until one of the pool's processes is free, so the same pids come again. Python's `apply`
 * waits for each result before the next task; `apply_async` hands in all of them and has a function
 * called with each result.
 *
 * ```sh
 * deno task demo process-pool
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/process_pool.ts
 * ```
 *
 * @module
 */

import { ProcessPool } from "@weft/concurrency/process";
import { Barrier } from "@weft/concurrency/sync";
import { PoolClosedError, task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import { hasEnded } from "./_frame/ps.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** Which process ran a task, and when, on a clock that all processes share. */
interface Run {
  readonly pid: number;
  readonly began: number;
  readonly ended: number;
}

/**
 * S1.3 and S2: one of ten tasks.
 *
 * @param together Where the first ones meet: they run at once, however long a process takes to start.
 */
export const runTask = task(
  import.meta,
  async function runTask(name: string, ms: number, together?: Barrier): Promise<Run> {
    const began = Date.now();
    await together?.wait();
    console.log(`Task ${name} (pid = ${Deno.pid}) is running...`);
    await sleep(Math.random() * ms);
    console.log(`Task ${name} end.`);
    return { pid: Deno.pid, began, ended: Date.now() };
  },
);

/** S3.1.3: gives its number plus 100. */
export const foo = task(import.meta, async function foo(i: number, ms: number, together?: Barrier) {
  const began = Date.now();
  await together?.wait();
  await sleep(ms);
  console.log(`in the process ${Deno.pid}`); // 打印子进程的pid
  const run: Run = { pid: Deno.pid, began, ended: Date.now() };
  return { arg: i + 100, run };
});

/** The scenario. */
export const scenario: Scenario = {
  name: "process-pool",
  module: import.meta.url,
  seeds: "S0.6 S1.3 S2 S3.1.3",
  title: "Ten tasks on pools of four and of three processes; callbacks; one by one.",
  claim: "four pids for ten tasks; the callback ran here, once per task; after join all have ended",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    await showTen(ctx);
    await showCallback(ctx);
  },
};

async function showTen(ctx: Context): Promise<void> {
  ctx.say(`Current process ${Deno.pid}.`);
  const p = new ProcessPool(4);
  const together = newBarrier(4);
  const futures = Array.from({ length: 10 }, (_, i) => {
    return p.submit(runTask, `${i}`, ctx.ms(3), i < 4 ? together : undefined);
  });
  ctx.say("Waiting for all subprocess done...");
  const early = await errorOf(() => p.join()); // 调用join()之前必须先调用close()
  p.close();
  const late = await errorOf(() => p.submit(runTask, "10", 0)); // 调用close()之后就不能继续添加
  await p.join();
  ctx.say("All subprocess done");

  const done = futures.every((future) => future.done);
  const runs = await Promise.all(futures);
  const pids = new Set(runs.map(({ pid }) => pid));
  for (const pid of pids) {
    const own = runs.flatMap((run, i) => run.pid === pid ? [i] : []);
    ctx.say(`pid ${pid}\tran the tasks ${own.join(", ")}`);
  }
  ctx.check("after join() all ten tasks are done", done, futures);
  ctx.check("four processes ran them", pids.size === 4 && !pids.has(Deno.pid), runs);
  const most = mostAtOnce(runs);
  ctx.check("four at once, never more", most === 4, most);
  ctx.check("they have ended", [...pids].every(hasEnded), pids);
  ctx.check("join() before close() is an error", early instanceof Error, early);
  ctx.check("submit() after it, too", late instanceof PoolClosedError, late);
}

async function showCallback(ctx: Context): Promise<void> {
  const pool = new ProcessPool(3); // 进程池最多允许3个进程放入进程池
  ctx.say(`主进程pid：${Deno.pid}`);
  const results: Awaited<ReturnType<typeof foo>>[] = [];
  const call = (result: (typeof results)[number]) => {
    ctx.say(`-->exec done: ${result.arg} ${Deno.pid}`);
    results.push(result);
  };

  ctx.say("— apply: each when the one before it is done");
  const turns: Run[] = [];
  for (let i = 0; i < 3; i++) turns.push((await pool.submit(foo, i, ctx.ms(2))).run);

  ctx.say("— apply_async: all at once, with a callback");
  const together = newBarrier(3);
  for (let i = 0; i < 10; i++) {
    pool.submit(foo, i, ctx.ms(2), i < 3 ? together : undefined).then(call);
  }
  ctx.say("end");
  const before = results.length;
  pool.close();
  await pool.join();

  ctx.check("submit() does not wait for a result", before === 0, before);
  const args = results.map(({ arg }) => arg).toSorted();
  const expected = Array.from({ length: 10 }, (_, i) => i + 100);
  ctx.check("the callback ran here, once for each task", `${args}` === `${expected}`, args);
  const runs = results.map(({ run }) => run);
  const most = mostAtOnce(runs);
  ctx.check("three tasks at once, never more", most === 3, most);
  ctx.check("with apply never two", mostAtOnce(turns) === 1, turns);
  const pids = new Set([...runs, ...turns].map(({ pid }) => pid));
  ctx.check("all by the same three processes", pids.size === 3, pids);
  ctx.check("they have ended", [...pids].every(hasEnded), pids);
}

/** A meeting of tasks; one that waits in vain is an error. */
function newBarrier(parties: number): Barrier {
  return new Barrier(parties, { scope: "process", timeout: 30_000 });
}

/** How many tasks ran at the same time, at most. */
function mostAtOnce(runs: readonly Run[]): number {
  return Math.max(...runs.map(({ began }) => {
    return runs.filter((other) => other.began <= began && began < other.ended).length;
  }));
}

async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    return error;
  }
}

if (import.meta.main) await runProgram(scenario);
