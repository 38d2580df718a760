// Copyright 2026 the Weft authors. MIT license.

/*
 * The action of a Barrier, by CPython's BarrierTests.test_action and asyncio's BarrierTests.
 *
 * | CPython                                     | here                                                       |
 * | ------------------------------------------- | ---------------------------------------------------------- |
 * | test_action                                 | runs its action once a round, before anybody goes on       |
 * | asyncio: exception, abort, then reset       | is broken when its action fails                            |
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Barrier, SharedArray, type SyncOptions } from "../../../sync/mod.ts";
import { countRound } from "../../fixtures/conformance_meetings.ts";
import { aWhile, reasons, Suite } from "./_harness.ts";

const make = (options: SyncOptions) => ({
  barrier: new Barrier(3, { ...options, action: countRound }),
  cells: new SharedArray("i32", 2, options),
});

const suite = new Suite(make);

suite.together("Barrier runs its action once a round, before anybody goes on", 3, async (scene) => {
  const { objects: { barrier, cells }, actors } = scene;
  for (let round = 1; round <= 3; round++) {
    const seen = await Promise.all(
      actors.map((actor) => actor.run<[number, number]>("passWithAction")),
    );

    assertEquals(seen.map(([rounds]) => rounds), [round, round, round]);
    assertEquals(seen.map(([_, index]) => index).sort(), [0, 1, 2]);
  }
  assertEquals([cells.view[0], barrier.broken], [3, false]);
});

suite.together(
  "Barrier is broken when its action fails, and usable when it was reset",
  3,
  async (scene) => {
    const { objects: { barrier, cells }, actors } = scene;
    cells.view[1] = 1;

    const names = await reasons(actors.map((actor) => actor.run("passWithAction")));
    assertEquals(names.sort(), ["BrokenBarrierError", "BrokenBarrierError", "RangeError"]);
    assertEquals([barrier.broken, barrier.waiting], [true, 0]);
    assertEquals(await reasons([actors[0]!.wait("barrier", "wait")]), ["BrokenBarrierError"]);

    cells.view[1] = 0;
    barrier.reset();
    await Promise.all(actors.map((actor) => actor.run("passWithAction")));
    assertEquals([cells.view[0], barrier.broken], [2, false]);
  },
);

suite.alone(
  "Barrier awaits an action that gives a promise, before anybody goes on",
  async (scene) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const barrier = new Barrier(2, { scope: scene.mode.scope, action: () => promise });
    let passed = 0;
    const calls = [barrier.wait(), barrier.wait()].map((call) => call.then(() => passed++));
    await aWhile();
    assertEquals([passed, barrier.waiting], [0, 2]);

    resolve();
    await Promise.all(calls);

    assertThrows(() => new Barrier(1, { action: () => promise }).waitSync(), TypeError, "promise");
  },
  { forms: ["async"] },
);

suite.alone(
  "Barrier can be used by its action and by an abort handler",
  async ({ mode: { scope } }) => {
    const seen: unknown[] = [];
    const barrier: Barrier = new Barrier(2, {
      scope,
      action: () => void seen.push(barrier.waiting, barrier.broken),
    });
    const controller = new AbortController();
    controller.signal.addEventListener("abort", () => seen.push(barrier.waiting));
    const first = barrier.wait({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assertRejects(() => first, Error, "enough");
    assertEquals(barrier.waiting, 0);

    await Promise.all([barrier.wait(), barrier.wait()]);

    assertEquals(seen, [1, 2, false]);
    const aborting: Barrier = new Barrier(2, { scope, action: () => aborting.abort() });
    const outcomes = await Promise.allSettled([aborting.wait(), aborting.wait()]);
    assert(outcomes.every(({ status }) => status === "rejected"));
    assertEquals(aborting.broken, true);
  },
  { forms: ["async"] },
);
