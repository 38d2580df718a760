// Copyright 2026 the Weft authors. MIT license.

/** Stands for the thread itself, where no coroutine runs. */
export const thread = 0;

let current: () => number = () => thread;

/** Tells which coroutine of this isolate runs; 0 if none does, so that the thread is meant. */
export function currentOwner(): number {
  return current();
}

/** Says how to tell which coroutine runs; for the module that has coroutines. */
export function setOwnerProvider(provider: () => number): void {
  current = provider;
}
