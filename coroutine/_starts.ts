// Copyright 2026 the Weft authors. MIT license.

import { pause } from "./_turn.ts";

/**
 * Number of coroutines that begin before those that have begun go on. Of many that are spawned at once most need not be
 * there at the same time then: one that has begun takes twice the memory of one that has not, which is most of what it
 * costs.
 */
const batch = 2000;

const now = Promise.resolve();
/** The batches that may not begin yet. */
const gates = new Map<number, PromiseWithResolvers<void>>();
let asked = 0;
let begun = 0;
let opened = 0;

/** Resolves when it is the turn of the next one to begin, who says so by `noteBegin`. */
export function turnToBegin(): Promise<void> {
  const index = Math.floor(asked++ / batch);
  if (index <= opened) return now;
  let gate = gates.get(index);
  if (gate === undefined) gates.set(index, gate = Promise.withResolvers());
  return gate.promise;
}

/** Notes that the next one begins. */
export function noteBegin(): void {
  if (++begun % batch === 0) openNext();
}

async function openNext(): Promise<void> {
  await pause();
  // Once more, so that those go on that have only waited for the others.
  await pause();
  opened++;
  gates.get(opened)?.resolve();
  gates.delete(opened);
}
