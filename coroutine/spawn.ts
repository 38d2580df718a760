// Copyright 2026 the Weft authors. MIT license.

import { currentScope } from "../sync/cancellation.ts";
import type { AnyFunction } from "./_body.ts";
import { checkFunction } from "./_checks.ts";
import { create } from "./_keys.ts";
import { Coroutine } from "./coroutine.ts";
import { currentCoroutine } from "./current_coroutine.ts";

/** A generator or async generator that runs as a coroutine: it can yield anything, and gets what that settles with. */
export type CoroutineGenerator<T> =
  // deno-lint-ignore no-explicit-any -- what a `yield` gives depends on what was yielded
  | Generator<unknown, T, any>
  // deno-lint-ignore no-explicit-any -- see above
  | AsyncGenerator<unknown, T, any>;

/**
 * Runs a function as a coroutine, beside its caller and in the same thread. It begins when the caller waits for something
 * or returns.
 *
 * In a generator each `yield` is where others can run and where it can be cancelled: `yield promise`, `yield coroutine`
 * and `yield sleep(10)` give the settled value, or throw; a `yield` of nothing lets the others run that are ready. An
 * async function is as it always is; whatever of Weft it waits for throws when it is cancelled.
 *
 * **Fairness:** those that are ready run in turn, and begin in the order in which they were spawned; of very many at once
 * the first thousands go on before the others begin, which saves memory. Timers and events have their turn as well, if
 * there is a `yield` or a {@linkcode checkpoint} now and then.
 *
 * **Cancellation:** the coroutines that a coroutine spawns are cancelled with it; those that are left when it ends belong
 * to the one that has spawned it.
 *
 * @typeParam Args The types of the arguments.
 * @typeParam T What the function returns.
 * @param fn A generator function, or one that gives an async generator.
 * @param args Its arguments.
 * @returns The coroutine.
 * @throws {TypeError} If `fn` is not a function.
 * @throws {unknown} The reason of the coroutine that calls, if it is cancelled and has not been told yet.
 *
 * @example Two coroutines in turn
 * ```ts
 * import { joinAll, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * function* count(name: string) {
 *   for (let i = 0; i < 2; i++) {
 *     log.push(`${name} ${i}`);
 *     yield;
 *   }
 *   return name;
 * }
 *
 * assertEquals(await joinAll([spawn(count, "a"), spawn(count, "b")]), ["a", "b"]);
 * assertEquals(log, ["a 0", "b 0", "a 1", "b 1"]);
 * ```
 */
export function spawn<Args extends unknown[], T>(
  fn: (...args: Args) => CoroutineGenerator<T>,
  ...args: Args
): Coroutine<T>;
/**
 * Runs a function as a coroutine, beside its caller and in the same thread.
 *
 * @typeParam Args The types of the arguments.
 * @typeParam R What the function returns.
 * @param fn An async function.
 * @param args Its arguments.
 * @returns The coroutine.
 * @throws {TypeError} If `fn` is not a function.
 * @throws {unknown} The reason of the coroutine that calls, if it is cancelled and has not been told yet.
 */
export function spawn<Args extends unknown[], R>(
  fn: (...args: Args) => R,
  ...args: Args
): Coroutine<Awaited<R>>;
export function spawn(fn: AnyFunction, ...args: unknown[]): Coroutine<unknown> {
  checkFunction(fn, "spawn");
  currentScope()?.throwIfCancelled();
  return Coroutine[create](fn, args, livingParent(), spawn);
}

/** The coroutine that runs, or if that has ended none. */
export function livingParent(): Coroutine | undefined {
  const current = currentCoroutine();
  return current === undefined || current.done ? undefined : current;
}
