// Copyright 2026 the Weft authors. MIT license.

/** Milliseconds for which coroutines may run one after the other before timers and events have their turn. */
const slice = 8;
/** Number of pauses, less one, after which the clock is read: that takes longer than most steps. */
const unread = 0x7f;

const now = Promise.resolve();
let turn: Promise<void> | undefined;
let sliceBegan = 0;
let pauses = 0;

/** Resolves when all that is ready to run has run, and timers and events have had their turn. */
export function nextTurn(): Promise<void> {
  return turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      sliceBegan = performance.now();
      resolve();
    });
  });
}

/** Resolves when all others that are ready have had their turn; now and then timers and events as well. */
export function pause(): Promise<void> {
  if (turn !== undefined) return turn;
  if ((++pauses & unread) !== 0 || performance.now() - sliceBegan < slice) return now;
  return nextTurn();
}
