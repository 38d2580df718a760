// Copyright 2026 the Weft authors. MIT license.

import type { Store, Taken } from "./_store.ts";

/** Items of one thread, by reference. */
export class LocalStore<T> implements Store<T> {
  #items: T[] = [];
  /** Items at the beginning that were taken. */
  #start = 0;
  #put = 0;
  #closed = false;

  get size(): number {
    return this.#items.length - this.#start;
  }

  get put(): number {
    return this.#put;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  tryPut(
    item: T,
    limit: number,
    refuse: () => never,
    later: boolean,
  ): (() => boolean) | undefined {
    const put = () => {
      if (this.#closed) refuse();
      if (this.size >= limit) return false;
      this.#items.push(item);
      this.#put = (this.#put + 1) | 0;
      return true;
    };
    return !later && put() ? undefined : put;
  }

  tryTake(): Taken<T> | undefined {
    if (this.size === 0) return undefined;
    const value = this.#items[this.#start]!;
    this.#items[this.#start++] = undefined!;
    // Moves the rest now and then only, so that an item costs the same however many there are.
    if (this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return { value };
  }

  drop(): boolean {
    return this.tryTake() !== undefined;
  }
}
