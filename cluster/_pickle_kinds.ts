// Copyright 2026 the Weft authors. MIT license.

// What objects are to Python.

import { FrozenSet, isTuple } from "./python_values.ts";
import { ProxyReference, Token } from "./_token.ts";

/** Says whether Python can have no such object as a key or an item of a set. */
export function isUnhashable(value: object): boolean {
  if (Array.isArray(value)) return !isTuple(value);
  if (value instanceof Map) return true;
  if (value instanceof Set) return !(value instanceof FrozenSet);
  return isDict(value);
}

/** Says whether an object is plain: a dict. */
export function isDict(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** How many containers the reader has to go through for an instance. */
export function levelsOf(value: object): number {
  if (value instanceof Token) return 3;
  if (value instanceof ProxyReference) return 5;
  return Error.isError(value) ? 2 : 1;
}

/** Names such an object, with an article. */
export function nameUnhashable(value: object): string {
  if (Array.isArray(value)) return "an Array";
  if (value instanceof Map) return "a Map";
  return value instanceof Set ? "a Set" : "an Object";
}

/** What to say of an object that has no counterpart; `undefined` if its kind says enough. */
export function adviceFor(value: object): string | undefined {
  if (value instanceof Date) return "a Date: send its getTime() or toISOString() instead";
  if (ArrayBuffer.isView(value)) return "a view other than Uint8Array: send its bytes instead";
  return undefined;
}
