// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context, End, Scenario } from "../checker.ts";
import type { Edit, Load } from "../plant.ts";
import { countEnd } from "./ends.ts";

/** Leaves room for the readers of one isolate. */
export const littleRoom: Edit = {
  file: "roster.ts",
  from: "const capacity = 128;",
  to: "const capacity = 1;",
};

const doorWord = 0;
const writingWord = 1;
const readersWord = 16;
const slots = 4;
const slotWords = 3;

interface Options {
  readonly times?: number;
  readonly timeout?: number;
  readonly recover?: boolean;
}

interface AsyncOptions extends Options {
  readonly coroutines?: number;
  /** Whether the first has a signal. */
  readonly aborts?: boolean;
}

async function actorsOf(load: Load) {
  const { RWLock } = await load("rw_lock.ts");
  const { Restored } = await load("shared_object.ts");
  const lockOf = ({ memory }: Context) => new RWLock(new Restored({ memory, index: 0 }));
  type Verb = "Read" | "Write";

  const sync = (verb: Verb, { times = 1, ...options }: Options): Actor => ({
    run: (context) => {
      const lock = lockOf(context);
      for (let i = 0; i < times; i++) {
        try {
          lock[`acquire${verb}Sync`](options);
        } catch (error) {
          countEnd(context, error);
          continue;
        }
        inside(context, verb);
        lock[`release${verb}`]();
      }
    },
  });

  const tries = (verb: Verb): Actor => ({
    run: (context) => {
      const lock = lockOf(context);
      if (!lock[`tryAcquire${verb}`]()) return context.count("refused");
      inside(context, verb);
      lock.release();
    },
  });

  const async = (verb: Verb, { coroutines = 1, aborts = false, ...options }: AsyncOptions) => ({
    run: async (context: Context) => {
      const lock = lockOf(context);
      const run = async (i: number) => {
        try {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          await lock[`acquire${verb}`]({ ...options, signal });
        } catch (error) {
          return countEnd(context, error);
        }
        context.count(verb);
        await context.turn();
        context.count(verb, -1);
        context.count(`${verb}s`);
        lock[`release${verb}`]();
      };
      await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
    },
  });

  return {
    reads: (options: Options = {}) => sync("Read", options),
    writes: (options: Options = {}) => sync("Write", options),
    triesToRead: () => tries("Read"),
    triesToWrite: () => tries("Write"),
    asyncReads: (options: AsyncOptions = {}): Actor => async("Read", options),
    asyncWrites: (options: AsyncOptions = {}): Actor => async("Write", options),
    /** Writes and reads by coroutines of one isolate. */
    mixed: (): Actor => ({
      run: async (context) => {
        await Promise.all([
          async("Read", {}).run(context),
          async("Write", {}).run(context),
        ]);
      },
    }),
  };
}

function inside({ count, pause }: Context, verb: string): void {
  count(verb);
  pause();
  count(verb, -1);
  count(`${verb}s`);
}

/** A writer is alone; at the end nobody is left. */
const exclusion = {
  invariant: (total) => {
    if (total("Write") > 1) return "two write at once";
    return total("Write") > 0 && total("Read") > 0 ? "one writes while others read" : undefined;
  },
  final: ({ word }) => {
    if (word(doorWord) !== 0) return `the door is ${word(doorWord)} at the end`;
    if (word(writingWord) !== 0) return "somebody writes at the end";
    for (let i = 0; i < slots; i++) {
      if (word(readersWord + 1 + i * slotWords) !== 0) return "somebody reads at the end";
    }
    return undefined;
  },
} satisfies Partial<Scenario>;

/** What holds if actor A may die: a writer inside is told of once, a reader not at all. */
function afterDeath(end: End): string | undefined {
  const abandoned = end.total("abandoned");
  if (!end.dead(0)) return abandoned > 0 ? "told of a death" : exclusion.final(end);
  if (abandoned > 1) return `${abandoned} got the error`;
  if (abandoned > 0 && end.count(0, "Read") > 0) return "told of the death of a reader";
  const gone = end.word(doorWord) === 0;
  if (end.count(0, "Write") > 0 && abandoned === 0 && gone) return "nobody got the error";
  return undefined;
}

