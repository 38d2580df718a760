// Copyright 2026 the Weft authors. MIT license.

/** Milliseconds that a chunk should take a worker: far more than sending it does. */
const targetTime = 4;
/** Bytes that a chunk should have at most. */
const targetBytes = 1 << 18;
/** Arrays that are longer are slow to encode. */
const mostItems = 1 << 12;
/** As many times as large can the next chunk be. */
const growth = 8;

/** A chunk that is done. */
interface Chunk {
  /** Milliseconds that it has run. */
  readonly duration: number;
  readonly bytes: number;
  readonly count: number;
}

/** Finds out how many items of a map should go to a worker at once. */
export class ChunkSize {
  readonly #fixed: number | undefined;
  readonly #most: number;
  #size = 1;

  /**
   * @param fixed What the caller wants.
   * @param most What a worker takes.
   */
  constructor(fixed: number | undefined, most: number) {
    this.#fixed = fixed;
    this.#most = Math.min(mostItems, most);
  }

  /** Number of items of the next chunk. */
  get next(): number {
    return this.#fixed ?? Math.min(this.#size, this.#most);
  }

  /** Learns from a chunk that is done. */
  observe({ duration, bytes, count }: Chunk): void {
    const byTime = Math.floor(targetTime * count / duration);
    const byBytes = Math.floor(targetBytes * count / Math.max(1, bytes));
    const largest = Math.max(this.#size, count * growth);
    this.#size = Math.max(1, Math.min(byTime, byBytes, largest, mostItems));
  }
}
