// Copyright 2026 the Weft authors. MIT license.

/**
 * Semaphore: at most five threads at a time.
 *
 * 比如厕所有5个坑: who comes sixth waits until somebody goes. A bounded semaphore also notices when
 * somebody goes who never came. The first five stay inside until all 22 threads have come to the door,
 * so that they are seen together.
 *
 * ```sh
 * deno task demo semaphore
 * deno run --allow-read=. demo/semaphore.ts
 * ```
 *
 * @module
 */

import { BoundedSemaphore, Event, Semaphore, SharedValue } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { activeCount, Thread } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** What shows who is where. */
interface Door {
  /** A permit for each thread that is inside or has found the door closed. */
  readonly come: Semaphore;
  /** Set when the first five may go. */
  readonly go: Event;
  /** How many are inside. */
  readonly inside: SharedValue<"i32">;
}

/** S3.2.7: one of 22 threads; gives how many were inside with it. */
export const run = task(
  import.meta,
  async function run(n: number, semaphore: BoundedSemaphore, door: Door, ms: number) {
    const waits = !semaphore.tryAcquire();
    if (waits) {
      door.come.release();
      await semaphore.acquire();
    }
    const together = door.inside.add(1) + 1;
    if (!waits) door.come.release();
    await door.go.wait();
    await sleep(ms);
    console.log(`run the thread: ${n}\t${waits ? "waited" : "went straight in"}`);
    door.inside.sub(1);
    semaphore.release();
    return { waits, together };
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "semaphore",
  module: import.meta.url,
  seeds: "S3.2.7",
  title: "22 threads through a BoundedSemaphore(5).",
  claim: "never more than 5 are inside, 5 at first; one release too many is an error",
  permissions: ["read=."],

  async run(ctx) {
    const semaphore = new BoundedSemaphore(5); // 最多允许5个线程同时运行
    const door: Door = {
      come: new Semaphore(0),
      go: new Event(),
      inside: new SharedValue("i32", 0),
    };
    const threads = [];
    for (let i = 0; i < 22; i++) {
      const t = new Thread(run, { args: [i, semaphore, door, ctx.ms(1)] });
      threads.push(t.start());
    }
    for (const _ of threads) await door.come.acquire();
    const first = door.inside.value;
    ctx.say(`22 have come\t${first} are inside`);
    door.go.set();
    const passes = [];
    for (const t of threads) passes.push(await t.join());
    ctx.say(`----all threads done---\tactive: ${activeCount()}`);

    ctx.check("when all 22 had come, exactly 5 were inside", first === 5, first);
    const waited = passes.filter(({ waits }) => waits).length;
    ctx.check("the other 17 had to wait", waited === 17, waited);
    const most = Math.max(...passes.map(({ together }) => together));
    ctx.check("never more than 5 were inside", most === 5, most);
    ctx.check("all have gone", door.inside.value === 0, door.inside);
    ctx.check("only the main thread is left", activeCount() === 1, activeCount());

    const permits = semaphore.value;
    const error = errorOf(() => semaphore.release());
    ctx.say(String(error));
    ctx.check("all five permits are back", permits === 5, permits);
    ctx.check("one release too many is a RangeError", error instanceof RangeError, error);
    ctx.check("that adds nothing", semaphore.value === 5, semaphore);
  },
};

function errorOf(action: () => void): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

if (import.meta.main) await runProgram(scenario);
