// Copyright 2026 the Weft authors. MIT license.

/*
 * Barrier, by CPython's lock_tests.BarrierTests, _TestBarrier and asyncio's BarrierTests.
 *
 * | CPython                                     | here                                                       |
 * | ------------------------------------------- | ---------------------------------------------------------- |
 * | test_constructor                            | in misuse_test.ts                                          |
 * | test_barrier, test_barrier_10,              | keeps five in step                                         |
 * | mp test_thousand                            |                                                            |
 * | test_wait_return                            | wait() gives each a number of its own                      |
 * | test_abort, test_reset, test_abort_and_reset | abort() …, reset() …                                      |
 * | test_action, asyncio: exception             | in barrier_action_test.ts                                  |
 * | test_timeout                                | A: the timeout of a wait ends that wait alone, as the API  |
 * |                                             | has it everywhere; the barrier is not broken               |
 * | test_default_timeout                        | its own timeout breaks it for all                          |
 * | test_single_thread                          | of one is passed at once                                   |
 * | test_repr                                   | shows name, scope and state                                |
 * | asyncio: fill one by one, two rounds,       | counts who waits; gives each a number of its own           |
 * | permutation                                 |                                                            |
 * | asyncio: draining blocks newcomers          | keeps five in step; lets four of two parties pass by pairs |
 * | asyncio: cancel one while filling           | counts down when a wait ends otherwise                     |
 * | asyncio: reset empty, waiting, drained      | reset() …                                                  |
 * | asyncio: context manager                    | X: a barrier is not held                                   |
 */

import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { Barrier, BrokenBarrierError, SharedArray, type SyncOptions } from "../../../sync/mod.ts";
import { type Call, comesTo, exactly, reasons, Suite } from "./_harness.ts";

/** Creates what a test of so many parties needs. */
function make(parties: number, more: { timeout?: number } = {}) {
  return {
    make: (options: SyncOptions) => ({
      barrier: new Barrier(parties, { ...options, ...more }),
      cells: new SharedArray("i32", 2, options),
    }),
  };
}

const suite = new Suite(make(2).make);

suite.alone("Barrier of one is passed at once", async ({ objects: { barrier }, act }) => {
  for (let i = 0; i < 2; i++) assertEquals(await act(barrier, "wait"), 0);
  assertEquals(await act(barrier, "wait", { timeout: 0 }), 0);

  assertEquals([barrier.parties, barrier.waiting, barrier.broken], [1, 0, false]);
}, make(1));

suite.alone("Barrier shows name, scope and state in Deno.inspect", ({ mode: { scope } }) => {
  const barrier = new Barrier(3, { scope, name: "start" });
  const head = `Barrier "start" { scope: "${scope}", waiting: 0/3`;

  assertEquals(Deno.inspect(barrier), `${head} }`);
  barrier.abort();
  assertEquals(Deno.inspect(barrier), `${head}, broken }`);
  barrier.reset();
  assertEquals(Deno.inspect(barrier), `${head} }`);
}, { forms: ["sync"] });

suite.alone("Barrier.wait() times out alone, and leaves the barrier as it was", async (scene) => {
  const { objects: { barrier }, act } = scene;

  for (const timeout of [0, 1, 50]) {
    const start = performance.now();
    const error = await assertRejects(() => act(barrier, "wait", { timeout }), DOMException);
    assertEquals([error.name, barrier.waiting, barrier.broken], ["TimeoutError", 0, false]);
    assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
  }
});

suite.alone("Barrier that is broken rejects every wait until it is reset", async (scene) => {
  const { objects: { barrier }, act } = scene;
  barrier.abort();
  barrier.abort();

  for (let i = 0; i < 2; i++) await assertRejects(() => act(barrier, "wait"), BrokenBarrierError);
  assertEquals([barrier.broken, barrier.waiting], [true, 0]);
  barrier.reset();
  barrier.reset();

  assertEquals(barrier.broken, false);
  await assertRejects(() => act(barrier, "wait", { timeout: 5 }), DOMException, "timed out");
});

suite.alone(
  "Barrier.wait() rejects when its signal has aborted, also as the last",
  async (scene) => {
    const { barrier } = scene.objects;
    const first = barrier.wait();
    const signal = AbortSignal.abort(new Error("enough"));

    await assertRejects(() => barrier.wait({ signal }), Error, "enough");

    assertEquals([barrier.waiting, barrier.broken], [1, false]);
    assertEquals([await barrier.wait(), await first].sort(), [0, 1]);
  },
  { forms: ["async"] },
);

suite.together("Barrier keeps five in step", 5, async ({ objects, actors, mode }) => {
  const { barrier, cells } = objects;
  // Waiting without blocking a thread takes longer.
  const passes = mode.form === "sync" ? 500 : 100;

  await Promise.all(actors.map((actor) => actor.run("lockStep", passes, 5)));

  assertEquals([...cells.view], [passes * 5, passes * 5]);
  assertEquals([barrier.waiting, barrier.broken], [0, false]);
}, make(5));

