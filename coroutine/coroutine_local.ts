// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { keepContext } from "./_context.ts";
import { type Locals, locals, outside } from "./_keys.ts";
import { currentCoroutine } from "./current_coroutine.ts";

/** Makes the first value of a {@linkcode CoroutineLocal} where it was not set. */
export type CoroutineLocalInitializer<T> = () => T;

/**
 * A variable of which each coroutine has its own value, also after awaits and in timers.
 *
 * A coroutine begins with the values of the code that has spawned it; what either sets later, the other does not see.
 * Code that was not spawned has one value for all of a thread.
 *
 * @typeParam T The type of the value.
 * @typeParam V What reading gives: without an initializer `undefined` as well. Inferred, if `T` is.
 *
 * @example Name the request that is served
 * ```ts
 * import { CoroutineLocal, joinAll, sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const request = new CoroutineLocal(() => "none");
 *
 * async function serve(name: string): Promise<string> {
 *   request.value = name;
 *   await sleep(1);
 *   return request.value;
 * }
 *
 * assertEquals(await joinAll([spawn(serve, "a"), spawn(serve, "b")]), ["a", "b"]);
 * assertEquals(request.value, "none");
 * ```
 */
export class CoroutineLocal<T, V extends T | undefined = T | undefined> {
  readonly #initialize: CoroutineLocalInitializer<V> | undefined;

  /**
   * Creates a variable.
   *
   * @param initialize Called where the variable is read that was not set there, nor where it was spawned.
   */
  constructor(initialize?: CoroutineLocalInitializer<V> & CoroutineLocalInitializer<T>) {
    this.#initialize = initialize;
  }

  /** The value here; `undefined` if it was not set and there is no initializer. */
  get value(): V {
    if (!this.isSet && this.#initialize !== undefined) this.value = this.#initialize();
    // The initializer has made a V, or there is none and V includes undefined.
    return values()?.get(this) as V;
  }

  /** Sets the value here, and in what is spawned from here later. */
  set value(value: V) {
    setValues(new Map(values()).set(this, value));
  }

  /** Whether there is a value here: one that was set, or that the initializer made. */
  get isSet(): boolean {
    return values()?.has(this) === true;
  }

  /** Takes the value here away. */
  clear(): void {
    const left = new Map(values());
    left.delete(this);
    setValues(left);
  }
}

function values(): Locals | undefined {
  return (currentCoroutine() ?? outside)[locals];
}

// A new map each time, as coroutines that were spawned share the one before.
function setValues(values: Locals): void {
  keepContext();
  (currentCoroutine() ?? outside)[locals] = values;
}

refuseInstances(CoroutineLocal);
