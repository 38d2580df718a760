// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Event } from "../../../sync/event.ts";
import { Lock } from "../../../sync/lock.ts";
import { RLock } from "../../../sync/rlock.ts";
import { RWLock } from "../../../sync/rw_lock.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { doorOf, gates, isFree, isReentrant, words } from "../../fixtures/stress_doors.ts";
import { type Fair, inside, jostle, type Outcomes } from "../../fixtures/stress_jostle.ts";
import { Random } from "../../fixtures/stress_random.ts";
import { hurry, takeTurns } from "../../fixtures/stress_tasks.ts";
import {
  begin,
  join,
  scopes,
  seeded,
  spawn,
  stageOf,
  stress,
  watch,
  withoutLeaks,
} from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

/** How long all do all they can do. */
const seconds = 4 * stress;

Deno.test(`Timeouts and aborts lose nothing in ${seconds} s, within an isolate and between`, () => {
  return withoutLeaks(() =>
    seeded(async (seed) => {
      await Promise.all(scopes.map(async (scope, i) => {
        const { start, ready } = stageOf(scope);
        const fair: Fair = {
          semaphore: new Semaphore(3, { scope }),
          permits: 3,
          lock: new Lock({ scope }),
          rlock: new RLock({ scope }),
          rwlock: new RWLock({ scope }),
          section: new SharedArray("i32", 16, { scope }),
        };
        const { semaphore, lock, rlock, rwlock, section } = fair;
        const args = [start, ready, fair, 1000 * seconds] as const;

        const units = [1, 2].map((n) => spawn(scope, jostle, ...args, seed + 10 * i + n));
        await begin({ start, ready }, units);
        const here = jostle(...args, seed + 10 * i);
        const objects = [semaphore, lock, rlock, rwlock];
        const all = Promise.all([here, ...units.map((unit) => unit.join())]);
        const outcomes = await watch(all, seconds + 30, { units, objects }) as Outcomes[];

        assertEquals([...section.view.subarray(0, 6)], [0, 0, 0, 0, 0, 0], "who is inside");
        assertEquals(section.view[inside.wrong], 0);
        assertEquals([semaphore.value, lock.locked, rlock.locked], [3, false, false]);
        assertEquals([rwlock.locked, rwlock.readers], [false, 0]);
        for (const outcome of ["got", "timedOut", "aborted", "refused"] as const) {
          const counts = outcomes.map((one) => one[outcome]);
          assert(counts.every((count) => count > 0), `${outcome} ${counts}`);
        }
      }));
    })
  );
});

for (const scope of scopes) {
  for (const name of ["Lock", "Semaphore", "RWLock"] as const) {
    Deno.test(`${name} is had or not when the timeout is as long as the wait (${scope})`, () => {
      return withoutLeaks(() =>
        seeded(async (seed) => {
          const stage = stageOf(scope);
          const gate = gates[name]({ scope });
          const section = new SharedArray("i32", words.length, { scope });
          const times = (name === "Lock" ? 25_000 : 2_500) * stress;

          const units = [0, 1, 2, 3].map((i) => {
            return spawn(scope, hurry, stage, gate, section, times, 0.01, seed + i);
          });
          await begin(stage, units);
          const got = await join(units, 60 * stress, [gate]) as number[];

          const sum = got.reduce((a, b) => a + b);
          assertEquals([...section.view.subarray(0, 4)], [sum, sum, sum, 0]);
          assert(0 < sum && sum < 4 * times, `${sum} of ${4 * times}`);
          assert(isFree(gate), Deno.inspect(gate));
        })
      );
    });
  }

  const rounds = 1_000 * stress;
  for (const [name, create] of Object.entries(gates)) {
    // All here are one owner.
    if (isReentrant(create({}))) continue;
    Deno.test(`${name} is passed on ${rounds} times when one is aborted as it is released (${scope})`, () => {
      return withoutLeaks(() =>
        seeded(async (seed) => {
          const gate = create({ scope });
          const door = doorOf(gate);
          const random = new Random(seed);
          let got = 0, aborted = 0;

          const run = async () => {
            for (let i = 0; i < rounds; i++) {
              if (!door.tryAcquire()) throw new Error(`It is held in round ${i}`);
              const controller = new AbortController();
              const { signal } = controller;
              const first = door.acquire({ signal }).then((guard) => {
                got++;
                guard[Symbol.dispose]();
              }, (error) => {
                if (error !== signal.reason) throw error;
                aborted++;
              });
              const second = door.acquire().then((guard) => guard[Symbol.dispose]());
              const acts = [() => controller.abort(), () => door.release()];
              if (random.chance(50)) acts.reverse();
              acts[0]!();
              if (random.chance(5)) await new Promise((resolve) => setTimeout(resolve));
              for (let n = random.below(8); n > 0; n--) await undefined;
              acts[1]!();
              await Promise.all([first, second]);
            }
          };
          await watch(run(), 15 * stress, { objects: [gate] });

          assertEquals(got + aborted, rounds);
          assert(got > 0 && aborted > 0, `${got} ${aborted}`);
          assert(isFree(gate), Deno.inspect(gate));
        })
      );
    });
  }

  for (const name of ["Lock", "Semaphore", "RWLock"] as const) {
    const rounds = 200 * stress;
    Deno.test(`${name} wakes another ${scope} if who was woken is aborted, ${rounds} times`, () => {
      return withoutLeaks(() =>
        seeded(async (seed) => {
          const gate = gates[name]({ scope });
          const door = doorOf(gate);
          const random = new Random(seed);
          const semaphore = () => new Semaphore(0, { scope });
          const [go, asked, had] = [semaphore(), semaphore(), semaphore()] as const;
          const unit = spawn(scope, takeTurns, gate, go, asked, had, rounds);
          const watched = { units: [unit], objects: [gate, go, asked, had] };
          const moment = async () => {
            if (random.chance(50)) await sleep(random.next());
            for (let n = random.below(8); n > 0; n--) await undefined;
          };

          for (let i = 0; i < rounds; i++) {
            const held = await watch(door.acquire(), 15, watched);
            const controller = new AbortController();
            const { signal } = controller;
            const waiting = door.acquire({ signal }).then(
              (guard) => guard[Symbol.dispose](),
              (error) => {
                if (error !== signal.reason) throw error;
              },
            );
            // It sleeps soon, before or after the one here.
            go.release();
            await watch(asked.acquire(), 15, watched);
            await sleep(random.next() * 2);
            const acts = [() => controller.abort(), () => held[Symbol.dispose]()];
            if (random.chance(60)) acts.reverse();
            acts[0]!();
            await moment();
            acts[1]!();
            await watch(Promise.all([waiting, had.acquire()]), 15, watched);
          }
          await join([unit], 30, [gate]);

          assert(isFree(gate), Deno.inspect(gate));
        })
      );
    });
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
