// Copyright 2026 the Weft authors. MIT license.

import { unrefTimer } from "../sync/wait.ts";

/** Milliseconds after which an error that nobody has asked for is printed. */
const grace = 1000;

interface Report {
  readonly due: number;
  readonly print: () => void;
}

// In the order in which they are due, as all have the same time.
const reports = new Map<object, Report>();
let timer: ReturnType<typeof setTimeout> | undefined;
let reportsAtExit = false;

/**
 * Has an error printed unless somebody asks for it soon: not at once, since a program joins what it started one after
 * the other, and not only when the program ends, since a server does not.
 *
 * @param owner What has failed.
 * @param print Prints the error.
 */
export function reportLater(owner: object, print: () => void): void {
  reports.set(owner, { due: performance.now() + grace, print });
  if (reports.size === 1) arm(grace);
  if (reportsAtExit) return;
  reportsAtExit = true;
  globalThis.addEventListener("unload", reportUnjoined);
}

/** Has the error of something not printed, as somebody has asked for it. */
export function forgetReport(owner: object): void {
  if (reports.delete(owner) && reports.size === 0) clearTimeout(timer);
}

/** Prints at once the errors that nobody has asked for. */
export function reportUnjoined(): void {
  printUntil(Infinity);
}

function arm(delay: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    printUntil(performance.now() + 1);
    const [next] = reports.values();
    if (next !== undefined) arm(next.due - performance.now());
  }, delay);
  unrefTimer(timer);
}

function printUntil(time: number): void {
  for (const [owner, { due, print }] of reports) {
    if (due > time) return;
    reports.delete(owner);
    print();
  }
}
