// Copyright 2026 the Weft authors. MIT license.

/**
 * Condition, event and barrier: three ways to wait for others.
 *
 * A condition is for those who wait until something that a lock protects has changed, as in a hand-off;
 * an event for all who wait for one signal, as runners for the start; a barrier for parties that wait
 * for each other, as walkers on a hill.
 *
 * ```sh
 * deno task demo condition-event-barrier
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/condition_event_barrier.ts
 * ```
 *
 * @module
 */

import { Process } from "@weft/concurrency/process";
import { Barrier, Condition, Event, Semaphore, SharedValue } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { Thread } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** Counts what happens anywhere, so that everything that happens has a number of its own. */
type Clock = SharedValue<"i32">;

/** A tray that holds one piece of bread; 0 is none. */
interface Tray {
  readonly changed: Condition;
  readonly bread: SharedValue<"i32">;
}

/** Puts three pieces of bread on the tray, each when the one before it has been taken. */
export const bake = task(import.meta, async function bake({ changed, bread }: Tray, clock: Clock) {
  const times = [];
  for (let piece = 1; piece <= 3; piece++) {
    using _guard = await changed.acquire();
    await changed.waitFor(() => bread.value === 0);
    bread.value = piece;
    times.push(clock.add(1));
    console.log(`baker\tputs ${piece}`);
    changed.notify();
  }
  return times;
});

/** Takes three pieces of bread. */
export const eat = task(import.meta, async function eat({ changed, bread }: Tray, clock: Clock) {
  const times = [];
  const pieces = [];
  for (let i = 0; i < 3; i++) {
    using _guard = await changed.acquire();
    await changed.waitFor(() => bread.value !== 0);
    pieces.push(bread.value);
    times.push(clock.add(1));
    console.log(`guest\ttakes ${bread.value}`);
    bread.value = 0;
    changed.notify();
  }
  return { times, pieces };
});

/** Runs when the start is given. */
export const race = task(
  import.meta,
  async function race(name: string, ready: Semaphore, start: Event, clock: Clock) {
    console.log(`${name}\tis ready`);
    ready.release();
    await start.wait();
    console.log(`${name}\truns`);
    return clock.add(1);
  },
);

/** Walks up a hill in three stages, and at the end of each waits for the others. */
export const walk = task(
  import.meta,
  async function walk(name: string, ms: number, hut: Barrier, clock: Clock) {
    const stages = [];
    for (let stage = 1; stage <= 3; stage++) {
      await sleep(ms);
      const comes = clock.add(1);
      console.log(`${name}\tcomes to hut ${stage}`);
      const index = await hut.wait();
      stages.push({ comes, index, goes: clock.add(1) });
    }
    return stages;
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "condition-event-barrier",
  module: import.meta.url,
  seeds: "–",
  title: "A hand-off by a Condition, a start signal by an Event, a rendezvous at a Barrier.",
  claim: "put and take alternate, nobody runs before the start, nobody goes on before all came",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    await showCondition(ctx);
    await showEvent(ctx);
    await showBarrier(ctx);
  },
};

async function showCondition(ctx: Context): Promise<void> {
  ctx.say("— Condition: two threads and a tray");
  const clock = new SharedValue("i32", 1);
  const tray = { changed: new Condition(), bread: new SharedValue("i32", 0) };
  const guest = Thread.spawn(eat, tray, clock);
  const baker = Thread.spawn(bake, tray, clock);
  const { times, pieces } = await guest.join();
  const baked = await baker.join();
  ctx.check("the guest got 1, 2 and 3", `${pieces}` === "1,2,3", pieces);
  const alternate = `${baked}` === "1,3,5" && `${times}` === "2,4,6";
  ctx.check("the baker put and the guest took by turns", alternate, { baked, times });
}

async function showEvent(ctx: Context): Promise<void> {
  ctx.say("— Event: three processes and a start");
  const scope = "process";
  const clock = new SharedValue("i32", 1, { scope });
  const [ready, start] = [new Semaphore(0, { scope }), new Event({ scope })];
  const runners = ["jia", "egon", "jason"].map((name) => {
    return Process.spawn(race, name, ready, start, clock);
  });
  for (const _ of runners) await ready.acquire();
  await ctx.sleep(1);
  const given = clock.add(1);
  ctx.say("start!");
  start.set();
  const times = await Promise.all(runners.map((runner) => runner.join()));
  ctx.check("nobody ran before the start was given", given === 1, { given, times });
  ctx.check("all three ran after it", `${times.toSorted()}` === "2,3,4", times);
}

async function showBarrier(ctx: Context): Promise<void> {
  ctx.say("— Barrier: three threads and three huts");
  const clock = new SharedValue("i32", 1);
  const hut = new Barrier(3);
  const walkers = ["slow", "fast", "faster"].map((name, i) => {
    return Thread.spawn(walk, name, ctx.ms(2 - i), hut, clock);
  });
  const walks = await Promise.all(walkers.map((walker) => walker.join()));
  for (const stage of [0, 1, 2]) {
    const met = walks.map((stages) => stages[stage]!);
    const together = Math.max(...met.map((m) => m.comes)) < Math.min(...met.map((m) => m.goes));
    ctx.check(`nobody left hut ${stage + 1} before all had come`, together, met);
    const indices = met.map(({ index }) => index).toSorted();
    ctx.check("each had a number of its own there", `${indices}` === "0,1,2", indices);
  }
}

if (import.meta.main) await runProgram(scenario);
