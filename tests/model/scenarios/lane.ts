// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { actorsOf, tallyWord } from "./lane_actors.ts";
import { type Expected, putWord, soundRing, takenWord } from "./ring_frames.ts";

/** Whoever has waited has got what there was, or what it waited for did not come. */
function soundLane(expected: Expected): Partial<Scenario> {
  const sound = soundRing(expected);
  return {
    ...sound,
    initial: { ...sound.initial, [tallyWord + 1]: expected.start?.taken ?? 0 },
    invariant: (total, word) => {
      const left = (word(putWord) - word(tallyWord + 1)) | 0;
      if (left < 0) return "more is done than there is to do";
      if (total("joined") > 0 && left > 0) return "all counts as done too early";
      return sound.invariant!(total, word);
    },
    final: (end) => {
      const inside = end.word(putWord) !== end.word(takenWord);
      if (inside && end.total("ended") > 0) return "the end has come before an item";
      return sound.final!(end);
    },
  };
}

function make(
  name: string,
  actors: readonly Actor[],
  expected: Expected,
  rest: Partial<Scenario> = {},
): Scenario {
  const preemptions = actors.length > 2 ? 1 : 2;
  return { name, actors, preemptions, even: true, ...soundLane(expected), ...rest };
}

export async function laneScenarios(load: Load): Promise<Scenario[]> {
  const actors = await actorsOf(load);
  const { puts, triesToPut, asyncPuts, takes, triesToTake, asyncTakes } = actors;
  const { closes, joins, asyncJoins } = actors;
  const { putsSilently, takesSilently, closesSilently, worksSilently } = actors;
  const mortal = (actor: Actor): Actor => ({ ...actor, mortal: true });
  const late = (actor: Actor): Actor => ({ ...actor, late: true });
  const full = { start: { frames: [1] }, limit: 1 };

  return [
    make("one takes", [takes(1), puts(1, 1)], { puts: { 1: 1 } }, {
      budget: { spurious: 1 },
      preemptions: 3,
    }),
    make("one takes two", [takes(2), puts(1, 2)], { puts: { 1: 2 } }),
    make("one tries to put", [takes(1), triesToPut(1)], { puts: { 1: 1 } }),
    make("two take", [takes(1), takes(1), puts(1, 2)], { puts: { 1: 2 } }, { preemptions: 2 }),
    make("two put", [takes(2), puts(1, 1), puts(2, 1)], { puts: { 1: 1, 2: 1 } }),
    make("two take, one gives up", [takes(1), late(takes(1, { timeout: 50 })), puts(1, 2)], {
      puts: { 1: 2 },
    }, { budget: { timeouts: 1 }, outcomes: ["empty 1"] }),
    make("a coroutine and a thread take", [asyncTakes(), takes(1), puts(1, 2)], {
      puts: { 1: 2 },
    }),
    make("two coroutines take", [asyncTakes({ coroutines: 2 }), puts(1, 2)], { puts: { 1: 2 } }),
    make(
      "two coroutines take, one is aborted",
      [
        asyncTakes({ coroutines: 2, aborts: true }),
        puts(1, 2),
      ],
      { puts: { 1: 2 } },
      { budget: { aborts: 1 }, outcomes: ["aborted 1"] },
    ),

    make("one waits for room", [puts(1, 1, { limit: 1 }), takes(2, { limit: 1 })], {
      ...full,
      puts: { 1: 1 },
    }, { budget: { spurious: 1 } }),
    make("one tries to take", [puts(1, 1, { limit: 1 }), triesToTake({ limit: 1 })], {
      ...full,
      puts: { 1: 1 },
    }),
    make("two wait for room", [
      puts(1, 1, { limit: 2 }),
      puts(2, 1, { limit: 2 }),
      takes(2, { limit: 2 }),
    ], { start: { frames: [1, 1] }, limit: 2, puts: { 1: 1, 2: 1 } }),
    make(
      "one gives up to wait for room",
      [
        puts(1, 1, { limit: 1 }),
        puts(2, 1, { limit: 1, timeout: 50 }),
        takes(2, { limit: 1 }),
      ],
      { ...full, puts: { 1: 1, 2: 1 } },
      {
        budget: { timeouts: 1 },
        preemptions: 0,
        outcomes: ["full 1"],
      },
    ),
    make("two coroutines wait for room", [
      asyncPuts(1, { coroutines: 2, limit: 1 }),
      takes(3, { limit: 1 }),
    ], { ...full, puts: { 1: 2 } }),
    make(
      "two coroutines wait for room, one is aborted",
      [
        asyncPuts(1, { coroutines: 2, aborts: true, limit: 1 }),
        takes(2, { limit: 1 }),
      ],
      { ...full, puts: { 1: 2 } },
      { budget: { aborts: 1 }, outcomes: ["aborted 1"] },
    ),

    make("it is closed", [takes(2), puts(1, 1), closes()], { puts: { 1: 1 } }, {
      outcomes: ["ended 1", "refused 1"],
    }),
    make("two take, it is closed", [takes(1), takes(1), closes()], {}),
    make("coroutines take, it is closed", [asyncTakes({ coroutines: 2 }), closes()], {}),
    make("it is closed after an item", [takes(2), puts(1, 1), closes({ after: "put 1.0" })], {
      puts: { 1: 1 },
    }),
    make("one waits for room, it is closed", [puts(1, 1, { limit: 1 }), closes()], {
      ...full,
      puts: { 1: 1 },
    }),
    make("coroutines wait for room, it is closed", [
      asyncPuts(1, { coroutines: 2, limit: 1 }),
      closes(),
    ], { ...full, puts: { 1: 2 } }),
    make("it is closed at once, all is done", [closes({ immediate: true }), puts(1, 1), joins()], {
      start: { frames: [1] },
      puts: { 1: 1 },
    }),

    // Whose time is over long after the death finds what was put.
    {
      ...make("who puts dies", [mortal(puts(1, 1)), takes(1, { timeout: 350 })], {
        puts: { 1: 1 },
      }, { budget: { deaths: 1 }, outcomes: ["A!() B(empty 1", "A!() B(got 1.0 1"] }),
      final: (end) => end.word(putWord) > end.word(takenWord) ? "an item is not found" : undefined,
    },
    make("who takes dies", [mortal(takes(1)), takes(1), puts(1, 2)], { puts: { 1: 2 } }, {
      budget: { deaths: 1 },
    }),
    make(
      "who makes room dies",
      [
        mortal(takes(1, { limit: 1 })),
        puts(1, 1, { limit: 1 }),
        takes(1, { limit: 1 }),
      ],
      { ...full, puts: { 1: 1 } },
      { budget: { deaths: 1 } },
    ),
    make("nobody says that there is an item", [putsSilently(1), takes(1)], { puts: { 1: 1 } }, {
      patient: true,
    }),
    make(
      "nobody says so, coroutines take",
      [
        putsSilently(1),
        putsSilently(2),
        asyncTakes({ coroutines: 2 }),
      ],
      { puts: { 1: 1, 2: 1 } },
      { patient: true },
    ),
    make(
      "nobody says that there is room",
      [
        takesSilently(),
        asyncPuts(1, { limit: 1 }),
      ],
      { ...full, puts: { 1: 1 } },
      { patient: true },
    ),
    make("nobody says that it is closed", [closesSilently(), takes(1), asyncTakes()], {}, {
      patient: true,
    }),
    make("nobody says that all is done", [worksSilently(), joins(), asyncJoins()], {
      start: { frames: [1] },
    }, { patient: true }),

    make("all is done", [takes(2, { works: true }), puts(1, 2), joins({ after: "put 1.1" })], {
      puts: { 1: 2 },
    }),
    make(
      "all is done by two",
      [
        takes(1, { works: true }),
        takes(1, { works: true }),
        joins(),
        asyncJoins(),
      ],
      { start: { frames: [1, 1] } },
    ),

    ...[2 ** 31 - 1, 2 ** 32 - 1].map((taken) =>
      make(
        `the counters go over ${taken + 1}`,
        [
          takes(2, { limit: 1, works: true }),
          puts(1, 2, { limit: 1 }),
          joins({ after: "put 1.1" }),
        ],
        { start: { taken }, puts: { 1: 2 }, limit: 1 },
      )
    ),
  ];
}

