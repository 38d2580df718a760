// Copyright 2026 the Weft authors. MIT license.

/** Where an order keeps things: an array, or part of a memory. */
export type Slots<T> = { [slot: number]: T };

/** Whether one comes out before another. */
export type Before<T> = (one: T, other: T) => boolean;

/** An order in which things come out of the first `size` of some slots. */
export interface Order {
  /** The slot of what comes out next. */
  next(size: number): number;
  /** Adds one, which takes one slot more. */
  insert<T>(slots: Slots<T>, size: number, one: T, before: Before<T>): void;
  /** Takes out the next one; the last slot is not used any more. */
  remove<T>(slots: Slots<T>, size: number, before: Before<T>): void;
}

/** What was added last comes out first: a stack, in which nothing is compared. */
export const stack: Order = {
  next: (size) => size - 1,
  insert: (slots, size, one) => void (slots[size] = one),
  remove: () => {},
};

/** What is before all others comes out first: a binary heap, in which each is before the two below it. */
export const heap: Order = {
  next: () => 0,

  insert(slots, size, one, before) {
    let at = size;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const other = slots[above]!;
      if (!before(one, other)) break;
      slots[at] = other;
      at = above;
    }
    slots[at] = one;
  },

  remove(slots, size, before) {
    const last = size - 1;
    const one = slots[last]!;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= last) break;
      if (below + 1 < last && before(slots[below + 1]!, slots[below]!)) below++;
      const other = slots[below]!;
      if (!before(other, one)) break;
      slots[at] = other;
      at = below;
    }
    slots[at] = one;
  },
};
