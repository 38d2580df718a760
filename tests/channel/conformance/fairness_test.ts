// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Event, SharedArray } from "../../../sync/mod.ts";
import {
  drainForEver,
  fillForEver,
  joinAndLook,
  workAndCount,
} from "../../fixtures/queue_fairness_tasks.ts";
import { join, scopes, spawn, watch } from "../../sync/stress/_helpers.ts";
import { alone, aWhile, kinds } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const isAsync = { forms: ["async"] } as const;

alone(
  ".get() serves coroutines in the order in which they asked, beside timeouts and aborts",
  async ({ make }) => {
    const queue = make();
    const order: number[] = [];
    const controller = new AbortController();
    const gets = Array.from({ length: 40 }, (_, i) => {
      // Each fourth is aborted, and each other fourth is late.
      const options = i % 4 === 1
        ? { signal: controller.signal }
        : i % 4 === 3
        ? { timeout: 1 }
        : {};
      return queue.get(options).then(() => void order.push(i), () => {});
    });
    await Promise.all(gets.filter((_, i) => i % 4 === 3));
    controller.abort();

    for (let i = 0; i < 20; i++) {
      queue.putNowait(i);
      if (i % 3 === 0) await aWhile();
    }
    await Promise.all(gets);

    assertEquals(order, Array.from({ length: 20 }, (_, i) => i * 2));
  },
  isAsync,
);

alone(".get() that comes later does not go before those who wait", async ({ make }) => {
  const queue = make();
  const order: string[] = [];
  const first = queue.get().then(() => void order.push("first"));
  queue.putNowait(1);
  queue.putNowait(2);

  const second = queue.get().then(() => void order.push("second"));
  await Promise.all([first, second]);

  assertEquals(order, ["first", "second"]);
}, isAsync);

for (const kind of kinds) {
  for (const scope of scopes) {
    Deno.test(`${kind.name}.get() of coroutines is served beside threads that block (${scope})`, async () => {
      const queue = kind.create<number>({ scope, maxSize: 8 });
      const counts = new SharedArray("i32", 2, { scope });
      const units = [
        spawn(scope, drainForEver, queue, counts),
        spawn(scope, drainForEver, queue, counts),
        spawn(scope, fillForEver, queue, counts),
      ];

      // Ends only if it has its share.
      const own = (async () => {
        for (let i = 0; i < 20; i++) await queue.get();
      })();
      await watch(own, 60, { units, objects: [counts] });
      queue.close();
      await join(units, 60, [counts]);

      assertGreaterOrEqual(counts.view[1]!, counts.view[0]! + 20);
    });

    Deno.test(`${kind.name}.put() of coroutines goes on beside threads that block (${scope})`, async () => {
      const queue = kind.create<number>({ scope, maxSize: 2 });
      const counts = new SharedArray("i32", 2, { scope });
      const units = [
        spawn(scope, fillForEver, queue, counts),
        spawn(scope, fillForEver, queue, counts),
        spawn(scope, drainForEver, queue, counts),
      ];

      const own = (async () => {
        for (let i = 0; i < 20; i++) await queue.put(i);
      })();
      await watch(own, 60, { units, objects: [counts] });
      queue.close();
      await join(units, 60, [counts]);

      assertEquals(counts.view[0], counts.view[1]! + 20);
    });

    Deno.test(`${kind.name}.join() ends exactly when all is done (${scope})`, async () => {
      const queue = kind.create<number>({ scope });
      const done = new SharedArray("i32", 2, { scope });
      const workers = [0, 1, 2].map((i) => spawn(scope, workAndCount, queue, done, i % 2 === 0));

      for (let round = 1; round <= 100; round++) {
        // Who joins elsewhere looks as well: it starts when the items are inside.
        for (let i = 0; i < 10; i++) queue.putSync(i);
        const elsewhere = round % 50 === 0 ? spawn(scope, joinAndLook, queue, done) : undefined;
        const other = queue.join().then(() => Atomics.load(done.view, 0));
        if (round % 2 === 0) queue.joinSync();
        else await queue.join();

        assertEquals(Atomics.load(done.view, 0), round * 10, `round ${round}`);
        assertEquals(await other, round * 10);
        if (elsewhere !== undefined) assertEquals(await elsewhere.join(), round * 10);
      }
      queue.close();
      await join(workers, 60, [done]);
    });
  }
}
