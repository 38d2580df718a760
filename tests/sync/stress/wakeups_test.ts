// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Event } from "../../../sync/event.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { gates, isFree, words } from "../../fixtures/stress_doors.ts";
import { pingPong, sleepSoundly } from "../../fixtures/stress_tasks.ts";
import { begin, join, scopes, seeded, spawn, stageOf, stress, withoutLeaks } from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const acquire = "acquire", acquireSync = "acquireSync";

for (const scope of scopes) {
  for (
    const { forms, rounds } of [
      { forms: [acquireSync, acquireSync], rounds: 200_000 },
      { forms: [acquire, acquireSync], rounds: 10_000 },
      { forms: [acquire, acquire], rounds: 10_000 },
    ] as const
  ) {
    const times = rounds * stress;
    const what = `in ${times} rounds of ${forms.join(" and ")} (${scope})`;

    Deno.test(`Semaphore loses no wake-up ${what}`, () => {
      return withoutLeaks(async () => {
        const stage = stageOf(scope);
        const [a, b] = [new Semaphore(0, { scope }), new Semaphore(0, { scope })] as const;

        const units = [
          spawn(scope, pingPong, stage, a, b, times, forms[0]),
          spawn(scope, pingPong, stage, b, a, times, forms[1]),
        ];
        await begin(stage, units);
        a.release();
        await join(units, 30 * stress, [a, b]);

        assertEquals([a.value, b.value], [1, 0]);
      });
    });

    Deno.test(`Event loses no wake-up ${what}`, () => {
      return withoutLeaks(async () => {
        const stage = stageOf(scope);
        const [a, b] = [new Event({ scope }), new Event({ scope })] as const;

        const units = [
          spawn(scope, pingPong, stage, a, b, times, forms[0]),
          spawn(scope, pingPong, stage, b, a, times, forms[1]),
        ];
        await begin(stage, units);
        a.set();
        await join(units, 30 * stress, [a, b]);

        assertEquals([a.isSet, b.isSet], [true, false]);
      });
    });
  }

  for (const name of ["Lock", "RLock", "Semaphore", "RWLock"] as const) {
    const times = 5_000 * stress;
    Deno.test(`${name}.acquireSync() loses no wake-up in 4 × ${times} rounds (${scope})`, () => {
      return withoutLeaks(() =>
        seeded(async (seed) => {
          const stage = stageOf(scope);
          const gate = gates[name]({ scope });
          const section = new SharedArray("i32", words.length, { scope });

          const units = [0, 1, 2, 3].map((i) => {
            return spawn(scope, sleepSoundly, stage, gate, section, times, seed + i);
          });
          await begin(stage, units);
          const got = await join(units, 30 * stress, [gate]) as number[];

          const sum = got.reduce((a, b) => a + b);
          assertEquals([...section.view.subarray(0, 4)], [sum, sum, sum, 0]);
          assert(isFree(gate), Deno.inspect(gate));
        })
      );
    });
  }
}
