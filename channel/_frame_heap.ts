// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "../sync/lock_core.ts";
import type { Memory } from "../sync/memory/memory.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";
import { Blocks } from "./_blocks.ts";
import type { Before, Order } from "./_heap.ts";
import { type Frame, frameOf } from "./ring.ts";

/*
 * Frames in shared bytes, in an order, for any number of writers and readers.
 *
 *   word 0   lock          word 3   frames taken
 *   word 1   unsettled     word 4   closed
 *   word 2   frames put    word 5   block of the index
 *   word 16  those of the blocks
 *
 * A frame is a block that is used: it is put in the step that says so, and taken in the step that takes it back.
 * All else follows from that: the index, which has the blocks in their order; the lists of free blocks; how many
 * were put and taken; the number of the next put. From before that step until all this is done it is unsettled.
 * Whoever finds it so has the lock of one who died, or was thrown out, in between, and makes it anew. What is
 * written before is in a block that is free still.
 */
const unsettledWord = 1;
const putWord = 2;
const takenWord = 3;
const closedWord = 4;
const indexWord = 5;
const blocksWord = 16;

/** Looks at what is being changed before asking whether who does it is alive. */
const glances = 1000;
/** Bytes of the first index, which fill a block. */
const firstIndexBytes = 480;
const slotBytes = 4;
const recover = { recover: true } as const;

/** A store of frames from which the next in an order is taken; nobody waits in it but for the others in it. */
export class FrameHeap {
  /** Number of words that it takes. */
  static readonly words: number = blocksWord + Blocks.words;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #order: Order;
  readonly #lock: LockCore;
  readonly #blocks: Blocks;
  readonly #before: Before<number>;
  /** The index, and in which block of which bytes it is. */
  #slots: Uint32Array = new Uint32Array();
  #slotsBlock = 0;
  #slotsBytes: Uint8Array | undefined;

  /** @param bytes Those of the frames; at first at least 64 of them, and always a multiple of 8. */
  constructor(memory: Memory, index: number, bytes: SharedBytes, order: Order) {
    this.#memory = memory;
    this.#index = index;
    this.#order = order;
    this.#lock = new LockCore(memory, index);
    this.#blocks = new Blocks(memory, index + blocksWord, bytes);
    this.#before = (one, other) => this.#blocks.before(one, other);
  }

  /** Number of frames that were ever put, modulo 2^32. */
  get put(): number {
    this.#mend();
    return this.#load(putWord);
  }

