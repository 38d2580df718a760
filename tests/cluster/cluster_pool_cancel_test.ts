// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects } from "@std/assert";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { makePool, serve, testCluster } from "./_cluster_helpers.ts";

testCluster(
  "the future of a task knows whether it runs, and cancel() takes it back",
  async (place) => {
    const gate = `${place.folder}/gate`;
    await using _server = await serve(place);
    await using pool = makePool(place);
    const begun = Promise.withResolvers<void>();
    const running = pool.run(tasks.hold, [gate], { onProgress: () => begun.resolve() });
    const waiting = pool.run(tasks.failTimes, [`${place.folder}/count`, 0]);
    await begun.promise;

    assertEquals([running.running, waiting.running], [true, false]);
    assertEquals(waiting.cancel(), true);
    await assertRejects(() => waiting, DOMException, "cancelled");
    await Deno.writeTextFile(gate, "");
    await running;

    assertEquals(await pool.submit(tasks.add, 1, 1), 2);
    await assertRejects(() => Deno.stat(`${place.folder}/count`), Deno.errors.NotFound);
    assertEquals(pool.stats.failed, 1);
    assertEquals([pool.stats.queued, pool.stats.running], [0, 0]);
  },
);

testCluster(
  "cancel() takes a task back that nobody has begun, also without a server",
  async (place) => {
    await using pool = makePool(place, { size: 2 });
    const futures = [1, 2, 3].map((n) => pool.submit(tasks.square, n));
    await assertRejects(() => futures[0]!.result({ timeout: 100 }), DOMException);

    for (const future of futures) assertEquals(future.cancel(), true);

    pool.close();
    await pool.join();
    assertEquals(pool.stats.failed, 3);
  },
);

testCluster("cancel(), a signal and a timeout abort a task that runs elsewhere", async (place) => {
  const { waitForAbort } = tasks;
  await using _server = await serve(place, { concurrency: 3 });
  await using pool = makePool(place);
  const controller = new AbortController();
  const file = (name: string) => `${place.folder}/${name}`;
  const begin = async (name: string, options = {}) => {
    const begun = Promise.withResolvers<void>();
    const onProgress = () => begun.resolve();
    const future = pool.run(waitForAbort, [file(name)], { ...options, onProgress });
    await begun.promise;
    return { future };
  };

  const { future: cancelled } = await begin("cancelled");
  const { future: aborted } = await begin("aborted", { signal: controller.signal });
  const late = pool.run(waitForAbort, [file("late")], { timeout: 50 });
  assertEquals(cancelled.cancel(), true);
  controller.abort(new Error("enough"));

  await assertRejects(() => aborted, Error, "enough");
  const error = await assertRejects(() => late, DOMException);
  assertEquals(error.name, "TimeoutError");
  pool.close();
  await pool.join();
  assertEquals(await Deno.readTextFile(file("cancelled")), "AbortError");
  assertEquals(await Deno.readTextFile(file("aborted")), "AbortError");
  assertEquals(await Deno.readTextFile(file("late")), "TimeoutError");
});

testCluster("a timeout counts from when a program begins", async (place) => {
  await using pool = makePool(place);
  const future = pool.run(tasks.add, [1, 2], { timeout: 5000 });
  const waited = pool.run(tasks.add, [3, 4], { timeout: 5000 });
  await assertRejects(() => waited.result({ timeout: 100 }), DOMException);

  await using _server = await serve(place);

  assertEquals(await Promise.all([future, waited]), [3, 7]);
});
