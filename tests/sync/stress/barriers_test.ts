// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Process } from "../../../process/mod.ts";
import { Barrier } from "../../../sync/barrier.ts";
import { Event } from "../../../sync/event.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import {
  expectBroken,
  march,
  meetBroken,
  meetOnce,
  rest,
} from "../../fixtures/stress_meeting_tasks.ts";
import {
  deathBound,
  join,
  kill,
  linuxOnly,
  scopes,
  seeded,
  spawn,
  stress,
  untilDead,
  watch,
  withoutLeaks,
} from "./_helpers.ts";
import { until } from "../../process/_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

type March = { outOfStep: number; sum: number; left: number };

for (const scope of scopes) {
  for (const patient of [true, false]) {
    const rounds = (patient ? 1000 : 300) * stress;
    const what = patient ? "" : " although some leave and come again";
    Deno.test(`Barrier keeps five in step ${rounds} times${what} (${scope})`, () => {
      return withoutLeaks(() =>
        seeded(async (seed) => {
          const barrier = new Barrier(5, { scope, action: patient ? undefined : rest });
          const steps = new SharedArray("i32", 16, { scope });
          const args = (place: number, form: "wait" | "waitSync") => {
            return [
              barrier,
              steps,
              place,
              rounds,
              form,
              patient ? undefined : seed + place,
            ] as const;
          };

          const units = ([["wait", 0], ["waitSync", 1], ["waitSync", 2], ["wait", 3]] as const)
            .map(([form, place]) => spawn(scope, march, ...args(place, form)));
          const here = march(...args(4, "wait"));
          const all = Promise.all([here, ...units.map((unit) => unit.join())]);
          const marches = await watch(all, 60 * stress, { units, objects: [barrier] }) as March[];

          assertEquals(marches.map(({ outOfStep }) => outOfStep), [0, 0, 0, 0, 0]);
          // Each round gives the numbers from 0 to 4.
          assertEquals(marches.reduce((sum, one) => sum + one.sum, 0), 10 * rounds);
          assertEquals(marches.some(({ left }) => left > 0), !patient);
          assertEquals([barrier.waiting, barrier.broken], [0, false]);
        })
      );
    });
  }

  const deaths = 6 * stress;
  Deno.test(
    `Barrier is broken within ${deathBound} ms of the death of a party, ${deaths} times (${scope})`,
    linuxOnly,
    () => {
      return withoutLeaks(async () => {
        const barrier = new Barrier(5, { scope });
        const times = new SharedArray("f64", 3, { scope });
        const [turn, done] = [new Semaphore(0, { scope }), new Semaphore(0, { scope })] as const;
        const go = [new Semaphore(0, { scope }), new Semaphore(0, { scope })] as const;
        const units = go.map((semaphore, i) => {
          return spawn(scope, expectBroken, barrier, semaphore, done, times, i + 1, deaths);
        });
        const objects = [barrier, turn, done];

        for (let i = 0; i < deaths; i++) {
          const victim = spawn(scope, meetOnce, barrier, turn);
          turn.release();
          for (const semaphore of go) semaphore.release();
          const here = meetBroken(barrier, done, times, 0, "wait");
          await until("four have arrived", () => barrier.waiting === 4, 30_000);
          const end = kill(victim);
          await (victim instanceof Process ? untilDead(victim.pid) : end);
          const died = Date.now();
          const all = [here, ...[1, 2, 3].map(() => done.acquire())];
          await watch(Promise.all(all), 30, { units, objects });
          await end;

          const delays = [...times.view].map((time) => time - died);
          assert(delays.every((delay) => delay <= deathBound), `${delays} ms after death ${i}`);
          assertEquals(barrier.broken, true);
          barrier.reset();
        }
        await join(units, 30, objects);

        assertEquals([barrier.waiting, barrier.broken], [0, false]);
      });
    },
  );
}
