// Copyright 2026 the Weft authors. MIT license.

/** Milliseconds since the epoch, the same in all isolates. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** Times in a row that are the same. */
const mostUses = 64;

/** A clock that is looked at now and then: asking the platform takes longer than much of what is timed. */
export class CoarseClock {
  #time = 0;
  #uses = 0;

  /** About what `clock` gives; exactly for the first call of a turn of the event loop. */
  now(): number {
    if (this.#uses === 0) {
      this.#time = clock();
      queueMicrotask(() => this.#uses = 0);
    }
    this.#uses = (this.#uses + 1) % mostUses;
    return this.#time;
  }
}
