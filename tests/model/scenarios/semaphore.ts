// Copyright 2026 the Weft authors. MIT license.

import type { End, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { actorsOf } from "./semaphore_actors.ts";

const permitsWord = 0;
const sleepersWord = 1;

/** At most so many inside; at the end all permits are back, and nobody counts as a sleeper. */
function permits(count: number) {
  return {
    initial: { [permitsWord]: count },
    invariant: (total) => total("inside") > count ? `${total("inside")} are inside` : undefined,
    final: (end) => {
      const value = end.word(permitsWord);
      if (value + end.total("taken") !== count + end.total("given")) return `the value is ${value}`;
      return noSleepers(end);
    },
  } satisfies Partial<Scenario>;
}

function noSleepers({ word }: End): string | undefined {
  const sleepers = word(sleepersWord);
  return sleepers === 0 ? undefined : `${sleepers} count as sleepers at the end`;
}

/** What holds as well if actor A may die: its permit is lost, and it may stay counted. */
function afterDeath(count: number) {
  const { initial, invariant } = permits(count);
  return {
    initial,
    invariant,
    final: (end) => {
      const value = end.word(permitsWord);
      const sleepers = end.word(sleepersWord);
      const least = count + end.total("given") - end.total("taken");
      if (value > least || value < least - Number(end.dead(0))) return `the value is ${value}`;
      if (sleepers < 0 || sleepers > Number(end.dead(0))) return `${sleepers} count as sleepers`;
      return undefined;
    },
  } satisfies Partial<Scenario>;
}

export async function semaphoreScenarios(load: Load): Promise<Scenario[]> {
  const { sync, tries, takes, asyncTakes, takesAndGives2, gives, gives1Of, async } = await actorsOf(
    load,
  );
  return [
    { name: "two of one", actors: [sync(), sync()], budget: { spurious: 1 }, ...permits(1) },
    {
      name: "two of one, twice",
      preemptions: 3,
      actors: [sync({ times: 2 }), sync({ times: 2 })],
      ...permits(1),
    },
    { name: "three of one", actors: [sync(), sync(), sync()], ...permits(1) },
    { name: "three of two", actors: [sync(), sync(), sync()], ...permits(2) },
    {
      name: "tries",
      outcomes: ["B(refused 1)", "B(sections 1)"],
      actors: [sync(), tries(), sync()],
      ...permits(1),
    },
    {
      name: "one gives, two take",
      actors: [gives(1, 1), takes(), takes()],
      budget: { spurious: 1 },
      ...permits(0),
    },
    {
      name: "one gives two at once",
      actors: [gives(2), takes(), takes()],
      budget: { spurious: 1 },
      ...permits(0),
    },
    {
      name: "a coroutine gives two at once, one to its own isolate",
      actors: [takesAndGives2(), takes()],
      budget: { spurious: 1 },
      ...permits(0),
    },
    {
      name: "two give, one takes twice",
      actors: [gives(1), gives(1), takes({ times: 2 })],
      ...permits(0),
    },
    {
      name: "a timeout",
      outcomes: ["B(timed out 1)", "B(sections 1)"],
      actors: [sync(), { ...sync({ timeout: 50 }), late: true }, sync()],
      budget: { timeouts: 2 },
      ...permits(1),
    },
    {
      name: "a timeout while permits are given",
      outcomes: ["B(timed out 1) C(taken 1)", "B(taken 1) C(taken 1)"],
      actors: [gives(1, 1), { ...takes({ timeout: 50 }), late: true }, takes()],
      budget: { timeouts: 2 },
      ...permits(0),
    },
    {
      name: "never given",
      outcomes: ["A(timed out 1) B(timed out 1)"],
      actors: [takes({ timeout: 150 }), asyncTakes({ timeout: 50 })],
      patient: true,
      ...permits(0),
    },
    {
      name: "one of three dies",
      outcomes: ["A!(inside 1) B(sections 1) C(sections 1)", "A!() B(sections 1) C(sections 1)"],
      actors: [{ ...sync(), mortal: true }, sync(), sync()],
      budget: { deaths: 1 },
      ...afterDeath(2),
    },
    {
      name: "a waiter dies",
      outcomes: ["A!() B(taken 1) C(given 1)", "A!() B(timed out 1) C(given 1)"],
      actors: [{ ...takes({ timeout: 50 }), mortal: true }, takes({ timeout: 150 }), gives(1)],
      budget: { deaths: 1 },
      patient: true,
      ...afterDeath(0),
    },
    {
      name: "a waiter dies, a coroutine waits",
      outcomes: ["A!() B(taken 1) C(given 1)"],
      actors: [{ ...takes({ timeout: 50 }), mortal: true }, asyncTakes({ timeout: 150 }), gives(1)],
      budget: { deaths: 1 },
      patient: true,
      ...afterDeath(0),
    },
    {
      name: "who gives dies",
      outcomes: ["A!(given 1) B(taken 1)", "A!(given 1) B(timed out 1)"],
      actors: [{ ...gives(1), mortal: true }, takes({ timeout: 150 })],
      budget: { deaths: 1 },
      patient: true,
      final: (end) => {
        const value = end.word(permitsWord);
        if (!end.dead(0) && value + end.total("taken") !== 1) return `the value is ${value}`;
        return value < 0 || value + end.total("taken") > 1
          ? `the value is ${value}`
          : noSleepers(end);
      },
    },
    {
      name: "a coroutine and a thread",
      actors: [async(), sync()],
      budget: { spurious: 1, timeouts: 1 },
      ...permits(1),
    },
    { name: "two isolates", actors: [async(), async()], ...permits(1) },
    {
      name: "two coroutines and a thread",
      actors: [async({ coroutines: 2 }), sync()],
      ...permits(1),
    },
    {
      name: "one gives three at once to two coroutines and a thread",
      actors: [gives(3), asyncTakes({ coroutines: 2 }), takes()],
      ...permits(0),
    },
    {
      name: "an abort in line",
      outcomes: ["A(aborted 1, sections 1)", "A(sections 2)"],
      actors: [async({ coroutines: 2, aborts: true }), sync()],
      budget: { aborts: 1 },
      ...permits(1),
    },
    {
      name: "an abort in line while permits are given",
      outcomes: ["A(aborted 1, taken 1) B(given 2) C(taken 1)", "A(taken 2)"],
      actors: [
        asyncTakes({ coroutines: 2, aborts: true, timeout: 50 }),
        gives(1, 1),
        takes({ timeout: 50 }),
      ],
      budget: { aborts: 1 },
      patient: true,
      ...permits(0),
    },
    {
      name: "an abort of three",
      outcomes: ["A(aborted 1) B(sections 1)", "A(sections 1) B(sections 1)"],
      actors: [async({ aborts: true }), sync(), sync()],
      budget: { aborts: 1 },
      ...permits(1),
    },
    {
      name: "a coroutine that times out",
      outcomes: ["A(timed out 1)", "A(sections 1)"],
      actors: [async({ timeout: 50 }), sync(), sync()],
      budget: { timeouts: 2 },
      ...permits(1),
    },
    {
      name: "a release too many",
      outcomes: ["A(given 1) B(refused 1) C(refused 1)", "A(refused 1) B(given 1) C(refused 1)"],
      initial: { [permitsWord]: 1 },
      actors: [gives1Of(2), gives1Of(2), gives1Of(2)],
      final: ({ word, total }) => {
        if (total("given") !== 1) return `${total("given")} were given`;
        return word(permitsWord) === 2 ? undefined : `the value is ${word(permitsWord)}`;
      },
    },
    {
      name: "a limit and a waiter",
      outcomes: ["A(given 1) B(given 1) C(taken 1)"],
      initial: { [permitsWord]: 0 },
      actors: [gives1Of(1), gives1Of(1), takes()],
      final: (end) => {
        const { word, total } = end;
        if (word(permitsWord) + total("taken") !== total("given")) return "a permit was lost";
        return noSleepers(end);
      },
    },
  ];
}

export async function semaphoreMixes(load: Load): Promise<Scenario[]> {
  const { sync, tries, takes, asyncTakes, gives, async } = await actorsOf(load);
  const budget = { timeouts: 3, spurious: 3, aborts: 1 };
  return [
    {
      name: "three threads, one with a timeout",
      actors: [
        sync({ times: 3 }),
        sync({ times: 3 }),
        { ...sync({ times: 3, timeout: 150 }), late: true },
      ],
      budget,
      ...permits(2),
    },
    {
      name: "threads and three coroutines",
      actors: [sync({ times: 2 }), tries(), async({ coroutines: 3 }), sync({ timeout: 50 })],
      budget,
      ...permits(2),
    },
    {
      name: "two isolates of many coroutines",
      actors: [
        async({ coroutines: 3, aborts: true }),
        async({ coroutines: 2, timeout: 50 }),
        sync(),
        sync(),
      ],
      budget,
      ...permits(2),
    },
    {
      name: "permits given in pieces",
      actors: [
        gives(1, 2, 1),
        asyncTakes({ coroutines: 2, aborts: true }),
        takes({ times: 2, timeout: 150 }),
        gives(2),
      ],
      patient: true,
      budget,
      ...permits(0),
    },
  ];
}
