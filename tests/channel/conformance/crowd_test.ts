// Copyright 2026 the Weft authors. MIT license.

/*
 * Queues between many threads and processes, by CPython's BaseSimpleQueueTest and multiprocessing's _TestQueue.
 *
 * | CPython                                           | here                                               |
 * | ------------------------------------------------- | -------------------------------------------------- |
 * | SimpleQueue test_order                            | keeps the order of one who puts for one who gets   |
 * | SimpleQueue test_many_threads (50 x 50), …_nonblock, …_timeout | carries 10 000 items from many to many |
 * | mp test_fork                                      | has the items of a parent, then those of its child |
 * | mp test_task_done, test_joinable                  | join() ends when four workers have done all        |
 * | mp test_no_import_lock_contention                 | can be used while a module is imported             |
 */

import { assertEquals, assertThrows } from "@std/assert";
import { QueueEmptyError } from "../../../channel/mod.ts";
import { Process } from "../../../process/mod.ts";
import { Barrier, Event } from "../../../sync/mod.ts";
import { Thread } from "../../../thread/mod.ts";
import { gotAtImport } from "../../fixtures/queue_at_import.ts";
import { eat, feed, type Way } from "../../fixtures/queue_conformance_tasks.ts";
import { join, scopes, spawn } from "../../sync/stress/_helpers.ts";
import { isMain, kinds } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

const numbers = Array.from({ length: 10_000 }, (_, i) => i);
const ways: readonly Way[] = ["waiting", "nowait", "timeout"];
/** Coroutines in each of five units, that is fifty; or one that blocks its thread. */
const crowds = [10, 0];

for (const kind of kinds) {
  for (const scope of isMain(kind) ? scopes : scopes.slice(1)) {
    for (const coroutines of crowds) {
      const form = coroutines === 0 ? "sync" : "async";

      Deno.test(`${kind.name} keeps the order of one who puts for one who gets (${scope}, ${form})`, async () => {
        const queue = kind.create<number>({ scope, maxSize: 100 });
        const consumer = spawn(scope, eat, queue, "waiting", Math.min(coroutines, 1));

        await spawn(scope, feed, queue, 0, 5000, Math.min(coroutines, 1)).join();
        await queue.join();
        queue.close();
        const got = await consumer.join() as number[];

        if (kind.isFifo) assertEquals(got, numbers.slice(0, 5000));
        else assertEquals(ascending(got), numbers.slice(0, 5000));
      });

      for (const way of isMain(kind) && coroutines === 0 ? ways : ways.slice(0, 1)) {
        const title = `${kind.name} carries 10 000 items from many to many`;
        Deno.test(`${title} (${scope}, ${form}, ${way})`, async () => {
          const queue = kind.create<number>({ scope, maxSize: 1000 });
          const each = coroutines === 0 ? 3 : 5;
          const start = new Barrier(2 * each, { scope });
          const consumers = Array.from({ length: each }, () => {
            return spawn(scope, eat, queue, way, coroutines, start);
          });
          const producers = Array.from({ length: each }, (_, i) => {
            const [from, to] = [i, i + 1].map((n) => Math.floor(n * 10_000 / each));
            return spawn(scope, feed, queue, from!, to!, coroutines, start);
          });

          await join(producers, 60, [start]);
          await queue.join({ timeout: 60_000 });
          queue.close();
          const got = await join(consumers, 60, [start]) as number[][];

          assertEquals(ascending(got.flat()), numbers);
          assertEquals(queue.size, 0);
        });
      }
    }

    Deno.test(`${kind.name}.join() ends when four workers have done all (${scope})`, async () => {
      const queue = kind.create<number>({ scope });
      const workers = [0, 1, 2, 3].map((i) => spawn(scope, eat, queue, "waiting", i % 2));

      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 10; i++) queue.putSync(round * 10 + i);
        if (round === 1) queue.joinSync();
        else await queue.join();
        assertEquals(queue.size, 0);
      }
      assertThrows(() => queue.taskDone(), RangeError);
      queue.close();
      const got = await join(workers, 60, []) as number[][];

      assertEquals(ascending(got.flat()), numbers.slice(0, 30));
    });

    Deno.test(`${kind.name} has the items of a parent, then those of its child (${scope})`, async () => {
      const queue = kind.create<number>({ scope });
      for (let i = 0; i < 10; i++) await queue.put(i);

      const child = spawn(scope, feed, queue, 10, 20, 0);
      await child.exited;
      await child.join();

      const got = Array.from({ length: 20 }, () => queue.getNowait());
      assertEquals(got, kind.order(numbers.slice(0, 20)));
      assertThrows(() => queue.getNowait(), QueueEmptyError);
    });
  }
}

Deno.test("Queues can be used while a module is imported", async () => {
  const here = gotAtImport();

  assertEquals(here, here.map(() => "knock"));
  assertEquals(await new Thread(gotAtImport).start().join(), here);
  assertEquals(await new Process(gotAtImport).start().join(), here);
  assertEquals(here.length, kinds.length * 6);
});
