// Copyright 2026 the Weft authors. MIT license.

// What others put into Redis ends no program, and runs nothing that it was not given.

import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { Job, Queue } from "npm:bullmq@^5";
import { Redis } from "npm:ioredis@^5";
import { encode } from "../../channel/codec.ts";
import { Event } from "../../sync/mod.ts";
import { task } from "../../task/mod.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { makePool, type Place, serve, testCluster, within } from "./_cluster_helpers.ts";

const event = new Event({ scope: "process" });
const codec = (value: unknown) => encode(value).toBase64();
const args = codec([1, 2]);

/** Jobs that no pool makes, and what is said of them. */
const badJobs: readonly [name: string, data: unknown, reason: RegExp][] = [
  ["add", null, /not an object/],
  ["add", 3, /not an object/],
  ["add", "add", /not an object/],
  ["add", [], /not of version 1/],
  ["add", {}, /not of version 1/],
  ["add", { v: 2, kind: 0, args }, /not of version 1: current value is 2/],
  ["add", { v: 1, kind: 7, args }, /parts are not those of a call/],
  ["add", { v: 1, kind: "0", args }, /parts/],
  ["add", { v: 1, kind: 0 }, /parts/],
  ["add", { v: 1, kind: 0, args: [1, 2] }, /parts/],
  ["add", { v: 1, kind: 0, args, timeout: -1 }, /parts/],
  ["add", { v: 1, kind: 0, args, timeout: "1" }, /parts/],
  ["add", { v: 1, kind: 0, args, once: 1 }, /parts/],
  ["add", { v: 1, kind: 0, args: "§§" }, /SyntaxError/],
  ["add", { v: 1, kind: 0, args: "" }, /DataCloneError/],
  ["add", { v: 1, kind: 0, args: new Uint8Array(1000).fill(255).toBase64() }, /DataCloneError/],
  ["add", { v: 1, kind: 0, args: codec({ length: 2 }) }, /not a list/],
  ["add", { v: 1, kind: 2, args: codec([[1, 2], "no list"]) }, /not a list/],
  [
    "add",
    { v: 1, kind: 0, args: codec([event]) },
    /a handle cannot be in it/,
  ],
  [
    "add",
    { v: 1, kind: 0, args: codec([tasks.square]) },
    /a handle cannot be in it/,
  ],
  ["add", { v: 1, kind: 0, args: codec(["x".repeat(20_000)]) }, /more than 10000 bytes/],
  ["file:///etc/passwd", { v: 1, kind: 0, args }, /was not given it/],
  ["__proto__", { v: 1, kind: 0, args }, /was not given it/],
  ["constructor", { v: 1, kind: 0, args }, /was not given it/],
  ["has", { v: 1, kind: 0, args }, /was not given it/],
  ["", { v: 1, kind: 0, args }, /was not given it/],
];

testCluster("a program refuses jobs that no pool makes, and goes on", async (place) => {
  const calls: unknown[][] = [];
  const add = (...args: unknown[]) => calls.push(args);
  await using queue = new ClosingQueue(place);
  const jobs: Job[] = [];
  for (const [name, data] of badJobs) jobs.push(await queue.add(name, data));
  await using _server = await serve(place, {
    tasks: { add: task(import.meta, add) },
    maxJobBytes: 10_000,
  });
  await using pool = makePool(place);

  const result = await pool.submit(tasks.add, 1, 2);

  assertEquals(result, 1);
  assertEquals(calls, [[1, 2]]);
  for (const [i, [name, data, reason]] of badJobs.entries()) {
    const job = await Job.fromId(queue, jobs[i]!.id!);
    assertMatch(job?.failedReason ?? "", reason, Deno.inspect([name, data]));
  }
});

testCluster("a program survives keys that are no jobs", async (place) => {
  const client = new Redis(place.url);
  const key = (part: string) => `bull:${place.name}:${part}`;
  await client.hset(key("x1"), { name: "add", data: "{no json", opts: "{}", timestamp: "1" });
  await client.hset(key("x2"), { name: "add", data: "{}", opts: "[no json", timestamp: "1" });
  await client.hset(key("x3"), { name: "add" });
  await client.set(key("x4"), "a string");
  await client.lpush(key("wait"), "x1", "x2", "x3", "x4", "not there");
  await client.zadd(key("marker"), 0, "0");
  const errors: string[] = [];
  await using server = await serve(place, {
    onError: (error) => errors.push(error.message),
    lockDuration: 300,
    stalledInterval: 100,
  });
  await using pool = makePool(place);
  for (const message of ["", "nobody", "\0", "x".repeat(20_000)]) {
    await client.publish(key("weft-cancel"), message);
  }
  const [before] = await client.xrevrange(key("events"), "+", "-", "COUNT", 1);

  const results = await Promise.all([1, 2, 3].map((n) => pool.submit(tasks.add, n, n)));

  assertEquals(results, [2, 4, 6]);
  assertEquals(server.running, 0);
  assert(before === undefined || before.length === 2);
  client.disconnect();
});

testCluster("a pool survives events and replies that no program makes", async (place) => {
  const client = new Redis(place.url);
  const key = (part: string) => `bull:${place.name}:${part}`;
  await using pool = makePool(place);
  const futures = Array.from({ length: 8 }, (_, n) => pool.submit(tasks.add, n, n));
  let ids: string[] = [];
  while (ids.length < 8) ids = await client.zrange(key("prioritized"), 0, -1);
  const emit = (fields: Record<string, string>) =>
    client.xadd(key("events"), "*", ...Object.entries(fields).flat());
  const handle = JSON.stringify({ d: 1, v: codec(event) });

  await emit({ nothing: "known" });
  await emit({ event: "completed", jobId: "nobody", returnvalue: "1" });
  await emit({ event: "completed", jobId: ids[0]!, returnvalue: "{no json" });
  await emit({ event: "completed", jobId: ids[1]!, returnvalue: "null" });
  await emit({ event: "completed", jobId: ids[2]!, returnvalue: '{"d":1,"v":"AAAA"}' });
  await emit({ event: "completed", jobId: ids[3]!, returnvalue: '{"d":"1","v":3}' });
  await emit({ event: "completed", jobId: ids[4]!, returnvalue: handle });
  await emit({ event: "progress", jobId: ids[5]!, data: "{no json" });
  await emit({ event: "failed", jobId: ids[5]!, failedReason: "no reason" });
  await client.set(key(`weft:${ids[6]!}`), "no json");
  await emit({ event: "failed", jobId: ids[6]!, failedReason: "no reason" });

  const names = [];
  for (const future of futures.slice(0, 7)) {
    const error = await within(future.then(() => new Error("a result"), (error) => error));
    assertInstanceOf(error, Error);
    names.push(error.name);
  }
  await using _server = await serve(place);
  assertEquals(names, [
    ...["SyntaxError", "TypeError", "DataCloneError", "TypeError", "DataCloneError"],
    ...["WorkerLostError", "SyntaxError"],
  ]);
  assertEquals(await futures[7], 14);
  assertEquals(await pool.submit(tasks.add, 1, 2), 3);
  client.disconnect();
});

/** A queue of BullMQ, with a connection of its own. */
class ClosingQueue extends Queue {
  readonly #client: Redis;

  constructor({ url, name }: Place) {
    const client = new Redis(url, { maxRetriesPerRequest: null });
    super(name, { connection: client });
    this.#client = client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    const end = new Promise((resolve) => this.#client.on("end", resolve));
    this.#client.disconnect();
    await end;
  }
}
