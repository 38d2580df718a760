// Copyright 2026 the Weft authors. MIT license.

/** The tutorials' task worker with queues at a broker; run by `brokers.ts`. */

import { AmqpQueue, type BrokerQueue, RedisQueue } from "@weft/concurrency/cluster";
import { sleep } from "../_frame/program.ts";

/** Milliseconds after which Redis gives the tasks of a worker that was killed to others; RabbitMQ does at once. */
const leaseTime = 5000;

/** Opens a queue at Redis or RabbitMQ. */
export function openQueue<T>(name: string, url: string): BrokerQueue<T> {
  return url.startsWith("redis")
    ? new RedisQueue(name, { url, leaseTime })
    : new AmqpQueue(name, { url });
}

if (import.meta.main) {
  const [name, url, ms, stuckAt] = Deno.args as [string, string, string, string];
  await using task = openQueue<number>(`${name}-task`, url);
  await using result = openQueue<string>(`${name}-result`, url);
  // What is in the queue is done first.
  const end = () => task.close();
  Deno.addSignalListener("SIGTERM", end);

  // 从task队列取任务,并把结果写入result队列:
  let i = 0;
  for await (const n of task) {
    console.log(`run task ${n} * ${n}...`);
    await sleep(++i === Number(stuckAt) ? 1_000_000 : Number(ms));
    await result.put(`${n} * ${n} = ${n * n}`);
    await task.taskDone(n); // From now on nobody else gets it.
  }
  Deno.removeSignalListener("SIGTERM", end);
  console.log("worker exit.");
}
