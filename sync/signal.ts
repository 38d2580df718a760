// Copyright 2026 the Weft authors. MIT license.

import { type Attempt, WaitQueue } from "./_wait_queue.ts";
import { everybody, type Memory } from "./memory/memory.ts";
import type { Label } from "./observer.ts";
import type { ScopedOptions } from "./wait.ts";

/** Set while somebody may sleep. */
const sleeping = 1;

/**
 * Lets who wait for a change know of it, in one word of memory: it counts the changes that somebody has slept
 * for, in its upper bits. Who makes a change that nobody waits for only reads it.
 *
 * ```text
 *   waits     not there? ──▶ mark ──▶ not there still? ──▶ sleep, unless the word has changed
 *   changes   change ──▶ marked? ──▶ count on, unmark ──▶ wake one
 * ```
 *
 * Who has slept and found what it waited for marks the word again, as others may sleep as well, and wakes the
 * next if there is more.
 */
export class Signal {
  readonly #memory: Memory;
  readonly #index: number;
  readonly #queue: WaitQueue;

  /**
   * @param probe Called now and then while somebody waits, before those of this isolate try again: who has made
   * a change can have died before it said so.
   * @param label What is waited for, for who observes.
   */
  constructor(memory: Memory, index: number, probe: () => void = () => {}, label?: Label) {
    this.#memory = memory;
    this.#index = index;
    this.#queue = new WaitQueue(memory, index, {
      probe: () => {
        probe();
        this.#queue.serve();
      },
      label,
    });
  }

  /** Number of coroutines of this isolate that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Waits until `tryOnce` succeeds, after those coroutines of this isolate that came before.
   *
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first, or what `tryOnce` throws.
   */
  wait(tryOnce: () => boolean, options: ScopedOptions): Promise<void> {
    return this.#queue.wait(this.#attempt(tryOnce), options);
  }

  /** Blocks the thread until `tryOnce` succeeds; tells whether it did before the time was over. */
  waitSync(tryOnce: () => boolean, timeout: number): boolean {
    return this.#queue.waitSync(this.#attempt(tryOnce), timeout);
  }

  /** Whether somebody may sleep. */
  get marked(): boolean {
    return (this.#memory.load(this.#index) & sleeping) !== 0;
  }

  /** Wakes one of those who wait, after a change that is enough for one. */
  wake(): void {
    const seen = this.#memory.load(this.#index);
    if ((seen & sleeping) === 0) return;
    if (this.#queue.handOver()) return;
    const next = (seen + sleeping) | 0;
    // Whoever has changed it meanwhile has woken somebody.
    if (this.#memory.compareExchange(this.#index, seen, next) !== seen) return;
    this.#memory.notify(this.#index, 1);
  }

  /** Wakes all who wait. */
  wakeAll(): void {
    this.#memory.add(this.#index, 2);
    this.#queue.serve();
    this.#memory.notify(this.#index, everybody);
  }

  /** Lets those of this isolate try at once who wait. */
  serve(): void {
    this.#queue.serve();
  }

  /** Wakes all who wait, after a change that may be for any of them; never beside {@linkcode wake}. */
  wakeEach(): void {
    const seen = this.#memory.load(this.#index);
    if ((seen & sleeping) === 0) return;
    const next = (seen + sleeping) | 0;
    // Whoever has changed it meanwhile has woken all.
    if (this.#memory.compareExchange(this.#index, seen, next) !== seen) return;
    this.#queue.serve();
    this.#memory.notify(this.#index, everybody);
  }

  #attempt(tryOnce: () => boolean): Attempt {
    return (waited) => {
      if (tryOnce()) {
        if (waited !== undefined) this.#mark();
        return undefined;
      }
      const seen = this.#mark();
      return tryOnce() ? undefined : seen;
    };
  }

  #mark(): number {
    for (;;) {
      const seen = this.#memory.load(this.#index);
      const marked = seen | sleeping;
      if (seen === marked) return marked;
      if (this.#memory.compareExchange(this.#index, seen, marked) === seen) return marked;
    }
  }
}
