// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "../sync/memory/memory.ts";
import type { Label } from "../sync/observer.ts";
import { Signal } from "../sync/signal.ts";
import { beginWait, type WaitOptions } from "../sync/wait.ts";

/** Word with the number of those done, modulo 2^32; the first is that of the signal. */
const doneWord = 1;

/** Counts what is done of all that there is to do, and lets who wait know when it is all. */
export class Tally {
  /** Number of words that it takes. */
  static readonly words = 16;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #total: () => number;
  readonly #signal: Signal;

  /**
   * @param total How much there was to do ever, modulo 2^32.
   * @param label What is waited for, for who observes.
   */
  constructor(memory: Memory, index: number, total: () => number, label?: Label) {
    this.#memory = memory;
    this.#index = index + doneWord;
    this.#total = total;
    this.#signal = new Signal(memory, index, undefined, label);
  }

  /** Counts one; tells whether there was one left. */
  count(): boolean {
    for (;;) {
      const done = this.#done;
      if (done === this.#total()) return false;
      const next = (done + 1) | 0;
      if (this.#memory.compareExchange(this.#index, done, next) !== done) continue;
      if (next === this.#total()) this.#signal.wakeAll();
      return true;
    }
  }

  /** Waits until nothing is left. */
  async wait(options: WaitOptions): Promise<void> {
    await this.#signal.wait(() => this.#done === this.#total(), beginWait(options));
  }

  /** Blocks the thread until nothing is left; tells whether that was before the time was over. */
  waitSync(timeout: number): boolean {
    return this.#signal.waitSync(() => this.#done === this.#total(), timeout);
  }

  get #done(): number {
    return this.#memory.load(this.#index);
  }
}
