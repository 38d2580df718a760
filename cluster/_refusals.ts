// Copyright 2026 the Weft authors. MIT license.

import { defaultLimits } from "./manager_limits.ts";

/** What a manager has refused. */
export interface Refusal {
  /** The address it came from. */
  readonly hostname: string;
  /** Why it was refused. */
  readonly reason: string;
}

const minute = 60_000;
/** The most addresses and reasons that are remembered: who has many addresses costs no memory. */
const mostRemembered = 10_000;

/** Tells of each reason and address once a minute, and counts wrong keys. */
export class Refusals {
  readonly #tell: (refusal: Refusal) => void;
  readonly #maxFailures: number;
  readonly #told = new Map<string, number>();
  readonly #failures = new Map<string, { since: number; count: number }>();

  constructor(
    tell: (refusal: Refusal) => void,
    maxFailures: number = defaultLimits.maxFailures,
  ) {
    this.#tell = tell;
    this.#maxFailures = maxFailures;
  }

  /** Tells of something, unless that was told within the last minute. */
  add(hostname: string, reason: string, detail?: string): void {
    const now = performance.now();
    const key = `${hostname} ${reason}`;
    if (now - (this.#told.get(key) ?? -Infinity) < minute) return;
    this.#told.delete(key);
    this.#told.set(key, now);
    if (this.#told.size > mostRemembered) this.#told.delete(this.#told.keys().next().value!);
    try {
      this.#tell({ hostname, reason: detail === undefined ? reason : `${reason}: ${detail}` });
    } catch (error) {
      reportError(error);
    }
  }

  /** Counts a wrong key; tells whether there were too many from this address. */
  fail(hostname: string): boolean {
    const now = performance.now();
    let entry = this.#failures.get(hostname);
    if (entry === undefined || now - entry.since > minute) {
      this.#failures.delete(hostname);
      entry = { since: now, count: 0 };
      this.#failures.set(hostname, entry);
      if (this.#failures.size > mostRemembered) {
        this.#failures.delete(this.#failures.keys().next().value!);
      }
    }
    return ++entry.count > this.#maxFailures;
  }
}
