// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import type { Queue, UnrecoverableError, Worker } from "npm:bullmq@^5";
import type { Redis } from "npm:ioredis@^5";
import type { BullPackage, RedisPackage } from "../../cluster/_cluster_types.ts";
import { reportProgress } from "../../cluster/report_progress.ts";
import { UnknownTaskError } from "../../cluster/unknown_task_error.ts";
import { QueueFullError } from "../../channel/mod.ts";
import { Event } from "../../sync/mod.ts";
import { PoolClosedError } from "../../task/mod.ts";
import { ThreadPool } from "../../thread/mod.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { makePool, serve, testCluster } from "./_cluster_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
const event = new Event({ scope: "process" });

Deno.test("the packages have what is used of them", () => {
  const isRight = (
    _redis: { Redis: typeof Redis },
    _bullmq: {
      Queue: typeof Queue;
      Worker: typeof Worker;
      UnrecoverableError: typeof UnrecoverableError;
    },
  ): [RedisPackage, BullPackage] | undefined => undefined;
  assertEquals(isRight.length, 2);
});

testCluster("ClusterPool.submit() gives results and errors of another program", async (place) => {
  await using _server = await serve(place);
  await using pool = makePool(place);

  assertEquals(await pool.submit(tasks.add, 1, 2), 3);
  const value = new Map<unknown, unknown>([["a", -0], [new Date(5), [1n, undefined]]]);
  assertEquals(await pool.submit(tasks.echo, value), value);
  const error = await assertRejects(() => pool.submit(tasks.fail, "no luck"), RangeError);
  assertEquals(error.message, "no luck");
  assertEquals((error as { code?: unknown }).code, "E_FAIL");
  assertInstanceOf(error.cause, TypeError);
  assert(error.stack!.includes("cluster_tasks.ts"), error.stack);
});

testCluster("ClusterPool takes results of any size, and leaves nothing in Redis", async (place) => {
  const { Redis } = await import("npm:ioredis@^5");
  const client = new Redis(place.url);
  {
    await using _server = await serve(place);
    await using pool = makePool(place);

    for (const length of [0, 1500, 3000, 20_000]) {
      assertEquals((await pool.submit(tasks.giveText, length)).length, length);
    }
    await assertRejects(() => pool.submit(tasks.fail, "x".repeat(10_000)), RangeError);
    const error = await assertRejects(() => pool.submit(tasks.giveFunction), DOMException);
    assertEquals(error.name, "DataCloneError");
    assertEquals(await pool.map(tasks.square, [1, 2, 3]), [1, 4, 9]);
  }

  const keys = await client.keys(`*${place.name}:*`);
  const left = keys.map((key) => key.split(":").slice(2).join(":")).sort();
  client.disconnect();
  assertEquals(left, ["events", "id", "meta", "stalled-check"].filter((key) => left.includes(key)));
});

testCluster("ClusterPool refuses handles, whatever their scope", async (place) => {
  await using pool = makePool(place);

  for (const handle of [event, new Event(), tasks.add, { deep: [event] }]) {
    const error = assertThrows(() => pool.submit(tasks.echo, handle), DOMException);
    assertEquals(error.name, "DataCloneError");
  }
  assertThrows(() => pool.submit(tasks.echo, new SharedArrayBuffer(8)), DOMException);
  await assertRejects(() => pool.map(tasks.echo, [1, event]), DOMException, "another machine");
});

testCluster(
  "ClusterPool with a task that nobody serves rejects with UnknownTaskError",
  async (place) => {
    await using _server = await serve(place, { tasks: [tasks.add] });
    await using pool = makePool(place);

    const error = await assertRejects(
      () => pool.submit(tasks.square, 2),
      UnknownTaskError,
      "square",
    );
    assertEquals(error.task, "square");
    await assertRejects(() => pool.map(tasks.square, [1, 2]), UnknownTaskError);
    await assertRejects(() => pool.run(tasks.square, [2], { retries: 3 }), UnknownTaskError);
    assertEquals(await pool.submit(tasks.add, 1, 1), 2);
  },
);

testCluster("tasks are known by given names, their own, or their source", async (place) => {
  const { add, nameless, square } = tasks;
  await using _server = await serve(place, { tasks: { sum: add, nameless: square } });
  await using _other = await serve({ ...place, name: `${place.name}-list` }, { tasks: [nameless] });
  await using pool = makePool(place, { tasks: { sum: add, nameless: square } });
  await using list = makePool({ ...place, name: `${place.name}-list` });

  assertEquals(await pool.submit(add, 2, 3), 5);
  assertEquals(await pool.submit(square, 3), 9);
  assertEquals(await list.submit(nameless, 3), 3.5);
});

