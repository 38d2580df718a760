// Copyright 2026 the Weft authors. MIT license.

import type { Scope } from "../sync/memory/memory.ts";
import type { Place } from "../sync/memory/place.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";
import { decode, encodeThrown, encodeWith } from "./codec.ts";
import { read, readLoading, type Taken } from "./_taken.ts";
import { type Frame, frameOf, Ring, type RingLimits } from "./ring.ts";
import { describeBytes, ringBytes, type RingState } from "./ring_bytes.ts";
import type { Again, Reason, Refuse, SharedStore } from "./_store.ts";

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

  /**
   * Finds the one that another side has described, or makes one that is empty, in words that are zero.
   *
   * @throws {Deno.errors.NotFound} If the process that described it has ended.
   */
  static at<T>(place: Place, limits: RingLimits, state?: RingState): RingStore<T> {
    return new RingStore(place, ringBytes(place, state), limits);
  }

  describe(): RingState {
    return describeBytes(this.#bytes);
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

  get reason(): Reason | undefined {
    const bytes = this.#ring.reason;
    return bytes && { value: decode(bytes) };
  }

  close(reason?: Reason): void {
    this.#ring.close(reason && frameOf(encodeThrown(reason.value, this.#options)));
  }

  tryPut(item: T, refuse: Refuse<T>, later: boolean): Again | undefined {
    return encodeWith(item, (encoded) => {
      if (!later && this.#tryPut(encoded, item, refuse)) return undefined;
      const frame = frameOf(encoded.take());
      return () => this.#tryPut(frame, item, refuse);
    }, this.#options);
  }

  tryTake(canLoad: boolean): Taken<T> | undefined {
    return this.#ring.tryTake<Taken<T>>(canLoad ? readLoading : read)?.value;
  }

  drop(): boolean {
    return this.#ring.tryTake(() => true) !== undefined;
  }

  #tryPut(frame: Frame, item: T, refuse: Refuse<T>): boolean {
    return this.#ring.tryPut(frame, this.#limits) ?? refuse(item);
  }
}
