// Copyright 2026 the Weft authors. MIT license.

// deno-lint-ignore no-explicit-any -- functions of any kind
type AnyFunction = (...args: any[]) => unknown;

/** Some functions, of which there is mostly one: that one, or a set of them. */
export type Bag<F extends AnyFunction> = F | Set<F> | undefined;

/** Gives a bag with one function more. */
export function put<F extends AnyFunction>(bag: Bag<F>, fn: F): Bag<F> {
  if (bag === undefined) return fn;
  if (bag instanceof Set) return bag.add(fn);
  return new Set<F>([bag, fn]);
}

/** Gives a bag without one function. */
export function drop<F extends AnyFunction>(bag: Bag<F>, fn: F): Bag<F> {
  if (bag === fn) return undefined;
  if (bag instanceof Set) bag.delete(fn);
  return bag;
}

/** Lists the functions of a bag. */
export function list<F extends AnyFunction>(bag: Bag<F>): readonly F[] {
  if (bag === undefined) return [];
  return bag instanceof Set ? [...bag] : [bag];
}
