// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "../../sync/memory/memory.ts";

/*
 * What a pool and its workers know of each other, in words that both can reach: who may take tasks, and how far each
 * task that waits in their store has come.
 *
 *   word 0   workers that take tasks      slot of a worker, 16 words each
 *   word 1   1 = go home when there are no tasks        word 0   how far it has come (see Stage)
 *   word 2   as many workers stay                       word 1   1 = waits for a task
 *                                                       word 2   what to abort: cell * 4 + why
 *                                                       word 3   when its task has begun, milliseconds
 *   cell of a task, one word: its state, and its worker * 8
 *
 *     free ── pool ──▶ queued ── worker ──▶ taking ── worker ──▶ running ── pool ──▶ free
 *                        └───── pool ─────▶ withdrawn ── whoever meets its frame ──▶ free
 *
 * A worker goes home from serving to leaving to retired, and looks for a task in between. The pool changes leaving
 * back to serving where it counts on the worker, and starts no other one in its place unless it comes too late.
 *
 * A task runs only after its cell has changed from queued to taking, and is withdrawn only by a change from queued:
 * so it is never both. When a worker has died, its cells tell what it had in hand.
 */
const servingWord = 0;
const closedWord = 1;
const keptWord = 2;
const headerWords = 16;
const slotWords = 16;
const stageOf = 0;
const idleOf = 1;
/** The word of a slot in which a worker finds what to abort. */
const abortOf = 2;
const startOf = 3;

/** Tasks that can be under way at once. */
export const mostCells = 32_768;

/** How far a worker has come. */
export const Stage = { booting: 0, serving: 1, leaving: 2, retired: 3 } as const;

/** Why a task is aborted. */
export const AbortReason = { none: 0, cancelled: 1, timeout: 2 } as const;

const State = { free: 0, queued: 1, withdrawn: 2, taking: 3, running: 4 } as const;
const stateMask = 7;
const slotShift = 3;

/** Times in the board are milliseconds modulo this. */
const clockRange = 2 ** 30;

/** The words of one pool. */
export class Board {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #cells: number;
  /** Number of slots. */
  readonly slots: number;

  constructor(memory: Memory, index: number, slots: number) {
    this.#memory = memory;
    this.#index = index;
    this.slots = slots;
    this.#cells = index + headerWords + slots * slotWords;
  }

  /** Number of words that it takes. */
  static words(slots: number): number {
    return headerWords + slots * slotWords + mostCells;
  }

  /** Whether workers are to go home when there are no more tasks. */
  get closed(): boolean {
    return this.#memory.load(this.#index + closedWord) !== 0;
  }

  close(): void {
    this.#memory.store(this.#index + closedWord, 1);
  }

  /** Says how many workers stay however long they wait. */
  keep(workers: number): void {
    this.#memory.store(this.#index + keptWord, workers);
  }

  /** Makes a slot that of a new worker. */
  enter(slot: number): void {
    const at = this.#slot(slot);
    for (let word = 0; word < slotWords; word++) this.#memory.store(at + word, 0);
  }

  /** Says that a worker takes tasks. */
  serve(slot: number): void {
    this.#memory.store(this.#slot(slot) + stageOf, Stage.serving);
    this.#memory.add(this.#index + servingWord, 1);
  }

