// Copyright 2026 the Weft authors. MIT license.

import type { Port } from "./_port.ts";

/** One of the things that are waited for, of which only one is done. */
export interface Chance {
  /** Where it is a receive or a send. */
  readonly port?: Port<unknown>;
  /** Where it is anything else: tells whether it has come. */
  readonly hasCome?: () => boolean;
  /** Where it is anything else: calls `come` when it has come, and gives what ends that, which may take a moment. */
  readonly watch?: (come: () => void) => () => void | Promise<void>;
  /** Where it is anything else: what it gives. */
  readonly value?: () => unknown;
}

/** How a choice ended: which of the chances it was, and what was thrown as it, or with -1 all, cannot be done. */
export interface Decision {
  readonly index: number;
  readonly failure?: { readonly error: unknown };
}

/**
 * Does one of several things, whichever can be done first.
 *
 * All attempts are made in this thread, one after the other, so that the first which succeeds ends all the others
 * before they are made. What can be done by the other side, an offer, stands in one place at a time, and is
 * withdrawn before anything else is tried.
 */
export class Choice {
  readonly #chances: readonly Chance[];
  readonly #decided = Promise.withResolvers<void>();
  readonly #ends: (() => void | Promise<void>)[] = [];
  /** Settle when nothing is left of the waits. */
  readonly #left: (void | Promise<void>)[] = [];
  #decision: Decision | undefined;
  /** The chance that the other side can take. */
  #offered: number | undefined;
  /** Those that are first in line: who is not would not learn that its offer was taken. */
  readonly #first = new Set<number>();
  /** Those whose attempts run: they end by themselves. */
  readonly #trying = new Set<number>();

  constructor(chances: readonly Chance[]) {
    this.#chances = chances;
  }

  /** Looks which one can be done at once, beginning anywhere, as none is more important. */
  look(): Decision | undefined {
    const { length } = this.#chances;
    const start = Math.floor(Math.random() * length);
    for (let i = 0; i < length && this.#decision === undefined; i++) {
      const index = (start + i) % length;
      const { port, hasCome } = this.#chances[index]!;
      if (port === undefined) {
        if (hasCome!()) this.#decision = { index };
      } else if (port.signal.waiting === 0) this.#tryPort(index, port);
    }
    return this.#decision;
  }

  /** Waits until one is done, or it is given up. */
  async wait(): Promise<Decision> {
    for (const [index, chance] of this.#chances.entries()) {
      if (this.#decision !== undefined) break;
      this.#ends[index] = chance.port === undefined
        ? chance.watch!(() => this.#decide({ index }))
        : this.#waitFor(index, chance.port);
    }
    this.#offer();
    // What was decided in between has not ended those that came after it.
    if (this.#decision !== undefined) this.#end();
    await this.#decided.promise;
    return this.#decision!;
  }

  /** Waits until nothing is left of it, once it is decided or given up. */
  async leave(): Promise<void> {
    await Promise.all(this.#left);
  }

  /** Ends it, unless one was done before; tells whether it did. */
  giveUp(error: unknown): boolean {
    const decision: Decision = { index: -1, failure: { error } };
    this.#decide(decision);
    return this.#decision === decision;
  }

  #waitFor(index: number, port: Port<unknown>): () => void {
    const controller = new AbortController();
    port.enter?.();
    const waited = port.signal.wait(() => this.#attempt(index, port), {
      signal: controller.signal,
    });
    this.#left.push(waited.then(() => {
      if (this.#decision?.index !== index) port.skip?.();
      // The next in line may never have tried.
    }, () => port.signal.serve()));
    return () => controller.abort();
  }

  /** Tries one that was woken; tells whether it need not wait any more. */
  #attempt(index: number, port: Port<unknown>): boolean {
    this.#first.add(index);
    this.#trying.add(index);
    try {
      if (this.#decision !== undefined) return true;
      if (this.#offered !== index && this.#withdraw()) return true;
      if (this.#tryPort(index, port)) {
        this.#end();
        return true;
      }
      this.#offer(index);
      return this.#decision !== undefined;
    } finally {
      this.#trying.delete(index);
    }
  }

  #tryPort(index: number, port: Port<unknown>): boolean {
    try {
      if (!port.attempt()) return false;
      this.#decision = { index };
    } catch (error) {
      this.#decision = { index, failure: { error } };
    }
    return true;
  }

  #decide(decision: Decision): void {
    if (this.#decision !== undefined || this.#withdraw()) return;
    this.#decision = decision;
    this.#end();
  }

  #end(): void {
    this.#decided.resolve();
    for (const [index, end] of this.#ends.entries()) {
      if (!this.#trying.has(index)) this.#left.push(end?.());
    }
    for (const { port } of this.#chances) port?.leave?.();
    this.#ends.length = 0;
  }

  /** Offers one, above all where somebody may take it, beginning with the one that was woken. */
  #offer(start = 0): void {
    if (this.#decision !== undefined) return;
    let best: number | undefined;
    const { length } = this.#chances;
    for (let i = 0; i < length; i++) {
      const index = (start + i) % length;
      const { port } = this.#chances[index]!;
      if (port?.offer === undefined || !this.#first.has(index)) continue;
      best ??= index;
      if (!port.isWanted) continue;
      best = index;
      break;
    }
    if (best === undefined || best === this.#offered || this.#withdraw()) return;
    // Noted first, as whoever takes the offer at once may have other chances of this choice tried.
    this.#offered = best;
    try {
      if (!this.#chances[best]!.port!.offer!()) this.#offered = undefined;
    } catch (error) {
      this.#offered = undefined;
      this.#decision = { index: best, failure: { error } };
      this.#end();
    }
  }

  /** Withdraws what is offered; if it was taken, that is the decision. */
  #withdraw(): boolean {
    const index = this.#offered;
    if (index === undefined) return false;
    this.#offered = undefined;
    if (!this.#chances[index]!.port!.withdraw!()) return false;
    this.#decision = { index };
    this.#end();
    return true;
  }
}
