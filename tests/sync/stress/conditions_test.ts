// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Condition } from "../../../sync/condition.ts";
import { Event } from "../../../sync/event.ts";
import { Lock } from "../../../sync/lock.ts";
import { RLock } from "../../../sync/rlock.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { consume, listen, listenForEver, notes } from "../../fixtures/stress_meeting_tasks.ts";
import { Random } from "../../fixtures/stress_random.ts";
import {
  deathBound,
  join,
  kill,
  linuxOnly,
  scopes,
  seeded,
  spawn,
  stress,
  watch,
  withoutLeaks,
} from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const forms = ["wait", "waitSync"] as const;

for (const scope of scopes) {
  for (const theClass of [Lock, RLock]) {
    const rounds = 2000 * stress;
    const title =
      `Condition of a ${theClass.name} wakes as many as it notifies, ${rounds} times (${scope})`;
    Deno.test(title, () => {
      return withoutLeaks(() =>
        seeded(async (seed) => {
          const random = new Random(seed);
          const condition = new Condition(new theClass({ scope }));
          const section = new SharedArray("i32", notes.length, { scope });
          const ready = new Semaphore(0, { scope });
          const { view } = section;
          const units = [0, 1, 2].map((i) => {
            return spawn(scope, listen, condition, section, ready, forms[i % 2]!, seed + i);
          });
          const here = listen(condition, section, ready, "wait", seed + 9);
          const objects = [condition, condition.lock];
          for (let i = 0; i < 4; i++) await watch(ready.acquire(), 30, { units, objects });

          for (let i = 0; i < rounds; i++) {
            using _guard = await watch(condition.acquire(), 30, { units, objects });
            const count = random.below(4);
            view[notes.notified]! += Math.min(count, condition.waiting);
            if (count === 3) condition.notify(2), condition.notify(1);
            else condition.notify(count);
          }
          {
            using _guard = await condition.acquire();
            view[notes.stop] = 1;
            view[notes.notified]! += condition.waiting;
            condition.notifyAll();
          }
          await join(units, 30, objects);
          await watch(here, 30, { units, objects });

          const [notified, woken, late] = view;
          assertEquals(woken, notified);
          assert(woken! > 0 && late! > 0, `${woken} ${late}`);
          assertEquals([condition.waiting, condition.locked], [0, false]);
        })
      );
    });
  }

  const rounds = 500 * stress;
  Deno.test(`Condition.notify() reaches another one if its waiter is aborted, ${rounds} times (${scope})`, () => {
    return withoutLeaks(() =>
      seeded(async (seed) => {
        const random = new Random(seed);
        const condition = new Condition(new Lock({ scope }));
        const section = new SharedArray("i32", notes.length, { scope });
        const [ready, consumed] = [
          new Semaphore(0, { scope }),
          new Semaphore(0, { scope }),
        ] as const;
        const { view } = section;
        const units = forms.map((form) =>
          spawn(scope, consume, condition, section, ready, consumed, form)
        );
        const objects = [condition, condition.lock, consumed];
        for (const _unit of units) await watch(ready.acquire(), 30, { units, objects });

        let aborted = 0, woken = 0;
        for (let i = 0; i < rounds; i++) {
          const controller = new AbortController();
          const { signal } = controller;
          // Those who wait only once can take away what is notified, but not the tokens.
          const fickle = Array.from({ length: random.below(3) }, async () => {
            using _guard = await condition.acquire();
            await condition.wait({ signal }).then(() => {
              woken++;
              condition.notify();
            }, (error) => {
              if (error !== signal.reason) throw error;
              aborted++;
            });
          });
          for (let n = random.below(20); n > 0; n--) await undefined;
          const tokens = 1 + random.below(2);
          {
            using _guard = await watch(condition.acquire(), 30, { units, objects });
            view[notes.tokens]! += tokens;
            condition.notify(tokens);
            if (random.chance(50)) controller.abort();
          }
          for (let n = random.below(10); n > 0; n--) await undefined;
          controller.abort();
          for (let n = 0; n < tokens; n++) await watch(consumed.acquire(), 30, { units, objects });
          await watch(Promise.all(fickle), 30, { units, objects });
        }
        {
          using _guard = await condition.acquire();
          view[notes.stop] = 1;
          condition.notifyAll();
        }
        await join(units, 30, objects);

        assert(aborted > 0, `${aborted} ${woken}`);
        assertEquals([condition.waiting, condition.locked, view[notes.tokens]], [0, false, 0]);
      })
    );
  });

  const deaths = 6 * stress;
  Deno.test(
    `Condition forgets who has died while it waited, ${deaths} times (${scope})`,
    linuxOnly,
    () => {
      return withoutLeaks(async () => {
        const condition = new Condition(new Lock({ scope }));
        const section = new SharedArray("i32", notes.length, { scope });
        const [ready, consumed] = [
          new Semaphore(0, { scope }),
          new Semaphore(0, { scope }),
        ] as const;
        const { view } = section;
        const objects = [condition, condition.lock, consumed];
        const units = [spawn(scope, consume, condition, section, ready, consumed, "waitSync")];
        await watch(ready.acquire(), 30, { units, objects });

        for (let i = 0; i < deaths; i++) {
          const victim = spawn(scope, listenForEver, condition, ready);
          await watch(ready.acquire(), 30, { units: [...units, victim], objects });
          // It waits when the lock is free again: the victim before, or after, the one who is left.
          condition.acquireSync({ timeout: 30_000 })[Symbol.dispose]();
          const end = kill(victim);
          if (i % 2 === 0) await end;
          const started = Date.now();
          {
            using _guard = await watch(condition.acquire({ recover: true }), 30, {
              units,
              objects,
            });
            view[notes.tokens]!++;
            condition.notify();
          }
          await watch(consumed.acquire(), 30, { units, objects });
          await end;
          const took = Date.now() - started;
          if (i % 2 === 0) assert(took <= deathBound, `${took} ms`);
        }
        {
          using _guard = await condition.acquire();
          view[notes.stop] = 1;
          condition.notifyAll();
        }
        await join(units, 30, objects);

        assertEquals([condition.locked, view[notes.tokens]], [false, 0]);
      });
    },
  );
}