export async function laneMixes(load: Load): Promise<Scenario[]> {
  const { puts, asyncPuts, takes, asyncTakes, closes, joins } = await actorsOf(load);
  const budget = { timeouts: 2, spurious: 2, aborts: 1 };
  const limit = 2;
  return [
    make(
      "two put and two take with little room",
      [
        puts(1, 3, { limit }),
        puts(2, 3, { limit }),
        takes(4, { limit }),
        takes(2, { limit }),
      ],
      { puts: { 1: 3, 2: 3 }, limit },
      { budget },
    ),
    make(
      "coroutines and threads with little room",
      [
        asyncPuts(1, { coroutines: 3, limit }),
        puts(2, 2, { limit }),
        asyncTakes({ coroutines: 3, limit }),
        takes(2, { limit }),
      ],
      { puts: { 1: 3, 2: 2 }, limit },
      { budget },
    ),
    make(
      "some give up, and it is closed",
      [
        asyncPuts(1, { coroutines: 3, aborts: true, limit: 1 }),
        { ...puts(2, 3, { limit: 1, timeout: 150 }), late: true },
        asyncTakes({ coroutines: 2, aborts: true, limit: 1 }),
        takes(9, { limit: 1 }),
        closes(),
      ],
      { puts: { 1: 3, 2: 3 }, limit: 1 },
      { budget },
    ),
    make(
      "three work until all is done",
      [
        takes(2, { works: true, limit }),
        takes(1, { works: true, limit }),
        takes(1, { works: true, limit }),
        puts(1, 4, { limit }),
        joins({ after: "put 1.3" }),
      ],
      { puts: { 1: 4 }, limit },
      { budget },
    ),
  ];
}
