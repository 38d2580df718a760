// Copyright 2026 the Weft authors. MIT license.

// Programs that are killed, and a Redis server that is.

import { assertEquals, assertRejects } from "@std/assert";
import { Redis } from "npm:ioredis@^5";
import { encode } from "../../channel/codec.ts";
import { PoolClosedError, task, WorkerLostError } from "../../task/mod.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import {
  makePool,
  serve,
  testCluster,
  testOutage,
  within,
  WorkerProgram,
} from "./_cluster_helpers.ts";

/** So that what is lost is found soon, also on a busy machine without a false alarm. */
const locks = { lockDuration: 3000, stalledInterval: 500 };

/** Tells by a promise when `count` runs of tasks have begun, and in which processes. */
class Beginnings {
  readonly pids: number[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** For the option `onProgress`. */
  readonly note = (pid: number): void => {
    this.pids.push(pid);
    for (const { count, resolve } of this.#waiting) if (this.pids.length >= count) resolve();
  };

  /** Waits for that many. */
  async reach(count: number): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.pids.length >= count) resolve();
      else this.#waiting.push({ count, resolve });
    });
  }
}

testCluster(
  "what a killed program had in hand is done by another, and nothing else twice",
  async (place) => {
    const gate = `${place.folder}/gate`;
    const victim = await WorkerProgram.start(place, { ...locks, concurrency: 2 });
    await using survivor = await WorkerProgram.start(place, { ...locks, concurrency: 3 });
    await using pool = makePool(place);
    const runs = Array.from({ length: 12 }, () => new Beginnings());
    const all = new Beginnings();

    const futures = runs.map((run) =>
      pool.run(tasks.hold, [gate], {
        onProgress(pid: number) {
          run.note(pid);
          all.note(pid);
        },
      })
    );
    await all.reach(5);
    await victim.kill();
    await Deno.writeTextFile(gate, "");

    assertEquals(new Set(await Promise.all(futures)), new Set([survivor.pid]));
    const { pid } = victim;
    const inHand = runs.filter(({ pids }) => pids[0] === pid);
    assertEquals(inHand.map(({ pids }) => pids), Array(2).fill([pid, survivor.pid]));
    assertEquals(all.pids.length, 14);
    await victim[Symbol.asyncDispose]();
  },
);

testCluster("a task whose programs are killed too often is lost", async (place) => {
  const gate = `${place.folder}/never`;
  const options = { ...locks, lockDuration: 1000, maxStalled: 1 };
  const begun = new Beginnings();
  await using pool = makePool(place);
  const future = pool.run(tasks.hold, [gate], { onProgress: begun.note });

  for (const count of [1, 2]) {
    const program = await WorkerProgram.start(place, options);
    await begun.reach(count);
    await program.kill();
  }
  await using _server = await serve(place, options);

  const error = await assertRejects(() => future, WorkerLostError, "stalled");
  assertEquals([error.exitCode, error.exitSignal], [-1, undefined]);
  assertEquals(begun.pids.length, 2);
});

testCluster("with redeliver: false a task of a killed program is not run again", async (place) => {
  const options = { ...locks, lockDuration: 1000 };
  const begun = new Beginnings();
  const program = await WorkerProgram.start(place, options);
  await using pool = makePool(place, { redeliver: false });
  const future = pool.run(tasks.hold, [`${place.folder}/never`], { onProgress: begun.note });
  await begun.reach(1);

  await program.kill();
  await using _server = await serve(place, options);

  await assertRejects(() => future, WorkerLostError, "not to be run again");
  assertEquals(begun.pids.length, 1);
});

testCluster("a task that is cancelled in a killed program is not run again", async (place) => {
  const options = { ...locks, lockDuration: 1000 };
  const begun = new Beginnings();
  const program = await WorkerProgram.start(place, options);
  await using pool = makePool(place);
  const future = pool.run(tasks.hold, [`${place.folder}/never`], { onProgress: begun.note });
  await begun.reach(1);

  await program.kill();
  assertEquals(future.cancel(), true);
  let runs = 0;
  const hold = task(import.meta, () => ++runs);
  await using _server = await serve(place, { ...options, tasks: { hold } });
  pool.close();

  await pool.join();
  assertEquals([begun.pids.length, runs], [1, 0]);
});

testCluster("a task of a terminated pool in a killed program is not run again", async (place) => {
  const options = { ...locks, lockDuration: 1000 };
  const begun = new Beginnings();
  const program = await WorkerProgram.start(place, options);
  const pool = makePool(place);
  const future = pool.run(tasks.hold, [`${place.folder}/never`], { onProgress: begun.note });
  await begun.reach(1);

  await program.kill();
  await pool.terminate();
  await assertRejects(() => future, PoolClosedError);
  let runs = 0;
  const hold = task(import.meta, { again: () => ++runs }.again);
  await using _server = await serve(place, { ...options, tasks: { hold } });

  const client = new Redis(place.url);
  const end = new Promise((resolve) => client.on("end", resolve));
  while (await client.zcard(`bull:${place.name}:failed`) === 0);
  client.disconnect();
  await end;
  assertEquals(runs, 0);
});

