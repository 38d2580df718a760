// Copyright 2026 the Weft authors. MIT license.

import { LocalItems } from "./_local_items.ts";
import type { Again, Refuse, Store } from "./_store.ts";
import type { Taken } from "./_taken.ts";

/** Items of one thread, by reference, first in, first out. */
export class LocalStore<T> extends LocalItems implements Store<T> {
  #items: T[] = [];
  /** Items at the beginning that were taken. */
  #start = 0;
  #put = 0;

  get size(): number {
    return this.#items.length - this.#start;
  }

  get put(): number {
    return this.#put;
  }

  tryPut(item: T, refuse: Refuse<T>, later: boolean): Again | undefined {
    const put = () => {
      if (this.closed) refuse(item);
      if (this.isFull) return false;
      this.#items.push(item);
      this.#put = (this.#put + 1) | 0;
      return true;
    };
    return !later && put() ? undefined : put;
  }

  tryTake(_canLoad?: boolean): Taken<T> | undefined {
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
