// Copyright 2026 the Weft authors. MIT license.

/** Up to this many objects are compared one by one, which is cheaper than hashing them. */
const longestScan = 12;

/** Numbers the objects that were written, as the memo of the reader does. */
export class PickleMemo {
  readonly #first: (object | undefined)[] = new Array(longestScan).fill(undefined);
  #count = 0;
  #rest: Map<object, number> | undefined;

  /** Number of objects. */
  get size(): number {
    return this.#count;
  }

  /** Finds the number of an object, `-1` if it has none. */
  find(object: object): number {
    const first = this.#first;
    const scanned = this.#count < longestScan ? this.#count : longestScan;
    for (let i = 0; i < scanned; i++) {
      if (first[i] === object) return i;
    }
    return this.#rest?.get(object) ?? -1;
  }

  /** Gives an object the next number. */
  add(object: object): void {
    if (this.#count < longestScan) this.#first[this.#count] = object;
    else (this.#rest ??= new Map()).set(object, this.#count);
    this.#count++;
  }

  /** Leaves out numbers, of objects that are not met again. */
  skip(count: number): void {
    this.#count += count;
  }

  /** Forgets every object. */
  clear(): void {
    for (let i = Math.min(this.#count, longestScan) - 1; i >= 0; i--) this.#first[i] = undefined;
    this.#count = 0;
    this.#rest = undefined;
  }
}