testOutage("pool and programs recover when Redis is killed and started again", async (place) => {
  const { redis } = place;
  const gate = `${place.folder}/gate`;
  await using program = await WorkerProgram.start(place, { ...locks, concurrency: 2 });
  await using _server = await serve(place, { ...locks, concurrency: 2 });
  await using pool = makePool(place);
  const begun = new Beginnings();
  const onProgress = begun.note;

  const futures = Array.from({ length: 10 }, () => pool.run(tasks.hold, [gate], { onProgress }));
  const map = pool.map(tasks.square, [1, 2, 3], { chunkSize: 1 });
  await begun.reach(4);
  await redis.stop("SIGKILL");
  const late = pool.submit(tasks.add, 1, 2);
  await Deno.writeTextFile(gate, "");
  await redis.start();

  const pids = new Set(await Promise.all(futures));
  assertEquals(pids, new Set([program.pid, Deno.pid]));
  assertEquals([await late, ...await map], [3, 1, 4, 9]);
  // Not what was reported: that is sent again when the answer to it has got lost.
  assertEquals((await Deno.readTextFile(`${gate}.runs`)).length, 10);

  // Also when nothing is under way.
  await redis.stop("SIGKILL");
  await redis.start();
  assertEquals(await pool.submit(tasks.add, 3, 4), 7);
});

testOutage("results come that were there while the pool had no connection", async (place) => {
  const { redis } = place;
  const gate = `${place.folder}/gate`;
  await using pool = makePool(place);
  await using _server = await serve(place, { concurrency: 3 });
  const begun = new Beginnings();
  const onProgress = begun.note;
  const futures = [1, 2, 3].map(() => pool.run(tasks.hold, [gate], { onProgress }));
  await begun.reach(3);

  for (let times = 0; times < 3; times++) {
    await redis.stop("SIGKILL");
    await redis.start();
  }
  await Deno.writeTextFile(gate, "");

  assertEquals(await Promise.all(futures), Array(3).fill(Deno.pid));
});

testOutage("what became of a task is looked up when its event has got lost", async (place) => {
  const { redis, url } = place;
  await using pool = makePool(place);
  const futures = [1, 2, 3].map((n) => pool.submit(tasks.square, n));
  const client = new Redis(url);
  const key = (part: string) => `bull:${place.name}:${part}`;
  let ids: string[] = [];
  while (ids.length < 3) ids = await client.zrange(key("prioritized"), 0, -1);
  const returnvalue = JSON.stringify({ d: 1, v: encode("looked up").toBase64() });
  await client.hset(key(ids[0]!), { returnvalue, finishedOn: "1" });
  await client.del(key(ids[1]!));
  const end = new Promise((resolve) => client.on("end", resolve));
  client.disconnect();
  await end;

  await redis.stop("SIGKILL");
  await redis.start();

  assertEquals(await futures[0] as unknown, "looked up");
  await assertRejects(() => futures[1]!, WorkerLostError, "does not have it any more");
  await using _server = await serve(place);
  assertEquals(await futures[2], 9);
});

testOutage("an outage is told once, and everything can be ended in it", async (place) => {
  const { redis } = place;
  const errors: string[] = [];
  const told = new Beginnings();
  const onError = (error: Error) => {
    errors.push(error.message);
    told.note(0);
  };
  const pool = makePool(place, { onError });
  const ending = makePool(place);
  const server = await serve(place, { connectTimeout: 300 });
  const begun = new Beginnings();
  const held = pool.run(tasks.hold, [`${place.folder}/never`], { onProgress: begun.note });
  await begun.reach(1);
  const waiting = [pool.submit(tasks.add, 1, 2), ending.submit(tasks.add, 1, 2)];
  await assertRejects(() => waiting[1]!.result({ timeout: 300 }), DOMException);

  await redis.stop("SIGKILL");
  await told.reach(1);
  const late = pool.submit(tasks.add, 3, 4);
  const cancelled = pool.submit(tasks.add, 5, 6);
  assertEquals(cancelled.cancel(), true);
  ending.close();
  await assertRejects(() => ending.join({ timeout: 10 }), DOMException);

  await within(Promise.all([pool.terminate(), ending.terminate()]));
  for (const future of [held, late, ...waiting]) {
    await assertRejects(() => future, PoolClosedError);
  }
  await assertRejects(() => cancelled, DOMException, "cancelled");
  // The task that it runs never ends.
  await within(server.close());
  assertEquals(errors.length, 1, errors.join());
});

testCluster("a program serves with the permissions that are documented", async (place) => {
  const permissions = [`--allow-net=${new URL(place.url).host}`, "--allow-env"];
  await using _program = await WorkerProgram.start(place, {}, permissions);
  await using pool = makePool(place);

  assertEquals(await pool.submit(tasks.add, 1, 2), 3);
});
