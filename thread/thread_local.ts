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
 * @typeParam V What reading gives: without an initializer `undefined` as well. Inferred, if `T` is.
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
export class ThreadLocal<T, V extends T | undefined = T | undefined> {
  readonly #initialize: ThreadLocalInitializer<V> | undefined;
  #value: V | undefined;
  #isSet = false;

  /**
   * Creates a variable.
   *
   * @param initialize Called once in each thread that reads the variable before it sets it.
   */
  constructor(initialize?: ThreadLocalInitializer<V> & ThreadLocalInitializer<T>) {
    this.#initialize = initialize;
  }

  /** The value in this thread; `undefined` if it was not set and there is no initializer. */
  get value(): V {
    if (!this.#isSet && this.#initialize !== undefined) this.value = this.#initialize();
    // The initializer has made a V, or there is none and V includes undefined.
    return this.#value as V;
  }

  /** Sets the value in this thread. */
  set value(value: V) {
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
