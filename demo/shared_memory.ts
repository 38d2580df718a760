// Copyright 2026 the Weft authors. MIT license.

/**
 * Shared memory: numbers that threads and processes see at the same time.
 *
 * A `SharedValue` is Python's `Value`, a `SharedArray` its `Array`. An integer changes in one step,
 * whatever others do; what takes several steps belongs under the lock that each has. The scope
 * `"process"` is memory that other processes can map, too.
 *
 * ```sh
 * deno task demo shared-memory
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/shared_memory.ts
 * ```
 *
 * @module
 */

import { Process } from "@weft/concurrency/process";
import { Barrier, SharedArray, SharedValue } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { Thread } from "@weft/concurrency/thread";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** What the workers share. */
interface Shared {
  /** Where they meet, so that all count at the same time. */
  readonly start: Barrier;
  /** How often anybody has counted. */
  readonly count: SharedValue<"i32">;
  /** Half of it. */
  readonly half: SharedValue<"f64">;
  /** How often each has counted. */
  readonly each: SharedArray<"i32">;
  /** A sum for each digit, beyond what a `number` holds exactly. */
  readonly digits: SharedArray<"i64">;
}

const times = 10_000;
const big = 2n ** 50n + 1n;

/** Counts in all of them. */
export const count = task(import.meta, function count(me: number, shared: Shared) {
  shared.start.waitSync();
  for (let i = 0; i < times; i++) {
    shared.count.add(1);
    Atomics.add(shared.each.view, me, 1);
    Atomics.add(shared.digits.view, i % 10, big);
    // Two steps, and no floating number changes in one: under its lock.
    using _guard = shared.half.lock.acquireSync();
    shared.half.value += 0.5;
  }
  return Deno.pid;
});

/** The scenario. */
export const scenario: Scenario = {
  name: "shared-memory",
  module: import.meta.url,
  seeds: "S1.5 S3.1.2",
  title: "SharedValue and SharedArray across threads and across processes.",
  claim: "every sum is exact",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    ctx.say(`— four threads count to ${times}`);
    await countBy(ctx, "thread", (me, shared) => Thread.spawn(count, me, shared));
    ctx.say(`— four processes count to ${times}`);
    await countBy(ctx, "process", (me, shared) => Process.spawn(count, me, shared));
  },
};

async function countBy(
  ctx: Context,
  scope: "thread" | "process",
  spawn: (me: number, shared: Shared) => Thread<number> | Process<number>,
): Promise<void> {
  const shared: Shared = {
    start: new Barrier(4, { scope }),
    count: new SharedValue("i32", 0, { scope }),
    half: new SharedValue("f64", 0, { scope }),
    each: new SharedArray("i32", 4, { scope }),
    digits: new SharedArray("i64", 10, { scope }),
  };
  const workers = [0, 1, 2, 3].map((me) => spawn(me, shared));
  const pids = await Promise.all(workers.map((worker) => worker.join()));

  const { half, each, digits } = shared;
  const all = 4 * times;
  ctx.say(`count ${shared.count.value}\thalf ${half.value}\teach ${each.view}`);
  ctx.say(`digits ${digits.view[0]}\t… ${digits.view[9]}`);
  const processes = new Set([Deno.pid, ...pids]).size;
  ctx.check(`four workers, ${scope} by ${scope}`, processes === (scope === "thread" ? 1 : 5), pids);
  ctx.check(`they counted ${all} together`, shared.count.value === all, shared.count);
  ctx.check(`half of it is ${all / 2}`, half.value === all / 2, half);
  ctx.check("each counted its own", each.view.every((n) => n === times), each.view);
  const sum = big * BigInt(all / 10);
  ctx.check(`each digit has ${sum}`, digits.view.every((n) => n === sum), digits.view);
}

if (import.meta.main) await runProgram(scenario);