testCluster("ClusterPool.imap() takes from a source without end only as needed", async (place) => {
  await using _server = await serve(place, { concurrency: 2 });
  await using pool = makePool(place, { size: 2 });
  let taken = 0;
  function* naturals() {
    for (;;) yield taken++;
  }
  const squares: number[] = [];

  for await (const square of pool.imap(tasks.square, naturals())) {
    squares.push(square);
    assert(taken <= squares.length + 16 + squares.length / 2, `${taken} for ${squares.length}`);
    if (squares.length === 100) break;
  }

  assertEquals(squares, Array.from({ length: 100 }, (_, n) => n * n));
});

testCluster("ClusterPool.imapUnordered() and starmap() work in chunks", async (place) => {
  await using _server = await serve(place, { concurrency: 3 });
  await using pool = makePool(place, { size: 5 });
  const items = Array.from({ length: 100 }, (_, n) => n);
  const progress: number[] = [];

  const squares = await Array.fromAsync(
    pool.imapUnordered(tasks.square, items, { chunkSize: 7 }),
  );
  const sums = await pool.starmap(tasks.add, items.map((n) => [n, 1] as const), {
    onProgress: ({ completed }) => progress.push(completed),
  });

  assertEquals(squares.sort((a, b) => a - b), items.map((n) => n * n));
  assertEquals(sums, items.map((n) => n + 1));
  assertEquals(progress.at(-1), 100);
});

testCluster("a map with an item that fails gives the results before it", async (place) => {
  await using _server = await serve(place);
  await using pool = makePool(place, { size: 2 });
  const values: unknown[] = [];

  await assertRejects(async () => {
    const files = [`${place.folder}/none`, `${place.folder}`];
    const items = [[files[0], 0], [files[0], 1], [files[1], 0]] as [string, number][];
    for await (const value of pool.imap(tasks.tryFile, items, { chunkSize: 3 })) values.push(value);
  });

  assertEquals(values, [1, 2]);
});

testCluster("ClusterPool with maxQueue refuses what would wait here", async (place) => {
  await using pool = makePool(place, { size: 1, maxQueue: 1 });
  const first = pool.submit(tasks.add, 1, 1);
  const second = pool.submit(tasks.add, 2, 2);
  assertThrows(() => pool.submit(tasks.add, 3, 3), QueueFullError);

  await using _server = await serve(place);

  assertEquals(await Promise.all([first, second]), [2, 4]);
});

testCluster("tasks begin in the order of their priority, here and in Redis", async (place) => {
  await using few = makePool(place, { size: 1 });
  await using many = makePool({ ...place, name: `${place.name}-many` });
  for (const pool of [few, many]) {
    const order: number[] = [];
    const first = pool.run(tasks.square, [0], { priority: -Infinity });
    const futures = [2, 1, 0, -1, 1, -5].map((priority, i) => {
      const future = pool.run(tasks.square, [i], { priority });
      future.addDoneCallback(() => order.push(priority));
      return future;
    });
    // The jobs are in Redis, as far as they are to be, when one of another pool behind them is.
    await using server = await serve({ ...place, name: pool.name });

    await Promise.all([first, ...futures]);

    assertEquals(order, [-5, -1, 0, 1, 1, 2]);
    await server.close();
  }
});

testCluster("a task that throws is run again only as often as retries say", async (place) => {
  await using _server = await serve(place);
  await using pool = makePool(place);
  await using patient = makePool(place, { retries: 2, backoff: 1 });
  const file = (name: string) => `${place.folder}/${name}`;

  await assertRejects(() => pool.submit(tasks.failTimes, file("a"), 1), Error, "failure 1");
  assertEquals(await patient.submit(tasks.failTimes, file("b"), 2), 3);
  await assertRejects(() => patient.submit(tasks.failTimes, file("c"), 3), Error, "failure 3");
  assertEquals(await pool.run(tasks.failTimes, [file("d"), 1], { retries: 1, backoff: 0 }), 2);
  assertEquals(await patient.starmap(tasks.failTimes, [[file("e"), 1]]), [2]);
  assertEquals((await Deno.readTextFile(file("a"))).length, 1);
  assertEquals((await Deno.readTextFile(file("c"))).length, 3);
});

testCluster("onProgress gets what a task reports, in order", async (place) => {
  await using _server = await serve(place);
  await using pool = makePool(place);
  const values = [0, 0.5, { done: new Set([1]) }, undefined, "end"];
  const seen: unknown[] = [];

  const count = await pool.run(tasks.reportAll, [values], {
    onProgress: (value) => seen.push(value),
  });

  assertEquals(count, 5);
  assertEquals(seen, values);
  await reportProgress("elsewhere it does nothing");
});

