// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import type { AnyFunction } from "./_body.ts";
import { Coroutine } from "./coroutine.ts";

/**
 * Checks what is to run as a coroutine.
 *
 * @throws {TypeError} If it is not a function.
 */
export function checkFunction(fn: unknown, verb: string): asserts fn is AnyFunction {
  if (typeof fn === "function") return;
  throw new TypeError(
    `Cannot ${verb} a coroutine as it needs a function, an async or a generator one: current value is ${
      show(fn)
    }`,
  );
}

/**
 * Checks what is to be a coroutine.
 *
 * @throws {TypeError} If it is none.
 */
export function checkCoroutine(value: unknown, verb: string): void {
  if (value instanceof Coroutine) return;
  throw new TypeError(`Cannot ${verb} as it is not a coroutine: current value is ${show(value)}`);
}
