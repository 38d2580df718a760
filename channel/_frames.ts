// Copyright 2026 the Weft authors. MIT license.

import type { Scope } from "../sync/memory/memory.ts";
import type { Place } from "../sync/memory/place.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";
import { decode, encode, encodeThrown } from "./codec.ts";
import { read, readLoading, type Taken } from "./_taken.ts";
import { frameOf, Ring } from "./ring.ts";
import { describeBytes, ringBytes, type RingState } from "./ring_bytes.ts";
import type { Reason } from "./_store.ts";

/** Items with a number each, first in, first out; whoever calls anything here holds a lock on all of it. */
export interface Frames<T> {
  /** How many there are. */
  readonly size: number;
  /** Whether it is closed. */
  readonly closed: boolean;
  /** Why it is closed, if whoever closed it has said so. */
  readonly reason: Reason | undefined;
  /** Makes a reason ready; gives what lets nothing be put any more. The first reason counts. */
  prepareClose(reason?: Reason): () => void;
  /**
   * Makes an item ready, as it is now; gives what puts it.
   *
   * @throws {DOMException} Named `DataCloneError`, if it cannot be cloned.
   */
  prepare(item: T): (ticket: number) => void;
  /**
   * Takes the first item that is wanted, and drops those before it.
   *
   * @param commit Called when it is sure that it is taken, and before it is.
   * @throws {UnknownHandleError} If it needs a module that is not loaded, and `canLoad` is not set; it stays.
   */
  take(
    isWanted: (ticket: number) => boolean,
    commit: (ticket: number) => void,
    canLoad: boolean,
  ): Taken<T> | undefined;
  /** Drops what is not wanted. */
  compact(isWanted: (ticket: number) => boolean): void;
}

/** Items of one thread, by reference. */
export class LocalFrames<T> implements Frames<T> {
  #items: { readonly ticket: number; readonly item: T }[] = [];
  closed = false;
  reason: Reason | undefined;

  get size(): number {
    return this.#items.length;
  }

  prepareClose(reason?: Reason): () => void {
    return () => {
      if (!this.closed) this.reason = reason;
      this.closed = true;
    };
  }

  prepare(item: T): (ticket: number) => void {
    return (ticket) => this.#items.push({ ticket, item });
  }

  take(
    isWanted: (ticket: number) => boolean,
    commit: (ticket: number) => void,
  ): Taken<T> | undefined {
    for (;;) {
      const first = this.#items.shift();
      if (first === undefined) return undefined;
      if (!isWanted(first.ticket)) continue;
      commit(first.ticket);
      return { value: first.item };
    }
  }

  compact(isWanted: (ticket: number) => boolean): void {
    this.#items = this.#items.filter(({ ticket }) => isWanted(ticket));
  }
}

/** Bytes of the number before an item; as many as keep what follows at a multiple of eight. */
const ticketBytes = 8;
const unlimited = { frames: Infinity, bytes: Infinity };

/** Items in shared memory, as copies. */
export class SharedFrames<T> implements Frames<T> {
  /** Number of words that it takes. */
  static readonly words: number = Ring.words;

  readonly #bytes: SharedBytes;
  readonly #ring: Ring;
  readonly #options: { readonly destination: Scope };

  private constructor({ memory, index }: Place, bytes: SharedBytes) {
    this.#bytes = bytes;
    this.#ring = new Ring(memory, index, bytes);
    this.#options = { destination: bytes.scope };
  }

  /**
   * Finds those that another side has described, or makes some, in words that are zero.
   *
   * @throws {Deno.errors.NotFound} If the process that described them has ended.
   */
  static at<T>(place: Place, state?: RingState): SharedFrames<T> {
    return new SharedFrames(place, ringBytes(place, state));
  }

  describe(): RingState {
    return describeBytes(this.#bytes);
  }

  get size(): number {
    return this.#ring.size;
  }

  get closed(): boolean {
    return this.#ring.closed;
  }

  get reason(): Reason | undefined {
    const bytes = this.#ring.reason;
    return bytes && { value: decode(bytes) };
  }

  prepareClose(reason?: Reason): () => void {
    const frame = reason && frameOf(encodeThrown(reason.value, this.#options));
    return () => this.#ring.close(frame);
  }

  prepare(item: T): (ticket: number) => void {
    const bytes = encode(item, this.#options);
    const frame = new Uint8Array(ticketBytes + bytes.length);
    frame.set(bytes, ticketBytes);
    const view = new DataView(frame.buffer);
    return (ticket) => {
      view.setUint32(0, ticket, true);
      this.#put(frame);
    };
  }

  take(
    isWanted: (ticket: number) => boolean,
    commit: (ticket: number) => void,
    canLoad: boolean,
  ): Taken<T> | undefined {
    const readItem = canLoad ? readLoading : read;
    for (;;) {
      const taken = this.#ring.tryTake((bytes, start, end): Taken<T> | undefined => {
        const ticket = ticketAt(bytes, start);
        if (!isWanted(ticket)) return undefined;
        const taken = readItem<T>(bytes, start + ticketBytes, end);
        commit(ticket);
        return taken;
      });
      if (taken === undefined || taken.value !== undefined) return taken?.value;
    }
  }

  compact(isWanted: (ticket: number) => boolean): void {
    for (let left = this.size; left > 0; left--) {
      // Put again before it goes: whoever dies in between leaves two, of which one will not be wanted.
      this.#ring.tryTake((bytes, start, end) => {
        if (isWanted(ticketAt(bytes, start))) this.#put(bytes.slice(start, end));
      });
    }
  }

  #put(frame: Uint8Array): void {
    this.#ring.tryPut(frameOf(frame), unlimited);
  }
}

function ticketAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}
