// Copyright 2026 the Weft authors. MIT license.

/** Up to this many objects are compared one by one, which is cheaper than hashing them. */
const longestScan = 12;

/** Numbers objects in the order they are met, so that a second occurrence can be recognised. */
export class References {
  readonly #first: (object | undefined)[] = new Array(longestScan).fill(undefined);
  #count = 0;
  #rest: Map<object, number> | undefined;

  /**
   * Looks an object up, and numbers it when it is new.
   *
   * @param object What was met.
   * @returns The number it got when it was met before, `-1` if it is new.
   */
  see(object: object): number {
    const first = this.#first;
    const count = this.#count;
    const scanned = count < longestScan ? count : longestScan;
    for (let i = 0; i < scanned; i++) {
      if (first[i] === object) return i;
    }
    if (count >= longestScan) return this.#seeLate(object);
    first[count] = object;
    this.#count = count + 1;
    return -1;
  }

  /** Forgets every object. */
  clear(): void {
    // Setting the length to 0 would make the next run allocate.
    for (let i = Math.min(this.#count, longestScan) - 1; i >= 0; i--) this.#first[i] = undefined;
    this.#count = 0;
    this.#rest = undefined;
  }

  #seeLate(object: object): number {
    this.#rest ??= new Map();
    const known = this.#rest.get(object);
    if (known !== undefined) return known;
    this.#rest.set(object, this.#count++);
    return -1;
  }
}
