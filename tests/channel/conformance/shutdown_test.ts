// Copyright 2026 the Weft authors. MIT license.

/*
 * Closing a queue, by the shutdown family of CPython 3.13's test_queue and of asyncio's _QueueShutdownTestMixin, and
 * by multiprocessing's test_closed_queue_… and SimpleQueue tests.
 *
 * | CPython                                               | here                                             |
 * | ----------------------------------------------------- | ------------------------------------------------ |
 * | test_shutdown_empty                                   | refuses both when it is closed and empty         |
 * | test_shutdown_nonempty                                | gives what is left, then refuses                 |
 * | test_shutdown_immediate                               | drops what is inside if it is immediate          |
 * | test_shutdown_allowed_transitions                     | is never open again                              |
 * | …_all_methods_in_one_thread (both)                    | closed, in one thread: every method              |
 * | …_all_methods_in_many_threads (both)                  | is closed in the middle of 64 Ki items           |
 * | …_get, _put, _join, _put_join, _pending_get (both)    | here alone; with others in blocking_test.ts      |
 * | …_get_task_done_join                                  | the same                                         |
 * | mp test_closed_queue_empty_exceptions, … put_get …    | refuses both …                                   |
 * | mp SimpleQueue test_close, closed                     | is never open again                              |
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { QueueClosedError, QueueFullError } from "../../../channel/mod.ts";
import { Barrier, Event } from "../../../sync/mod.ts";
import { join, scopes, spawn } from "../../sync/stress/_helpers.ts";
import { eat, joinQueue, writeUntilClosed } from "../../fixtures/queue_conformance_tasks.ts";
import { type Alone, alone, type AnyQueue, drain, isMain, kinds } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

/** Sees that every form of a put is refused, and gives back the item. */
async function refusesPuts(queue: AnyQueue<number>, act: Alone["act"]): Promise<void> {
  for (const options of [{}, { timeout: 0 }, { timeout: 1 }]) {
    const error = await assertRejects(() => act(queue, "put", 7, options), QueueClosedError);
    assertEquals(error.value, 7);
  }
  assertEquals(assertThrows(() => queue.putNowait(8), QueueClosedError).value, 8);
}

/** Sees that every form of a get is refused. */
async function refusesGets(queue: AnyQueue<number>, act: Alone["act"]): Promise<void> {
  for (const options of [{}, { timeout: 0 }, { timeout: 1 }]) {
    await assertRejects(() => act(queue, "get", options), QueueClosedError);
  }
  assertThrows(() => queue.getNowait(), QueueClosedError);
}

alone(" refuses both when it is closed and empty", async ({ make, act }) => {
  const queue = make();

  queue.close();

  await refusesPuts(queue, act);
  await refusesGets(queue, act);
  assertEquals([queue.size, queue.isEmpty, queue.closed], [0, true, true]);
  assertEquals(await Array.fromAsync(queue), []);
});

alone(" gives what is left when it is closed, then refuses", async ({ make, act, kind }) => {
  const queue = make();
  const numbers = [1, 3, 2, 4];
  for (const priority of numbers) queue.putNowait(priority, { priority });

  queue.close();

  await refusesPuts(queue, act);
  assertEquals(queue.size, 4);
  const got = [await act(queue, "get"), queue.getNowait(), await act(queue, "get", { timeout: 0 })];
  assertEquals([...got, await act(queue, "get", { timeout: 10 })], kind.order(numbers));
  await refusesGets(queue, act);
});

alone(".close() drops what is inside if it is immediate", async ({ make, act }) => {
  const queue = make();
  for (let i = 0; i < 100; i++) queue.putNowait(i);

  queue.close({ immediate: true });

  assertEquals([queue.size, queue.isEmpty], [0, true]);
  await refusesPuts(queue, act);
  await refusesGets(queue, act);
  await act(queue, "join", { timeout: 0 });
  assertThrows(() => queue.taskDone(), RangeError);
});

alone(" that was closed is never open again", async ({ make, act }) => {
  const queue = make();
  assertEquals(queue.closed, false);
  for (let i = 0; i < 2; i++) queue.putNowait(i);

  for (const immediate of [false, false, true, true, false]) {
    queue.close({ immediate });
    assertEquals(queue.closed, true);
    await refusesPuts(queue, act);
  }

  await refusesGets(queue, act);
});

