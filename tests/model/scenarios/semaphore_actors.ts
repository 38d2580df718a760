// Copyright 2026 the Weft authors. MIT license.

import type { Actor, Context } from "../checker.ts";
import type { Load } from "../plant.ts";
import { asyncSection, countEnd, section } from "./ends.ts";

interface Options {
  readonly times?: number;
  readonly timeout?: number;
}

/** What actors do with a semaphore at word 0. */
export async function actorsOf(load: Load) {
  const { Semaphore } = await load("semaphore.ts");
  const { BoundedSemaphore } = await load("bounded_semaphore.ts");
  const { Restored } = await load("shared_object.ts");
  const semaphoreOf = ({ memory }: Context) => new Semaphore(0, new Restored({ memory, index: 0 }));
  return {
    sync: ({ times = 1, ...options }: Options = {}): Actor => ({
      run: (context) => {
        const semaphore = semaphoreOf(context);
        for (let i = 0; i < times; i++) {
          try {
            semaphore.acquireSync(options);
          } catch (error) {
            countEnd(context, error);
            continue;
          }
          section(context);
          semaphore.release();
        }
      },
    }),

    tries: (): Actor => ({
      run: (context) => {
        const semaphore = semaphoreOf(context);
        if (!semaphore.tryAcquire()) return context.count("refused");
        section(context);
        semaphore.release();
      },
    }),

    /** Takes permits for good. */
    takes: ({ times = 1, ...options }: Options = {}): Actor => ({
      run: (context) => {
        const semaphore = semaphoreOf(context);
        for (let i = 0; i < times; i++) {
          try {
            semaphore.acquireSync(options);
            context.count("taken");
          } catch (error) {
            countEnd(context, error);
          }
        }
      },
    }),

    /** The same by coroutines of one isolate; the first has a signal if it `aborts`. */
    asyncTakes: (
      { coroutines = 1, aborts = false, ...options }: Options & {
        readonly coroutines?: number;
        readonly aborts?: boolean;
      } = {},
    ): Actor => ({
      run: async (context) => {
        const semaphore = semaphoreOf(context);
        const run = async (i: number) => {
          try {
            const signal = aborts && i === 0 ? context.signal() : undefined;
            await semaphore.acquire({ ...options, signal });
            context.count("taken");
          } catch (error) {
            countEnd(context, error);
          }
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),

    /** Adds permits, so many at a time. */
    gives: (...permits: readonly number[]): Actor => ({
      run: (context) => {
        const semaphore = semaphoreOf(context);
        for (const count of permits) {
          context.count("given", count);
          semaphore.release(count);
        }
      },
    }),

    /** Adds two permits while a coroutine of the same isolate waits for one. */
    takesAndGives2: (): Actor => ({
      run: async (context) => {
        const semaphore = semaphoreOf(context);
        const wait = semaphore.acquire();
        await context.turn();
        context.count("given", 2);
        semaphore.release(2);
        await wait;
        context.count("taken");
      },
    }),

    /** Adds a permit to a semaphore with a limit. */
    gives1Of: (limit: number): Actor => ({
      run: (context) => {
        const semaphore = new BoundedSemaphore(
          limit,
          new Restored({ memory: context.memory, index: 0 }),
        );
        try {
          semaphore.release();
          context.count("given");
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          context.count("refused");
        }
        if (semaphore.value > limit) throw new Error(`the value is ${semaphore.value}`);
      },
    }),

    async: (
      { coroutines = 1, aborts = false, ...options }: Options & {
        readonly coroutines?: number;
        readonly aborts?: boolean;
      } = {},
    ): Actor => ({
      run: async (context) => {
        const semaphore = semaphoreOf(context);
        const run = async (i: number) => {
          try {
            const signal = aborts && i === 0 ? context.signal() : undefined;
            await semaphore.acquire({ ...options, signal });
          } catch (error) {
            return countEnd(context, error);
          }
          await asyncSection(context);
          semaphore.release();
        };
        await Promise.all(Array.from({ length: coroutines }, (_, i) => run(i)));
      },
    }),
  };
}
