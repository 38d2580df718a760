// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context } from "../checker.ts";
import type { Load } from "../plant.ts";
import { asyncSection, countEnd, section } from "./ends.ts";

export const lockWord = 0;
/** What a predicate looks at. */
export const itemsWord = 20;
export const conditionWord = 32;

interface Options {
  readonly timeout?: number;
  /** How many must wait before this one comes. */
  readonly after?: number;
}

interface AsyncOptions extends Options {
  readonly coroutines?: number;
  /** Whether the first has a signal. */
  readonly aborts?: boolean;
}

function take(memory: Context["memory"]): void {
  const items = memory.load(itemsWord);
  if (items < 1) throw new Error("nothing is there to be taken");
  memory.store(itemsWord, items - 1);
}

/** What actors do with a condition. */
export async function actorsOf(load: Load) {
  const { Condition } = await load("condition.ts");
  const { Lock } = await load("lock.ts");
  const { RLock } = await load("rlock.ts");
  const { Restored } = await load("shared_object.ts");
  const conditionOf = ({ memory }: Context, LockClass: typeof Lock | typeof RLock = Lock) => {
    const lock = new LockClass(new Restored({ memory, index: lockWord }));
    return new Condition(lock, new Restored({ memory, index: conditionWord }));
  };
  const comes = ({ until }: Context, after: number) => {
    if (after > 0) until("waiting", after);
  };

  return {
    waits: ({ after = 0, ...options }: Options = {}): Actor => ({
      run: (context) => {
        const condition = conditionOf(context);
        comes(context, after);
        condition.acquireSync({ recover: true });
        context.count("waiting");
        const start = performance.now();
        try {
          condition.waitSync(options);
          context.count("woken");
        } catch (error) {
          countEnd(context, error);
          if (performance.now() - start >= (options.timeout ?? Infinity)) context.count("late");
        }
        section(context);
        condition.release();
      },
    }),

    /** The same with a lock that it holds twice. */
    waitsTwiceHeld: (options: Options = {}): Actor => ({
      run: (context) => {
        const condition = conditionOf(context, RLock);
        condition.acquireSync();
        condition.acquireSync();
        context.count("waiting");
        try {
          condition.waitSync(options);
          context.count("woken");
        } catch (error) {
          countEnd(context, error);
        }
        section(context);
        condition.release();
        condition.release();
      },
    }),

    asyncWaits: ({ coroutines = 1, aborts = false, ...options }: AsyncOptions = {}): Actor => ({
      run: async (context) => {
        const condition = conditionOf(context);
        const run = async (i: number) => {
          const signal = aborts && i === 0 ? context.signal() : undefined;
          await condition.acquire({ recover: true });
          context.count("waiting");
          try {
            await condition.wait({ ...options, signal });
            context.count("woken");
            if (i === 0) context.count("first");
          } catch (error) {
            countEnd(context, error);
          }
          await asyncSection(context);
          condition.release();
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),

    /** Notifies so many, once for each number. */
    notifies: (counts: readonly number[], { after = 0 }: Options = {}): Actor => ({
      run: (context) => {
        const condition = conditionOf(context);
        comes(context, after);
        for (const count of counts) {
          condition.acquireSync({ recover: true });
          context.count("given", Math.min(count, condition.waiting));
          if (count === Infinity) condition.notifyAll();
          else condition.notify(count);
          condition.release();
        }
      },
    }),

    notifiesOwner: ({ after = 0 }: Options = {}): Actor => ({
      run: (context) => {
        const condition = conditionOf(context, RLock);
        comes(context, after);
        condition.acquireSync();
        context.count("given");
        condition.notify();
        condition.release();
      },
    }),

    /** Wakes all as soon as somebody waits. */
    rescues: (): Actor => ({
      run: (context) => {
        const condition = conditionOf(context);
        context.until("waiting", 1);
        condition.acquireSync({ recover: true });
        condition.notifyAll();
        condition.release();
      },
    }),

    takes: (): Actor => ({
      run: (context) => {
        const condition = conditionOf(context);
        const { memory } = context;
        condition.acquireSync();
        condition.waitForSync(() => memory.load(itemsWord) > 0);
        take(memory);
        context.count("taken");
        condition.release();
      },
    }),

    asyncTakes: (): Actor => ({
      run: async (context) => {
        const condition = conditionOf(context);
        const { memory } = context;
        await condition.acquire();
        await condition.waitFor(() => memory.load(itemsWord) > 0);
        take(memory);
        context.count("taken");
        condition.release();
      },
    }),

    puts: (times: number): Actor => ({
      run: (context) => {
        const condition = conditionOf(context);
        const { memory } = context;
        for (let i = 0; i < times; i++) {
          condition.acquireSync();
          memory.store(itemsWord, memory.load(itemsWord) + 1);
          condition.notify();
          condition.release();
        }
      },
    }),
  };
}