suite.together("Barrier.wait() gives each a number of its own", 5, async ({ objects, actors }) => {
  const rounds = await Promise.all(actors.map((actor) => actor.run<number[]>("passEachTime", 20)));

  for (let i = 0; i < 20; i++) {
    assertEquals(rounds.map((indices) => indices[i]!).sort(), [0, 1, 2, 3, 4]);
  }
  assertEquals(objects.barrier.waiting, 0);
}, make(5));

suite.together("Barrier counts who waits, until the last one comes", 3, async (scene) => {
  const { objects: { barrier }, actors } = scene;
  for (let round = 0; round < 2; round++) {
    const calls: Call[] = [];
    for (const actor of actors.slice(0, 2)) {
      calls.push(actor.wait("barrier", "wait"));
      await comesTo("it waits", () => barrier.waiting === calls.length);
    }
    await exactly(0, calls);
    assertEquals(await actors[2]!.get("barrier", "waiting"), 2);

    calls.push(actors[2]!.wait("barrier", "wait"));
    assertEquals((await Promise.all(calls)).sort(), [0, 1, 2]);
    assertEquals(barrier.waiting, 0);
  }
}, make(3));

suite.together("Barrier lets four of two parties pass by pairs", 4, async ({ objects, actors }) => {
  const { barrier } = objects;
  const calls = actors.map((actor) => actor.wait<number>("barrier", "wait"));

  assertEquals((await Promise.all(calls)).sort(), [0, 0, 1, 1]);

  assertEquals([barrier.waiting, barrier.broken], [0, false]);
}, make(2));

for (const end of ["abort", "reset"] as const) {
  suite.together(
    `Barrier.${end}() ends all waits, and a reset makes it usable`,
    5,
    async (scene) => {
      const { objects: { barrier }, actors } = scene;
      const calls = actors.slice(1).map((actor) => actor.wait("barrier", "wait"));
      await comesTo("four wait", () => barrier.waiting === 4);

      await actors[0]!.invoke("barrier", end);

      assertEquals(await reasons(calls), Array(4).fill("BrokenBarrierError"));
      assertEquals([barrier.broken, barrier.waiting], [end === "abort", 0]);
      if (end === "abort") {
        assertEquals(await reasons([actors[0]!.wait("barrier", "wait")]), ["BrokenBarrierError"]);
        await actors[1]!.invoke("barrier", "reset");
      }
      const rounds = await Promise.all(
        actors.map((actor) => actor.wait<number>("barrier", "wait")),
      );
      assertEquals(rounds.sort(), [0, 1, 2, 3, 4]);
      assertEquals([barrier.broken, barrier.waiting], [false, 0]);
    },
    make(5),
  );
}

for (const end of ["times out", "is aborted"]) {
  suite.together(
    `Barrier counts down when a wait ${end}, and gives its number again`,
    3,
    async (scene) => {
      const { objects: { barrier }, actors: [one, other, last] } = scene;
      const aborts = end === "is aborted";
      for (let round = 0; round < 3; round++) {
        const options = aborts ? { abortable: true } : { timeout: 50 };
        const first = one!.wait("barrier", "wait", options);
        await first.isWaiting();
        const second = other!.wait("barrier", "wait");
        await comesTo("they wait", () => barrier.waiting === 2 || first.settled);

        if (aborts) first.abort();
        const error = await assertRejects(() => first, Error, aborts ? "enough" : "timed out");
        assertEquals(error.name, aborts ? "Error" : "TimeoutError");
        await comesTo("one waits", () => barrier.waiting === 1);
        assertEquals([barrier.broken, second.settled], [false, false]);

        const calls = [second, one!.wait("barrier", "wait"), last!.wait("barrier", "wait")];
        assertEquals((await Promise.all(calls)).sort(), [0, 1, 2]);
      }
    },
    { ...make(3), forms: end === "is aborted" ? ["async"] : ["async", "sync", "both"] },
  );
}

suite.together(
  "Barrier is broken for all by its own timeout, when one is late",
  3,
  async (scene) => {
    const { objects: { barrier }, actors: [one, other, late] } = scene;
    const start = performance.now();
    const calls = [
      one!.wait("barrier", "wait"),
      other!.wait("barrier", "wait", { timeout: 50_000 }),
    ];

    assertEquals(await reasons(calls), ["BrokenBarrierError", "BrokenBarrierError"]);

    assertGreaterOrEqual(performance.now() - start, 200 * 0.6);
    assertEquals([barrier.broken, barrier.waiting], [true, 0]);
    assertEquals(await reasons([late!.wait("barrier", "wait")]), ["BrokenBarrierError"]);
  },
  make(3, { timeout: 200 }),
);

suite.alone("Barrier.wait() of 1,000 coroutines lets each pass once", async ({ objects }) => {
  const { barrier } = objects;

  for (let round = 0; round < 2; round++) {
    const indices = await Promise.all(Array.from({ length: 1000 }, () => barrier.wait()));
    assertEquals(new Set(indices).size, 1000);
  }

  assertEquals([barrier.waiting, barrier.broken], [0, false]);
}, { ...make(1000), forms: ["async"] });
