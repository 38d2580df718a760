// Copyright 2026 the Weft authors. MIT license.

/*
 * Those who end in the middle of a put or get, or right after it. CPython's queues have no such tests; their feeder
 * thread loses what it has not written when its process is killed.
 */

import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { QueueClosedError } from "../../../channel/mod.ts";
import { Process } from "../../../process/mod.ts";
import { Event, SharedArray } from "../../../sync/mod.ts";
import {
  changeAndDieUnheard,
  type Deadly,
  dieAt,
  type End,
  putAndDieUnheard,
  putAndEndBy,
  takeOne,
} from "../../fixtures/queue_kill_tasks.ts";
import { linuxOnly } from "../../process/_helpers.ts";
import { join, scopes, spawn, type Unit } from "../../sync/stress/_helpers.ts";
import { type AnyQueue, comesTo, drain, isMain, kinds } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

/** Starts a process, and waits until it has ended, however that may be. */
async function endOf(process: Process<unknown>): Promise<string | undefined> {
  process.start();
  const result = process.join().then((value) => value as string, () => undefined);
  await process.exited;
  return await result;
}

/** Starts one who takes one item, and waits until it is about to. */
async function taker<T>(queue: AnyQueue<T>, form: "async" | "sync"): Promise<Unit> {
  const signs = new SharedArray("i32", 1, { scope: "process" });
  const unit = spawn("process", takeOne, queue as AnyQueue<unknown>, form, signs);
  await comesTo("it is about to take", () => Atomics.load(signs.view, 0) === 1);
  return unit;
}