  /**
   * Says that a worker takes no more tasks.
   *
   * @param always Also if too few would stay.
   * @returns Whether it may.
   */
  retire(slot: number, always: boolean): boolean {
    if (!this.#dismiss(always)) return false;
    this.#memory.store(this.#slot(slot) + stageOf, Stage.retired);
    return true;
  }

  /** Says that a worker is about to go home; tells whether it may, or too few would stay. */
  tryLeave(slot: number): boolean {
    if (!this.#dismiss(false)) return false;
    this.#memory.store(this.#slot(slot) + stageOf, Stage.leaving);
    return true;
  }

  /**
   * Has a worker that is about to go home stay, and look for tasks again: the pool counts on it, or it has found one.
   *
   * @returns Whether it takes tasks, or will do so.
   */
  stay(slot: number): boolean {
    const at = this.#slot(slot) + stageOf;
    let stage = this.#memory.load(at);
    if (stage === Stage.leaving) {
      stage = this.#memory.compareExchange(at, Stage.leaving, Stage.serving);
      if (stage === Stage.leaving) this.#memory.add(this.#index + servingWord, 1);
    }
    return stage !== Stage.retired;
  }

  /** Says that a worker that was about to goes home; tells whether it may, or is to stay. */
  goHome(slot: number): boolean {
    const at = this.#slot(slot) + stageOf;
    return this.#memory.compareExchange(at, Stage.leaving, Stage.retired) === Stage.leaving;
  }

  /** Says that a worker takes no more tasks, if that was not said. */
  leave(slot: number): void {
    if (this.stage(slot) === Stage.serving) this.retire(slot, true);
  }

  stage(slot: number): number {
    return this.#memory.load(this.#slot(slot) + stageOf);
  }

  /** Whether a worker waits for a task. */
  isIdle(slot: number): boolean {
    return this.#memory.load(this.#slot(slot) + idleOf) !== 0;
  }

  setIdle(slot: number, idle: boolean): void {
    this.#memory.store(this.#slot(slot) + idleOf, idle ? 1 : 0);
  }

  /** Says that a task waits. */
  post(cell: number): void {
    this.#memory.store(this.#cells + cell, State.queued);
  }

  /** Takes back a task that nobody has begun; tells whether that was so. */
  withdraw(cell: number): boolean {
    const at = this.#cells + cell;
    return this.#memory.compareExchange(at, State.queued, State.withdrawn) === State.queued;
  }

  /** Whether the frame of a cell may still be met. */
  isWithdrawn(cell: number): boolean {
    return this.#memory.load(this.#cells + cell) === State.withdrawn;
  }

  /** Takes a task for a worker; tells whether it was there to take. */
  claim(cell: number, slot: number): boolean {
    const at = this.#cells + cell;
    // What it says is of another task; of this one nobody can have said anything yet.
    const abort = this.#slot(slot) + abortOf;
    if (this.#memory.load(abort) !== 0) this.#memory.store(abort, 0);
    const taking = State.taking | (slot << slotShift);
    return this.#memory.compareExchange(at, State.queued, taking) === State.queued;
  }

  /** Says that the frame of a task is gone that was not there to take: not before, or it could be taken for another. */
  skip(cell: number): void {
    this.#memory.compareExchange(this.#cells + cell, State.withdrawn, State.free);
  }

  /** Says that a worker runs what it has taken, whose frame is gone now. */
  begin(cell: number, slot: number, now: number): void {
    this.#memory.store(this.#slot(slot) + startOf, clockOf(now));
    this.#memory.store(this.#cells + cell, State.running | (slot << slotShift));
  }

  /** The slot of the worker that has a task in hand; `undefined` if none has. */
  workerOf(cell: number): number | undefined {
    const word = this.#memory.load(this.#cells + cell);
    return (word & stateMask) >= State.taking ? word >>> slotShift : undefined;
  }

  /** Milliseconds since a worker has begun with a task; `undefined` if none has. */
  runningFor(cell: number, now: number): number | undefined {
    const word = this.#memory.load(this.#cells + cell);
    if ((word & stateMask) !== State.running) return undefined;
    const start = this.#memory.load(this.#slot(word >>> slotShift) + startOf);
    return (clockOf(now) - start + clockRange) % clockRange;
  }

  /** Frees the cell of a task that is done. */
  free(cell: number): void {
    this.#memory.store(this.#cells + cell, State.free);
  }

  /**
   * Takes a task from a worker that has died.
   *
   * @returns Whether the cell is free, as the frame is surely gone.
   */
  bury(cell: number): boolean {
    const at = this.#cells + cell;
    const taking = (this.#memory.load(at) & stateMask) === State.taking;
    this.#memory.store(at, taking ? State.withdrawn : State.free);
    return !taking;
  }

  /** Asks a worker to abort a task. */
  abort(slot: number, cell: number, reason: number): void {
    const at = this.#slot(slot) + abortOf;
    this.#memory.store(at, (cell << 2) | reason);
    this.#memory.notify(at, 1);
  }

  /** Why a task is to be aborted, if it is. */
  abortReason(slot: number, cell: number): number {
    const word = this.#memory.load(this.#slot(slot) + abortOf);
    return word >>> 2 === cell ? word & 3 : AbortReason.none;
  }

  /** Calls back whenever something is to be aborted, for ever. */
  async watchAborts(slot: number, onAbort: () => void): Promise<never> {
    const at = this.#slot(slot) + abortOf;
    for (;;) {
      const seen = this.#memory.load(at);
      onAbort();
      await this.#memory.waitAsync(at, seen)?.promise;
    }
  }

  /** Counts a worker less, if it may be. */
  #dismiss(always: boolean): boolean {
    const word = this.#index + servingWord;
    for (;;) {
      const serving = this.#memory.load(word);
      if (!always && serving <= this.#memory.load(this.#index + keptWord)) return false;
      if (this.#memory.compareExchange(word, serving, serving - 1) === serving) return true;
    }
  }

  #slot(slot: number): number {
    return this.#index + headerWords + slot * slotWords;
  }
}

function clockOf(now: number): number {
  return Math.floor(now) % clockRange;
}
