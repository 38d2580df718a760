// Copyright 2026 the Weft authors. MIT license.

import { UnknownHandleError } from "../sync/handle.ts";
import type { Memory } from "../sync/memory/memory.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";
// So that the handles in items can come to life.
import "../sync/mod.ts";
import { decode, encodeWith } from "./codec.ts";
import { Ring } from "./_ring.ts";
import type { Store, Taken } from "./_store.ts";

/** Items in shared memory, first in, first out, as copies. */
export class RingStore<T> implements Store<T> {
  readonly #ring: Ring;
  readonly #options: { readonly destination: "thread" | "process" };

  constructor(memory: Memory, index: number, bytes: SharedBytes) {
    this.#ring = new Ring(memory, index, bytes);
    this.#options = { destination: bytes.scope };
  }

  get size(): number {
    return this.#ring.size;
  }

  get put(): number {
    return this.#ring.put;
  }

  get closed(): boolean {
    return this.#ring.closed;
  }

  close(): void {
    this.#ring.close();
  }

  tryPut(
    item: T,
    limit: number,
    refuse: () => never,
    later: boolean,
  ): (() => boolean) | undefined {
    return encodeWith(item, (bytes, length) => {
      if (!later && this.#ring.tryPut(bytes, length, limit, refuse)) return undefined;
      const frame = bytes.slice(0, length);
      return () => this.#ring.tryPut(frame, length, limit, refuse);
    }, this.#options);
  }

  tryTake(): Taken<T> | undefined {
    return this.#ring.tryTake(read<T>)?.value;
  }

  drop(): boolean {
    return this.#ring.tryTake(() => true) !== undefined;
  }
}

function read<T>(bytes: Uint8Array, start: number, end: number): Taken<T> {
  try {
    return { value: decode(bytes, { start, end }) as T };
  } catch (error) {
    if (!(error instanceof UnknownHandleError)) throw error;
    return { value: undefined!, bytes: bytes.slice(start, end) };
  }
}
