// Copyright 2026 the Weft authors. MIT license.

/** Attempts before a thread sleeps: about as long as waking it takes; in vain where nobody else can run. */
const attempts = navigator.hardwareConcurrency > 1 ? 800 : 0;
/** Waits in a row that do not spin, at most, as it was in vain before. */
const longestRest = 127;

/**
 * Attempts for a short while before a thread sleeps: waking it takes longer than most of what is waited for.
 *
 * It learns whether that pays: when it was in vain, the next wait does not spin, then the next three, and so
 * on, until one in 128 does. So whoever waits for long, or for somebody on the same core, burns next to nothing.
 */
export class Spin {
  #rest = 0;
  #lastRest = 0;

  /** Tells whether an attempt has succeeded. */
  run(attempt: () => number | undefined): boolean {
    // One that need not wait says nothing about those that do.
    if (attempt() === undefined) return true;
    if (this.#rest > 0) {
      this.#rest--;
      return false;
    }
    for (let i = 0; i < attempts; i++) {
      Atomics.pause();
      if (attempt() !== undefined) continue;
      this.#lastRest = 0;
      return true;
    }
    this.#rest = this.#lastRest = Math.min(2 * this.#lastRest + 1, longestRest);
    return false;
  }
}
