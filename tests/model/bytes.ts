// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "../../sync/memory/memory.ts";
import type { SharedBytes } from "../../sync/memory/shared_bytes.ts";
import type { Edit } from "./plant.ts";

/** Lets a ring look at the bytes of the model as they are: the platform's views would go round them. */
export const checkedViews: Edit = {
  file: "channel/ring.ts",
  from: "return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);",
  to: "return bytes as unknown as DataView;",
};

/**
 * Shared bytes in words of a memory whose operations take turns: the first word has how many bytes there are,
 * four of them are in each that follows. So an actor can be interrupted, or die, between any four bytes.
 *
 * An array of bytes is of no use any more when there is a longer one, as that of a process.
 */
export class CheckedBytes implements SharedBytes {
  readonly scope = "thread";
  readonly #memory: Memory;
  readonly #index: number;
  #reached: Reached;

  /** @param length Those that there are at first, which the word has. */
  constructor(memory: Memory, index: number, length: number) {
    this.#memory = memory;
    this.#index = index;
    this.#reached = new Reached(memory, index + 1, length);
  }

  get bytes(): Uint8Array {
    return this.#reached as unknown as Uint8Array;
  }

  grow(length: number): void {
    if (this.#memory.load(this.#index) < length) this.#memory.store(this.#index, length);
    this.reach(length);
  }

  reach(length: number): void {
    if (this.#reached.length >= length) return;
    const there = this.#memory.load(this.#index);
    if (there < length) throw new Error(`Of ${length} bytes there are ${there}`);
    this.#reached.valid = false;
    this.#reached = new Reached(this.#memory, this.#index + 1, length);
  }

  describe(): never {
    throw new Error("The bytes of a model do not travel");
  }
}

/** The words of a frame that was taken. */
export function wordsOf(bytes: Uint8Array, start: number, end: number): number[] {
  return [...new Uint32Array(bytes.slice(start, end).buffer)];
}

/** What a ring uses of an array of bytes, and of a view of them. */
class Reached {
  readonly length: number;
  readonly buffer = {};
  valid = true;
  readonly #memory: Memory;
  readonly #index: number;

  constructor(memory: Memory, index: number, length: number) {
    this.#memory = memory;
    this.#index = index;
    this.length = length;
  }

  get byteLength(): number {
    return this.length;
  }

  getUint32(at: number): number {
    return this.#memory.load(this.#wordOf(at)) >>> 0;
  }

  setUint32(at: number, value: number): void {
    this.#memory.store(this.#wordOf(at), value | 0);
  }

  getFloat64(at: number): number {
    return new DataView(this.slice(at, at + 8).buffer).getFloat64(0, true);
  }

  /** Copies them, and zeros up to the end of the last word. */
  set(bytes: Uint8Array, at: number): void {
    const words = new Uint32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(words.buffer).set(bytes);
    words.forEach((word, i) => this.setUint32(at + 4 * i, word));
  }

  slice(start: number, end: number): Uint8Array<ArrayBuffer> {
    const words = Uint32Array.from(
      { length: Math.ceil((end - start) / 4) },
      (_, i) => this.getUint32(start + 4 * i),
    );
    return new Uint8Array(words.buffer).slice(0, end - start);
  }

  /** A copy: who asks for a part only reads it. */
  subarray(start: number, end: number): Uint8Array<ArrayBuffer> {
    return this.slice(start, end);
  }

  #wordOf(at: number): number {
    if (!this.valid) throw new Error("Bytes that are left behind are used");
    if (at % 4 !== 0 || at < 0 || at + 4 > this.length) {
      throw new RangeError(`Byte ${at} of ${this.length} is used`);
    }
    return this.#index + at / 4;
  }
}
