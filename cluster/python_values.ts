// Copyright 2026 the Weft authors. MIT license.

// What Python has and JavaScript lacks.

import { registerError } from "../channel/codec.ts";
import { type HandleForm, registerHandle, toHandle } from "../sync/handle.ts";
import { exceptionText } from "./_python_text.ts";
import { isTupleArray, toTuple } from "./_tuple.ts";

/** An array that is a `tuple` in Python; see {@linkcode tuple}. */
export type Tuple<T extends readonly unknown[] = readonly unknown[]> =
  & Readonly<T>
  & {
    /** Tells a tuple from other arrays. */
    readonly [Symbol.toStringTag]: "Tuple";
  };

/**
 * Makes what is a `tuple` in Python: an array that is frozen. Other arrays are a `list` there.
 *
 * What Python sends as a tuple arrives as one, and can be read like any array.
 *
 * @param items The items.
 * @returns A new array.
 *
 * @example Send what Python can use as a key
 * ```ts
 * import { isTuple, tuple } from "@weft/concurrency/cluster";
 * import { assert, assertThrows } from "@std/assert";
 *
 * const point = tuple(1, 2);
 * const [x, y] = point;
 * assert(x + y === 3 && isTuple(point) && !isTuple([1, 2]));
 * assertThrows(() => (point as unknown as number[]).push(3), TypeError);
 * ```
 */
export function tuple<T extends readonly unknown[]>(...items: T): Tuple<T> {
  return toTuple<Tuple<T>>(items as unknown as unknown[]);
}

/**
 * Says whether a value is a {@linkcode tuple}.
 *
 * @param value Anything.
 * @returns Whether it was made by `tuple`, or came from Python as one.
 *
 * @example Tell a tuple from a list
 * ```ts
 * import { isTuple, tuple } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([tuple(1, 2), [1, 2]].map(isTuple), [true, false]);
 * ```
 */
export function isTuple(value: unknown): value is Tuple {
  return isTupleArray(value);
}

/**
 * A number that is a `float` in Python, even if it is integral.
 *
 * JavaScript has one type for `1` and `1.0`. Plain numbers are sent as `int` when they are integral, as most Python
 * functions that take an `int` refuse a `float`.
 *
 * @example Send 1.0
 * ```ts
 * import { pyFloat } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pyFloat(1).value, 1);
 * ```
 */
export class PyFloat {
  /** The number. */
  readonly value: number;

  /**
   * Creates the float of a number.
   *
   * @param value The number.
   */
  constructor(value: number) {
    this.value = Number(value);
  }

  /** The number, for arithmetic. */
  valueOf(): number {
    return this.value;
  }
}

/**
 * Makes what is a `float` in Python, even if it is integral.
 *
 * @param value The number.
 * @returns What to send in its place.
 *
 * @example Send two arguments, an int and a float
 * ```ts
 * import { pyFloat } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const args = [2, pyFloat(2)]; // In Python, 2 and 2.0.
 * assertEquals(args.map(Number), [2, 2]);
 * ```
 */
export function pyFloat(value: number): PyFloat {
  return new PyFloat(value);
}

/**
 * A set that is a `frozenset` in Python: it cannot change, and can be an item of another set or a key.
 *
 * @example Send a set of sets
 * ```ts
 * import { FrozenSet } from "@weft/concurrency/cluster";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const pairs = new Set([new FrozenSet(["a", "b"]), new FrozenSet(["c"])]);
 * assertEquals(pairs.size, 2);
 * assertThrows(() => new FrozenSet([1]).add(2), TypeError);
 * ```
 */
export class FrozenSet<T = unknown> extends Set<T> {
  /**
   * Creates a set of items.
   *
   * @param items The items; none if they are left out.
   */
  constructor(items: Iterable<T> = []) {
    super();
    for (const item of items) super.add(item);
  }

  /**
   * Always throws, as the set is frozen.
   *
   * @throws {TypeError} In any case.
   */
  override add(_value: T): never {
    return refuseChange();
  }

  /**
   * Always throws, as the set is frozen.
   *
   * @throws {TypeError} In any case.
   */
  override delete(_value: T): never {
    return refuseChange();
  }

  /**
   * Always throws, as the set is frozen.
   *
   * @throws {TypeError} In any case.
   */
  override clear(): never {
    return refuseChange();
  }

  /**
   * Has it stay one in queues and other threads.
   *
   * @internal
   */
  [toHandle](): HandleForm {
    return { kind: "frozen-set", state: [...this] };
  }
}

registerHandle("frozen-set", (state) => new FrozenSet(state as unknown[]));

/** Options for {@linkcode PythonError}. */
export interface PythonErrorOptions {
  /**
   * Module of the exception's class.
   *
   * @default {"builtins"}
   */
  readonly module?: string | undefined;
  /**
   * Further attributes of the exception.
   *
   * @default {none}
   */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * An exception of Python.
 *
 * What a Python function raised arrives as one; thrown by a function that Python calls, it is raised there as
 * the class that it names, if that is one of Python's own exceptions.
 *
 * @example Raise a KeyError in Python
 * ```ts
 * import { PythonError } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new PythonError("KeyError", ["name"]);
 * assertEquals([error.name, error.message, error.args], ["KeyError", "'name'", ["name"]]);
 * ```
 */
export class PythonError extends Error {
  /** Name of the class, such as `"ValueError"`. */
  override readonly name: string;
  /** Module of the class, such as `"builtins"`. */
  readonly module: string;
  /** What the exception was created with. */
  readonly args: readonly unknown[];
  /** Further attributes. */
  readonly attributes: Readonly<Record<string, unknown>>;

  /**
   * Creates the exception.
   *
   * @param name Name of the class.
   * @param args What the exception is created with; the message is made of them as Python's `str()` does.
   * @param options Where the class is, and further attributes.
   */
  constructor(name: string, args: readonly unknown[] = [], options: PythonErrorOptions = {}) {
    super(exceptionText(name, args));
    this.name = name;
    this.module = options.module ?? "builtins";
    this.args = args;
    this.attributes = options.attributes ?? {};
  }
}

registerError(PythonError);

function refuseChange(): never {
  throw new TypeError("Cannot change a FrozenSet as it is frozen");
}
