// Copyright 2026 the Weft authors. MIT license.

import { decode, encode } from "../../channel/codec.ts";
import type { Memory } from "../../sync/memory/memory.ts";
import type { SharedBytes } from "../../sync/memory/shared_bytes.ts";
import type { TaskReference } from "../registry.ts";

/*
 * Which tasks are meant by their numbers, written one behind the other by the pool and read by its workers: in shared
 * memory, so that a worker finds them also while the thread of the pool is blocked.
 *
 *   word 0   bytes that are written        bytes   u32 length, the encoded reference, length, …
 */
const headerBytes = 4;

/** The tasks of a pool, by number. */
export class Catalog {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #bytes: SharedBytes;
  readonly #references: TaskReference[] = [];
  /** Bytes that were read or written here. */
  #end = 0;

  constructor(memory: Memory, index: number, bytes: SharedBytes) {
    this.#memory = memory;
    this.#index = index;
    this.#bytes = bytes;
  }

  /** Writes down the next task; for the pool alone. */
  add(reference: TaskReference): void {
    const encoded = encode(reference);
    const end = this.#end + headerBytes + encoded.length;
    this.#bytes.grow(Math.max(end, this.#bytes.bytes.length));
    this.#view().setUint32(this.#end, encoded.length, true);
    this.#bytes.bytes.set(encoded, this.#end + headerBytes);
    this.#end = end;
    this.#memory.store(this.#index, end);
  }

  /** The task of a number that was written down. */
  get(number: number): TaskReference {
    const written = this.#memory.load(this.#index);
    this.#bytes.reach(written);
    while (this.#references.length <= number && this.#end < written) {
      const start = this.#end + headerBytes;
      const end = start + this.#view().getUint32(this.#end, true);
      this.#references.push(decode(this.#bytes.bytes, { start, end }) as TaskReference);
      this.#end = end;
    }
    return this.#references[number]!;
  }

  #view(): DataView {
    const { buffer, byteOffset, length } = this.#bytes.bytes;
    return new DataView(buffer, byteOffset, length);
  }
}
