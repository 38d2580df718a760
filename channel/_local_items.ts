// Copyright 2026 the Weft authors. MIT license.

import type { Reason } from "./_store.ts";

/** What stores of one thread have in common: a limit, and an end. */
export abstract class LocalItems {
  readonly #limit: number;
  #closed = false;
  #reason: Reason | undefined;

  /** @param limit The most items that are inside at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  abstract get size(): number;

  get limited(): boolean {
    return this.#limit < Infinity;
  }

  get isFull(): boolean {
    return this.size >= this.#limit;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get reason(): Reason | undefined {
    return this.#reason;
  }

  close(reason?: Reason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reason = reason;
  }
}