testCluster("an error in onProgress is told to onError and ends nothing", async (place) => {
  await using _server = await serve(place);
  const errors: Error[] = [];
  await using pool = makePool(place, { onError: (error) => errors.push(error) });
  const onProgress = () => {
    throw new Error("oops");
  };

  assertEquals(await pool.run(tasks.reportAll, [[1, 2]], { onProgress }), 2);

  assertEquals(errors.map(({ cause }) => (cause as Error).message), ["oops", "oops"]);
});

testCluster("serveCluster() with a pool of threads runs and ends tasks there", async (place) => {
  await using threads = new ThreadPool(2);
  await using server = await serve(place, { pool: threads });
  await using pool = makePool(place);

  assertEquals(await pool.map(tasks.square, [1, 2, 3]), [1, 4, 9]);
  await assertRejects(() => pool.submit(tasks.fail, "in a thread"), RangeError, "in a thread");
  // It never looks at its signal.
  const blocked = pool.run(tasks.block, [600_000], { timeout: 50 });
  const error = await assertRejects(() => blocked, DOMException);
  assertEquals(error.name, "TimeoutError");
  assertEquals(await pool.submit(tasks.add, 1, 2), 3);
  assertEquals(server.tasks.includes("block"), true);
  assert(threads.stats.completed >= 4);
});

testCluster("ClusterServer.close() waits for what runs and takes nothing more", async (place) => {
  const gate = `${place.folder}/gate`;
  const server = await serve(place);
  await using pool = makePool(place);
  const begun = Promise.withResolvers<void>();
  const running = pool.run(tasks.hold, [gate], { onProgress: () => begun.resolve() });
  await begun.promise;
  const waiting = pool.submit(tasks.add, 1, 2);
  assertEquals(server.running, 1);

  await assertRejects(() => server.close({ timeout: 50 }), DOMException, "timed out");
  const closed = server.close();
  await Deno.writeTextFile(gate, "");
  assertEquals(await running, Deno.pid);
  await closed;
  await server.closed;
  await server.terminate();
  assertEquals(waiting.done, false);

  await using _other = await serve(place);
  assertEquals(await waiting, 3);
});

testCluster("ClusterServer.terminate() leaves its tasks to others", async (place) => {
  const locks = { lockDuration: 500, stalledInterval: 200 };
  const gate = `${place.folder}/gate`;
  const server = await serve(place, locks);
  await using pool = makePool(place);
  const begun = Promise.withResolvers<void>();
  const future = pool.run(tasks.hold, [gate], { onProgress: () => begun.resolve() });
  await begun.promise;

  await server.terminate();
  await Deno.writeTextFile(gate, "");
  await using _other = await serve(place, locks);

  assertEquals(await future, Deno.pid);
});

testCluster("ClusterPool.terminate() rejects everything and aborts what runs", async (place) => {
  const file = `${place.folder}/aborted`;
  await using server = await serve(place);
  const pool = makePool(place, { size: 2 });
  const begun = Promise.withResolvers<void>();
  const futures = [
    pool.run(tasks.waitForAbort, [file], { onProgress: () => begun.resolve() }),
    ...[1, 2, 3].map((n) => pool.submit(tasks.square, n)),
  ];
  await begun.promise;
  const map = pool.map(tasks.square, [1, 2, 3]);
  map.catch(() => {});
  const imap = pool.imap(tasks.square, [1, 2, 3]);

  await pool.terminate();

  for (const future of [...futures, map]) await assertRejects(() => future, PoolClosedError);
  await assertRejects(() => imap.next(), PoolClosedError);
  assertThrows(() => pool.submit(tasks.add, 1, 2), PoolClosedError);
  await server.close();
  assertEquals(await Deno.readTextFile(file), "AbortError");
});

testCluster("several pools and servers share a queue", async (place) => {
  await using _first = await serve(place, { concurrency: 2 });
  await using _second = await serve(place, { concurrency: 2 });
  await using one = makePool(place, { size: 10 });
  await using two = makePool(place, { size: 10 });
  const items = Array.from({ length: 200 }, (_, n) => n);

  const [squares, sums] = await Promise.all([
    one.map(tasks.square, items, { chunkSize: 1 }),
    Promise.all(items.map((n) => two.submit(tasks.add, n, 1))),
  ]);

  assertEquals(squares, items.map((n) => n * n));
  assertEquals(sums, items.map((n) => n + 1));
});

// A program of its own, as the parser of ioredis has a timer for some time after it has read much.
testCluster(
  "large values pass, unless a program refuses them; it ends by itself",
  async (place) => {
    const { url, name } = place;
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet"],
        new URL("../fixtures/cluster_program_large.ts", import.meta.url).href,
        JSON.stringify({ url, name }),
      ],
      stderr: "inherit",
    }).output();

    const text = new TextDecoder().decode(stdout);
    assert(text.startsWith("2000000 5000000 7 RangeError: "), text);
    assertEquals(code, 0);
  },
);
