// Copyright 2026 the Weft authors. MIT license.

import type { Scope } from "../sync/memory/memory.ts";
import type { Place } from "../sync/memory/place.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";
import { encodeWith } from "./codec.ts";
import { FrameHeap } from "./_frame_heap.ts";
import type { Order } from "./_heap.ts";
import { checkPriority } from "./_priority.ts";
import { type Frame, frameOf } from "./ring.ts";
import { describeBytes, ringBytes, type RingState } from "./ring_bytes.ts";
import type { Again, Refuse, SharedStore } from "./_store.ts";
import { read, readLoading, type Taken } from "./_taken.ts";

/** Items in shared memory, in an order, as copies. Queues alone have it, which are closed for no reason. */
export class HeapStore<T> implements SharedStore<T, RingState> {
  /** Number of words that it takes. */
  static readonly words: number = FrameHeap.words;

  readonly limited: boolean;
  readonly reason = undefined;
  readonly #bytes: SharedBytes;
  readonly #frames: FrameHeap;
  readonly #limit: number;
  readonly #options: { readonly destination: Scope };

  /**
   * Finds the one that another side has described, or makes one that is empty, in words that are zero.
   *
   * @param limit The most items that are inside at once.
   * @throws {Deno.errors.NotFound} If the process that described it has ended.
   */
  constructor(place: Place, order: Order, limit: number, state?: RingState) {
    this.#bytes = ringBytes(place, state);
    this.#frames = new FrameHeap(place.memory, place.index, this.#bytes, order);
    this.#limit = limit;
    this.limited = limit < Infinity;
    this.#options = { destination: this.#bytes.scope };
  }

  describe(): RingState {
    return describeBytes(this.#bytes);
  }

  get size(): number {
    return this.#frames.size;
  }

  get put(): number {
    return this.#frames.put;
  }

  get isFull(): boolean {
    return this.#frames.size >= this.#limit;
  }

  get closed(): boolean {
    return this.#frames.closed;
  }

  close(): void {
    this.#frames.close();
  }

  tryPut(item: T, refuse: Refuse<T>, later: boolean, priority?: number): Again | undefined {
    const rank = checkPriority(priority);
    return encodeWith(item, (encoded) => {
      if (!later && this.#tryPut(encoded, rank, item, refuse)) return undefined;
      const frame = frameOf(encoded.take());
      return () => this.#tryPut(frame, rank, item, refuse);
    }, this.#options);
  }

  tryTake(canLoad: boolean): Taken<T> | undefined {
    return this.#frames.tryTake<Taken<T>>(canLoad ? readLoading : read)?.value;
  }

  drop(): boolean {
    return this.#frames.tryTake(() => true) !== undefined;
  }

  #tryPut(frame: Frame, priority: number, item: T, refuse: Refuse<T>): boolean {
    return this.#frames.tryPut(frame, priority, this.#limit) ?? refuse(item);
  }
}
