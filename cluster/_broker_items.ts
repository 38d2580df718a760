// Copyright 2026 the Weft authors. MIT license.

import { observed } from "../sync/observer.ts";
import { currentOwner } from "../sync/owner.ts";
import { type ScopedOptions, watchEnds } from "../sync/wait.ts";
import type { Delivery, Tag } from "./_broker_driver.ts";

/** A get that waits. */
interface Taker {
  /** Is given an item. */
  give(delivery: Delivery): void;
  /** Is told that none comes. */
  fail(error: unknown): void;
}

/** Items that have come and that nobody has got, and the gets that wait for some; never both. */
export class Arrivals {
  #items: Delivery[] = [];
  readonly #takers = new Set<Taker>();

  /** Number of items that nobody has got. */
  get size(): number {
    return this.#items.length;
  }

  /** Number of gets that wait. */
  get waiting(): number {
    return this.#takers.size;
  }

  /** An item has come: it goes to the get that has waited longest. */
  add(delivery: Delivery): void {
    for (const taker of this.#takers) {
      this.#takers.delete(taker);
      return taker.give(delivery);
    }
    this.#items.push(delivery);
  }

  /** Takes the first item if there is one. */
  tryTake(): Delivery | undefined {
    return this.#items.shift();
  }

  /**
   * Takes the first item, or waits for one.
   *
   * @param options From `beginWait`.
   * @param timeout Milliseconds that it may take.
   * @throws {unknown} What ended the wait.
   */
  async take(options: ScopedOptions, timeout: number): Promise<Delivery> {
    const item = this.#takers.size === 0 ? this.tryTake() : undefined;
    if (item !== undefined) return item;
    const { promise, resolve, reject } = Promise.withResolvers<Delivery>();
    const taker = { give: resolve, fail: reject };
    this.#takers.add(taker);
    const unwatch = watchEnds(options, timeout, (error) => {
      if (!this.#takers.delete(taker)) return false;
      reject(error);
      return true;
    });
    return await observed("BrokerQueue.get", () => promise).finally(unwatch);
  }

  /** Ends all gets that wait. */
  fail(makeError: () => unknown): void {
    const takers = [...this.#takers];
    this.#takers.clear();
    for (const taker of takers) taker.fail(makeError());
  }

  /** Forgets items. */
  revoke(tags: ReadonlySet<Tag>): void {
    this.#items = this.#items.filter(({ tag }) => !tags.has(tag));
  }

  /** Gives up all items. */
  drop(): Delivery[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}

/** An item that somebody has got. */
interface Held {
  readonly tag: Tag;
  readonly item: unknown;
  readonly owner: number;
}

/** The items that were got and not acknowledged, and who has them. */
export class Hand {
  readonly #all = new Set<Held>();
  readonly #byOwner = new Map<number, Set<Held>>();

  /** Number of items. */
  get size(): number {
    return this.#all.size;
  }

  /** Somebody has got an item. */
  add(tag: Tag, item: unknown, owner: number): void {
    const held = { tag, item, owner };
    this.#all.add(held);
    const own = this.#byOwner.get(owner);
    if (own === undefined) this.#byOwner.set(owner, new Set([held]));
    else own.add(held);
  }

  /** Takes out what the coroutine that runs, or else anybody, has had for longest. */
  takeOldest(): Held | undefined {
    for (const held of this.#byOwner.get(currentOwner()) ?? this.#all) return this.#take(held);
    return undefined;
  }

  /** Takes out an item; of several that are equal the one of the coroutine that runs, or else the oldest. */
  takeItem(item: unknown): Held | undefined {
    for (const all of [this.#byOwner.get(currentOwner()), this.#all]) {
      for (const held of all ?? []) if (Object.is(held.item, item)) return this.#take(held);
    }
    return undefined;
  }

  /** Forgets all. */
  clear(): void {
    this.#all.clear();
    this.#byOwner.clear();
  }

  #take(held: Held): Held {
    this.#all.delete(held);
    const own = this.#byOwner.get(held.owner)!;
    own.delete(held);
    if (own.size === 0) this.#byOwner.delete(held.owner);
    return held;
  }
}
