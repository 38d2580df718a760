// Copyright 2026 the Weft authors. MIT license.

/*
 * Waits of coroutines that are aborted, and those who wait beside them, by asyncio's QueueGetTests and
 * QueuePutTests (3.13).
 *
 * | CPython                                              | here                                               |
 * | ---------------------------------------------------- | -------------------------------------------------- |
 * | test_cancelled_get, test_get_cancelled_race          | get() that is aborted leaves the item to the next  |
 * | test_get_cancel_drop_one_pending_reader              | loses nothing that was got … by one                |
 * | test_get_cancel_drop_many_pending_readers            | … by one of many                                   |
 * | test_put_cancel_drop                                 | loses nothing that was put … (maxSize 1)           |
 * | test_put_cancel_drop_one/many_pending_writer(s)      | the same                                           |
 * | test_cancelled_puts_not_being_held_in_self_putters   | keeps nothing of those that were aborted           |
 * | test_putters_cleaned_up_correctly_on_cancellation    | the same                                           |
 * | test_getters_cleaned_up_correctly_on_cancellation    | the same                                           |
 * | test_cancelled_put_silence_value_error_exception     | aborted when it is already through                 |
 * | test_why_are_getters_waiting, … putters …            | loses nothing … by one of many                     |
 * | test_get_with_waiting_putters, test_get_with_putters | put() goes in the order in which they were called  |
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Event } from "../../../sync/mod.ts";
import { Random } from "../../fixtures/stress_random.ts";
import { seeded, stress } from "../../sync/stress/_helpers.ts";
import { alone, drain } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const enough = new Error("enough");
const isAsync = { forms: ["async"] } as const;

alone(".get() that is aborted leaves the item to the next", async ({ make }) => {
  const queue = make();
  const controllers = [0, 1, 2].map(() => new AbortController());
  const aborted = controllers.map(({ signal }) => queue.get({ signal }));
  const last = queue.get();

  // The middle one, the head, and one when an item is on its way.
  controllers[1]!.abort(enough);
  controllers[0]!.abort(enough);
  queue.putNowait(1);
  queue.putNowait(2);
  controllers[2]!.abort(enough);
  const outcomes = await Promise.allSettled(aborted);

  assertEquals(outcomes.slice(0, 2).map(({ status }) => status), ["rejected", "rejected"]);
  const got = outcomes.flatMap((outcome) => outcome.status === "fulfilled" ? outcome.value : []);
  got.push(await last, ...drain(queue));
  assertEquals(got.toSorted(), [1, 2]);
}, isAsync);

for (const readers of [1, 10]) {
  const whose = readers === 1 ? "one" : "one of many";
  alone(`.get() loses nothing when it is aborted as it is served: ${whose}`, async (test) => {
    const { make, kind } = test;
    // So many turns of the microtasks lie between the item and the abort.
    for (let turns = 0; turns < 12; turns++) {
      const queue = make();
      const controller = new AbortController();
      const { signal } = controller;
      const reader = queue.get({ signal });
      const others = Array.from({ length: readers - 1 }, () => queue.get());
      await Promise.resolve();
      const numbers = Array.from({ length: readers + 1 }, (_, i) => i);
      for (const priority of numbers) queue.putNowait(priority, { priority });
      for (let i = 0; i < turns; i++) await undefined;

      controller.abort(enough);

      const [first] = await Promise.allSettled([reader]);
      const got = await Promise.all(others);
      if (first!.status === "fulfilled") got.push(first!.value);
      else assert(first!.reason === enough);
      if (kind.isFifo) assertEquals(got.toSorted(), numbers.slice(0, got.length));
      got.push(...drain(queue));
      assertEquals(got.toSorted((a, b) => a - b), numbers, `after ${turns} turns`);
    }
  }, isAsync);

  alone(
    `.put() puts once or not at all when it is aborted as it goes on: ${whose}`,
    async (test) => {
      const { make } = test;
      for (let turns = 0; turns < 12; turns++) {
        const queue = make({ maxSize: 1 });
        queue.putNowait(0);
        const controller = new AbortController();
        const { signal } = controller;
        const writer = queue.put(1, { signal });
        const others = Array.from({ length: readers - 1 }, (_, i) => queue.put(2 + i));
        await Promise.resolve();
        const got = [queue.getNowait()];
        for (let i = 0; i < turns; i++) await undefined;

        controller.abort(enough);

        const [first] = await Promise.allSettled([writer]);
        const expected = [0, ...others.map((_, i) => 2 + i)];
        if (first!.status === "fulfilled") expected.push(1);
        else assert(first!.reason === enough);
        while (got.length < expected.length) got.push(await queue.get({ timeout: 10_000 }));
        await Promise.all(others);
        assertEquals(got.toSorted((a, b) => a - b), expected.toSorted((a, b) => a - b));
        assertEquals(queue.size, 0, `after ${turns} turns`);
      }
    },
    isAsync,
  );
}

alone(".put() goes in the order in which they were called", async ({ make, kind }) => {
  const queue = make({ maxSize: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  const puts = Array.from({ length: 10 }, (_, i) => {
    const put = queue.put(i, { priority: i, ...(i === 5 ? { signal } : {}) });
    return i === 5 ? assertRejects(() => put, Error, "enough") : put;
  });

  controller.abort(enough);
  const got: number[] = [];
  while (got.length < 9) got.push(await queue.get());

  await Promise.all(puts);
  assertEquals(got, [0, 1, 2, 3, 4, 6, 7, 8, 9], kind.name);
}, isAsync);

alone(" keeps nothing of those that were aborted or late", async ({ make }) => {
  const queue = make({ maxSize: 1 });
  queue.putNowait(1);
  const controller = new AbortController();
  const { signal } = controller;
  const waits = Array.from({ length: 200 }, (_, i) => {
    const options = i % 2 === 0 ? { signal } : { timeout: 1 };
    return queue.put(2, options);
  });
  const outcomes = Promise.allSettled(waits);
  await Promise.allSettled(waits.filter((_, i) => i % 2 === 1));
  controller.abort(enough);
  assertEquals((await outcomes).filter(({ status }) => status === "fulfilled"), []);
  assertEquals(drain(queue), [1]);
  const gets = Array.from({ length: 200 }, (_, i) => {
    return queue.get(i % 2 === 0 ? { signal: AbortSignal.timeout(1) } : { timeout: 1 });
  });
  await Promise.allSettled(gets);

  // Nobody is left who could take it, or put something.
  queue.putNowait(3);
  await new Promise((resolve) => setTimeout(resolve, 5));

  assertEquals([queue.size, queue.isFull], [1, true]);
  assertEquals(drain(queue), [3]);
}, isAsync);

alone(" is not troubled by an abort when it is already through", async ({ make }) => {
  const queue = make({ maxSize: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  await queue.put(1, { signal });
  const put = queue.put(2, { signal });
  assertEquals(await queue.get({ signal }), 1);
  await put;

  controller.abort(enough);

  assertEquals([await queue.get(), queue.size], [2, 0]);
}, isAsync);

alone(" loses nothing whatever is aborted at whatever moment", async ({ make }) => {
  await seeded(async (seed) => {
    const random = new Random(seed);
    for (let round = 0; round < 20 * stress; round++) {
      const queue = make({ maxSize: random.below(3) });
      const got: number[] = [];
      const inside: number[] = [];
      const waits: Promise<void>[] = [];
      for (let i = 0; i < 60; i++) {
        const controller = new AbortController();
        const { signal } = controller;
        const wait = random.chance(50)
          ? queue.put(i, { signal }).then(() => void inside.push(i))
          : queue.get({ signal }).then((item) => void got.push(item));
        waits.push(wait.catch((error) => {
          if (error !== enough) throw error;
        }));
        // Aborted at once, some microtasks later, or in another turn of the event loop.
        const turns = random.below(12);
        const rest = random.chance(60) ? 0 : 1 + random.below(2);
        waits.push((async () => {
          if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
          for (let n = 0; n < turns; n++) await undefined;
          controller.abort(enough);
        })());
        if (random.chance(30)) await undefined;
      }
      await Promise.all(waits);
      got.push(...drain(queue));

      assertEquals(
        got.toSorted((a, b) => a - b),
        inside.toSorted((a, b) => a - b),
        `round ${round}`,
      );
    }
  });
}, isAsync);
