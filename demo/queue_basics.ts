// Copyright 2026 the Weft authors. MIT license.

/**
 * Queue: first in, first out, with limited room.
 *
 * The tutorials have three kinds: `queue.Queue`, `Queue` and `JoinableQueue` of `multiprocessing`. Here
 * it is one class with a scope, and 用法相同: within one thread, across threads, across processes.
 *
 * ```sh
 * deno task demo queue-basics
 * deno run --allow-ffi demo/queue_basics.ts
 * ```
 *
 * @module
 */

import { Queue, QueueEmptyError, QueueFullError, type QueueScope } from "@weft/concurrency/channel";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "queue-basics",
  module: import.meta.url,
  seeds: "S0.9 S4.6",
  title: "put and get, a full and an empty queue, taskDone and join; in each scope.",
  claim: "first in, first out; full and empty wait or are errors; join waits until all is done",
  permissions: ["ffi"],

  async run(ctx) {
    for (const scope of ["local", "thread", "process"] as const) {
      ctx.say(`— scope: "${scope}"`);
      await showOrder(ctx, scope);
      await showWaiting(ctx, scope);
      await showErrors(ctx, scope);
      await showJoin(ctx, scope);
    }
  },
};

/** S4.6: 存放数据, 取出数据 */
async function showOrder(ctx: Context, scope: QueueScope): Promise<void> {
  const q = new Queue<number>({ maxSize: 4, scope }); // 括号内可以指定存储数的个数
  await q.put(111);
  await q.put(777);
  await q.put(999);
  const got = [await q.get(), await q.get(), q.getNowait()];
  ctx.say(`put 111, 777, 999\tget ${got}`);
  ctx.check("first in, first out", `${got}` === "111,777,999", got);
}

/** S0.9: 只要队列满了 就会进入阻塞态; 若没有数据则会进入阻塞态 */
async function showWaiting(ctx: Context, scope: QueueScope): Promise<void> {
  const q = new Queue<string>({ maxSize: 2, scope });
  const done: string[] = [];
  await q.put("json");
  await q.put("tank");
  const put = q.put("www").then(() => done.push("put www"));
  await ctx.sleep(0.5);
  ctx.check("a put into a full queue waits", q.isFull && done.length === 0, q);
  done.push(await q.get());
  await put;
  done.push(await q.get(), await q.get());
  const get = q.get().then((item) => done.push(item));
  await ctx.sleep(0.5);
  ctx.check("a get from an empty queue waits", q.isEmpty && done.length === 4, done);
  await q.put("egon");
  await get;
  ctx.say(done.join("\t"));
  const rest = done.filter((line) => line !== "put www");
  ctx.check("each goes on when it can", `${rest}` === "json,tank,www,egon", done);
}

/** S0.9 and S1.5: put_nowait, get_nowait and timeout; 队列满了会报错, 若无数据直接报错 */
async function showErrors(ctx: Context, scope: QueueScope): Promise<void> {
  const q = new Queue<string>({ maxSize: 1, scope });
  const timeout = ctx.ms(0.5);
  q.putNowait("json");
  const start = performance.now();
  const full = [
    await errorOf(() => q.putNowait("www")),
    await errorOf(() => q.put("www", { timeout })),
  ];
  const elapsed = performance.now() - start;
  ctx.say(full.join("\n"));
  ctx.check("full: an error, at once or in time", full.every((e) => e instanceof QueueFullError));
  ctx.check("but not before the time is over", elapsed >= timeout * 0.95, elapsed);
  ctx.check("that gives the item back", full.every((e) => (e as QueueFullError).value === "www"));
  ctx.check("what is inside stays", q.getNowait() === "json" && q.isEmpty, q);
  const empty = [await errorOf(() => q.getNowait()), await errorOf(() => q.get({ timeout }))];
  ctx.say(empty.join("\n"));
  ctx.check("empty: an error, too", empty.every((e) => e instanceof QueueEmptyError), empty);
}

/** S0.9's JoinableQueue(5): q.task_done() for each item, q.join() for all of them. */
async function showJoin(ctx: Context, scope: QueueScope): Promise<void> {
  const q = new Queue<number>({ maxSize: 5, scope });
  let [joined, early] = [false, false];
  for (let i = 1; i <= 5; i++) await q.put(i);
  const joining = q.join().then(() => joined = true);
  for (let i = 1; i <= 5; i++) {
    await q.get();
    await ctx.sleep(0.2);
    early ||= joined; // The queue may be empty; this item is not done yet.
    q.taskDone();
  }
  ctx.check("join() waits for the last of them, also when the queue is empty", q.isEmpty && !early);
  await joining;
  const error = await errorOf(() => q.taskDone());
  ctx.say(`five are done\t${error}`);
  ctx.check("join() returns when all five are done", joined);
  ctx.check("one taskDone() too many is a RangeError", error instanceof RangeError, error);
}

async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    return void await action();
  } catch (error) {
    return error;
  }
}

if (import.meta.main) await runProgram(scenario);
