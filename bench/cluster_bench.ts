// Copyright 2026 the Weft authors. MIT license.

/*
 * What goes from one program to another over the network: through a manager, beside that of CPython on the same
 * loopback, and through the servers that are installed. What goes through these stays with them until it is
 * acknowledged. `deno task bench:peers cluster` takes the first ones in turn, for ratios.
 */

import { noRabbit, useRabbit } from "../tools/servers/rabbit_server.ts";
import { noRedis, RedisServer, useRedis } from "../tools/servers/redis_server.ts";
import { ClusterPool, serveCluster } from "../cluster/mod.ts";
import type { ItemName } from "./fixtures/channel_items.ts";
import { ClusterWay } from "./fixtures/cluster_way.ts";
import { add } from "./fixtures/tasks.ts";
import { Python } from "./peers/python.ts";

const python = new Python(new URL("./peers/cluster.py", import.meta.url));
const redis = noRedis === undefined ? await useRedis() : undefined;
const rabbit = noRabbit === undefined ? await useRabbit() : undefined;
const ways = new Map([["manager", await ClusterWay.throughManager()]]);
if (redis !== undefined) ways.set("RedisQueue", ClusterWay.throughBroker("redis", redis.url));
if (rabbit !== undefined) ways.set("AmqpQueue", ClusterWay.throughBroker("amqp", rabbit.url));
// There is no other hook for the end of all benchmarks. The other server ends when this program has.
addEventListener("unload", () => {
  if (redis instanceof RedisServer) redis[Symbol.dispose]();
});

for (const item of ["small object", "64 KiB bytes"] as const) {
  alternating(item, 100);
  flowing(item, item === "64 KiB bytes" ? 100 : 500);
}
if (redis !== undefined) await pooling(redis.url, 100);

/** A put and a get, one after the other. */
function alternating(item: ItemName, times: number): void {
  const group = `put and get, ${times} times, ${item}`;
  const peer = python.side("managers", `alternate ${item}`);
  Deno.bench("manager of CPython", { group, baseline: true }, async () => {
    await peer.run(times);
  });
  for (const [name, way] of ways) {
    Deno.bench(name, { group }, async () => {
      await way.alternate(item, times);
    });
  }
}

/** From another process to this one. */
function flowing(item: ItemName, times: number): void {
  const group = `from one process to another, ${times} times, ${item}`;
  const peer = python.side("managers", `flow ${item}`);
  Deno.bench("manager of CPython", { group, baseline: true, n: 5, warmup: 1 }, async () => {
    await peer.run(times);
  });
  for (const [name, way] of ways) {
    for (const inFlight of [1, 16]) {
      Deno.bench(`${name}, ${inFlight} at once`, { group, n: 5, warmup: 1 }, async () => {
        await way.flow(item, times, inFlight);
      });
    }
  }
}

/** Tasks, run by this very program. */
async function pooling(url: string, times: number): Promise<void> {
  const name = `bench-${crypto.randomUUID()}`;
  await serveCluster({ url, name, tasks: { add }, concurrency: 16 });
  const pool = new ClusterPool({ url, name, tasks: { add } });
  const group = `${times} tasks`;
  Deno.bench(
    "ClusterPool, one after the other",
    { group, baseline: true, n: 5, warmup: 1 },
    async () => {
      for (let i = 0; i < times; i++) await pool.submit(add, 1, 2);
    },
  );
  Deno.bench("ClusterPool, all at once", { group, n: 5, warmup: 1 }, async () => {
    await Promise.all(Array.from({ length: times }, () => pool.submit(add, 1, 2)));
  });
}
