// Copyright 2026 the Weft authors. MIT license.

/**
 * Master and workers at a broker: Redis and RabbitMQ, 不同程序间通信.
 *
 * The queues are in neither program but at the server, which outlives them. A task that a worker has got is
 * its own until `taskDone`: if it is killed before, another worker gets this very task.
 *
 * Servers of its own are started if they are installed, unless `WEFT_TEST_REDIS_URL` and
 * `WEFT_TEST_AMQP_URL` name others (on other machines those need more of `--allow-net`).
 *
 * ```sh
 * deno task demo brokers
 * deno run --allow-run --allow-write --allow-env --allow-net=127.0.0.1,localhost demo/brokers.ts
 * ```
 *
 * @module
 */

import { Broker } from "./_frame/broker.ts";
import { Companion, denoRun } from "./_frame/companion.ts";
import { tasksRun } from "./_frame/master_worker.ts";
import { runProgram } from "./_frame/program.ts";
import { eventually } from "./_frame/ps.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";
import { openQueue } from "./programs/broker_worker.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "brokers",
  module: import.meta.url,
  seeds: "S3.1.2",
  title: "The master and its workers with their queues at Redis, then at RabbitMQ.",
  claim: "ten results each; the task of a worker that is killed is done by another, no other twice",
  permissions: ["run", "write", "env", "net=127.0.0.1,localhost"],

  async run(ctx) {
    const folder = await ctx.tempDir();
    // Both start at once: RabbitMQ takes some seconds.
    using redis = new Broker("redis", folder);
    using rabbit = new Broker("rabbitmq", folder);
    const missing: string[] = [];
    for (const broker of [redis, rabbit]) {
      const state = await broker.ready();
      if ("url" in state) await showWork(ctx, state.url);
      else missing.push(state.missing);
      await broker.stop();
    }
    if (missing.length > 0) ctx.skip(missing.join("; "));
  },
};

async function showWork(ctx: Context, url: string): Promise<void> {
  ctx.say(`— ${url.startsWith("redis") ? "Redis" : "RabbitMQ"}`);
  const name = `weft-demo-${crypto.randomUUID()}`;
  // 发送任务的队列, 接收结果的队列:
  await using task = openQueue<number>(`${name}-task`, url);
  await using result = openQueue<string>(`${name}-result`, url);
  // 放几个任务进去:
  const tasks = new Set<number>();
  while (tasks.size < 10) tasks.add(Math.floor(Math.random() * 10_001));
  for (const n of tasks) {
    ctx.say(`Put task ${n}...`);
    await task.put(n);
  }

  using first = startWorker(name, url, ctx.ms(1), 3);
  const isStuck = await eventually(() => tasksRun(first).length === 3, 30_000);
  ctx.check("a worker has its third task in hand", isStuck, first.lines);
  first.kill();
  const { signal } = await first.status;
  ctx.check("and is killed", signal === "SIGKILL", signal);

  using second = startWorker(name, url, ctx.ms(1));
  // 从result队列读取结果:
  ctx.say("Try get results...");
  const results: string[] = [];
  while (results.length < 10) {
    const r = await result.get({ timeout: 30_000 });
    ctx.say(`Result: ${r}`);
    results.push(r);
    await result.taskDone(r);
  }
  await task.join({ timeout: 30_000 });
  second.terminate();
  const { success } = await second.status;
  await second.silent;

  const right = [...tasks].map((n) => `${n} * ${n} = ${n * n}`);
  ctx.check(
    "ten right results came back",
    `${results.toSorted()}` === `${right.toSorted()}`,
    results,
  );
  const [before, after] = [tasksRun(first), tasksRun(second)];
  const inHand = before.pop()!;
  ctx.check(`its task ${inHand} was done by another worker`, after.includes(inHand), after);
  const all = [...before, ...after].sort();
  ctx.check("each of the others by one of them", `${all}` === `${[...tasks].sort()}`, all);
  const left = [await task.size, await result.size];
  ctx.check("nothing is left in the queues", `${left}` === "0,0", left);
  ctx.check("the other worker ends when it is asked to", success, second.lines);
}

/** Starts a worker; it gets stuck in its task number `stuckAt`. */
function startWorker(name: string, url: string, ms: number, stuckAt = 0): Companion {
  const { hostname, port, protocol } = new URL(url);
  const net = `net=${hostname}${port && `:${port}`}` as const;
  const permissions = protocol.startsWith("redis") ? ["env", net] as const : [net] as const;
  return new Companion(denoRun("programs/broker_worker.ts", permissions, [name, url, ms, stuckAt]));
}

if (import.meta.main) await runProgram(scenario);
