// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "./memory/memory.ts";

/** For so many rounds it is known how they ended, for those who have been asleep meanwhile. */
const history = 1024;

/** How the last rounds of a barrier ended: a bit for each, set if it was broken. */
export class RoundEnds {
  /** Number of words that they take. */
  static readonly words: number = history / 32;

  readonly #memory: Memory;
  readonly #index: number;

  /**
   * Finds them in words that were zero.
   *
   * @param memory Where they are.
   * @param index The first of their words.
   */
  constructor(memory: Memory, index: number) {
    this.#memory = memory;
    this.#index = index;
  }

  /** Notes how a round ends. */
  note(generation: number, isBroken: boolean): void {
    const word = this.#wordOf(generation);
    const bit = 1 << (generation & 31);
    const bits = this.#memory.load(word);
    this.#memory.store(word, isBroken ? bits | bit : bits & ~bit);
  }

  /** Tells how a round ended, when the barrier has come to another; what is too long ago counts as broken. */
  wasBroken(generation: number, current: number): boolean {
    const age = (current - generation) | 0;
    if (age < 0 || age > history) return true;
    return (this.#memory.load(this.#wordOf(generation)) >>> (generation & 31) & 1) === 1;
  }

  #wordOf(generation: number): number {
    return this.#index + (generation >>> 5) % RoundEnds.words;
  }
}
