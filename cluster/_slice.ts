// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";

/** Python's `slice`: which items of a list are meant. It is an argument only: no data, and no key. */
export class Slice {
  readonly #parts: readonly [start: unknown, stop: unknown, step: unknown];

  constructor(start: unknown, stop: unknown, step: unknown) {
    this.#parts = [start, stop, step];
    Object.freeze(this);
  }

  /** Finds the places that are meant in a list, one after the other. */
  placesIn(list: { readonly length: number }): number[] {
    const { start, stop, step } = this.boundsIn(list);
    const places: number[] = [];
    for (let at = start; step > 0 ? at < stop : at > stop; at += step) places.push(at);
    return places;
  }

  /**
   * Finds where the places that are meant in a list begin and end, as Python does.
   *
   * @throws {TypeError} If a part is neither an integer nor nothing.
   * @throws {RangeError} If the step is 0.
   */
  boundsIn({ length }: { readonly length: number }): {
    readonly start: number;
    readonly stop: number;
    readonly step: number;
  } {
    const [first, last, each] = this.#parts;
    const step = toInteger(each, 1);
    if (step === 0) throw new RangeError("slice step cannot be zero");
    const lowest = step > 0 ? 0 : -1;
    const highest = step > 0 ? length : length - 1;
    const bound = (part: unknown, otherwise: number) => {
      const at = toInteger(part, otherwise);
      if (part === null || part === undefined) return at;
      return at < 0 ? Math.max(at + length, lowest) : Math.min(at, highest);
    };
    const start = bound(first, step > 0 ? lowest : highest);
    return { start, stop: bound(last, step > 0 ? highest : lowest), step };
  }
}

refuseInstances(Slice);

function toInteger(part: unknown, otherwise: number): number {
  if (part === null || part === undefined) return otherwise;
  // Beyond all lists; which of them does not matter then.
  if (typeof part === "bigint") return Number(part);
  if (typeof part === "number" && Number.isInteger(part)) return part;
  throw new TypeError("slice indices must be integers or None");
}
