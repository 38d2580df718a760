// Copyright 2026 the Weft authors. MIT license.

import { LockAbandonedError } from "../../sync/guard.ts";
import type { Actor, Context, End, Scenario } from "./checker.ts";
import type { LockClass } from "./mutants.ts";

/** The word of the lock. */
const word = 0;

interface Options {
  readonly times?: number;
  readonly timeout?: number;
  readonly recover?: boolean;
}

/** Is in the critical section for a turn. */
function section({ count, pause }: Context): void {
  count("inside");
  pause();
  count("inside", -1);
  count("sections");
}

/** Counts how a wait has ended otherwise than by what was waited for. */
function countEnd({ count }: Context, error: unknown): void {
  if (error instanceof LockAbandonedError) count("abandoned");
  else if (error instanceof DOMException && error.name === "TimeoutError") count("timed out");
  else if (error instanceof Error && error.message === "aborted") count("aborted");
  else throw error;
}

export function actors(Lock: LockClass) {
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
          context.count("inside");
          await context.turn();
          context.count("inside", -1);
          context.count("sections");
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
  final: (end) => end.words[word] === 0 ? undefined : `the word is ${end.words[word]} at the end`,
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
      const others = end.words[word] === 0;
      if (others) return "nobody got the error";
    }
    if (!end.dead(0) && end.words[word] !== 0) return `the word is ${end.words[word]} at the end`;
    return undefined;
  };
}

/** Every scenario of a lock, by name. */
export function scenariosOf(Lock: LockClass): Record<string, Scenario> {
  const { sync, tries, keeps, async } = actors(Lock);
  const list: Scenario[] = [
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
      actors: [sync(), { ...sync({ timeout: 50 }), late: true }, sync()],
      budget: { timeouts: 1 },
      ...exclusion,
    },
    {
      name: "two timeouts in slices",
      actors: [sync(), { ...sync({ timeout: 150 }), late: true }],
      budget: { timeouts: 2, spurious: 1 },
      ...exclusion,
    },
    {
      name: "never released",
      actors: [keeps(), sync({ timeout: 150 }), sync({ timeout: 50 })],
      patient: true,
      invariant: exclusion.invariant,
    },
    { name: "tries", actors: [sync(), tries(), sync()], ...exclusion },
    {
      name: "the first dies",
      actors: [{ ...sync(), mortal: true }, sync({ times: 2 })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "the first of three dies",
      actors: [{ ...sync(), mortal: true }, sync(), sync()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "the first of three dies and is taken over",
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
      actors: [async({ aborts: true }), sync(), sync()],
      budget: { aborts: 1 },
      ...exclusion,
    },
    {
      name: "a coroutine that times out",
      actors: [async({ timeout: 50 }), sync(), sync()],
      budget: { timeouts: 1 },
      ...exclusion,
    },
    {
      name: "a thread dies, a coroutine waits",
      actors: [{ ...sync(), mortal: true }, async()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
    {
      name: "an isolate dies, a thread waits",
      actors: [{ ...async(), mortal: true }, sync(), sync()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath(false),
    },
  ];
  return Object.fromEntries(list.map((scenario) => [scenario.name, scenario]));
}
