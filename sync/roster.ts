// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "./memory/memory.ts";

/** How many isolates there is room for. */
const capacity = 128;

/* Word 0: slots that were ever used. Then the slots: token of an isolate, how often it is in, its mark. */
const slotWords = 3;
const countWord = 1;
const markWord = 2;
/** In place of the token of a dead isolate, while its slot is cleared. */
const cleared = -1;

/**
 * Who is in, by isolate: so that those who have died can be told from those who take their time.
 *
 * A slot belongs to the isolate whose token is in it, which alone changes the rest of it, until it leaves or has
 * died. Nobody needs a lock for it.
 */
export class Roster {
  /** Number of words that it takes. */
  static readonly words = 1 + capacity * slotWords;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #token: number;
  /** The slot where this isolate was last. */
  #own: number;

  constructor(memory: Memory, index: number) {
    this.#memory = memory;
    this.#index = index;
    this.#token = memory.token;
    this.#own = index + 1;
  }

  /** How often all together are in. */
  get size(): number {
    let size = 0;
    for (const slot of this.#slots()) {
      if (this.#memory.load(slot) > 0) size += this.#memory.load(slot + countWord);
    }
    return size;
  }

  /** How often this isolate is in. */
  get own(): number {
    const slot = this.#find();
    return slot === undefined ? 0 : this.#memory.load(slot + countWord);
  }

  get isEmpty(): boolean {
    const end = this.#end;
    for (let slot = this.#index + 1; slot < end; slot += slotWords) {
      if (this.#memory.load(slot) > 0) return false;
    }
    return true;
  }

  /**
   * Goes in once more.
   *
   * @param mark A number to keep there; that of the last time counts.
   * @returns Whether there was room.
   */
  enter(mark = 0): boolean {
    const slot = this.#find();
    if (slot === undefined) return this.#claim(mark);
    this.#memory.store(slot + countWord, this.#memory.load(slot + countWord) + 1);
    this.#memory.store(slot + markWord, mark);
    return true;
  }

  /** Goes out once; tells whether this isolate was in. */
  leave(): boolean {
    const slot = this.#find();
    if (slot === undefined) return false;
    const count = this.#memory.load(slot + countWord) - 1;
    this.#memory.store(slot + countWord, count);
    if (count === 0) this.#memory.store(slot, 0);
    return true;
  }

  /** Takes out those who have died; gives the mark of each. */
  removeDead(): number[] {
    const marks: number[] = [];
    for (const slot of this.#slots()) {
      const token = this.#memory.load(slot);
      if (token <= 0 || token === this.#token || this.#memory.isAlive(token)) continue;
      const mark = this.#memory.load(slot + markWord);
      if (this.#memory.compareExchange(slot, token, cleared) !== token) continue;
      // Whoever claims it must not seem to be in as often as the dead one was.
      this.#memory.store(slot + countWord, 0);
      this.#memory.store(slot, 0);
      marks.push(mark);
    }
    return marks;
  }

  get #end(): number {
    return this.#index + 1 + this.#memory.load(this.#index) * slotWords;
  }

  *#slots(): Iterable<number> {
    const end = this.#end;
    for (let slot = this.#index + 1; slot < end; slot += slotWords) yield slot;
  }

  /** The slot of this isolate, if it is in; another handle on the same words may have taken it. */
  #find(): number | undefined {
    if (this.#memory.load(this.#own) === this.#token) return this.#own;
    const end = this.#end;
    for (let slot = this.#index + 1; slot < end; slot += slotWords) {
      if (this.#memory.load(slot) === this.#token) return this.#own = slot;
    }
    return undefined;
  }

  #claim(mark: number): boolean {
    const memory = this.#memory;
    for (let i = 0; i < capacity; i++) {
      const slot = this.#index + 1 + i * slotWords;
      if (memory.load(slot) !== 0) continue;
      // First, so that who looks for those who are in, or have died, comes by here.
      for (let used = memory.load(this.#index); used <= i; used = memory.load(this.#index)) {
        memory.compareExchange(this.#index, used, i + 1);
      }
      if (memory.compareExchange(slot, 0, this.#token) !== 0) continue;
      memory.store(slot + countWord, 1);
      memory.store(slot + markWord, mark);
      this.#own = slot;
      return true;
    }
    return false;
  }
}
