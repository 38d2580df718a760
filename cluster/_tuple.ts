// Copyright 2026 the Weft authors. MIT license.

import { type HandleForm, registerHandle, toHandle } from "../sync/handle.ts";

/** The class of tuples. Not public: as a subclass of `Array` it would promise methods that change it. */
const TupleClass = class Tuple extends Array<unknown> {
  /** What `map`, `filter` and the like return is a list. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  get [Symbol.toStringTag](): "Tuple" {
    return "Tuple";
  }

  /** Has it stay a tuple in queues and other threads. */
  [toHandle](): HandleForm {
    return { kind: "tuple", state: Array.from(this) };
  }
};

registerHandle("tuple", (state) => toTuple(state as unknown[]));

/** Says whether a value is a tuple. */
export function isTupleArray(value: unknown): value is readonly unknown[] {
  return value instanceof TupleClass;
}

/** Turns an array that nobody else has into a tuple. */
export function toTuple<T extends object = readonly unknown[]>(items: unknown[]): T {
  return Object.freeze(Object.setPrototypeOf(items, TupleClass.prototype));
}
