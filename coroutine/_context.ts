// Copyright 2026 the Weft authors. MIT license.

import type { AsyncLocalStorage } from "node:async_hooks";

type Storage = AsyncLocalStorage<unknown>;
interface Process {
  getBuiltinModule(name: "node:async_hooks"): { AsyncLocalStorage: new () => Storage };
}

let storage: Storage | undefined;

/** Gives what the code runs within that calls this, also after awaits and in timers. */
export function currentContext(): unknown {
  return storage?.getStore();
}

/** Calls a function with a context, within it. */
export function runWithin<C>(context: C, fn: (context: C) => void): void {
  storage ??= createStorage();
  storage.run(context, fn, context);
}

// Not imported: that takes milliseconds, which programs without coroutines need not wait for.
function createStorage(): Storage {
  const { process } = globalThis as unknown as { process: Process };
  return new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)();
}
