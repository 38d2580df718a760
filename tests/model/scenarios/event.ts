// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { countEnd } from "./ends.ts";

const word = 0;

interface Options {
  readonly timeout?: number;
}

async function actorsOf(load: Load) {
  const { Event } = await load("event.ts");
  const { Restored } = await load("shared_object.ts");
  const eventOf = ({ memory }: Context) => new Event(new Restored({ memory, index: word }));
  return {
    waits: (options: Options = {}): Actor => ({
      run: (context) => {
        countFirstLook(context);
        const event = eventOf(context);
        try {
          event.waitSync(options);
          context.count("woken");
        } catch (error) {
          countEnd(context, error);
        }
      },
    }),

    /** Coroutines of one isolate; the first has a signal if it `aborts`. */
    asyncWaits: (
      { coroutines = 1, aborts = false, ...options }: Options & {
        readonly coroutines?: number;
        readonly aborts?: boolean;
      } = {},
    ): Actor => ({
      run: async (context) => {
        const event = eventOf(context);
        const run = async (i: number) => {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          const wait = event.wait({ ...options, signal });
          context.count("begun");
          try {
            await wait;
            context.count("woken");
          } catch (error) {
            countEnd(context, error);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),

    /** Sets the event, and clears it between if several times; begins when so many waits have begun. */
    sets: ({ times = 1, after = 0 }: { times?: number; after?: number } = {}): Actor => ({
      run: (context) => {
        const event = eventOf(context);
        if (after > 0) context.until("begun", after);
        for (let i = 0; i < times; i++) {
          if (i > 0) event.clear();
          context.pause();
          context.count("sets");
          event.set();
        }
      },
    }),

    /** Sets the event and clears it at once. */
    pulses: ({ times = 1, after = 0 }: { times?: number; after?: number } = {}): Actor => ({
      run: (context) => {
        const event = eventOf(context);
        if (after > 0) context.until("begun", after);
        for (let i = 0; i < times; i++) {
          context.pause();
          context.count("sets");
          event.set();
          event.clear();
        }
      },
    }),

    clears: (): Actor => ({ run: (context) => eventOf(context).clear() }),
  };
}

/** Counts a wait as begun once it has seen the word for the first time. */
function countFirstLook({ memory, count }: Context): void {
  const load = memory.load.bind(memory);
  memory.load = (index) => {
    const value = load(index);
    memory.load = load;
    count("begun");
    return value;
  };
}

/** Nobody goes on before the event is set; the word is at the end what it must be. */
function ends(last: number, initial = 0) {
  return {
    initial: { [word]: initial },
    invariant: (total) => total("woken") > 0 && total("sets") === 0 ? "woken too early" : undefined,
    final: (end) => end.word(word) === (last | 0) ? undefined : `the word is ${end.word(word)}`,
  } satisfies Partial<Scenario>;
}

export async function eventScenarios(load: Load): Promise<Scenario[]> {
  const { waits, asyncWaits, sets, pulses, clears } = await actorsOf(load);
  return [
    { name: "one waits", actors: [waits(), sets()], budget: { spurious: 1 }, ...ends(1) },
    { name: "two wait", actors: [waits(), waits(), sets()], budget: { spurious: 1 }, ...ends(1) },
    {
      name: "three wait, two of them in one isolate",
      actors: [waits(), asyncWaits({ coroutines: 2 }), sets()],
      ...ends(1),
    },
    { name: "two isolates wait", actors: [asyncWaits(), asyncWaits(), sets()], ...ends(1) },
    { name: "two set", actors: [waits(), sets(), sets()], ...ends(1) },
    {
      name: "it is cleared at once",
      actors: [waits(), waits(), pulses({ after: 2 })],
      ...ends(2),
    },
    {
      name: "it is cleared at once, coroutines wait",
      actors: [asyncWaits({ coroutines: 2 }), waits(), pulses({ after: 3 })],
      ...ends(2),
    },
    {
      name: "it is set, cleared and set again",
      actors: [waits(), asyncWaits(), sets({ times: 2 })],
      ...ends(3),
    },
    {
      name: "it is cleared while it is set",
      actors: [waits(), sets({ after: 1 }), clears()],
      final: ({ word: at }) => at(word) === 1 || at(word) === 2 ? undefined : `it is ${at(word)}`,
    },
    {
      name: "the sign changes",
      actors: [waits(), asyncWaits(), pulses({ after: 2 })],
      ...ends(2 ** 31, 2 ** 31 - 2),
    },
    {
      name: "the sign changes while nobody has begun",
      actors: [waits(), sets({ times: 2 })],
      ...ends(2 ** 31 + 1, 2 ** 31 - 2),
    },
    {
      name: "the word wraps around",
      actors: [waits(), asyncWaits(), pulses({ after: 2 })],
      ...ends(0, 2 ** 32 - 2),
    },
    {
      name: "the word wraps around, and it is set again",
      actors: [waits(), asyncWaits(), sets({ times: 2 })],
      ...ends(1, 2 ** 32 - 2),
    },
    {
      name: "a timeout",
      outcomes: ["A(begun 1, timed out 1) B(begun 1, woken 1)", "A(begun 1, woken 1) B(begun 1, w"],
      actors: [{ ...waits({ timeout: 50 }), late: true }, waits(), sets()],
      budget: { timeouts: 2 },
      ...ends(1),
    },
    {
      name: "a timeout while it is set and cleared",
      outcomes: ["A(begun 1, timed out 1) B(begun 1, woken 1)", "A(begun 1, woken 1) B(begun 1, w"],
      actors: [{ ...waits({ timeout: 50 }), late: true }, waits(), pulses({ after: 2 })],
      budget: { timeouts: 2 },
      ...ends(2),
    },
    {
      name: "never set",
      outcomes: ["A(begun 1, timed out 1) B(begun 2, timed out 2)"],
      actors: [waits({ timeout: 150 }), asyncWaits({ coroutines: 2, timeout: 50 })],
      patient: true,
      ...ends(0),
    },
    {
      name: "an abort in line",
      outcomes: ["A(aborted 1, begun 2, woken 1)", "A(begun 2, woken 2)"],
      actors: [asyncWaits({ coroutines: 2, aborts: true }), waits(), sets()],
      budget: { aborts: 1 },
      ...ends(1),
    },
    {
      name: "an abort while it is set and cleared",
      outcomes: ["A(aborted 1, begun 2, woken 1)", "A(begun 2, woken 2)"],
      actors: [asyncWaits({ coroutines: 2, aborts: true }), pulses({ after: 2 })],
      budget: { aborts: 1 },
      ...ends(2),
    },
    {
      name: "a coroutine that times out",
      outcomes: ["A(begun 1, timed out 1)", "A(begun 1, woken 1)"],
      actors: [asyncWaits({ timeout: 50 }), waits(), sets()],
      budget: { timeouts: 2 },
      ...ends(1),
    },
    {
      name: "one of those who wait dies",
      outcomes: ["A!(begun 1) B(begun 1, woken 1)", "A!() B(begun 1, woken 1)"],
      actors: [{ ...waits(), mortal: true }, waits(), sets()],
      budget: { deaths: 1 },
      ...ends(1),
    },
    {
      name: "who sets dies",
      outcomes: [
        "A!(sets 1) B(begun 1, woken 1) C(begun 1, woken 1)",
        "A!() B(begun 1, timed out 1)",
      ],
      actors: [{ ...sets(), mortal: true }, waits({ timeout: 150 }), asyncWaits({ timeout: 150 })],
      budget: { deaths: 1 },
      final: (end) => {
        if (end.dead(0)) return undefined;
        return end.total("woken") === 2 ? undefined : "not all have gone on";
      },
    },
    {
      name: "one of two who set dies",
      outcomes: ["A!(sets 1) B(begun 1, woken 1)"],
      actors: [{ ...sets(), mortal: true }, asyncWaits(), sets()],
      budget: { deaths: 1 },
      final: ends(1).final,
    },
  ];
}

export async function eventMixes(load: Load): Promise<Scenario[]> {
  const { waits, asyncWaits, sets, pulses, clears } = await actorsOf(load);
  const budget = { timeouts: 2, spurious: 3, aborts: 1 };
  return [
    {
      name: "pulses near the end of the range",
      actors: [
        waits(),
        asyncWaits({ coroutines: 3, aborts: true }),
        waits(),
        pulses({ times: 3, after: 5 }),
      ],
      budget,
      ...ends(4, -2),
    },
    {
      name: "two set and one clears",
      actors: [
        { ...waits({ timeout: 150 }), late: true },
        asyncWaits({ coroutines: 2, timeout: 50 }),
        sets({ times: 2 }),
        sets({ times: 2 }),
        clears(),
      ],
      patient: true,
      budget,
    },
  ];
}
