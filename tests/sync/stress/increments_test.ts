// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Event } from "../../../sync/event.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { gates, isFree, words } from "../../fixtures/stress_doors.ts";
import { increment } from "../../fixtures/stress_tasks.ts";
import { begin, join, scopes, seeded, spawn, stageOf, stress, withoutLeaks } from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const forms = { acquireSync: 200_000, acquire: 2_500, mixed: 20_000 } as const;

/** Those that do not wait by code of their own. */
const derived = ["BoundedSemaphore", "Condition", "SharedValue.lock"];

for (const scope of scopes) {
  for (const [name, create] of Object.entries(gates)) {
    for (const [form, rounds] of Object.entries(forms) as [keyof typeof forms, number][]) {
      if (derived.includes(name) && form !== "acquireSync") continue;
      const times = rounds * stress;
      Deno.test(`${name} ${form} counts 4 × ${times} exactly (${scope})`, () => {
        return withoutLeaks(() =>
          seeded(async (seed) => {
            const stage = stageOf(scope);
            const gate = create({ scope });
            const section = new SharedArray("i32", words.length, { scope });

            const units = [0, 1, 2, 3].map((i) => {
              return spawn(scope, increment, stage, gate, section, times, form, seed + i);
            });
            await begin(stage, units);
            await join(units, 60 * stress, [gate]);

            assertEquals([...section.view.subarray(0, 4)], [4 * times, 4 * times, 4 * times, 0]);
            assert(isFree(gate), Deno.inspect(gate));
          })
        );
      });
    }
  }
}
