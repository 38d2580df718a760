// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { countEnd } from "./ends.ts";

const word = 0;
/** The word that counts items, which who waits takes one of. */
const itemsWord = 1;

interface Options {
  readonly times?: number;
  readonly timeout?: number;
}

async function actorsOf(load: Load) {
  const { Signal } = await load("signal.ts");

  const tryTake = ({ memory, count }: Context) => () => {
    for (;;) {
      const seen = memory.load(itemsWord);
      if (seen === 0) return false;
      if (memory.compareExchange(itemsWord, seen, seen - 1) !== seen) continue;
      count("taken");
      return true;
    }
  };

  return {
    puts: ({ times = 1 }: Options = {}): Actor => ({
      run: ({ memory, count }) => {
        const signal = new Signal(memory, word);
        for (let i = 0; i < times; i++) {
          count("put");
          memory.add(itemsWord, 1);
          signal.wake();
        }
      },
    }),

    /** Takes items, and wakes the next if there are more. */
    takes: ({ times = 1, timeout = Infinity }: Options = {}): Actor => ({
      run: (context) => {
        const { memory, count } = context;
        const signal = new Signal(memory, word);
        for (let i = 0; i < times; i++) {
          if (!signal.waitSync(tryTake(context), timeout)) count("timed out");
          else if (memory.load(itemsWord) > 0) signal.wake();
        }
      },
    }),

    /** The same by coroutines of one isolate; the first has a signal if it `aborts`. */
    asyncTakes: (
      { coroutines = 1, aborts = false }: {
        readonly coroutines?: number;
        readonly aborts?: boolean;
      } = {},
    ): Actor => ({
      run: async (context) => {
        const { memory } = context;
        const signal = new Signal(memory, word);
        const run = async (i: number) => {
          try {
            const options = aborts && i === 0 ? { signal: context.signal() } : {};
            await signal.wait(tryTake(context), options);
            if (memory.load(itemsWord) > 0) signal.wake();
          } catch (error) {
            countEnd(context, error);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),

    /** Waits for the end, which it leaves to the others as well. */
    waits: (): Actor => ({
      run: ({ memory }) => {
        new Signal(memory, word).waitSync(() => memory.load(itemsWord) === 9, Infinity);
      },
    }),

    asyncWaits: (): Actor => ({
      run: async ({ memory }) => {
        const signal = new Signal(memory, word);
        const isEnd = () => memory.load(itemsWord) === 9;
        await Promise.all([signal.wait(isEnd, {}), signal.wait(isEnd, {})]);
      },
    }),

    /** Waits until there are so many items, which it leaves to the others as well. */
    waitsFor: (count: number): Actor => ({
      run: ({ memory }) => {
        const isEnough = () => memory.load(itemsWord) >= count;
        new Signal(memory, word).waitSync(isEnough, Infinity);
      },
    }),

    asyncWaitsFor: (...counts: number[]): Actor => ({
      run: async ({ memory }) => {
        const signal = new Signal(memory, word);
        const wait = (count: number) => signal.wait(() => memory.load(itemsWord) >= count, {});
        await Promise.all(counts.map(wait));
      },
    }),

    /** Adds items, which each of those who wait is told of. */
    putsForEach: ({ times = 1 }: Options = {}): Actor => ({
      run: ({ memory }) => {
        const signal = new Signal(memory, word);
        for (let i = 0; i < times; i++) {
          memory.add(itemsWord, 1);
          signal.wakeEach();
        }
      },
    }),

    /** Ends the waits of those who find that there is an end. */
    ends: (): Actor => ({
      run: ({ memory }) => {
        memory.store(itemsWord, 9);
        new Signal(memory, word).wakeAll();
      },
    }),
  };
}

/** Nothing is taken twice, and what was not taken is there. */
const conservation = {
  invariant: (total) => total("taken") > total("put") ? "more was taken than put" : undefined,
  final: (end) => {
    const left = end.total("put") - end.total("taken");
    return end.word(itemsWord) === left ? undefined : `${end.word(itemsWord)} of ${left} are left`;
  },
} satisfies Partial<Scenario>;

export async function signalScenarios(load: Load): Promise<Scenario[]> {
  const actors = await actorsOf(load);
  const { puts, takes, asyncTakes, waits, asyncWaits, ends } = actors;
  const { waitsFor, asyncWaitsFor, putsForEach } = actors;
  return [
    { name: "one takes", actors: [takes(), puts()], budget: { spurious: 1 }, ...conservation },
    {
      name: "one takes two",
      actors: [takes({ times: 2 }), puts({ times: 2 })],
      budget: { spurious: 1 },
      ...conservation,
    },
    { name: "two take", actors: [takes(), takes(), puts({ times: 2 })], ...conservation },
    { name: "two put", actors: [takes({ times: 2 }), puts(), puts()], ...conservation },
    {
      name: "two take, one gives up",
      actors: [takes(), { ...takes({ timeout: 50 }), late: true }, puts({ times: 2 })],
      budget: { timeouts: 1 },
      ...conservation,
    },
    {
      name: "the word wraps around",
      initial: { [word]: -2 },
      actors: [takes({ times: 2 }), puts({ times: 2 })],
      ...conservation,
    },
    {
      name: "a coroutine and a thread take",
      actors: [asyncTakes(), takes(), puts({ times: 2 })],
      ...conservation,
    },
    {
      name: "two coroutines take",
      actors: [asyncTakes({ coroutines: 2 }), puts({ times: 2 })],
      ...conservation,
    },
    {
      name: "two coroutines take, one is aborted",
      actors: [asyncTakes({ coroutines: 2, aborts: true }), puts({ times: 2 })],
      budget: { aborts: 1 },
      ...conservation,
    },
    { name: "all are woken", actors: [waits(), waits(), ends()] },
    {
      name: "all are woken, also coroutines",
      actors: [asyncWaits(), waits(), ends()],
    },
    { name: "each is woken", actors: [waitsFor(1), waitsFor(2), putsForEach({ times: 2 })] },
    {
      name: "each is woken by two",
      actors: [waitsFor(1), waitsFor(2), putsForEach(), putsForEach()],
    },
    {
      name: "each is woken, also coroutines",
      actors: [asyncWaitsFor(1, 2), waitsFor(2), putsForEach({ times: 2 })],
    },
  ];
}
