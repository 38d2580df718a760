// Copyright 2026 the Weft authors. MIT license.

/** Milliseconds for which coroutines may run one after the other before timers and events have their turn. */
const slice = 8;
/**
 * Number of turns, less one, after which the platform has to wait for a timer: only then, or at every 60th turn, does it
 * look for events of the network.
 */
const unwatched = 3;
/** Number of pauses, less one, after which the clock is read: that takes longer than most steps. */
const unread = 0x7f;

const now = Promise.resolve();
let turn: Promise<void> | undefined;
let sliceBegan = 0;
let pauses = 0;
let slices = 0;
// As it is, not as tests replace it that turn the clock by hand.
const { setTimeout } = globalThis;

/** Resolves when all that is ready to run has run, and timers and events have had their turn. */
export function nextTurn(): Promise<void> {
  return turn ??= new Promise((resolve) => setImmediate(() => begin(resolve)));
}

/** Resolves when all others that are ready have had their turn; now and then timers and events as well. */
export function pause(): Promise<void> {
  if (turn !== undefined) return turn;
  if ((++pauses & unread) !== 0 || performance.now() - sliceBegan < slice) return now;
  if ((++slices & unwatched) !== 0) return nextTurn();
  return turn = new Promise((resolve) => void setTimeout(() => begin(resolve), 0));
}

function begin(resolve: () => void): void {
  turn = undefined;
  sliceBegan = performance.now();
  resolve();
}