for (const kind of kinds) {
  // The stores of the others have tests of each step of their own.
  const step = isMain(kind) ? 1 : 5;

  for (const form of ["async", "sync"] as const) {
    for (const waits of ["here", "in a process, async", "in a process, sync"] as const) {
      Deno.test(
        `${kind.name} has an item whose producer dies before it tells of it (${form}), for who waits ${waits}`,
        linuxOnly,
        async () => {
          const queue = kind.create<string>({ scope: "process" });
          const unit = waits === "here"
            ? undefined
            : await taker(queue, waits === "in a process, async" ? "async" : "sync");
          const got = unit === undefined ? queue.get() : unit.join() as Promise<string>;

          await endOf(new Process(putAndDieUnheard, { args: [queue, form] }));

          assertEquals(await got, "the last words");
          assertEquals(queue.size, 0);
        },
      );
    }
  }

  Deno.test(
    `${kind.name} has room when a consumer dies before it tells of it`,
    linuxOnly,
    async () => {
      const queue = kind.create<string>({ scope: "process", maxSize: 1 });
      queue.putSync("first");
      const put = queue.put("second");

      await endOf(new Process(changeAndDieUnheard, { args: [queue, "get"] }));
      await put;

      assertEquals(queue.getSync(), "second");
    },
  );

  Deno.test(
    `${kind.name}.join() ends when a worker dies before it tells that all is done`,
    linuxOnly,
    async () => {
      const queue = kind.create<string>({ scope: "process" });
      queue.putSync("a");
      const join = queue.join();
      queue.getSync();

      await endOf(new Process(changeAndDieUnheard, { args: [queue, "taskDone"] }));

      await join;
    },
  );

  for (const change of ["close", "close at once"] as const) {
    Deno.test(
      `${kind.name} wakes all who wait when one dies in the middle of ${change}`,
      linuxOnly,
      async () => {
        for (const full of [true, false]) {
          const queue = kind.create<string>({ scope: "process", maxSize: 1 });
          if (full) queue.putSync("a");
          const waits = [0, 1].map(() => {
            return assertRejects(
              async () => void await (full ? queue.put("b") : queue.get()),
              QueueClosedError,
            );
          });
          const unit = full ? undefined : await taker(queue, "sync");

          await endOf(new Process(changeAndDieUnheard, { args: [queue, change] }));

          await Promise.all(waits);
          assertEquals(await unit?.join(), full ? undefined : "QueueClosedError");
          // Another can close it as well.
          queue.close({ immediate: true });
          assertEquals([queue.closed, queue.size], [true, 0]);
          await queue.join();
        }
      },
    );
  }

  for (const what of ["put", "put large"] as Deadly[]) {
    Deno.test(
      `${kind.name} outlives a producer that dies at any use of the shared memory (${what})`,
      linuxOnly,
      async () => {
        let uses = 0;
        for (let lives = false; !lives; uses += step) {
          const queue = kind.create<number | Uint8Array>({ scope: "process" });
          const get = queue.get();

          lives = await endOf(new Process(dieAt, { args: [queue, what, uses] })) === "lives";

          // If it is inside, who waits has it without anybody's help; else the next one.
          await comesTo("nothing is left inside", () => queue.isEmpty);
          queue.putSync(1);
          const got = [await get, ...drain(queue)].map((item) => {
            return typeof item === "number" ? item : 1 - item.length / 100_000;
          });
          assert(got.join() === "1" || got.join() === "-1,1", `${got} after ${uses} uses`);
          if (lives) assertEquals(got, [-1, 1]);
          queue.putSync(2);
          assertEquals(queue.getSync({ timeout: 10_000 }), 2);
        }
        assert(uses > 5, `${uses} uses`);
      },
    );
  }

  Deno.test(
    `${kind.name} outlives a consumer that dies at any use of the shared memory`,
    linuxOnly,
    async () => {
      let uses = 0;
      for (let lives = false; !lives; uses += step) {
        const queue = kind.create<number | Uint8Array>({ scope: "process", maxSize: 2 });
        queue.putSync(0);
        queue.putSync(1);
        const put = queue.put(2);

        lives = await endOf(new Process(dieAt, { args: [queue, "get", uses] })) === "lives";

        // Whatever has become of the item, there is room for the next or none.
        await comesTo("it is full", () => queue.isFull);
        const got = [queue.getSync({ timeout: 10_000 }), queue.getSync({ timeout: 10_000 })];
        await put;
        got.push(...drain(queue));
        const lost = [0, 1, 2].filter((item) => !got.includes(item));
        assertLessOrEqual(lost.length, 1, `${lost} are lost after ${uses} uses`);
        assertEquals(got.length, 3 - lost.length);
        if (kind.isFifo) assertEquals(got, lost.length === 0 ? [0, 1, 2] : [1, 2]);
        if (lives) assertEquals(lost.length, 1);
        queue.putSync(3);
        assertEquals(queue.getSync({ timeout: 10_000 }), 3);
      }
      assert(uses > 5, `${uses} uses`);
    },
  );

  for (const scope of isMain(kind) ? scopes : scopes.slice(1)) {
    for (const end of ["return", "exit", "throw", "uncaught"] as End[]) {
      Deno.test(`${kind.name} has what was put right before its producer ends by ${end} (${scope})`, async () => {
        for (const [form, bytes] of [["sync", 3], ["async", 3], ["sync", 2 ** 20]] as const) {
          const queue = kind.create<Uint8Array>({ scope });
          const unit = spawn(scope, putAndEndBy, queue, end, form, bytes);
          const ended = unit.join().catch(() => {});
          // In one of them somebody waits for it.
          if (form === "sync") await unit.exited;

          const item = form === "sync" ? queue.getNowait() : await queue.get();

          assertEquals([item.length, item.every((byte) => byte === 7)], [bytes, true]);
          await ended;
          await unit.exited;
          assertEquals(queue.size, 0);
        }
      });
    }
  }

  Deno.test(
    `${kind.name}.close() wakes each once who waits in processes, beside one who died there`,
    linuxOnly,
    async () => {
      const queue = kind.create<number>({ scope: "process" });
      const doomed = [await taker(queue, "sync"), await taker(queue, "async")] as Process<
        unknown
      >[];
      const takers = [await taker(queue, "sync"), await taker(queue, "async")];
      for (const process of doomed) {
        process.join().catch(() => {});
        process.kill();
        await process.exited;
      }
      queue.putSync(1);

      await comesTo("somebody has it", () => queue.isEmpty);
      queue.close();
      const results = await join(takers, 60, []);

      assertEquals(results.toSorted(), [1, "QueueClosedError"]);
    },
  );
}
