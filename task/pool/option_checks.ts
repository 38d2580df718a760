// Copyright 2026 the Weft authors. MIT license.

import { show } from "../../sync/show.ts";

const counts = new Map<string, number>();

/**
 * Gives the name that the options of a pool have, if they have one.
 *
 * @throws {TypeError} If the options are not an object, or the name in them is not a string.
 */
export function nameOf(options: { readonly name?: string | undefined }): string | undefined {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(
      `Cannot create a pool as its options are not an object: current value is ${show(options)}`,
    );
  }
  const { name } = options;
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(
      `Cannot create a pool as its name is not a string: current value is ${show(name)}`,
    );
  }
  return name;
}

/** Gives the next name for a pool of a kind. */
export function nextName(kind: string): string {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return `${kind}-${count}`;
}

/**
 * Checks an option that is a whole number.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not whole, or is less than `least`.
 */
export function checkWhole(what: string, value: number, least: number, infinite = true): number {
  if (typeof value !== "number") refuseType(what, value);
  if ((Number.isSafeInteger(value) && value >= least) || (infinite && value === Infinity)) {
    return value;
  }
  throw new RangeError(
    `Cannot create a pool as ${what} is not a whole number from ${least}: current value is ${value}`,
  );
}

/**
 * Checks an option that is a duration.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is negative.
 */
export function checkDuration(what: string, value: number): number {
  if (typeof value !== "number") refuseType(what, value);
  if (value >= 0) return value;
  throw new RangeError(
    `Cannot create a pool as ${what} is not a non-negative number: current value is ${value}`,
  );
}

function refuseType(what: string, value: unknown): never {
  throw new TypeError(
    `Cannot create a pool as ${what} is not a number: current value is ${show(value)}`,
  );
}
