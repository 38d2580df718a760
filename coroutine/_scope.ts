// Copyright 2026 the Weft authors. MIT license.

import type { CancelScope, EndWait } from "../sync/cancellation.ts";
import { type Bag, drop, list, put } from "./_bag.ts";

/** Key of the method that gives up what is cancelled and does not notice. */
export const insist: unique symbol = Symbol("insist");

interface Insistent {
  [insist](): void;
}

/** Lets what waits within a coroutine know that it is cancelled: once, so that cleaning up can wait again. */
export class Scope implements CancelScope {
  readonly #coroutine: Insistent;
  #waits: Bag<EndWait>;
  #reason: unknown;
  #source: Scope | undefined;
  #cancelled = false;
  #due = false;
  #controller: AbortController | undefined;
  #holds = 0;
  #released: PromiseWithResolvers<void> | undefined;

  constructor(coroutine: Insistent) {
    this.#coroutine = coroutine;
  }

  get isCancelled(): boolean {
    return this.#cancelled;
  }

  get reason(): unknown {
    return this.#cancelled ? this.#why() : undefined;
  }

  /** Aborts when the coroutine is cancelled. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(this.#why());
    }
    return this.#controller.signal;
  }

  throwIfCancelled(): void {
    if (!this.#due) return;
    this.#due = false;
    throw this.#why();
  }

  enter(end: EndWait): void {
    if (this.#due) {
      this.#due = false;
      end(this.#why());
    } else this.#waits = put(this.#waits, end);
  }

  exit(end: EndWait): void {
    this.#waits = drop(this.#waits, end);
  }

  /** Whether nothing within has been told yet that it is cancelled. */
  get isDue(): boolean {
    return this.#due;
  }

  /**
   * Ends all waits and aborts the signal; tells whether there was any. If not, the next wait is told.
   *
   * @param source The scope whose reason it is, if it has one.
   */
  cancel(reason: unknown, source?: Scope): boolean {
    this.#cancelled = true;
    this.#reason = reason;
    this.#source = source;
    // Code that has asked for the signal looks at it.
    this.#due = this.#controller === undefined;
    this.#controller?.abort(this.#why());
    const waits = list(this.#waits);
    this.#waits = undefined;
    for (const end of waits) if (end(this.#why())) this.#due = false;
    return !this.#due;
  }

  renew(): void {
    this.#due = true;
    this.#coroutine[insist]();
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    if (--this.#holds > 0) return;
    this.#released?.resolve();
    this.#released = undefined;
  }

  /** Resolves when nothing within leaves things in order; `undefined` if nothing does now. */
  get released(): Promise<void> | undefined {
    if (this.#holds === 0) return undefined;
    this.#released ??= Promise.withResolvers();
    return this.#released.promise;
  }

  /** Notes that the coroutine knows. */
  deliver(): void {
    this.#due = false;
  }

  // Made when it is asked for: that takes longer than all the rest of a cancellation.
  #why(): unknown {
    if (this.#reason === undefined) {
      this.#reason = this.#source === undefined
        ? new DOMException("The coroutine was cancelled", "AbortError")
        : this.#source.#why();
    }
    return this.#reason;
  }
}