export async function rwLockScenarios(load: Load): Promise<Scenario[]> {
  const { reads, writes, triesToRead, triesToWrite, asyncReads, asyncWrites, mixed } =
    await actorsOf(load);
  return [
    {
      name: "a reader and a writer",
      actors: [reads(), writes()],
      budget: { spurious: 1 },
      ...exclusion,
    },
    { name: "two writers", actors: [writes(), writes()], budget: { spurious: 1 }, ...exclusion },
    { name: "two readers and a writer", actors: [reads(), reads(), writes()], ...exclusion },
    { name: "a reader and two writers", actors: [reads(), writes(), writes()], ...exclusion },
    {
      name: "a reader and a writer, twice",
      preemptions: 3,
      actors: [reads({ times: 2 }), writes({ times: 2 })],
      ...exclusion,
    },
    {
      name: "one tries to read",
      outcomes: ["C(refused 1)", "C(Reads 1)"],
      actors: [reads(), writes(), triesToRead()],
      ...exclusion,
    },
    {
      name: "one tries to write",
      outcomes: ["C(refused 1)", "C(Writes 1)"],
      actors: [reads(), writes(), triesToWrite()],
      ...exclusion,
    },
    {
      name: "a writer gives up",
      preemptions: 1,
      outcomes: ["B(timed out 1) C(Reads 1)", "B(Writes 1) C(Reads 1)"],
      actors: [reads(), writes({ timeout: 1 }), reads()],
      budget: { timeouts: 1 },
      ...exclusion,
    },
    {
      name: "a reader gives up",
      outcomes: ["B(timed out 1) C(Writes 1)", "B(Reads 1) C(Writes 1)"],
      actors: [writes(), reads({ timeout: 1 }), writes()],
      budget: { timeouts: 1 },
      ...exclusion,
    },
    {
      name: "a coroutine that writes is aborted",
      preemptions: 1,
      outcomes: ["B(aborted 1) C(Reads 1)", "B(Writes 1) C(Reads 1)"],
      actors: [reads(), asyncWrites({ aborts: true }), reads()],
      budget: { aborts: 1 },
      ...exclusion,
    },
    {
      name: "a coroutine that writes gives up",
      preemptions: 1,
      outcomes: ["B(timed out 1) C(Reads 1)", "B(Writes 1) C(Reads 1)"],
      actors: [reads(), asyncWrites({ timeout: 50 }), reads()],
      budget: { timeouts: 1 },
      ...exclusion,
    },
    {
      name: "a coroutine that reads is aborted",
      outcomes: ["A(Reads 1, aborted 1) B(Writes 1)", "A(Reads 2) B(Writes 1)"],
      actors: [asyncReads({ coroutines: 2, aborts: true }), writes()],
      budget: { aborts: 1 },
      ...exclusion,
    },
    {
      name: "coroutines read, a thread writes",
      actors: [asyncReads({ coroutines: 2 }), writes()],
      ...exclusion,
    },
    {
      name: "a coroutine reads, two threads write",
      actors: [asyncReads(), writes(), writes()],
      ...exclusion,
    },
    {
      name: "coroutines write, a thread reads",
      actors: [asyncWrites({ coroutines: 2 }), reads()],
      ...exclusion,
    },
    { name: "coroutines read and write, a thread reads", actors: [mixed(), reads()], ...exclusion },
    {
      name: "coroutines read and write, a thread writes",
      actors: [mixed(), writes()],
      ...exclusion,
    },
    {
      name: "a reader dies",
      preemptions: 1,
      outcomes: ["A!(Read 1) B(Writes 1) C(Reads 1)", "A!() B(Writes 1) C(Reads 1)"],
      actors: [{ ...reads(), mortal: true }, writes(), reads()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
    {
      name: "a reader dies, a coroutine writes",
      outcomes: ["A!(Read 1) B(Writes 1)", "A!() B(Writes 1)"],
      actors: [{ ...reads(), mortal: true }, asyncWrites()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
    {
      name: "a writer dies",
      preemptions: 1,
      outcomes: ["A!(Write 1) B(abandoned 1) C(Reads 1)", "A!(Write 1) B(Writes 1) C(abandoned 1)"],
      actors: [{ ...writes(), mortal: true }, writes(), reads()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
    {
      name: "a writer dies, coroutines read",
      outcomes: ["A!(Write 1) B(Reads 1, abandoned 1)", "A!() B(Reads 2)"],
      actors: [{ ...writes(), mortal: true }, asyncReads({ coroutines: 2 })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
    {
      name: "a writer dies and is taken over",
      preemptions: 1,
      outcomes: ["A!(Write 1) B(Reads 1) C(Writes 1)"],
      actors: [{ ...writes(), mortal: true }, reads({ recover: true }), writes({ recover: true })],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: (end) => end.total("abandoned") > 0 ? "an error in spite of recover" : undefined,
    },
    {
      name: "a writer dies while a reader is inside",
      preemptions: 1,
      outcomes: ["A!() B(Reads 1) C(Reads 1)"],
      actors: [{ ...writes(), mortal: true }, reads(), reads()],
      budget: { deaths: 1 },
      invariant: exclusion.invariant,
      final: afterDeath,
    },
  ];
}

export async function rwLockMixes(load: Load): Promise<Scenario[]> {
  const { reads, writes, triesToRead, asyncReads, asyncWrites, mixed } = await actorsOf(load);
  const budget = { timeouts: 3, spurious: 3, aborts: 1 };
  return [
    {
      name: "threads read and write",
      actors: [
        reads({ times: 2 }),
        writes({ times: 2 }),
        { ...reads({ times: 2, timeout: 50 }), late: true },
        { ...writes({ timeout: 50 }), late: true },
      ],
      budget,
      ...exclusion,
    },
    {
      name: "coroutines and threads read and write",
      actors: [
        mixed(),
        asyncReads({ coroutines: 2, aborts: true }),
        asyncWrites({ timeout: 50 }),
        writes(),
        triesToRead(),
      ],
      budget,
      ...exclusion,
    },
    {
      name: "one of many dies",
      actors: [
        { ...mixed(), mortal: true },
        reads({ recover: true }),
        asyncWrites({ recover: true }),
      ],
      budget: { ...budget, deaths: 1 },
      invariant: exclusion.invariant,
      final: (end) => end.dead(0) ? undefined : exclusion.final(end),
    },
  ];
}
