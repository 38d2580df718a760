// Copyright 2026 the Weft authors. MIT license.

// Pools whose worker processes are killed.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProcessPool } from "../../../process/mod.ts";
import { Event } from "../../../sync/mod.ts";
import { type Pool, WorkerLostError } from "../../../task/mod.ts";
import { countRun, runOn } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import { Random } from "../../fixtures/stress_random.ts";
import { isLeft } from "../../process/_helpers.ts";
import { defineTests, makeGate, makeNumbers, range, soon } from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const test = defineTests((size, options) => new ProcessPool(size, options), "process");

/** The process of each worker. */
async function pidsOf(pool: Pool): Promise<number[]> {
  const gates = range(pool.size).map(makeGate);
  const held = gates.map((gate) => pool.submit(tasks.holdForPid, gate));
  for (const gate of gates) await gate.reached.wait();
  for (const gate of gates) gate.open.set();
  return await Promise.all(held);
}

test("loses no task when all idle workers are killed at once", { size: 2 }, async (pool) => {
  const pids = await pidsOf(pool);
  assertEquals(new Set(pids).size, 2);

  for (const pid of pids) Deno.kill(pid, "SIGKILL");
  const squares = await Promise.all(range(100).map((n) => pool.submit(tasks.square, n)));

  assertEquals(squares, range(100).map((n) => n * n));
  const others = await pidsOf(pool);
  assertEquals(new Set([...pids, ...others]).size, 4);
  assertEquals([pool.stats.failed, pool.stats.workers], [0, 2]);
});

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  test(`loses the task of a worker that is ended by ${signal} alone`, { size: 2 }, async (pool) => {
    const gates = [makeGate(), makeGate()];
    const pids = await pidsOf(pool);
    const held = gates.map((gate) => pool.submit(tasks.holdForPid, gate));
    for (const gate of gates) await gate.reached.wait();
    const queued = range(10).map((n) => pool.submit(tasks.square, n));

    Deno.kill(pids[0]!, signal);

    const lost = await Promise.race(held.map((future) => future.catch((error) => error)));
    assert(lost instanceof WorkerLostError, `${lost}`);
    assertEquals([lost.exitSignal, lost.exitCode > 128], [signal, true]);
    assertEquals(await Promise.all(queued), range(10).map((n) => n * n));
    for (const gate of gates) gate.open.set();
    const outcomes = await Promise.allSettled(held);
    const values = outcomes.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
    assertEquals(values, [pids[1]]);
    assertEquals(pool.stats.failed, 1);
  });
}

test("leaves Ctrl-C to the program", {}, async (pool) => {
  const gate = makeGate();
  const [pid] = await pidsOf(pool);
  const held = pool.submit(tasks.holdForPid, gate);
  await gate.reached.wait();

  for (let i = 0; i < 3; i++) Deno.kill(pid!, "SIGINT");
  gate.open.set();

  assertEquals(await held, pid);
  assertEquals(await pidsOf(pool), [pid]);
});

test("loses the task of a worker that computes when it is killed", {}, async (pool) => {
  const [pid] = await pidsOf(pool);
  const { reached } = makeGate();
  const lost = pool.submit(runOn, "loop", reached);
  await reached.wait();

  Deno.kill(pid!, "SIGKILL");

  const error = await assertRejects(() => lost, WorkerLostError);
  assertEquals(error.exitSignal, "SIGKILL");
  assertEquals(await pool.submit(tasks.square, 3), 9);
});

test("leaves no process behind", { size: 2 }, async (pool) => {
  const pids = await pidsOf(pool);
  Deno.kill(pids[0]!, "SIGKILL");
  pids.push(...await pidsOf(pool));

  pool.close();
  await pool.join();

  for (const pid of pids) assert(!isLeft(pid), `process ${pid} is left`);
});

test("leaves no process behind when it is terminated", {}, async (pool) => {
  const [pid] = await pidsOf(pool);
  const { reached } = makeGate();
  pool.submit(runOn, "loop", reached).catch(() => {});
  await reached.wait();

  await pool.terminate();

  assert(!isLeft(pid!), `process ${pid} is left`);
});

/** How many files this process has open, where that can be told. */
function countFiles(): number {
  return Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
}

/** Waits without giving way. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("gives each of 20,000 tasks one end while its workers are killed at random", {
  size: 2,
}, async (pool) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const random = new Random(seed);
  const [rounds, each] = [16, 1250];
  const runs = makeNumbers(rounds * each);
  const ends: PromiseSettledResult<number>[] = [];
  let kills = 0;
  let files = 0;

  for (let round = 0; round < rounds; round++) {
    const pids = await pidsOf(pool);
    if (round === 0) files = countFiles();
    const victims = random.chance(25) ? pids : [random.of(pids)];
    const kill = () => victims.forEach((pid) => Deno.kill(pid, "SIGKILL"));
    const futures = range(each).map((n) => pool.submit(countRun, runs, round * each + n));
    // When some results were seen, or in the dark, while this thread is blocked.
    if (random.chance(50)) futures[random.below(each)]!.addDoneCallback(kill);
    else {
      spin(random.below(20));
      kill();
    }
    kills += victims.length;
    ends.push(...await soon(Promise.allSettled(futures), `round ${round}, seed ${seed}`, pool));
  }

  let lost = 0;
  for (const [n, end] of ends.entries()) {
    const times = runs.view[n]!;
    if (end.status === "fulfilled") {
      assertEquals([end.value, times], [n, 1], `task ${n} gave a result, seed ${seed}`);
    } else {
      lost++;
      assert(end.reason instanceof WorkerLostError, `task ${n}: ${end.reason}, seed ${seed}`);
      assert(times <= 1, `task ${n} was lost and run ${times} times, seed ${seed}`);
    }
  }
  assert(lost > 0 && lost <= kills, `${lost} tasks lost by ${kills} kills, seed ${seed}`);
  const completed = rounds * (each + pool.size) - lost;
  assertEquals([pool.stats.completed, pool.stats.failed], [completed, lost], `seed ${seed}`);
  assertEquals(new Set(await pidsOf(pool)).size, 2);
  assertEquals([pool.stats.workers, pool.stats.queued, pool.stats.running], [2, 0, 0]);
  // A few are the runtime's own and come and go.
  assert(countFiles() <= files + 5, `${countFiles()} open files after ${files}`);
});
