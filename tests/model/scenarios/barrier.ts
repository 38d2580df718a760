// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context, End, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { countEnd } from "./ends.ts";

const lockWord = 0;
const generationWord = 1;
const arrivedWord = 2;
const brokenWord = 3;
const rosterWord = 48;
const slots = 4;
const slotWords = 3;

interface Options {
  readonly times?: number;
  readonly timeout?: number;
  /** The timeout of the barrier itself. */
  readonly limit?: number;
  /** Whether the action throws. */
  readonly throws?: boolean;
}

interface AsyncOptions extends Options {
  readonly coroutines?: number;
  /** Whether the first has a signal. */
  readonly aborts?: boolean;
}

async function actorsOf(load: Load, parties: number) {
  const { Barrier } = await load("barrier.ts");
  const { Restored } = await load("shared_object.ts");
  const barrierOf = ({ memory, count }: Context, { limit, throws }: Options = {}) => {
    const action = () => {
      count("actions");
      if (throws) throw new Error("aborted");
    };
    return new Barrier(
      parties,
      Object.assign(new Restored({ memory, index: 0 }), { action, timeout: limit }),
    );
  };
  return {
    waits: ({ times = 1, ...options }: Options = {}): Actor => ({
      run: (context) => {
        const barrier = barrierOf(context, options);
        for (let round = 0; round < times; round++) {
          context.pause();
          context.count(`come ${round}`);
          try {
            const index = barrier.waitSync({ timeout: options.timeout });
            context.count(`passed ${round}`);
            context.count(`index ${index} of ${round}`);
          } catch (error) {
            countEnd(context, error);
          }
        }
      },
    }),

    asyncWaits: (
      { coroutines = 1, aborts = false, times = 1, ...options }: AsyncOptions = {},
    ): Actor => ({
      run: async (context) => {
        const barrier = barrierOf(context, options);
        const run = async (i: number) => {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          for (let round = 0; round < times; round++) {
            context.count(`come ${round}`);
            try {
              const index = await barrier.wait({ timeout: options.timeout, signal });
              context.count(`passed ${round}`);
              context.count(`index ${index} of ${round}`);
            } catch (error) {
              countEnd(context, error);
            }
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),

    aborts: (): Actor => ({ run: (context) => barrierOf(context).abort() }),
    resets: (): Actor => ({ run: (context) => barrierOf(context).reset() }),
    abortsAndResets: (): Actor => ({
      run: (context) => {
        const barrier = barrierOf(context);
        barrier.abort();
        barrier.reset();
      },
    }),
  };
}

/** So many rounds that all pass, each with the action once and with every index once. */
function rounds(parties: number, count: number, generation = 0) {
  return {
    initial: { [generationWord]: generation },
    invariant: (total) => {
      for (let round = 0; round < count; round++) {
        if (total(`passed ${round}`) === 0) continue;
        if (total(`come ${round}`) < parties) return `passed before all had come`;
        if (total("actions") <= round) return `passed before the action`;
      }
      return undefined;
    },
    final: (end) => {
      if (end.total("actions") !== count) return `the action has run ${end.total("actions")} times`;
      for (let round = 0; round < count; round++) {
        for (let index = 0; index < parties; index++) {
          const times = end.total(`index ${index} of ${round}`);
          if (times !== 1) return `index ${index} was given ${times} times in round ${round}`;
        }
      }
      if (end.word(generationWord) !== (generation + count | 0)) return "another generation";
      return atRest(end);
    },
  } satisfies Partial<Scenario>;
}

/** Nobody is left at the barrier. */
function atRest({ word }: End): string | undefined {
  if (word(lockWord) !== 0) return "the lock is held at the end";
  if (word(arrivedWord) !== 0) return `${word(arrivedWord)} have arrived at the end`;
  for (let i = 0; i < slots; i++) {
    if (word(rosterWord + 1 + i * slotWords) !== 0) return "somebody is in the roster at the end";
  }
  return undefined;
}

/** What holds if A may die: once all have come, a thread B does not wait until its time is over. */
function afterDeath(end: End): string | undefined {
  if (!end.dead(0)) return atRest(end);
  const timedOut = end.count(1, "timed out") > 0;
  return timedOut && end.count(0, "actions") > 0 ? "nobody was told of a death" : undefined;
}

export async function barrierScenarios(load: Load): Promise<Scenario[]> {
  const two = await actorsOf(load, 2);
  const three = await actorsOf(load, 3);
  return [
    { name: "two", actors: [two.waits(), two.waits()], budget: { spurious: 1 }, ...rounds(2, 1) },
    {
      name: "two, twice",
      preemptions: 2,
      actors: [two.waits({ times: 2 }), two.waits({ times: 2 })],
      ...rounds(2, 2),
    },
    {
      name: "three",
      preemptions: 1,
      actors: [three.waits(), three.waits(), three.waits()],
      ...rounds(3, 1),
    },
    {
      name: "two near the sign, twice",
      preemptions: 1,
      actors: [two.waits({ times: 2 }), two.asyncWaits({ times: 2 })],
      ...rounds(2, 2, 2 ** 31 - 1),
    },
    {
      name: "two near the end of the range, twice",
      preemptions: 1,
      actors: [two.waits({ times: 2 }), two.asyncWaits({ times: 2 })],
      ...rounds(2, 2, -1),
    },
    { name: "two isolates", actors: [two.asyncWaits(), two.asyncWaits()], ...rounds(2, 1) },
    {
      name: "two isolates, twice",
      preemptions: 2,
      actors: [two.asyncWaits({ times: 2 }), two.asyncWaits({ times: 2 })],
      ...rounds(2, 2),
    },
    {
      name: "two coroutines and a thread",
      preemptions: 2,
      actors: [three.asyncWaits({ coroutines: 2 }), three.waits()],
      ...rounds(3, 1),
    },
    {
      name: "one gives up",
      outcomes: ["A(come 0 1, timed out 1) B(", "C(come 0 1, timed out 1)"],
      preemptions: 1,
      actors: [two.waits({ timeout: 50 }), two.waits({ timeout: 50 }), two.waits({ timeout: 50 })],
      budget: { timeouts: 1 },
      patient: true,
      final: (end) => {
        const { total } = end;
        const passed = total("passed 0");
        // Who gives up once all have come goes alone, and the others pass.
        if (passed + total("timed out") !== 3) return "an end without a reason";
        return total("actions") === Math.ceil(passed / 2)
          ? atRest(end)
          : "passed without the action";
      },
    },
    {
      name: "one of three gives up",
      outcomes: ["A(come 0 1, timed out 1) B(come 0 1, timed out 1) C(come 0 1, timed out 1)"],
      preemptions: 1,
      actors: [
        three.waits({ timeout: 50 }),
        three.waits({ timeout: 50 }),
        three.waits({ timeout: 50 }),
      ],
      budget: { timeouts: 1 },
      patient: true,
      final: ({ total }) => {
        const passed = total("passed 0");
        if (passed + total("timed out") !== 3) return "an end without a reason";
        if (passed !== 0 && passed !== 3) return `${passed} have passed`;
        return total("actions") === passed / 3 ? undefined : "passed without the action";
      },
    },
    {
      name: "a coroutine is aborted",
      outcomes: ["A(aborted 1, come 0 1", "A(actions 1, come 0 1, index 1 of 0 1, passed 0 1)"],
      actors: [
        two.asyncWaits({ aborts: true }),
        two.waits({ timeout: 50 }),
      ],
      budget: { aborts: 1 },
      patient: true,
      final: ({ total }) => {
        const passed = total("passed 0");
        if (passed + total("aborted") + total("timed out") !== 2) return "an end without a reason";
        if (passed !== 0 && passed !== 2) return `${passed} have passed`;
        return total("actions") === passed / 2 ? undefined : "passed without the action";
      },
    },
    {
      name: "an index that was given back is given again",
      preemptions: 1,
      actors: [
        three.asyncWaits({ coroutines: 2, aborts: true, timeout: 50 }),
        three.asyncWaits({ coroutines: 2, timeout: 50 }),
      ],
      budget: { aborts: 1 },
      outcomes: ["A(aborted 1, come 0 2, index"],
      patient: true,
      final: ({ total }) => {
        for (let index = 0; index < 3; index++) {
          if (total(`index ${index} of 0`) > 1) return `index ${index} was given twice`;
        }
        return undefined;
      },
    },
    {
      name: "it is broken",
      outcomes: ["A(broken 1, come 0 1) B(broken 1, come 0 1)", "A(come 0 1, index"],
      preemptions: 2,
      actors: [two.waits(), two.waits(), two.aborts()],
      final: (end) => {
        const { total, word } = end;
        if (word(brokenWord) !== 1) return "it is not broken at the end";
        const passed = total("passed 0");
        if (passed !== 0 && passed !== 2) return `${passed} have passed`;
        return passed + total("broken") === 2 ? atRest(end) : "an end without a reason";
      },
    },
    {
      name: "it is broken, a coroutine waits",
      outcomes: ["A(broken 1, come 0 1) B(broken 1, come 0 1)"],
      preemptions: 1,
      actors: [two.asyncWaits(), two.waits(), two.aborts()],
      final: atRest,
    },
    {
      name: "it is reset",
      outcomes: ["A(broken 1, come 0 1) B(come 0 1, timed out 1)"],
      preemptions: 1,
      actors: [two.waits({ timeout: 50 }), two.waits({ timeout: 50 }), two.resets()],
      patient: true,
      final: (end) => {
        const { total, word } = end;
        if (word(brokenWord) !== 0) return "it is broken at the end";
        const passed = total("passed 0");
        if (passed !== 0 && passed !== 2) return `${passed} have passed`;
        const failed = total("broken") + total("timed out");
        return passed + failed === 2 ? atRest(end) : "an end without a reason";
      },
    },
    {
      name: "it is broken and reset",
      outcomes: ["B(broken 1, come 0 1)", "B(come 0 1, timed out 1)"],
      preemptions: 2,
      actors: [two.abortsAndResets(), two.waits({ timeout: 50 })],
      patient: true,
      final: (end) => end.word(brokenWord) === 0 ? atRest(end) : "it is broken at the end",
    },
    {
      name: "its own time is over",
      outcomes: ["A(broken 1, come 0 1) B(broken 1, come 0 1)"],
      preemptions: 1,
      actors: [three.waits({ limit: 50 }), three.asyncWaits({ limit: 50 })],
      patient: true,
      final: (end) => {
        if (end.total("broken") !== 2) return "somebody was not told";
        return end.word(brokenWord) === 1 ? atRest(end) : "it is not broken at the end";
      },
    },
    {
      name: "the action throws",
      outcomes: ["A(aborted 1, actions 1, come 0 1) B(broken 1, come 0 1)"],
      preemptions: 2,
      actors: [two.waits({ throws: true }), two.waits({ throws: true })],
      final: (end) => {
        if (end.total("aborted") !== 1 || end.total("broken") !== 1) return "not told as it should";
        return end.word(brokenWord) === 1 ? atRest(end) : "it is not broken at the end";
      },
    },
    {
      name: "a party dies",
      outcomes: ["A!(come 0 1) B(broken 1, come 0 1)", "A!() B(come 0 1, timed out 1)"],
      preemptions: 1,
      actors: [{ ...two.waits(), mortal: true }, two.waits({ timeout: 250 })],
      budget: { deaths: 1 },
      patient: true,
      final: afterDeath,
    },
    {
      name: "a party dies, a coroutine waits",
      outcomes: ["A!(come 0 1) B(broken 1, come 0 1)", "A!() B(come 0 1, timed out 1)"],
      preemptions: 1,
      actors: [{ ...two.waits(), mortal: true }, two.asyncWaits({ timeout: 250 })],
      budget: { deaths: 1 },
      patient: true,
      final: (end) => end.dead(0) ? undefined : atRest(end),
    },
    {
      name: "a party has died, nobody passes",
      outcomes: ["A(broken 1, come 0 1) B(broken 1, come 0 1)"],
      preemptions: 3,
      initial: {
        [arrivedWord]: 1,
        [rosterWord]: 1,
        // Nobody has this token.
        [rosterWord + 1]: 9,
        [rosterWord + 2]: 1,
      },
      actors: [three.waits({ timeout: 250 }), three.waits({ timeout: 250 })],
      budget: { timeouts: 2 },
      patient: true,
      final: ({ total }) => {
        return total("passed 0") > 0 ? "passed with a party that had died" : undefined;
      },
    },
  ];
}

export async function barrierMixes(load: Load): Promise<Scenario[]> {
  const { waits, asyncWaits, resets } = await actorsOf(load, 3);
  return [
    {
      name: "three rounds of three",
      actors: [waits({ times: 3 }), waits({ times: 3 }), asyncWaits({ times: 3 })],
      budget: { spurious: 3 },
      ...rounds(3, 3, -2),
    },
    {
      name: "some give up, and it is reset",
      actors: [
        waits({ times: 2, timeout: 50 }),
        waits({ times: 2, timeout: 150 }),
        asyncWaits({ times: 2, coroutines: 2, aborts: true, timeout: 50 }),
        resets(),
      ],
      budget: { spurious: 3, timeouts: 3, aborts: 1 },
      patient: true,
      final: atRest,
    },
  ];
}
