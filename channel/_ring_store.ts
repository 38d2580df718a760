// Copyright 2026 the Weft authors. MIT license.

import { UnknownHandleError } from "../sync/handle.ts";
import type { Scope } from "../sync/memory/memory.ts";
import type { Place } from "../sync/memory/place.ts";
import {
  createBytes,
  openBytes,
  type SharedBytes,
  type SharedBytesState,
} from "../sync/memory/shared_bytes.ts";
// So that the handles in items can come to life.
import "../sync/mod.ts";
import { decode, encodeWith } from "./codec.ts";
import { Ring, type RingLimits } from "./_ring.ts";
import type { Again, Refuse, SharedStore, Taken } from "./_store.ts";

/** Bytes of a ring at first. */
const firstBytes = 65_536;

/** What the other side must know of it. */
export interface RingState {
  readonly bytes: SharedBytesState;
  readonly length: number;
}

/** Items in shared memory, first in, first out, as copies. */
export class RingStore<T> implements SharedStore<T, RingState> {
  /** Number of words that it takes. */
  static readonly words: number = Ring.words;

  readonly limited: boolean;
  readonly #bytes: SharedBytes;
  readonly #ring: Ring;
  readonly #limits: RingLimits;
  readonly #options: { readonly destination: Scope };

  private constructor({ memory, index }: Place, bytes: SharedBytes, limits: RingLimits) {
    this.#bytes = bytes;
    this.#ring = new Ring(memory, index, bytes);
    this.#limits = limits;
    this.limited = limits.frames < Infinity || limits.bytes < Infinity;
    this.#options = { destination: bytes.scope };
  }

  /** Makes one that is empty, in words that are zero. */
  static create<T>(place: Place, limits: RingLimits): RingStore<T> {
    return new RingStore(place, createBytes(place.memory.scope, firstBytes), limits);
  }

  /**
   * Finds one that another side has described.
   *
   * @throws {Deno.errors.NotFound} If the process that described it has ended.
   */
  static open<T>(place: Place, { bytes, length }: RingState, limits: RingLimits): RingStore<T> {
    return new RingStore(place, openBytes(bytes, length), limits);
  }

  describe(): RingState {
    return { bytes: this.#bytes.describe(undefined), length: this.#bytes.bytes.length };
  }

  get size(): number {
    return this.#ring.size;
  }

  get put(): number {
    return this.#ring.put;
  }

  get isFull(): boolean {
    return this.#ring.size >= this.#limits.frames;
  }

  get closed(): boolean {
    return this.#ring.closed;
  }

  close(): void {
    this.#ring.close();
  }

  tryPut(item: T, refuse: Refuse<T>, later: boolean): Again | undefined {
    return encodeWith(item, (bytes, length) => {
      if (!later && this.#tryPut(bytes, length, item, refuse)) return undefined;
      const frame = bytes.slice(0, length);
      return () => this.#tryPut(frame, length, item, refuse);
    }, this.#options);
  }

  tryTake(canLoad: boolean): Taken<T> | undefined {
    return this.#ring.tryTake<Taken<T>>(canLoad ? readLoading : read)?.value;
  }

  drop(): boolean {
    return this.#ring.tryTake(() => true) !== undefined;
  }

  #tryPut(bytes: Uint8Array, length: number, item: T, refuse: Refuse<T>): boolean {
    const inside = this.#ring.tryPut(bytes, length, this.#limits);
    return inside ?? refuse(item);
  }
}

/** Decodes a frame where it lies; throws if it has handles on what is not loaded. */
function read<T>(bytes: Uint8Array, start: number, end: number): Taken<T> {
  try {
    return { value: decode(bytes, { start, end }) as T };
  } catch (error) {
    if (error instanceof UnknownHandleError) throw error;
    return { failure: { error } };
  }
}

/** Decodes a frame where it lies, unless it has handles on what is not loaded. */
function readLoading<T>(bytes: Uint8Array, start: number, end: number): Taken<T> {
  try {
    return read(bytes, start, end);
  } catch {
    return { bytes: bytes.slice(start, end) };
  }
}
