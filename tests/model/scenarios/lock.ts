// Copyright 2026 the Weft authors. MIT license.

import type { Actor, End, Scenario } from "../checker.ts";
import type { Edit, Load } from "../plant.ts";
import { asyncSection, countEnd, section } from "./ends.ts";

/** The word of the lock. */
const word = 0;

interface Options {
  readonly times?: number;
  readonly timeout?: number;
  readonly recover?: boolean;
}

type LockClass = typeof import("../../../sync/lock_core.ts").LockCore;

function actorsOf(Lock: LockClass) {
  return {
    sync: ({ times = 1, ...options }: Options = {}): Actor => ({
      run: (context) => {
        const lock = new Lock(context.memory, word);
        for (let i = 0; i < times; i++) {
          try {
            lock.acquireSync(options);
          } catch (error) {
            countEnd(context, error);
            continue;
          }
          section(context);
          lock.release();
        }
      },
    }),

    tries: (): Actor => ({
      run: (context) => {
        const lock = new Lock(context.memory, word);
        if (!lock.tryAcquire()) return context.count("refused");
        section(context);
        lock.release();
      },
    }),

    keeps: (): Actor => ({
      run: (context) => {
        new Lock(context.memory, word).acquireSync({});
        context.count("inside");
      },
    }),

    /** Coroutines of one isolate; those that `aborts` have a signal, the holder lets the loop turn. */
    async: (
      { coroutines = 1, aborts = false, ...options }: Options & {
        readonly coroutines?: number;
        readonly aborts?: boolean;
      } = {},
    ): Actor => ({
      run: async (context) => {
        const lock = new Lock(context.memory, word);
        const run = async (i: number) => {
          try {
            const signal = aborts && i === 0 ? context.signal() : undefined;
            await lock.acquire({ ...options, signal });
          } catch (error) {
            return countEnd(context, error);
          }
          await asyncSection(context);
          lock.release();
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),
  };
}

/** One at a time, and a lock that is free at the end. */
const exclusion = {
  invariant: (total) => total("inside") > 1 ? "two are inside at once" : undefined,
  final: (end) => end.word(word) === 0 ? undefined : `the word is ${end.word(word)} at the end`,
} satisfies Partial<Scenario>;

/** What holds as well when actor A may die. */
function afterDeath(recover: boolean) {
  return (end: End): string | undefined => {
    const abandoned = end.total("abandoned");
    const inside = end.dead(0) && end.count(0, "inside") > 0;
    if (recover && abandoned > 0) return "an error in spite of recover";
    if (abandoned > 1) return `${abandoned} got the error`;
    if (!recover && inside && abandoned === 0 && end.total("sections") > 0) {
      // Those who were done before it took the lock got none.
      const others = end.word(word) === 0;
      if (others) return "nobody got the error";
    }
    if (!end.dead(0) && end.word(word) !== 0) return `the word is ${end.word(word)} at the end`;
    return undefined;
  };
}

export async function lockScenarios(load: Load): Promise<Scenario[]> {
  const { sync, tries, keeps, async } = actorsOf((await load("lock_core.ts")).LockCore);
  return [
    { name: "two", actors: [sync(), sync()], budget: { spurious: 1 }, ...exclusion },
    { name: "two, twice", actors: [sync({ times: 2 }), sync({ times: 2 })], ...exclusion },
    { name: "three", actors: [sync(), sync(), sync()], ...exclusion },
    {
      name: "greatest tokens",
      actors: [{ ...sync(), token: 0x3fff_fffd }, { ...sync(), token: 0x3fff_fffe }],
      ...exclusion,
    },
    {
      name: "a timeout",
      outcomes: ["A(sections 1) B(sections 1) C(sections 1)", "A(sections 1) B(timed out 1)"],
      actors: [sync(), { ...sync({ timeout: 50 }), late: true }, sync()],
      budget: { timeouts: 2 },
      ...exclusion,
    },
    {
      name: "two timeouts in slices",
      actors: [sync(), { ...sync({ timeout: 150 }), late: true }],
      budget: { timeouts: 3, spurious: 1 },
      ...exclusion,
    },
    {
      name: "never released",
      outcomes: ["B(timed out 1) C(timed out 1)", "B(sections 1) C(sections 1)"],
      actors: [keeps(), sync({ timeout: 150 }), sync({ timeout: 50 })],
      patient: true,
      invariant: exclusion.invariant,
    },
    {
      name: "tries",
      outcomes: ["B(refused 1)", "B(sections 1)"],
      actors: [sync(), tries(), sync()],
      ...exclusion,
    },
    {
      name: "the first dies",
      outcomes: ["A!(inside 1) B(abandoned 1, sections 1)", "A!() B(sections 2)"],
      actors: [{ ...sync(), mortal: true }, sync({ times: 2 })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "the first of three dies",
      outcomes: ["A!(inside 1) B(abandoned 1) C(sections 1)", "A!(sections 1) B("],
      actors: [{ ...sync(), mortal: true }, sync(), sync()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "the first of three dies and is taken over",
      outcomes: ["A!(inside 1) B(sections 1) C(sections 1)"],
      actors: [{ ...sync(), mortal: true }, sync({ recover: true }), sync({ recover: true })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(true),
    },
    {
      name: "a coroutine and a thread",
      actors: [async(), sync()],
      budget: { spurious: 1, timeouts: 1 },
      ...exclusion,
    },
    { name: "two isolates", actors: [async(), async()], ...exclusion },
    {
      name: "two coroutines and a thread",
      actors: [async({ coroutines: 2 }), sync()],
      ...exclusion,
    },
    {
      name: "an abort in line",
      outcomes: ["A(aborted 1, sections 1)", "A(sections 2)"],
      actors: [async({ coroutines: 2, aborts: true }), sync()],
      budget: { aborts: 1 },
      ...exclusion,
    },
    {
      name: "an abort in line while a thread waits",
      actors: [async({ coroutines: 2, aborts: true }), sync(), sync()],
      budget: { aborts: 1 },
      ...exclusion,
    },
    {
      name: "an abort of three",
      outcomes: ["A(aborted 1)", "A(sections 1)"],
      actors: [async({ aborts: true }), sync(), sync()],
      budget: { aborts: 1 },
      ...exclusion,
    },
    {
      name: "a coroutine that times out",
      outcomes: ["A(timed out 1)", "A(sections 1)"],
      actors: [async({ timeout: 50 }), sync(), sync()],
      budget: { timeouts: 2 },
      ...exclusion,
    },
    {
      name: "who is in a hurry dies, a coroutine waits",
      actors: [{ ...sync(), mortal: true }, sync(), async()],
      budget: { deaths: 1, spurious: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "a thread dies, a coroutine waits",
      outcomes: ["A!(inside 1) B(abandoned 1)", "A!() B(sections 1)"],
      actors: [{ ...sync(), mortal: true }, async()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "an isolate dies, a thread waits",
      outcomes: ["A!(inside 1) B(abandoned 1)", "A!(sections 1) B("],
      actors: [{ ...async(), mortal: true }, sync(), sync()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
  ];
}

export async function lockMixes(load: Load): Promise<Scenario[]> {
  const { sync, tries, async } = actorsOf((await load("lock_core.ts")).LockCore);
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
      ...exclusion,
    },
    {
      name: "threads and three coroutines",
      actors: [sync({ times: 2 }), tries(), async({ coroutines: 3 }), sync({ timeout: 50 })],
      budget,
      ...exclusion,
    },
    {
      name: "three isolates and a thread",
      actors: [
        async({ timeout: 50 }),
        async({ aborts: true }),
        async({ coroutines: 2 }),
        sync(),
      ],
      budget,
      ...exclusion,
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
      ...exclusion,
    },
  ];
}

/** Makes the lock urgent for whoever has slept. */
export const impatience: Edit = {
  file: "lock_core.ts",
  from: "const patience = 1;",
  to: "const patience = -1;",
};
