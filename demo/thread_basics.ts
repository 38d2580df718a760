// Copyright 2026 the Weft authors. MIT license.

/**
 * Thread basics: functions that run in parallel within one process.
 *
 * A thread has a name and knows itself by `currentThread()`; `activeCount()` counts all that are
 * alive. As with processes there are two forms, a function and a class.
 *
 * ```sh
 * deno task demo thread-basics
 * deno run --allow-read=. demo/thread_basics.ts
 * ```
 *
 * @module
 */

import { task } from "@weft/concurrency/task";
import { activeCount, currentThread, Thread, threads } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** S1: reads one url after the other. */
export const threadRun = task(import.meta, async function threadRun(urls: string[], ms: number) {
  const { name } = currentThread();
  console.log(`Current ${name} is running`);
  for (const url of urls) {
    console.log(`${name}\t---->>>${url}`);
    await sleep(Math.random() * ms);
  }
  console.log(`${name} ended.`);
  return { name, pid: Deno.pid, urls };
});

/** S1: the same as a class. */
@task(import.meta)
export class MyThread extends Thread<string> {
  constructor(name: string, readonly urls: string[], readonly ms: number) {
    super({ name });
  }

  override async run(): Promise<string> {
    await threadRun(this.urls, this.ms);
    return `${this.name} is ${currentThread().name}, ${this.urls.length} urls`;
  }
}

/** S2: counts to five. */
export const loop = task(import.meta, async function loop(ms: number) {
  const { name } = currentThread();
  let n = 0;
  while (n < 5) {
    n = n + 1;
    console.log(`thread ${name} >>> ${n}`);
    await sleep(ms);
  }
  return n;
});

/** S3.2.1: one of many. */
export const sayHi = task(import.meta, async function sayHi(name: string, ms: number) {
  await sleep(ms);
  return name;
});

/** The scenario. */
export const scenario: Scenario = {
  name: "thread-basics",
  module: import.meta.url,
  seeds: "S0.二.1 S1 S2 S3.2.1",
  title: "A Thread from a function and from a subclass; names, count; fifty at once.",
  claim: "51 are active while fifty run, 1 when they are joined",
  permissions: ["read=."],

  async run(ctx) {
    await showBoth(ctx);
    await showLoop(ctx);
    await showFifty(ctx);
  },
};

async function showBoth(ctx: Context): Promise<void> {
  const main = currentThread().name;
  ctx.say(`Current ${main} is running`);
  const t1 = new Thread(threadRun, { args: [["url1", "url2", "url3"], ctx.ms(1)], name: "线程1" });
  const t2 = new MyThread("线程2", ["url4", "url5", "url6"], ctx.ms(1));
  t1.start();
  t2.start();
  ctx.check("both are alive", t1.isAlive && t2.isAlive);
  const names = threads().map(({ name }) => name).join();
  ctx.check("threads() lists them after the main one", names === `${main},线程1,线程2`, names);

  const first = await t1.join();
  const second = await t2.join();
  ctx.say(`Current ${main} ended`);
  ctx.check("the function saw its own thread", first.name === "线程1", first);
  ctx.check("in this process", first.pid === Deno.pid, first);
  ctx.check("the class did, too", second === "线程2 is 线程2, 3 urls", second);
  ctx.check("neither is alive", !t1.isAlive && !t2.isAlive);
}

async function showLoop(ctx: Context): Promise<void> {
  ctx.say(`thread ${currentThread().name} is running...`);
  const t = new Thread(loop, { args: [ctx.ms(1)], name: "LoopThread" });
  t.start();
  const n = await t.join();
  ctx.say(`thread ${currentThread().name} ended.`);
  ctx.check("join() gives what LoopThread returned", n === 5, n);
}

async function showFifty(ctx: Context): Promise<void> {
  const objects = [];
  for (let i = 0; i < 50; i++) {
    const t = new Thread(sayHi, { args: [`t-${i}`, ctx.ms(30)] });
    t.start();
    objects.push(t);
  }
  const active = activeCount();
  const ids = new Set(objects.map(({ id }) => id));
  const results = [];
  for (const t of objects) results.push(await t.join());
  ctx.say("----all threads have finished");
  ctx.say(`active threads\twhile they ran ${active}\tnow ${activeCount()}`);
  ctx.check("fifty and the main thread were active", active === 51, active);
  ctx.check("each had an id of its own", ids.size === 50, ids.size);
  ctx.check("each gave its own result", results.every((name, i) => name === `t-${i}`), results);
  ctx.check("only the main thread is left", activeCount() === 1, activeCount());
}

if (import.meta.main) await runProgram(scenario);
