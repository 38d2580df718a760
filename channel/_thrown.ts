// Copyright 2026 the Weft authors. MIT license.

import { createError, describeError, type ErrorForm, hideProperty } from "./_errors.ts";
import { describe } from "./_refusal.ts";

/**
 * Makes something that can be encoded of something thrown that cannot.
 *
 * @param thrown What was thrown.
 * @param accepts Says whether a value can be encoded.
 * @returns A copy of the error in which what cannot be encoded is replaced by its text; for what is
 * no error, a `DataCloneError` that tells of it.
 */
export function salvage(thrown: unknown, accepts: (value: unknown) => boolean): unknown {
  if (!isError(thrown)) {
    return new DOMException(
      `Cannot clone the thrown value as it is ${describe(thrown)}: ${inspect(thrown)}`,
      "DataCloneError",
    );
  }
  try {
    return copyError(thrown, accepts, new Map());
  } catch {
    // Deeper than the stack, or a proxy that throws from everything.
    return new Error(`The error that was thrown cannot be cloned: ${inspect(thrown)}`);
  }
}

function copyError(
  error: object,
  accepts: (value: unknown) => boolean,
  copies: Map<object, Error>,
): Error {
  const known = copies.get(error);
  if (known !== undefined) return known;
  const { className, exception, hidden, shown } = describeError(error, readSafely);
  const copy = createError(className, exception);
  copies.set(error, copy);

  const copyValue = (value: unknown): unknown => {
    if (isError(value)) return copyError(value, accepts, copies);
    if (Array.isArray(value)) return value.map(copyValue);
    return accepts(value) ? value : inspect(value);
  };
  for (const [key, value] of hidden) hideProperty(copy, key, copyValue(value));
  for (const [key, value] of shown) {
    Object.defineProperty(copy, key, {
      value: copyValue(value),
      writable: true,
      configurable: true,
      enumerable: true,
    });
  }
  return copy;
}

function isError(value: unknown): value is object {
  return Error.isError(value) || value instanceof Error;
}

function readSafely(error: object, key: string): ErrorForm["hidden"][number][1] {
  try {
    return Reflect.get(error, key);
  } catch (problem) {
    return `[Getter threw ${inspect(problem)}]`;
  }
}

/** Shows any value; never throws. */
function inspect(value: unknown): string {
  try {
    return Deno.inspect(value);
  } catch {
    return "[cannot be shown]";
  }
}