  /** Number of frames inside. */
  get size(): number {
    this.#mend();
    for (;;) {
      const taken = this.#load(takenWord);
      const size = (this.#load(putWord) - taken) | 0;
      if (this.#load(takenWord) === taken) return size;
    }
  }

  /** Number of bytes that there are. */
  get byteLength(): number {
    return this.#blocks.byteLength;
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#load(closedWord) !== 0;
  }

  /** Lets nothing be put any more; what is being put comes before. */
  close(): void {
    this.#lock.acquireSync(recover);
    this.#store(closedWord, 1);
    this.#lock.release();
  }

  /**
   * Puts a frame, if there is room.
   *
   * @param limit The most frames that are inside at once.
   * @returns Whether it is inside; nothing if it is closed.
   * @throws {RangeError} If there is no memory for it.
   */
  tryPut(frame: Frame, priority: number, limit: number): boolean | undefined {
    this.#lock.acquireSync(recover);
    try {
      if (this.closed) return undefined;
      this.#settle();
      const size = this.#count();
      if (size >= limit) return false;
      if (size === this.#slots.length) this.#growIndex();
      const blocks = this.#blocks;
      const block = blocks.find(frame.byteLength);
      const sequence = blocks.note;
      blocks.fill(block, frame, priority, sequence);
      this.#reachIndex();
      this.#store(unsettledWord, 1);
      blocks.claim(block);
      blocks.use(block, true);
      this.#store(putWord, (this.#load(putWord) + 1) | 0);
      this.#order.insert(this.#slots, size, block, this.#before);
      blocks.note = sequence + 1;
      this.#store(unsettledWord, 0);
      return true;
    } finally {
      this.#lock.release();
    }
  }

  /**
   * Takes the next frame.
   *
   * @param use Gets where it is; what it throws goes to the caller, and the frame stays.
   * @returns What `use` returns; `undefined` if there is none.
   */
  tryTake<T>(use: (bytes: Uint8Array, start: number, end: number) => T): { value: T } | undefined {
    if (this.#load(unsettledWord) === 0 && this.#count() === 0) return undefined;
    this.#lock.acquireSync(recover);
    try {
      this.#settle();
      const size = this.#count();
      if (size === 0) return undefined;
      const blocks = this.#blocks;
      const block = this.#slots[this.#order.next(size)]!;
      const start = blocks.start(block);
      const value = use(blocks.bytes, start, start + blocks.length(block));
      this.#store(unsettledWord, 1);
      blocks.use(block, false);
      this.#store(takenWord, (this.#load(takenWord) + 1) | 0);
      this.#order.remove(this.#slots, size, this.#before);
      blocks.free(block);
      this.#store(unsettledWord, 0);
      return { value };
    } finally {
      this.#lock.release();
    }
  }

  /** Number of frames inside, with the lock; without it, 0 only if there is none. */
  #count(): number {
    const taken = this.#load(takenWord);
    return (this.#load(putWord) - taken) | 0;
  }

  /** Settles what one has left who died, so that nothing is counted wrong until somebody puts or takes. */
  #mend(): void {
    for (let i = 0; this.#load(unsettledWord) !== 0; i++) {
      if (i === glances) return this.#lock.tryWith(() => this.#trySettle());
    }
  }

  #trySettle(): void {
    try {
      this.#settle();
    } catch {
      // There is no memory to reach all that there is; who puts or takes is told.
    }
  }

  /** Sees to it that all is as the blocks say; with the lock. */
  #settle(): void {
    this.#blocks.reach();
    this.#reachIndex();
    if (this.#load(unsettledWord) === 0) return;
    const blocks = this.#blocks;
    const used = blocks.sweep(this.#load(indexWord) >>> 0);
    used.sort((one, other) => blocks.sequence(one) - blocks.sequence(other));
    used.forEach((block, size) => this.#order.insert(this.#slots, size, block, this.#before));
    if (used.length > 0) blocks.note = blocks.sequence(used.at(-1)!) + 1;
    const missed = (used.length - this.#count()) | 0;
    if (missed > 0) this.#store(putWord, (this.#load(putWord) + missed) | 0);
    if (missed < 0) this.#store(takenWord, (this.#load(takenWord) - missed) | 0);
    this.#store(unsettledWord, 0);
  }

  /** Moves the index to a block of the next size. */
  #growIndex(): void {
    const blocks = this.#blocks;
    const old = this.#load(indexWord) >>> 0;
    // The next one fills its block as well.
    const length = old === 0 ? firstIndexBytes : blocks.length(old) * 2 + blocks.start(0);
    const block = blocks.find(length);
    this.#reachIndex();
    const slots = new Uint32Array(length / slotBytes);
    slots.set(this.#slots);
    blocks.fill(block, frameOf(new Uint8Array(slots.buffer)), 0, 0);
    this.#store(unsettledWord, 1);
    blocks.claim(block);
    this.#store(indexWord, block);
    if (old !== 0) blocks.free(old);
    this.#store(unsettledWord, 0);
  }

  /** Finds the index where it is now. */
  #reachIndex(): void {
    const { bytes } = this.#blocks;
    const index = this.#load(indexWord) >>> 0;
    if (index === 0 || index === this.#slotsBlock && bytes === this.#slotsBytes) return;
    const start = bytes.byteOffset + this.#blocks.start(index);
    this.#slots = new Uint32Array(bytes.buffer, start, this.#blocks.length(index) / slotBytes);
    this.#slotsBlock = index;
    this.#slotsBytes = bytes;
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value);
  }
}
