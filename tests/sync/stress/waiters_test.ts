// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Event } from "../../../sync/event.ts";
import { Lock } from "../../../sync/lock.ts";
import { RLock } from "../../../sync/rlock.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { doorOf, gates, isFree, words } from "../../fixtures/stress_doors.ts";
import { countWakes, hear, hog, holdUntilStart, wakeWords } from "../../fixtures/stress_tasks.ts";
import { until } from "../../process/_helpers.ts";
import { begin, join, scopes, spawn, stageOf, stress, watch, withoutLeaks } from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const numbers = (length: number) => Array.from({ length }, (_, i) => i);

for (const scope of scopes) {
  for (const [name, create] of Object.entries(gates)) {
    Deno.test(`${name} serves 1,000 waiters in order while files are read (${scope})`, () => {
      return withoutLeaks(async () => {
        const stage = stageOf(scope);
        const gate = create({ scope });
        const door = doorOf(gate);
        const unit = spawn(scope, holdUntilStart, stage, gate);
        await watch(stage.ready.acquire(), 30, { units: [unit], objects: [stage.ready] });

        const order: number[] = [];
        const waiters = numbers(1000).map(async (i) => {
          using _guard = await door.acquire();
          order.push(i);
        });
        await watch(readFiles(100), 30, { units: [unit] });
        assertEquals(order.length, 0);
        stage.start.set();
        const rest = Promise.all([...waiters, readFiles(100), unit.join()]);
        await watch(rest, 30, { units: [unit], objects: [gate] });

        assertEquals(order, numbers(1000));
        assert(isFree(gate), Deno.inspect(gate));
      });
    });
  }

  Deno.test(`Lock serves 5,000 waiters of 500 locks while files are read (${scope})`, () => {
    return withoutLeaks(async () => {
      const locks = numbers(500).map(() => new Lock({ scope }));
      for (const lock of locks) lock.acquireSync();
      const served = locks.map(() => 0);

      const waiters = numbers(5000).map(async (i) => {
        using _guard = await locks[i % 500]!.acquire();
        served[i % 500]!++;
      });
      await watch(readFiles(100), 30, {});
      for (const lock of locks) lock.release();
      await watch(Promise.all([...waiters, readFiles(100)]), 30, { objects: locks.slice(0, 10) });

      assertEquals(served, locks.map(() => 10));
      assert(locks.every((lock) => !lock.locked));
    });
  });

  Deno.test(`Event.set() wakes each of 2,000 waiters once (${scope})`, () => {
    return withoutLeaks(async () => {
      const stage = stageOf(scope);
      const heard = new SharedArray("i32", words.length, { scope });
      let woken = 0;
      const waits = numbers(1000).map(() => stage.start.wait().then(() => woken++));

      const units = numbers(4).map(() => spawn(scope, hear, stage, heard, 250));
      await begin(stage, units);
      await join(units, 30, [stage.start]);
      await watch(Promise.all(waits), 30, { objects: [stage.start] });

      assertEquals([woken, heard.view[words.counter]], [1000, 1000]);
    });
  });

  const countable = {
    Lock: () => new Lock({ scope }),
    RLock: () => new RLock({ scope }),
    Semaphore: () => new Semaphore(1, { scope }),
  };
  for (const [name, create] of Object.entries(countable)) {
    Deno.test(`${name}.release() wakes one of those who are blocked (${scope})`, () => {
      return withoutLeaks(async () => {
        const stage = stageOf(scope);
        const gate = create();
        const section = new SharedArray("i32", words.length, { scope });
        const times = 200 * stress;

        const units = numbers(4).map(() => spawn(scope, countWakes, stage, gate, section, times));
        await begin(stage, units);
        await join(units, 30 * stress, [gate]);

        const { view } = section;
        const woken = view[wakeWords.woken]!, notified = view[wakeWords.notified]!;
        assertEquals([view[words.counter], view[words.torn]], [4 * times, 0]);
        assert(0 < woken && woken <= notified && notified <= 4 * times, `${woken} ${notified}`);
      });
    });
  }

  for (const name of ["Lock", "RLock", "Semaphore"] as const) {
    for (const form of ["acquire", "acquireSync"] as const) {
      Deno.test(`${name}.${form}() gets its turn beside one who never lets go for long (${scope})`, () => {
        return withoutLeaks(async () => {
          const stage = stageOf(scope);
          const gate = gates[name]({ scope });
          const door = doorOf(gate);
          const section = new SharedArray("i32", words.length, { scope });
          const unit = spawn(scope, hog, stage, gate, section);
          await begin(stage, [unit]);

          for (let i = 0; i < 5 * stress; i++) {
            // When the other one has it again.
            const seen = Atomics.load(section.view, words.counter);
            const again = () => Atomics.load(section.view, words.counter) !== seen;
            await until("the hog has the lock", again, 30_000);
            const guard = form === "acquire"
              ? await watch(door.acquire(), 30, { units: [unit], objects: [gate] })
              : door.acquireSync({ timeout: 30_000 });
            guard[Symbol.dispose]();
          }
          Atomics.store(section.view, words.inside, 1);
          await join([unit], 30, [gate]);

          assert(isFree(gate), Deno.inspect(gate));
        });
      });
    }
  }
}

/** Reads a file many times, each by a thread that the isolate has for that. */
async function readFiles(times: number): Promise<void> {
  const file = new URL(import.meta.url);
  await Promise.all(numbers(times).map(() => Deno.readTextFile(file)));
}
