// Copyright 2026 the Weft authors. MIT license.

import { type ThreadEntry, ThreadTable } from "./thread_table.ts";

/** The thread that runs in this isolate. */
export interface Isolate {
  /** What the table knows of it. */
  readonly entry: ThreadEntry;
  /** Its slot in the table; the main thread has none. */
  readonly slot: number | undefined;
  /** The threads of the process. */
  readonly table: ThreadTable;
}

/** The main thread, as it is known everywhere. */
export const mainEntry: ThreadEntry = { id: 0, name: "MainThread", daemon: false };

let isolate: Isolate | undefined;

/** Tells which thread runs here; the main thread unless {@linkcode becomeThread} said otherwise. */
export function currentIsolate(): Isolate {
  return isolate ??= { entry: mainEntry, slot: undefined, table: new ThreadTable() };
}

/** Makes this isolate a thread that another one started. */
export function becomeThread(entry: ThreadEntry, slot: number, table: ThreadTable): void {
  isolate = { entry, slot, table };
}

const endings: (() => void)[] = [];

/** Has something done when this isolate has ended, and its process may live on. */
export function atIsolateEnd(action: () => void): void {
  endings.push(action);
}

/**
 * Does what is to be done at the end of this isolate, after which no code of the user runs; what came last comes
 * first, as it may stand on what was there before.
 */
export function endIsolate(): void {
  for (const action of endings.splice(0).reverse()) action();
}

const duties: (() => void)[] = [];

/** Has something done now and then also while this isolate blocks its thread, when its event loop does not turn. */
export function whileBlocked(action: () => void): void {
  duties.push(action);
}

/** Does what is to be done while this isolate blocks its thread. */
export function attend(): void {
  for (const action of duties) action();
}
