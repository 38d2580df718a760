// Copyright 2026 the Weft authors. MIT license.

import { PoolClosedError } from "./pool_errors.ts";

/** The most failures that are printed when the program ends. */
const most = 10;

interface Failure {
  readonly reason: unknown;
}

// What is kept here must not lead back to its owner, else that would never be collected.
const unseen = new Set<Failure>();
const failures = new WeakMap<object, Failure>();
const collected = new FinalizationRegistry<Failure>((failure) => {
  if (unseen.delete(failure)) print(failure);
});
let reportsAtExit = false;

/**
 * Has a failure printed at which nobody looks: when its owner is garbage-collected, as nobody can look any more, or when
 * the program ends.
 */
export function noteFailure(owner: object, reason: unknown): void {
  // Who has terminated the pool knows.
  if (reason instanceof PoolClosedError) return;
  const failure = { reason };
  unseen.add(failure);
  failures.set(owner, failure);
  collected.register(owner, failure, owner);
  if (reportsAtExit) return;
  reportsAtExit = true;
  globalThis.addEventListener("unload", reportUnseen);
}

/** Has the failure of something not printed, as somebody looks at it. */
export function forgetFailure(owner: object): void {
  const failure = failures.get(owner);
  if (failure === undefined) return;
  collected.unregister(owner);
  unseen.delete(failure);
}

function reportUnseen(): void {
  const rest = [...unseen];
  unseen.clear();
  for (const failure of rest.splice(0, most)) print(failure);
  if (rest.length > 0) console.error(`and ${rest.length} other futures`);
}

function print({ reason }: Failure): void {
  console.error("Future failed and its error was never looked at:", reason);
}