for (const immediate of [false, true]) {
  const how = immediate ? "at once" : "in order";
  alone(` closed ${how}, in one thread: every method`, async ({ make, act }) => {
    const queue = make({ maxSize: 2 });
    queue.putNowait(1);
    queue.putNowait(2);
    await assertRejects(() => act(queue, "put", 3, { timeout: 0 }), QueueFullError);
    await act(queue, "get");

    queue.close({ immediate });

    await refusesPuts(queue, act);
    await assertRejects(() => act(queue, "join", { timeout: 5 }), DOMException, "timed out");
    queue.taskDone();
    if (!immediate) {
      await assertRejects(() => act(queue, "join", { timeout: 0 }), DOMException, "timed out");
      await act(queue, "get");
      queue.taskDone();
    }
    await act(queue, "join");
    assertThrows(() => queue.taskDone(), RangeError);
    await refusesGets(queue, act);
  });

  alone(` closed ${how} ends all waits of one thread`, async ({ make }) => {
    const empty = make();
    const full = make({ maxSize: 1 });
    full.putNowait(1);
    const gets = Array.from({ length: 20 }, () => empty.get());
    const puts = Array.from({ length: 20 }, (_, i) => full.put(10 + i));
    const joins = Array.from({ length: 5 }, () => full.join());

    empty.close({ immediate });
    full.close({ immediate });

    for (const get of gets) await assertRejects(() => get, QueueClosedError);
    for (const [i, put] of puts.entries()) {
      assertEquals((await assertRejects(() => put, QueueClosedError)).value, 10 + i);
    }
    if (!immediate) {
      assertEquals(drain(full), [1]);
      full.taskDone();
    }
    await Promise.all(joins);
    assertEquals([empty.size, full.size], [0, 0]);
  }, { forms: ["async"] });

  for (const kind of kinds) {
    for (const scope of isMain(kind) ? scopes : scopes.slice(1)) {
      for (const maxSize of scope === "process" && isMain(kind) ? [0, 50] : [50]) {
        const title = `${kind.name} of ${maxSize} is closed ${how} in the middle of 64 Ki items`;
        Deno.test(`${title} (${scope})`, async () => {
          const queue = kind.create<number>({ scope, maxSize });
          const start = new Barrier(12, { scope });
          const each = 65_536 / 4;
          // The first of the writers closes it halfway.
          const writers = [0, 1, 2, 3].map((i) => {
            const range = [i * each, (i + 1) * each, i === 0 ? each / 2 : -1] as const;
            return spawn(scope, writeUntilClosed, queue, range, immediate, i % 2 === 0, start);
          });
          const readers = [0, 1, 2, 3, 4, 5].map((i) => {
            return spawn(scope, eat, queue, "waiting", i % 2 === 0 ? 0 : 3, start);
          });
          const joiners = [true, false].map((isSync) => {
            return spawn(scope, joinQueue, queue, isSync, start);
          });

          const units = [...writers, ...readers, ...joiners];
          const results = await join(units, 60, [queue as unknown as Barrier, start]);

          const inside = (results.slice(0, 4) as number[][]).flat();
          const got = (results.slice(4, 10) as number[][]).flat();
          assertEquals(results.slice(10), ["joined", "joined"]);
          assertEquals(new Set(got).size, got.length);
          if (immediate) assert(new Set(got).isSubsetOf(new Set(inside)));
          else assertEquals(got.toSorted((a, b) => a - b), inside.toSorted((a, b) => a - b));
          assertEquals((results[0] as number[]).length, each / 2);
          assertEquals([queue.size, queue.closed], [0, true]);
          // All is done, neither more nor less.
          queue.joinSync({ timeout: 0 });
          assertThrows(() => queue.taskDone(), RangeError);
        });
      }
    }
  }
}

alone(" ends its iteration when it is closed, also if that waits", async ({ make }) => {
  const queue = make();
  const all = Array.fromAsync(queue);
  for (let i = 0; i < 3; i++) await queue.put(i);

  queue.close();

  assertEquals((await all).toSorted(), [0, 1, 2]);
}, { forms: ["async"] });
