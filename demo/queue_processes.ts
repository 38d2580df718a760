// Copyright 2026 the Weft authors. MIT license.

/**
 * Queues between processes: some write, one reads.
 *
 * The reader never ends by itself: pr进程里是死循环,无法等待其结束,只能强行终止. The tutorials terminate it
 * when the writers have ended, and hope that it has read all by then; here `taskDone` and `join` tell.
 *
 * ```sh
 * deno task demo queue-processes
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/queue_processes.ts
 * ```
 *
 * @module
 */

import { Queue } from "@weft/concurrency/channel";
import { Process } from "@weft/concurrency/process";
import { Event } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** S0.9: 添加数据 */
export const task1 = task(import.meta, async function task1(q: Queue<number>, taken: Event) {
  const x = 100;
  await q.put(x);
  console.log("添加数据");
  await taken.wait(); // The tutorial sleeps for three seconds, lest it gets its own x.
  return await q.get();
});

/** S0.9 and S4.6: 想要在task2中获取task1的x */
export const task2 = task(import.meta, async function task2(q: Queue<number>, taken: Event) {
  const res = await q.get();
  console.log(`获取的数据是${res}`);
  taken.set();
  await q.put(9527);
  return res;
});

/** S1.5 and S2: puts its urls, with pauses. */
export const procWrite = task(
  import.meta,
  async function procWrite(q: Queue<string>, urls: string[], ms: number) {
    console.log(`Process ${Deno.pid} is writing...`);
    for (const url of urls) {
      await q.put(url);
      console.log(`Put ${url} to Queue`);
      await sleep(Math.random() * ms);
    }
  },
);

/** S1.5 and S2: gets urls for ever, slower than they are put, and notes down what has come. */
export const procRead = task(
  import.meta,
  async function procRead(q: Queue<string>, arrived: Queue<string>, ms: number): Promise<never> {
    console.log(`Process ${Deno.pid} is reading...`);
    while (true) {
      const url = q.getSync(); // Blocks: its event loop stands still, too.
      console.log(`Get ${url} from Queue`);
      await sleep(ms);
      await arrived.put(url);
      q.taskDone();
    }
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "queue-processes",
  module: import.meta.url,
  seeds: "S0.9 S1.5 S2 S4.6",
  title: "Two processes write into a queue, one reads until it is terminated.",
  claim: "every url arrived once; the reader ended by SIGTERM, the queue goes on",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    await showTwoWays(ctx);
    await showWriters(ctx);
  },
};

async function showTwoWays(ctx: Context): Promise<void> {
  ctx.say("— two processes and one queue, both ways");
  const q = new Queue<number>({ maxSize: 10, scope: "process" }); // 产生队列
  const taken = new Event({ scope: "process" });
  const p1 = new Process(task1, { args: [q, taken] });
  const p2 = new Process(task2, { args: [q, taken] });
  p1.start();
  p2.start();
  const [answer, x] = [await p1.join(), await p2.join()];
  ctx.say(`task1 got ${answer}\ttask2 got ${x}`);
  ctx.check("task2 got what task1 had put", x === 100, x);
  ctx.check("task1 got the answer", answer === 9527, answer);
}

async function showWriters(ctx: Context): Promise<void> {
  ctx.say("— two writers and a reader");
  const q = new Queue<string>({ scope: "process" });
  const arrived = new Queue<string>({ scope: "process" });
  const [one, two] = [["url1", "url2", "url3"], ["url4", "url5", "url6"]];
  const writer1 = new Process(procWrite, { args: [q, one, ctx.ms(1)] });
  const writer2 = new Process(procWrite, { args: [q, two, ctx.ms(1)] });
  const reader = new Process(procRead, { args: [q, arrived, ctx.ms(0.5)] });

  // 开始写
  writer1.start();
  writer2.start();
  // 开始读
  reader.start();
  // 等待写入进程 finished
  await writer1.join();
  await writer2.join();
  await q.join(); // … and all that they wrote is read
  const wasAlive = reader.isAlive;
  reader.terminate();
  await reader.join().catch(() => {}); // Rejects, as it was ended from outside.

  const urls: string[] = [];
  while (!arrived.isEmpty) urls.push(await arrived.get());
  ctx.say(`reader\t${reader.exitSignal}\tarrived ${urls}`);
  ctx.check("the reader would go on for ever", wasAlive);
  ctx.check("terminate() ended it by SIGTERM", reader.exitSignal === "SIGTERM", reader.exitSignal);
  ctx.check("every url arrived once", `${urls.toSorted()}` === `${[...one, ...two]}`, urls);
  const inOrder = [one, two].every((own) => `${urls.filter((u) => own.includes(u))}` === `${own}`);
  ctx.check("those of each writer in their order", inOrder, urls);
  await q.put("url7");
  ctx.check("the queue goes on without its reader", await q.get() === "url7" && q.isEmpty, q);
}

if (import.meta.main) await runProgram(scenario);
