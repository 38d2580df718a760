// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Process } from "../../../process/mod.ts";
import { Event } from "../../../sync/event.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { doorOf, gates, isFree, words } from "../../fixtures/stress_doors.ts";
import { wait } from "../../fixtures/stress_kill_tasks.ts";
import { Random } from "../../fixtures/stress_random.ts";
import { holdUntilStart, increment } from "../../fixtures/stress_tasks.ts";
import {
  begin,
  deathBound,
  join,
  linuxOnly,
  seeded,
  stageOf,
  stress,
  watch,
  withoutLeaks,
} from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const scope = "process";
const names = ["Lock", "RLock", "Semaphore", "RWLock"] as const;

for (const name of names) {
  for (const pinned of [false, true]) {
    const times = 100_000 * stress;
    const where = pinned ? " on one processor" : "";
    Deno.test(
      `${name} counts exactly between processes that are stopped at random${where}`,
      linuxOnly,
      () => {
        return withoutLeaks(() =>
          seeded(async (seed) => {
            const random = new Random(seed);
            const stage = stageOf(scope);
            const gate = gates[name]({ scope });
            const section = new SharedArray("i32", words.length, { scope });
            const units = [0, 1, 2, 3].map((i) => {
              const form = i < 2 ? "acquireSync" : "mixed";
              const args = [stage, gate, section, times, form, seed + i] as const;
              return new Process(increment, { args: [...args] }).start();
            });
            if (pinned) { for (const { pid } of units) await pin(pid); }
            await begin(stage, units);

            let running = true;
            const joined = join(units, 60 * stress, [gate]).finally(() => running = false);
            let stops = 0;
            while (running) {
              const unit = random.of(units);
              stops += Number(send(unit, "SIGSTOP"));
              await sleep(random.next() * 10);
              send(unit, "SIGCONT");
              await sleep(random.next() * 5);
            }
            await joined;

            assertEquals([...section.view.subarray(0, 4)], [4 * times, 4 * times, 4 * times, 0]);
            assert(stops > 0);
            assert(isFree(gate), Deno.inspect(gate));
          })
        );
      },
    );
  }
}

Deno.test("Locks do not take a stopped holder for a dead one", linuxOnly, () => {
  return withoutLeaks(async () => {
    await Promise.all(names.map(async (name) => {
      const stage = stageOf(scope);
      const gate = gates[name]({ scope });
      const holder = new Process(holdUntilStart, { args: [stage, gate] }).start();
      const units = [holder];
      const objects = [gate];
      await watch(stage.ready.acquire(), 30, { units, objects });
      send(holder, "SIGSTOP");
      let had = false;
      const waiting = doorOf(gate).acquire().then((guard) => {
        had = true;
        guard[Symbol.dispose]();
      });

      // Some looks at whether the holder is alive.
      await sleep(350);
      assertEquals(had, false);
      send(holder, "SIGCONT");
      stage.start.set();
      await watch(waiting, 30, { units, objects });
      await join(units, 30, objects);

      assert(isFree(gate), Deno.inspect(gate));
    }));
  });
});

for (const name of names) {
  Deno.test(`${name} goes to the next if the one who is woken is stopped`, linuxOnly, () => {
    return withoutLeaks(async () => {
      for (let i = 0; i < 5 * stress; i++) {
        const gate = gates[name]({ scope });
        const [asked, had] = [new Semaphore(0, { scope }), new Semaphore(0, { scope })] as const;
        const objects = [gate, asked, had];
        const guard = await doorOf(gate).acquire();
        const units = (["acquireSync", "acquire"] as const).map((form) => {
          return new Process(wait, { args: [gate, form, asked, had, false] }).start();
        });
        const [stopped] = units as [Process, Process];
        for (const _unit of units) await watch(asked.acquire(), 30, { units, objects });
        send(stopped, "SIGSTOP");

        const started = Date.now();
        guard[Symbol.dispose]();
        await watch(had.acquire(), 30, { units, objects });
        const took = Date.now() - started;
        send(stopped, "SIGCONT");
        await watch(had.acquire(), 30, { units, objects });
        await join(units, 30, objects);

        assert(took <= deathBound, `${took} ms`);
        assert(isFree(gate), Deno.inspect(gate));
      }
    });
  });
}

/** Sends a signal; tells whether the process was there. */
function send({ pid, isAlive }: Process, signal: Deno.Signal): boolean {
  if (!isAlive) return false;
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Lets a process run on the first processor alone, if the system has a program for that. */
async function pin(pid: number): Promise<void> {
  const args = ["-a", "-c", "-p", "0", String(pid)];
  await new Deno.Command("taskset", { args, stdout: "null", stderr: "null" }).output()
    .catch(() => {});
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
