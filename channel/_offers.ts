// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "../sync/memory/memory.ts";
import type { Frames } from "./_frames.ts";
import type { Taken } from "./_taken.ts";

/** How many there can be at once; each thread that sends needs one or two. */
const capacity = 128;

/* Word 0: slots that were ever used. Word 1: counts the tickets. Then the slots. */
const ticketWord = 1;
const firstSlot = 2;

/* A slot: the token of the isolate that sends, the number of its item, and what is to be done with it. */
const slotWords = 3;
const numberWord = 1;
const stateWord = 2;

/** How many can lie about that were withdrawn, besides twice as many as there are. */
const mostWithdrawn = 16;

/** Nobody may take it: it is not there yet, or not any more. */
const idle = 0;
/** Who sends it waits until it is taken. */
const offered = 1;
/** Who sent it has gone on, as somebody was waiting for it. */
const given = 2;

/** An item that is offered, for who offers it. */
export interface Offer {
  readonly slot: number;
}

/**
 * Items that are sent and not received. Whoever calls anything here holds a lock on all of it.
 *
 * The state of its slot says whether an item is there; it changes in one step, so that a death in between
 * leaves an item that is there or one that is not, and at most a slot that is found by {@linkcode removeDead}.
 */
export class Offers<T> {
  /** Number of words that it takes, besides those of the frames. */
  static readonly words: number = firstSlot + capacity * slotWords;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #frames: Frames<T>;

  constructor(memory: Memory, index: number, frames: Frames<T>) {
    this.#memory = memory;
    this.#index = index;
    this.#frames = frames;
  }

  /** Number of items that are there. */
  get size(): number {
    let size = 0;
    for (const slot of this.#slots()) if (this.#state(slot) !== idle) size++;
    return size;
  }

  /** Whether there is an item whose sender has gone on. */
  get hasGiven(): boolean {
    for (const slot of this.#slots()) if (this.#state(slot) === given) return true;
    return false;
  }

  /** Gives an item for good; tells whether there was room. */
  give(put: (ticket: number) => void): boolean {
    return this.#add(put, given) !== undefined;
  }

  /** Offers an item, if there is room. */
  offer(put: (ticket: number) => void): Offer | undefined {
    const slot = this.#add(put, offered);
    return slot === undefined ? undefined : { slot };
  }

  /** Tells whether an offer was taken; may be asked without the lock. */
  isTaken({ slot }: Offer): boolean {
    return this.#state(slot) === idle;
  }

  /** Ends an offer, whether it was taken or not; tells whether it was. */
  end(offer: Offer): boolean {
    const taken = this.isTaken(offer);
    this.#memory.store(offer.slot + stateWord, idle);
    this.#memory.store(offer.slot, 0);
    return taken;
  }

  /** Takes the first item, if there is one. */
  take(canLoad: boolean): Taken<T> | undefined {
    return this.#frames.take(this.#isWanted, this.#commit, canLoad);
  }

  /** Frees the slots of those who have died. */
  removeDead(): void {
    for (const slot of this.#slots()) {
      const token = this.#memory.load(slot);
      if (this.#state(slot) === given || this.#memory.isAlive(token)) continue;
      this.end({ slot });
    }
  }

  /** What is only offered is not wanted any more when all is closed. */
  readonly #isWanted = (ticket: number): boolean => {
    const slot = this.#find(ticket);
    return slot !== undefined && (this.#state(slot) === given || !this.#frames.closed);
  };

  readonly #commit = (ticket: number): void => {
    const slot = this.#find(ticket)!;
    // Nobody else would free the slot of what is given.
    this.#memory.store(this.#state(slot) === given ? slot : slot + stateWord, 0);
  };

  #add(put: (ticket: number) => void, state: number): number | undefined {
    const slot = this.#free() ?? (this.removeDead(), this.#free());
    if (slot === undefined) return undefined;
    // Of those that were withdrawn, there can be many behind one that stays.
    if (this.#frames.size > 2 * this.size + mostWithdrawn) this.#frames.compact(this.#isWanted);
    const ticket = this.#memory.add(this.#index + ticketWord, 1) >>> 0;
    put(ticket);
    this.#memory.store(slot + stateWord, idle);
    this.#memory.store(slot + numberWord, ticket | 0);
    this.#memory.store(slot, this.#memory.token);
    this.#memory.store(slot + stateWord, state);
    return slot;
  }

  /** The slot of an item that is there. */
  #find(ticket: number): number | undefined {
    for (const slot of this.#slots()) {
      if (this.#memory.load(slot + numberWord) === (ticket | 0) && this.#state(slot) !== idle) {
        return slot;
      }
    }
    return undefined;
  }

  #free(): number | undefined {
    const used = this.#memory.load(this.#index);
    for (let i = 0; i < capacity; i++) {
      const slot = this.#index + firstSlot + i * slotWords;
      if (i < used && this.#memory.load(slot) !== 0) continue;
      if (i >= used) this.#memory.store(this.#index, i + 1);
      return slot;
    }
    return undefined;
  }

  *#slots(): Iterable<number> {
    const used = this.#memory.load(this.#index);
    for (let i = 0; i < used; i++) {
      const slot = this.#index + firstSlot + i * slotWords;
      if (this.#memory.load(slot) !== 0) yield slot;
    }
  }

  #state(slot: number): number {
    return this.#memory.load(slot + stateWord);
  }
}
