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
const contexts = new Map<number, Page>();
const pageBits = 6;
const pageMask = (1 << pageBits) - 1;
/** The page that was used last. */
let recent: Page | undefined;

/** Contexts with numbers that follow one another: one map of all takes a sixth of the time of a spawn. */
class Page {
  readonly number: number;
  readonly entries: unknown[] = new Array(1 << pageBits).fill(undefined);
  size = 0;

  constructor(number: number) {
    this.number = number;
  }
}

function pageOf(id: number): Page | undefined {
  const number = id >> pageBits;
  if (recent !== undefined && recent.number === number) return recent;
  const page = contexts.get(number);
  if (page !== undefined) recent = page;
  return page;
}

/** Gives what the code runs within that calls this, also after awaits and in timers. */
export function currentContext(): unknown {
  const context = storage?.getStore();
  return typeof context === "number" ? pageOf(context)?.entries[context & pageMask] : context;
}

/** Gives the number of the context, also when it is forgotten; 0 if there is none or it has no number. */
export function currentNumber(): number {
  const context = storage?.getStore();
  return typeof context === "number" ? context : 0;
}

/** Calls a function within a context. */
export function runWithin<C extends object>(context: C, fn: (context: C) => void): void {
  storage ??= createStorage();
  storage.run(context, fn, context);
}

/** Calls a function within a context that is forgotten before long. */
export function runWithinFor<C extends object>(
  id: number,
  context: C,
  fn: (context: C) => void,
): void {
  let page = pageOf(id);
  if (page === undefined) contexts.set(id >> pageBits, page = recent = new Page(id >> pageBits));
  page.entries[id & pageMask] = context;
  page.size++;
  storage ??= createStorage();
  storage.run(id, fn, context);
}

/** Forgets a context; code that still runs within it runs within none then, but for what has called `keepContext`. */
export function forgetContext(id: number): void {
  const page = pageOf(id);
  if (page === undefined || page.entries[id & pageMask] === undefined) return;
  page.entries[id & pageMask] = undefined;
  if (--page.size > 0) return;
  contexts.delete(page.number);
  if (recent === page) recent = undefined;
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
