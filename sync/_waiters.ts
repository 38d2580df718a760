// Copyright 2026 the Weft authors. MIT license.

import { Spin } from "./_spin.ts";
import { WaitQueue } from "./_wait_queue.ts";
import type { Memory } from "./memory/memory.ts";
import type { Label } from "./observer.ts";
import type { Deadline, ScopedOptions } from "./wait.ts";

/** How many lines there is room for: one for each thread that blocks, one for all coroutines of a handle. */
const capacity = 128;

/* Word 0: slots that were ever used. Word 1: counts the waits, and the turns of each slot. Then the slots. */
const turnWord = 1;
const firstSlot = 8;

/*
 * A slot is a line of waiters of one isolate, in the order of their coming. Its words: the token of the isolate;
 * how many of the line were ever granted, on which it sleeps; how many are not granted yet; how many of those
 * granted have gone on; since when the first has been waiting.
 */
const slotWords = 8;
const grantedWord = 1;
const pendingWord = 2;
const finishedWord = 3;
const sinceWord = 4;

/** What they are told of besides their place. */
export interface WaitersOptions {
  /** Called now and then by those who wait; may take the lock and call `removeDead`. */
  readonly probe: () => void;
  /** What they wait for, for who observes. */
  readonly label?: Label | undefined;
}

/** One line, as its isolate sees it. */
export interface Line {
  readonly slot: number;
  readonly queue: WaitQueue;
  /** Those who have come and not yet gone. */
  size: number;
  /** The grants that somebody has taken. */
  taken: number;
}

/**
 * Those who wait for a condition. Who calls anything here but `wait` and `waitSync` holds the condition's lock,
 * so that a grant reaches somebody who still waits, or somebody who then finds out that it was for him.
 */
export class Waiters {
  /** Number of words that it takes. */
  static readonly words = firstSlot + capacity * slotWords;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #probe: () => void;
  readonly #label: Label | undefined;
  readonly #spin: Spin = new Spin();
  /** The lines of this handle, by their slots. */
  readonly #lines = new Map<number, Line>();

  constructor(memory: Memory, index: number, { probe, label }: WaitersOptions) {
    this.#memory = memory;
    this.#index = index;
    this.#probe = probe;
    this.#label = label;
  }

  /** How many wait and are not granted. */
  get pending(): number {
    let pending = 0;
    for (const slot of this.#slots()) pending += this.#load(slot + pendingWord);
    return pending;
  }

  /**
   * Makes a line with nobody in it.
   *
   * @throws {RangeError} If there is no room.
   */
  open(): Line {
    const slot = this.#free() ?? (this.removeDead(), this.#free());
    if (slot === undefined) {
      throw new RangeError(
        `Cannot wait as there is no room for more threads: current value is ${capacity}`,
      );
    }
    for (let word = 1; word < slotWords; word++) this.#store(slot + word, 0);
    this.#store(slot, this.#memory.token);
    const queue = new WaitQueue(this.#memory, slot + grantedWord, {
      probe: this.#probe,
      spin: this.#spin,
      label: this.#label,
    });
    const line: Line = { slot, queue, size: 0, taken: 0 };
    this.#lines.set(slot, line);
    return line;
  }

  /** Adds the caller to a line. */
  enter(line: Line): void {
    const pending = this.#load(line.slot + pendingWord);
    if (pending === 0) this.#store(line.slot + sinceWord, this.#turn());
    this.#store(line.slot + pendingWord, pending + 1);
    line.size++;
  }

  /** Waits until the caller is granted. */
  wait(line: Line, options: ScopedOptions): Promise<void> {
    return line.queue.wait(() => this.#take(line), options);
  }

  /** Blocks until the caller is granted; tells whether it is. */
  waitSync(line: Line, deadline: Deadline): boolean {
    return line.queue.waitSync(() => this.#take(line), deadline.rest);
  }

  /**
   * Takes the caller out of its line.
   *
   * @param granted Whether its wait ended by a grant.
   * @returns Whether it was granted, which it may have been after its wait had ended.
   */
  leave(line: Line, granted: boolean): boolean {
    const { slot } = line;
    // One more than those in line can take was meant for one who had left it, but had not said so yet.
    if (!granted && this.#untaken(line) > line.queue.size) {
      line.taken++;
      granted = true;
    }
    const word = slot + (granted ? finishedWord : pendingWord);
    this.#store(word, this.#load(word) + (granted ? 1 : -1));
    if (--line.size === 0) {
      this.#lines.delete(slot);
      this.#store(slot, 0);
    }
    return granted;
  }

  /**
   * Lets the `count` go on who have waited longest.
   *
   * @param later Gets what wakes them: who is woken before the lock is free has to sleep again.
   */
  grant(count: number, later: (wake: () => void) => void = (wake) => wake()): void {
    const all = count >= this.pending;
    while (count > 0) {
      let first: number | undefined;
      let since = 0;
      for (const slot of this.#slots()) {
        if (this.#load(slot + pendingWord) === 0) continue;
        const age = this.#load(slot + sinceWord);
        // The counter may have wrapped around in between.
        if (first !== undefined && ((age - since) | 0) > 0) continue;
        first = slot;
        since = age;
      }
      if (first === undefined) return;
      const slot = first;
      const pending = this.#load(first + pendingWord);
      const given = all ? pending : 1;
      // First the grant: if the caller dies in between, somebody goes on too often, but nobody never.
      this.#memory.add(first + grantedWord, given);
      this.#store(first + pendingWord, pending - given);
      this.#store(first + sinceWord, this.#turn());
      const own = this.#lines.get(first);
      if (own === undefined) later(() => this.#memory.notify(slot + grantedWord, 1));
      else own.queue.serve();
      count -= given;
    }
  }

  /** Tells whether somebody who waits has died. */
  hasDead(): boolean {
    for (const slot of this.#slots()) if (this.#isDead(slot)) return true;
    return false;
  }

  /** Takes out those who have died, and hands on what they were granted and did not use. */
  removeDead(): void {
    let lost = 0;
    for (const slot of this.#slots()) {
      if (!this.#isDead(slot)) continue;
      lost += this.#load(slot + grantedWord) - this.#load(slot + finishedWord);
      this.#store(slot, 0);
      this.#store(slot + pendingWord, 0);
    }
    this.grant(lost);
  }

  /** The attempt of who is first in line. */
  #take(line: Line): number | undefined {
    const granted = this.#load(line.slot + grantedWord);
    if (granted === line.taken) return granted;
    line.taken++;
    return undefined;
  }

  #untaken(line: Line): number {
    return this.#load(line.slot + grantedWord) - line.taken;
  }

  /** A slot that nobody uses, which then counts as one that was used. */
  #free(): number | undefined {
    const used = this.#load(this.#index);
    for (let i = 0; i < capacity; i++) {
      const slot = this.#index + firstSlot + i * slotWords;
      if (this.#load(slot) !== 0) continue;
      if (i >= used) this.#store(this.#index, i + 1);
      return slot;
    }
    return undefined;
  }

  *#slots(): Iterable<number> {
    const used = this.#load(this.#index);
    for (let i = 0; i < used; i++) {
      const slot = this.#index + firstSlot + i * slotWords;
      if (this.#load(slot) !== 0) yield slot;
    }
  }

  #isDead(slot: number): boolean {
    const token = this.#load(slot);
    return token !== 0 && token !== this.#memory.token && !this.#memory.isAlive(token);
  }

  #turn(): number {
    return this.#memory.add(this.#index + turnWord, 1);
  }

  #load(word: number): number {
    return this.#memory.load(word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(word, value);
  }
}
