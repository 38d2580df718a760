// Copyright 2026 the Weft authors. MIT license.

import { type AsyncWait, Memory, type WaitResult } from "../../sync/memory/memory.ts";

/** What an actor is about to do to the memory, or to ask of its surroundings. */
export type Operation =
  | { readonly kind: "load"; readonly index: number }
  | { readonly kind: "store" | "add" | "exchange"; readonly index: number; readonly value: number }
  | {
    readonly kind: "compareExchange";
    readonly index: number;
    readonly expected: number;
    readonly value: number;
  }
  | {
    readonly kind: "wait";
    readonly index: number;
    readonly expected: number;
    readonly timeout: number;
  }
  | {
    readonly kind: "waitAsync";
    readonly index: number;
    readonly expected: number;
    readonly id: number;
  }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "notify"; readonly index: number; readonly count: number }
  | { readonly kind: "isAlive"; readonly token: number }
  | { readonly kind: "now" }
  | { readonly kind: "pause" }
  | { readonly kind: "until"; readonly name: string; readonly count: number };

/** What an operation comes to. */
export type Answer = number | string;

/** Who answers the operations of a memory, or throws to stop the actor. */
export interface Oracle {
  ask(operation: Operation): Answer;
  /** Begins a wait that an event ends. */
  sleep(id: number): AsyncWait;
}

/** Memory in which every operation waits for its turn: another part answers it. */
export class CheckedMemory extends Memory {
  readonly scope = "thread";
  readonly identity = "model";
  readonly token: number;
  readonly #oracle: Oracle;
  #sleeps = 0;

  constructor(token: number, oracle: Oracle) {
    // It has no words of its own: who goes round the methods gets an error.
    super(new ArrayBuffer(0));
    this.token = token;
    this.#oracle = oracle;
  }

  override load(index: number): number {
    return this.#oracle.ask({ kind: "load", index }) as number;
  }

  override store(index: number, value: number): void {
    this.#oracle.ask({ kind: "store", index, value });
  }

  override add(index: number, value: number): number {
    return this.#oracle.ask({ kind: "add", index, value }) as number;
  }

  override exchange(index: number, value: number): number {
    return this.#oracle.ask({ kind: "exchange", index, value }) as number;
  }

  override compareExchange(index: number, expected: number, value: number): number {
    return this.#oracle.ask({ kind: "compareExchange", index, expected, value }) as number;
  }

  override wait(index: number, expected: number, timeout: number): WaitResult {
    return this.#oracle.ask({ kind: "wait", index, expected, timeout }) as WaitResult;
  }

  override waitAsync(index: number, expected: number): AsyncWait | undefined {
    const id = this.#sleeps++;
    if (this.#oracle.ask({ kind: "waitAsync", index, expected, id }) === "not-equal") {
      return undefined;
    }
    return this.#oracle.sleep(id);
  }

  override notify(index: number, count: number): void {
    this.#oracle.ask({ kind: "notify", index, count });
  }

  override isAlive(token: number): boolean {
    return this.#oracle.ask({ kind: "isAlive", token }) === 1;
  }

  override close(): void {
    // The garbage collector takes it.
  }
}
