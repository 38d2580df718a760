// Copyright 2026 the Weft authors. MIT license.

import { Roster } from "../sync/roster.ts";
import type { Memory } from "../sync/memory/memory.ts";

/*
 * Who holds one end of a pipe: isolates, and journeys, which are handles that were sent and have not come.
 *
 *   word 0   bit 0: nobody holds it any more, for good; above: counts those who have come in
 *   word 1   counts the journeys
 *   word 2   slots of journeys that were ever used
 *   word 8   the roster of isolates, then the slots: who uses it, whose death ends the journey, its number or 0
 *
 *   isolate ──depart──▶ journey ──▶ enter, count ──▶ arrive      each is in before the one before it goes
 *
 * Everybody who comes in was let in by one who is in, and counts before that one goes. So if nobody was seen in
 * one look at all places, and nobody has counted meanwhile, then there was nobody at the end of the look, and
 * nobody can come: that is when bit 0 is set, in one step with the comparison.
 */
const stateWord = 0;
const numberWord = 1;
const usedWord = 2;
const rosterWord = 8;
const firstSlot = rosterWord + Roster.words;

/** Set in the state when nobody holds the end. */
const gone = 1;
/** What one who comes in adds to the state. */
const one = 2;

/** How many journeys there is room for. */
const capacity = 128;
const slotWords = 3;
const lifeWord = 1;
const journeyWord = 2;

/** A handle that was sent. */
export interface Journey {
  /** Place of its slot among all. */
  readonly slot: number;
  /** What tells it from others that use the slot. */
  readonly number: number;
}

/** Who holds one end of a pipe. */
export class Holders {
  /** Number of words that it takes. */
  static readonly words: number = firstSlot + capacity * slotWords;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #roster: Roster;

  constructor(memory: Memory, index: number) {
    this.#memory = memory;
    this.#index = index;
    this.#roster = new Roster(memory, index + rosterWord);
  }

  /** Whether nobody holds the end, which is so for good. */
  get gone(): boolean {
    return (this.#load(stateWord) & gone) !== 0;
  }

  /** Number of journeys under way. */
  get journeys(): number {
    let journeys = 0;
    for (const slot of this.#slots()) if (this.#load(slot + journeyWord) !== 0) journeys++;
    return journeys;
  }

  /**
   * Goes in once more.
   *
   * @returns Whether the end is there; nobody can enter one that is gone.
   * @throws {RangeError} If there is no room.
   */
  enter(): boolean {
    if (!this.#roster.enter()) {
      this.#roster.removeDead();
      if (!this.#roster.enter()) throw noRoom("threads");
    }
    if (this.#count()) return true;
    this.#roster.leave();
    return false;
  }

  /** Goes out once. */
  leave(): void {
    this.#roster.leave();
  }

  /**
   * Begins a journey, for one who is in.
   *
   * @param life Token of the isolate whose death ends it, if nobody has taken it over.
   * @throws {RangeError} If there is no room.
   */
  depart(life: number): Journey {
    const slot = this.#claim();
    let number = 0;
    while (number === 0) number = (this.#memory.add(this.#index + numberWord, 1) + 1) | 0;
    this.#store(slot + lifeWord, life);
    this.#store(slot + journeyWord, number);
    this.#count();
    return { slot: (slot - firstSlot) / slotWords, number };
  }

  /** Says whose death ends a journey from now on; for the isolate that has begun it. */
  entrust({ slot }: Journey, life: number): void {
    this.#store(firstSlot + slot * slotWords + lifeWord, life);
  }

  /** Whether a journey has not ended. */
  isUnderWay({ slot, number }: Journey): boolean {
    return this.#load(firstSlot + slot * slotWords + journeyWord) === number;
  }

  /** Ends a journey, if it has not ended: when whom it has brought is in, or when it comes to nothing. */
  arrive({ slot, number }: Journey): void {
    this.#compareExchange(firstSlot + slot * slotWords + journeyWord, number, 0);
  }

  /** Takes out those who have died, and ends the journeys that go with them. */
  removeDead(): void {
    this.#roster.removeDead();
    for (const slot of this.#slots()) {
      // First the number: whoever uses the slot next changes that last.
      const number = this.#load(slot + journeyWord);
      if (number === 0 || this.#isAlive(this.#load(slot + lifeWord))) continue;
      this.#compareExchange(slot + journeyWord, number, 0);
    }
  }

  /** Looks whether nobody holds the end, and if so makes it final. To be called whenever somebody has gone. */
  settle(): boolean {
    const state = this.#load(stateWord);
    if ((state & gone) !== 0) return true;
    if (!this.#isEmpty) return false;
    return this.#compareExchange(stateWord, state, state | gone) === state || this.gone;
  }

  get #isEmpty(): boolean {
    if (!this.#roster.isEmpty) return false;
    for (const slot of this.#slots()) if (this.#load(slot + journeyWord) !== 0) return false;
    return true;
  }

  /** Lets it be known that somebody has come in; tells whether the end is there. */
  #count(): boolean {
    for (;;) {
      const state = this.#load(stateWord);
      if ((state & gone) !== 0) return false;
      if (this.#compareExchange(stateWord, state, (state + one) | 0) === state) return true;
    }
  }

  /** A slot without a journey, which this isolate alone can use from then on. */
  #claim(): number {
    const { token } = this.#memory;
    const free = (slot: number) => this.#load(slot + journeyWord) === 0;
    for (const slot of this.#slots()) if (this.#load(slot) === token && free(slot)) return slot;
    for (let i = 0; i < capacity; i++) {
      const slot = firstSlot + i * slotWords;
      const user = this.#load(slot);
      if (!free(slot) || user === token || user !== 0 && this.#isAlive(user)) continue;
      // First, so that who looks at all comes by here.
      for (let used = this.#load(usedWord); used <= i; used = this.#load(usedWord)) {
        this.#compareExchange(usedWord, used, i + 1);
      }
      if (this.#compareExchange(slot, user, token) === user) return slot;
    }
    throw noRoom("handles under way");
  }

  *#slots(): Iterable<number> {
    const used = this.#load(usedWord);
    for (let i = 0; i < used; i++) yield firstSlot + i * slotWords;
  }

  #isAlive(token: number): boolean {
    return token === this.#memory.token || this.#memory.isAlive(token);
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value);
  }

  #compareExchange(word: number, expected: number, value: number): number {
    return this.#memory.compareExchange(this.#index + word, expected, value);
  }
}

function noRoom(what: string): RangeError {
  return new RangeError(
    `Cannot share a connection as there is no room for more ${what}: current value is ${capacity}`,
  );
}
