// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "../sync/memory/memory.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";
import type { Frame } from "./ring.ts";

/*
 * Blocks of shared bytes, one behind the other, so that all can be found. A block is never split, moved or joined
 * with another; a free one is used again for what needs a block of its size. A size is a power of two.
 *
 *   words     0  end of the blocks      2 …  first free block of each size, by its power; 0 if there is none
 *             1  bytes there are
 *
 *   bytes     ┌──────────┬─────────────┬────────┬─────────────┬─────╌╌╌
 *             │ preamble │ block       │ block  │ block       │ not used yet
 *             └──────────┴─────────────┴────────┴─────────────┴─────╌╌╌
 *             0          64                                   end
 *
 *   block     u32 power, u32 used, f64 priority, f64 sequence, u32 length, u32 next free block, the bytes
 *
 * Whoever calls anything here holds a lock on all of it. After a death `used` alone is sure.
 */
const endWord = 0;
const lengthWord = 1;
const freeWord = 2;

/** Where the first block is: no block is at 0. The bytes before it are for whoever uses the blocks. */
const preambleBytes = 64;
const headerBytes = 32;
const leastPower = 6;
/** The most bytes that are made before they are needed. */
const mostAhead = 2 ** 26;

// Indices of a block's fields, in numbers of their size.
const powerField = 0;
const usedField = 1;
const priorityField = 1;
const sequenceField = 2;
const lengthField = 6;
const nextField = 7;

/** Shared bytes in blocks, which are known by where they begin. */
export class Blocks {
  /** Number of words that they take. */
  static readonly words = 36;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #bytes: SharedBytes;
  #u8!: Uint8Array;
  #u32!: Uint32Array;
  #f64!: Float64Array;

  /** @param bytes Those of the blocks; at first at least 64 of them, and always a multiple of 8. */
  constructor(memory: Memory, index: number, bytes: SharedBytes) {
    this.#memory = memory;
    this.#index = index;
    this.#bytes = bytes;
    memory.compareExchange(index + lengthWord, 0, bytes.bytes.length);
    memory.compareExchange(index + endWord, 0, preambleBytes);
    this.#look();
  }

  /** Number of bytes that there are. */
  get byteLength(): number {
    return this.#load(lengthWord);
  }

  /** The bytes as they are reached; another array when others are. */
  get bytes(): Uint8Array {
    return this.#u8;
  }

  /** A number at the beginning of the bytes, for whoever uses the blocks. */
  get note(): number {
    return this.#f64[0]!;
  }

  set note(value: number) {
    this.#f64[0] = value;
  }

  /** Reaches what others have made. */
  reach(): void {
    const length = this.byteLength;
    if (this.#u8.length < length) {
      this.#bytes.reach(length);
      this.#look();
    }
  }

  /**
   * Finds a block that is free, and leaves it so.
   *
   * @throws {RangeError} If there is no memory for it.
   */
  find(length: number): number {
    const power = Math.max(leastPower, 32 - Math.clz32(length + headerBytes - 1));
    const free = this.#load(freeWord + power);
    const end = this.#load(endWord);
    const block = free === 0 ? end : free;
    const needed = block + headerBytes + length;
    if (needed > this.byteLength) this.#grow(needed);
    if (block === end) {
      this.#u32[(block >>> 2) + powerField] = power;
      this.#u32[(block >>> 2) + usedField] = 0;
    }
    return block;
  }

  /** Writes what belongs to a block; whether it is used is left as it was. */
  fill(block: number, frame: Frame, priority: number, sequence: number): void {
    this.#f64[(block >>> 3) + priorityField] = priority;
    this.#f64[(block >>> 3) + sequenceField] = sequence;
    this.#u32[(block >>> 2) + lengthField] = frame.byteLength;
    frame.copyTo(this.#u8, block + headerBytes);
  }

  /** Takes what was found just now. */
  claim(block: number): void {
    const power = this.#u32[(block >>> 2) + powerField]!;
    if (block === this.#load(endWord)) this.#store(endWord, block + 2 ** power);
    else this.#store(freeWord + power, this.#u32[(block >>> 2) + nextField]!);
  }

  /** Says whether a block is used, in one step: between steps of the memory, which keep it in its place. */
  use(block: number, isUsed: boolean): void {
    this.#u32[(block >>> 2) + usedField] = isUsed ? 1 : 0;
  }

  /** Makes a block free. */
  free(block: number): void {
    const word = freeWord + this.#u32[(block >>> 2) + powerField]!;
    this.#u32[(block >>> 2) + nextField] = this.#load(word);
    this.#store(word, block);
  }

  /** Makes all blocks free but those that are used and one more; gives those that are used. */
  sweep(kept: number): number[] {
    for (let power = 0; power <= 32; power++) this.#store(freeWord + power, 0);
    const used: number[] = [];
    const end = this.#load(endWord);
    for (let block = preambleBytes; block < end;) {
      if (this.#u32[(block >>> 2) + usedField] !== 0) used.push(block);
      else if (block !== kept) this.free(block);
      block += 2 ** this.#u32[(block >>> 2) + powerField]!;
    }
    return used;
  }

  /** Where the bytes of a block begin. */
  start(block: number): number {
    return block + headerBytes;
  }

  /** How many bytes were written to a block. */
  length(block: number): number {
    return this.#u32[(block >>> 2) + lengthField]!;
  }

  sequence(block: number): number {
    return this.#f64[(block >>> 3) + sequenceField]!;
  }

  /** Whether a block has the lower priority, or the same and was there before another. */
  before(one: number, other: number): boolean {
    const f64 = this.#f64;
    const priority = f64[(one >>> 3) + priorityField]!;
    const otherPriority = f64[(other >>> 3) + priorityField]!;
    if (priority !== otherPriority) return priority < otherPriority;
    return f64[(one >>> 3) + sequenceField]! < f64[(other >>> 3) + sequenceField]!;
  }

  #grow(needed: number): void {
    const ahead = Math.min(this.byteLength, mostAhead);
    const least = Math.ceil(needed / preambleBytes) * preambleBytes;
    try {
      this.#bytes.grow(least + ahead);
      this.#store(lengthWord, least + ahead);
    } catch {
      this.#bytes.grow(least);
      this.#store(lengthWord, least);
    }
    this.#look();
  }

  #look(): void {
    const { buffer, byteOffset, length } = this.#u8 = this.#bytes.bytes;
    this.#u32 = new Uint32Array(buffer, byteOffset, length >>> 2);
    this.#f64 = new Float64Array(buffer, byteOffset, length >>> 3);
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word) >>> 0;
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value | 0);
  }
}
