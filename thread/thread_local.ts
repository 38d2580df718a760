// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";

/** Makes the first value of a {@linkcode ThreadLocal} in each thread. */
export type ThreadLocalInitializer<T> = () => T;

/**
 * A variable of which each thread has its own value.
 *
 * Make it at the top level of a module: each thread that imports the module has the variable, and
 * none sees the value of another.
 *
 * @typeParam T The type of the value.
 *
 * @example Give a value to all functions of a thread
 * ```ts
 * import { ThreadLocal } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * const student = new ThreadLocal<string>();
 *
 * function greet(): string {
 *   return `Hello, ${student.value}`;
 * }
 *
 * student.value = "Alice";
 * assertEquals(greet(), "Hello, Alice");
 * ```
 */
export class ThreadLocal<T> {
  readonly #initialize: ThreadLocalInitializer<T> | undefined;
  #value: T | undefined;
  #isSet = false;

  /**
   * Creates a variable.
   *
   * @param initialize Called once in each thread that reads the variable before it sets it.
   */
  constructor(initialize?: ThreadLocalInitializer<T>) {
    this.#initialize = initialize;
  }

  /** The value in this thread; `undefined` if it was not set and there is no initializer. */
  get value(): T | undefined {
    if (!this.#isSet && this.#initialize !== undefined) this.value = this.#initialize();
    return this.#value;
  }

  /** Sets the value in this thread. */
  set value(value: T | undefined) {
    this.#value = value;
    this.#isSet = true;
  }

  /** Whether this thread has a value: one that was set, or that the initializer made. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** Takes the value of this thread away. */
  clear(): void {
    this.#value = undefined;
    this.#isSet = false;
  }
}

refuseInstances(ThreadLocal);
