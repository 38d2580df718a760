// Copyright 2026 the Weft authors. MIT license.

/*
 * Measures async functions and generators as the language has them.
 */

import { answer, bytesOf, type Measuring, timeOf } from "./deno_program.ts";

const forever = 86_400_000;
const poolSize = 100;

async function oneSwitch(): Promise<void> {
  await null;
}

function* count(times: number) {
  for (let i = 0; i < times; i++) yield;
}

function range<T>(times: number, make: (i: number) => T): T[] {
  return Array.from({ length: times }, (_, i) => make(i));
}

const never = new Promise<void>(() => {});
const waits: Record<string, () => Promise<void>> = {
  async wait() {
    await never;
  },
  async sleep() {
    await new Promise((resolve) => setTimeout(resolve, forever));
  },
};

const measures: Record<string, Measuring> = {
  finish: (_how, times) => timeOf(() => Promise.all(range(times, oneSwitch))),

  switch(how, times) {
    if (how === "await") {
      return timeOf(async () => {
        for (let i = 0; i < times; i++) await null;
      });
    }
    return timeOf(() => {
      const generator = count(times);
      while (!generator.next().done);
    });
  },

  async cancel(_how, times) {
    const sleeping = range(times, () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const handle = setTimeout(resolve, forever);
      const cancel = () => {
        clearTimeout(handle);
        reject(new DOMException("cancelled", "AbortError"));
      };
      return { cancel, ended: (async () => await promise)() };
    });
    await null;
    return await timeOf(async () => {
      for (const { cancel } of sleeping) cancel();
      await Promise.allSettled(sleeping.map(({ ended }) => ended));
    });
  },

  pool(_how, times) {
    const items = range(times, (i) => i);
    const results: number[] = new Array(times).fill(0);
    return timeOf(async () => {
      const left = items.entries();
      const work = async () => {
        for (const [i, n] of left) {
          await null;
          results[i] = n + 1;
        }
      };
      await Promise.all(range(poolSize, work));
      if (results.at(-1) !== times) throw new Error("Results are wrong");
    });
  },

  heap: (how, times) => bytesOf("heap", times, waits[how]!),
};

await answer(measures);
