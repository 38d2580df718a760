// Copyright 2026 the Weft authors. MIT license.

import { assert, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { ClusterPool } from "../../cluster/cluster_pool.ts";
import { BrokenPoolError, PoolClosedError, task } from "../../task/mod.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { makePool, type Place, serve, testCluster, within } from "./_cluster_helpers.ts";
import { freePort } from "./_ports.ts";

/** Where there is nobody. */
const nowhere: Place = { url: `redis://127.0.0.1:${freePort()}`, name: "nobody", folder: "" };

testCluster("serveCluster() refuses two tasks of one name, and what is no task", async (place) => {
  const { add } = tasks;
  const twice = [add, task(import.meta, { add: () => 1 }.add)];
  await assertRejects(() => serve(place, { tasks: [add, add] }), TypeError, "two tasks");
  await assertRejects(() => serve(place, { tasks: twice as never }), TypeError, '"add"');
  await assertRejects(
    () => serve(place, { tasks: [() => 1] as never }),
    TypeError,
    "plain function",
  );
  await assertRejects(() => serve(place, { tasks: undefined as never }), TypeError);
  await assertRejects(() => serve(place, { concurrency: 0 }), RangeError);
  await assertRejects(() => serve(place, { lockDuration: Infinity }), RangeError);
  await assertRejects(() => serve(place, { pool: {} as never }), TypeError);
});

Deno.test("new ClusterPool() refuses wrong options", async () => {
  const { url, name } = nowhere;
  for (
    const options of [
      undefined,
      { name },
      { url, name: "a:b" },
      { url, name: "" },
      { url: "http://127.0.0.1", name },
      { url: "redis:", name },
      { url, name, onError: 3 },
      { url, name, tasks: [() => 1] },
      { url, name, size: "3" },
    ]
  ) assertThrows(() => new ClusterPool(options as never), TypeError);
  for (const options of [{ size: 0 }, { retries: -1 }, { backoff: NaN }, { connectTimeout: -1 }]) {
    assertThrows(() => new ClusterPool({ url, name, ...options }), RangeError);
  }
  const secret = assertThrows(() => new ClusterPool({ url: "http://:secret@a", name }), TypeError);
  assert(!secret.message.includes("secret"));
  // One that was never used has no connection to close.
  await using _pool = new ClusterPool({ url, name });
});

Deno.test("ClusterPool is broken if Redis does not answer at the start", async () => {
  const pool = makePool(nowhere, { connectTimeout: 200 });

  const future = pool.submit(tasks.add, 1, 2);
  const map = pool.map(tasks.square, [1, 2, 3]);

  await within(assertRejects(() => future, BrokenPoolError, "Cannot reach Redis"));
  await assertRejects(() => map, BrokenPoolError);
  assertThrows(() => pool.submit(tasks.add, 1, 2), BrokenPoolError);
  await assertRejects(() => pool.map(tasks.square, [1]), BrokenPoolError);
  pool.close();
  await pool.join();
});

Deno.test("ClusterPool.terminate() does not wait for a server that does not answer", async () => {
  const pool = makePool(nowhere, { connectTimeout: 1_000_000 });
  const future = pool.submit(tasks.add, 1, 2);

  await within(pool.terminate());

  await assertRejects(() => future, PoolClosedError);
  await assertRejects(() => pool.map(tasks.square, [1]), PoolClosedError);
});

Deno.test("a server that takes connections and says nothing is an error in time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  const place = { ...nowhere, url: `redis://127.0.0.1:${listener.addr.port}` };
  const pool = makePool(place, { connectTimeout: 200 });

  await within(assertRejects(() => pool.submit(tasks.add, 1, 2), BrokenPoolError));
  await within(assertRejects(() => serve(place, { connectTimeout: 200 }), Error, "within 200 ms"));

  await pool.terminate();
  listener.close();
  await accepting;
  for (const connection of connections) connection.close();
});

Deno.test("serveCluster() rejects if Redis does not answer", async () => {
  const error = await within(
    assertRejects(() => serve(nowhere, { connectTimeout: 200 }), Error, "Cannot reach Redis"),
  );
  assertInstanceOf(error.cause, Error);
});

testCluster("a wrong password is an error at once", async (place) => {
  const { Redis } = await import("npm:ioredis@^5");
  const client = new Redis(place.url);
  const wrong = new URL(place.url);
  wrong.username = "weft-nobody";
  wrong.password = "wrong-secret";

  const error = await assertRejects(
    () => serve({ ...place, url: wrong.href }, { connectTimeout: 1_000_000 }),
    Error,
    "let",
  );

  assert(!Deno.inspect(error).includes("wrong-secret"));
  client.disconnect();
});
