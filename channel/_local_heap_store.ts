// Copyright 2026 the Weft authors. MIT license.

import type { Order } from "./_heap.ts";
import { LocalItems } from "./_local_items.ts";
import { checkPriority } from "./_priority.ts";
import type { Again, Refuse, Store } from "./_store.ts";
import type { Taken } from "./_taken.ts";

interface Entry<T> {
  readonly item: T;
  readonly priority: number;
  /** Which put it was. */
  readonly sequence: number;
}

/** Items of one thread, by reference, in an order. */
export class LocalHeapStore<T> extends LocalItems implements Store<T> {
  readonly #order: Order;
  readonly #entries: Entry<T>[] = [];
  #sequence = 0;

  /** @param limit The most items that are inside at once. */
  constructor(order: Order, limit: number) {
    super(limit);
    this.#order = order;
  }

  get size(): number {
    return this.#entries.length;
  }

  get put(): number {
    return this.#sequence | 0;
  }

  tryPut(item: T, refuse: Refuse<T>, later: boolean, priority?: number): Again | undefined {
    const rank = checkPriority(priority);
    const put = () => {
      if (this.closed) refuse(item);
      if (this.isFull) return false;
      const entry = { item, priority: rank, sequence: this.#sequence++ };
      this.#order.insert(this.#entries, this.size, entry, before);
      return true;
    };
    return !later && put() ? undefined : put;
  }

  tryTake(_canLoad?: boolean): Taken<T> | undefined {
    const { size } = this;
    if (size === 0) return undefined;
    const { item } = this.#entries[this.#order.next(size)]!;
    this.#order.remove(this.#entries, size, before);
    this.#entries.pop();
    return { value: item };
  }

  drop(): boolean {
    return this.tryTake() !== undefined;
  }
}

function before<T>(one: Entry<T>, other: Entry<T>): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  return one.sequence < other.sequence;
}
