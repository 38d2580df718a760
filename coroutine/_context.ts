// Copyright 2026 the Weft authors. MIT license.

import type { AsyncLocalStorage } from "node:async_hooks";

type Storage = AsyncLocalStorage<unknown>;
interface Process {
  getBuiltinModule(name: "node:async_hooks"): { AsyncLocalStorage: new () => Storage };
}

let storage: Storage | undefined;

/*
 * The platform keeps what a context holds in a weak map. With a number in it instead of an object, its garbage collector
 * needs half the time for 100,000 contexts.
 */
const contexts = new Map<number, unknown>();

/** Gives what the code runs within that calls this, also after awaits and in timers. */
export function currentContext(): unknown {
  const context = storage?.getStore();
  return typeof context === "number" ? contexts.get(context) : context;
}

/** Gives the number of the context, also when it is forgotten; 0 if there is none or it has no number. */
export function currentNumber(): number {
  const context = storage?.getStore();
  return typeof context === "number" ? context : 0;
}

/** Calls a function within a context. */
export function runWithin(context: object, fn: () => void): void {
  storage ??= createStorage();
  storage.run(context, fn);
}

/** Calls a function within a context that is forgotten before long. */
export function runWithinFor(id: number, context: object, fn: () => void): void {
  contexts.set(id, context);
  storage ??= createStorage();
  storage.run(id, fn);
}

/** Forgets a context; code that still runs within it runs within none then, but for what has called `keepContext`. */
export function forgetContext(id: number): void {
  contexts.delete(id);
}

/** Lets the code that calls this, and what it leads to, stay within its context when that is forgotten. */
export function keepContext(): void {
  if (typeof storage?.getStore() === "number") storage.enterWith(currentContext());
}

// Not imported: that takes milliseconds, which programs without coroutines need not wait for.
function createStorage(): Storage {
  const { process } = globalThis as unknown as { process: Process };
  return new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)();
}
