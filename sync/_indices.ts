// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "./memory/memory.ts";

/**
 * The numbers of those who have come to a place, from 0: who gives up gives its number back, for the next who comes.
 * Whoever calls it keeps others out meanwhile.
 */
export class Indices {
  readonly #memory: Memory;
  readonly #count: number;
  readonly #bits: number;

  /**
   * Finds them in words that were zero.
   *
   * @param memory Where they are.
   * @param count Index of the word that counts the numbers that were given back.
   * @param bits Index of the first of the words with a bit for each number, set if it was given back.
   */
  constructor(memory: Memory, count: number, bits: number) {
    this.#memory = memory;
    this.#count = count;
    this.#bits = bits;
  }

  /** Gives the lowest that is free, where `taken` are not. */
  take(taken: number): number {
    const holes = this.#memory.load(this.#count);
    if (holes === 0) return taken;
    for (let i = 0;; i++) {
      const bits = this.#memory.load(this.#bits + i);
      if (bits === 0) continue;
      const bit = 31 - Math.clz32(bits & -bits);
      this.#memory.store(this.#bits + i, bits & ~(1 << bit));
      this.#memory.store(this.#count, holes - 1);
      return i * 32 + bit;
    }
  }

  /** Takes one back. */
  giveBack(index: number): void {
    const word = this.#bits + (index >>> 5);
    this.#memory.store(word, this.#memory.load(word) | 1 << (index & 31));
    this.#memory.store(this.#count, this.#memory.load(this.#count) + 1);
  }

  /** Makes all of them free. */
  clear(): void {
    for (let left = this.#memory.load(this.#count), i = 0; left > 0; i++) left -= this.#fill(i);
    this.#memory.store(this.#count, 0);
  }

  /** Counts the bits of a word, and clears them. */
  #fill(i: number): number {
    let count = 0;
    for (let bits = this.#memory.load(this.#bits + i); bits !== 0; bits &= bits - 1) count++;
    this.#memory.store(this.#bits + i, 0);
    return count;
  }
}
