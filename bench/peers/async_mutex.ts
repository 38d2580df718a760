// Copyright 2026 the Weft authors. MIT license.

import { MissingError, type Side } from "./measure.ts";

async function load() {
  try {
    // deno-lint-ignore no-import-prefix -- of this program alone, not of the library
    return await import("npm:async-mutex@^0.5");
  } catch {
    throw new MissingError("not installed");
  }
}

/** Acquire and release that nobody disputes. */
export function asyncMutexAlone(kind: "Mutex" | "Semaphore"): Side {
  return {
    name: `async-mutex ${kind}`,
    async run(times) {
      const { Mutex, Semaphore } = await load();
      if (kind === "Mutex") {
        const mutex = new Mutex();
        const started = performance.now();
        for (let i = 0; i < times; i++) {
          const release = await mutex.acquire();
          release();
        }
        return performance.now() - started;
      }
      const semaphore = new Semaphore(1);
      const started = performance.now();
      for (let i = 0; i < times; i++) {
        await semaphore.acquire();
        semaphore.release();
      }
      return performance.now() - started;
    },
  };
}

/** Two coroutines that compete for one; each does half of it. */
export const asyncMutexContended: Side = {
  name: "async-mutex Mutex",
  async run(times) {
    const { Mutex } = await load();
    const mutex = new Mutex();
    const compete = async () => {
      for (let i = 0; i < times / 2; i++) {
        const release = await mutex.acquire();
        await undefined;
        release();
      }
    };
    const started = performance.now();
    await Promise.all([compete(), compete()]);
    return performance.now() - started;
  },
};
