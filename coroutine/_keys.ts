// Copyright 2026 the Weft authors. MIT license.

/* What the parts of this module ask of coroutines, and nobody else. */

/** Key of the function that makes and schedules a coroutine. */
export const create: unique symbol = Symbol("create");
/** Key of the method that has a function called when a coroutine has ended, which counts as joining it. */
export const watchEnd: unique symbol = Symbol("watchEnd");
/** Key of the method that undoes `watchEnd`. */
export const unwatchEnd: unique symbol = Symbol("unwatchEnd");
/** Key of the method that parts a coroutine from the one that it is cancelled with. */
export const detach: unique symbol = Symbol("detach");
/** Key of the coroutine that a coroutine is cancelled with. */
export const parentOf: unique symbol = Symbol("parentOf");
/** Key of what a coroutine has come to. */
export const outcome: unique symbol = Symbol("outcome");
/** Key of the values of the `CoroutineLocal`s of a coroutine. */
export const locals: unique symbol = Symbol("locals");

/** The values of `CoroutineLocal`s. */
export type Locals = ReadonlyMap<object, unknown>;

/** What code has that was not spawned. */
export const outside: { [locals]: Locals | undefined } = { [locals]: undefined };

/** What a coroutine has come to. */
export type Outcome<T> =
  | { readonly state: "fulfilled"; readonly value: T }
  | { readonly state: "rejected" | "cancelled"; readonly error: unknown };
