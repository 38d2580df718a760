// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context, End, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { asyncSection, countEnd, section } from "./ends.ts";

interface Options {
  readonly depth?: number;
  readonly timeout?: number;
  readonly recover?: boolean;
}

/** The coroutine that runs. */
let owner = 0;

/** Does something in the name of a coroutine. */
function as<T>(coroutine: number, action: () => T): T {
  owner = coroutine;
  return action();
}

async function actorsOf(load: Load) {
  const { RLock } = await load("rlock.ts");
  const { Restored } = await load("shared_object.ts");
  const { setOwnerProvider } = await load("owner.ts");
  const lockOf = ({ memory }: Context) => new RLock(new Restored({ memory, index: 0 }));
  setOwnerProvider(() => owner);
  return {
    sync: ({ depth = 1, ...options }: Options = {}): Actor => ({
      run: (context) => {
        const lock = lockOf(context);
        owner = 0;
        try {
          lock.acquireSync(options);
        } catch (error) {
          return countEnd(context, error);
        }
        for (let i = 1; i < depth; i++) lock.acquireSync(options);
        section(context);
        if (lock.depth !== depth) throw new Error(`the depth is ${lock.depth}`);
        for (let i = 0; i < depth; i++) lock.release();
      },
    }),

    tries: (): Actor => ({
      run: (context) => {
        const lock = lockOf(context);
        owner = 0;
        if (!lock.tryAcquire()) return context.count("refused");
        if (!lock.tryAcquire()) throw new Error("the owner was refused");
        section(context);
        lock.release();
        lock.release();
      },
    }),

    /** Releases what it does not hold. */
    misuses: (): Actor => ({
      run: (context) => {
        const lock = lockOf(context);
        owner = 0;
        try {
          lock.release();
        } catch {
          return context.count("refused");
        }
        throw new Error("it could release the lock of another");
      },
    }),

    /** Coroutines of one isolate; the first has a signal if it `aborts`, each owns what it acquires. */
    async: (
      { coroutines = 1, aborts = false, depth = 1, ...options }: Options & {
        readonly coroutines?: number;
        readonly aborts?: boolean;
      } = {},
    ): Actor => ({
      run: async (context) => {
        const lock = lockOf(context);
        const run = async (i: number) => {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          try {
            await as(i + 1, () => lock.acquire({ ...options, signal }));
          } catch (error) {
            return countEnd(context, error);
          }
          for (let j = 1; j < depth; j++) await as(i + 1, () => lock.acquire(options));
          await asyncSection(context);
          const seen = as(i + 1, () => lock.depth);
          if (seen !== depth) throw new Error(`the depth is ${seen}`);
          for (let j = 0; j < depth; j++) as(i + 1, () => lock.release());
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),
  };
}

/** One owner at a time, and a lock that is free at the end. */
const exclusion = {
  invariant: (total) => total("inside") > 1 ? "two are inside at once" : undefined,
  final: ({ word }) => {
    if (word(0) !== 0) return `the word is ${word(0)} at the end`;
    return undefined;
  },
} satisfies Partial<Scenario>;

/** What holds if actor A may die inside. */
function afterDeath(end: End): string | undefined {
  const abandoned = end.total("abandoned");
  const inside = end.dead(0) && end.count(0, "inside") > 0;
  if (abandoned > 1 || abandoned > 0 && !end.dead(0)) return `${abandoned} got the error`;
  if (inside && abandoned === 0 && end.word(0) === 0) return "nobody got the error";
  return end.dead(0) ? undefined : exclusion.final(end);
}

export async function rlockScenarios(load: Load): Promise<Scenario[]> {
  const { sync, tries, misuses, async } = await actorsOf(load);
  return [
    {
      name: "two, one of them twice",
      actors: [sync({ depth: 2 }), sync()],
      preemptions: 4,
      budget: { spurious: 1 },
      ...exclusion,
    },
    {
      name: "two, both twice",
      actors: [sync({ depth: 2 }), sync({ depth: 2 })],
      preemptions: 3,
      ...exclusion,
    },
    { name: "three", actors: [sync({ depth: 2 }), sync(), sync()], ...exclusion },
    {
      name: "tries",
      outcomes: ["B(refused 1)", "B(sections 1)"],
      actors: [sync({ depth: 2 }), tries(), sync()],
      ...exclusion,
    },
    {
      name: "a release by another",
      outcomes: ["A(sections 1) B(refused 1)"],
      actors: [sync({ depth: 2 }), misuses()],
      ...exclusion,
    },
    {
      name: "a release by another, a coroutine has it",
      outcomes: ["A(sections 1) B(refused 1)"],
      actors: [async({ depth: 2 }), misuses()],
      ...exclusion,
    },
    {
      name: "a timeout",
      preemptions: 1,
      outcomes: ["B(timed out 1)", "B(sections 1)"],
      actors: [sync({ depth: 2 }), { ...sync({ timeout: 50 }), late: true }, sync()],
      budget: { timeouts: 2 },
      ...exclusion,
    },
    {
      name: "two coroutines",
      actors: [async({ coroutines: 2, depth: 2 }), sync()],
      ...exclusion,
    },
    {
      name: "two isolates",
      actors: [async({ depth: 2 }), async({ depth: 2 })],
      preemptions: 3,
      ...exclusion,
    },
    {
      name: "an abort in line",
      outcomes: ["A(aborted 1, sections 1)", "A(sections 2)"],
      actors: [async({ coroutines: 2, aborts: true }), sync({ depth: 2 })],
      budget: { aborts: 1 },
      preemptions: 3,
      ...exclusion,
    },
    {
      name: "a coroutine that times out",
      outcomes: ["A(timed out 1)", "A(sections 1)"],
      actors: [async({ timeout: 50 }), sync({ depth: 2 })],
      budget: { timeouts: 2 },
      ...exclusion,
    },
    {
      name: "the owner dies",
      outcomes: [
        "A!(inside 1) B(abandoned 1)",
        "A!() B(sections 1)",
        "A!(sections 1) B(abandoned 1)",
      ],
      actors: [{ ...sync({ depth: 2 }), mortal: true }, sync({ depth: 2 }), sync()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
    {
      name: "the owner dies and is taken over",
      outcomes: ["A!(inside 1) B(sections 1)"],
      actors: [{ ...sync({ depth: 2 }), mortal: true }, sync({ depth: 2, recover: true })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: ({ dead, word }) => dead(0) || word(0) === 0 ? undefined : "it is not free at the end",
    },
    {
      name: "the owner dies, a coroutine waits",
      outcomes: ["A!(inside 1) B(abandoned 1)", "A!() B(sections 1)"],
      actors: [{ ...sync({ depth: 2 }), mortal: true }, async({ depth: 2 })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
  ];
}

export async function rlockMixes(load: Load): Promise<Scenario[]> {
  const { sync, tries, async } = await actorsOf(load);
  const budget = { timeouts: 3, spurious: 3, aborts: 1 };
  return [
    {
      name: "threads and coroutines",
      actors: [
        sync({ depth: 3 }),
        tries(),
        async({ coroutines: 3, depth: 2, aborts: true }),
        { ...sync({ timeout: 150 }), late: true },
      ],
      budget,
      ...exclusion,
    },
  ];
}
