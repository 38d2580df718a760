// Copyright 2026 the Weft authors. MIT license.

/*
 * What a manager serves an object with: methods with the names, parameters and meaning that Python's object of the
 * kind has.
 */

import { PyFloat } from "./python_values.ts";

/** Arguments by name, as Python has them. */
export type Keywords = Readonly<Record<string, unknown>>;

/** Who calls: one connection of a client. */
export interface Caller {
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Notes something that is undone when the client goes without having undone it. */
  hold(target: object, release: () => void): void;
  /** Takes back the last such note on an object; tells whether there was one. */
  drop(target: object): boolean;
  /** Notes how items that go out with the reply are put back if the client turns out not to have got them. */
  take(giveBack: () => void): void;
}

/** An object as a manager serves it. */
export interface Served {
  /** The names that clients are told. */
  readonly exposed: readonly string[];
  /**
   * Calls a method; it may give a promise.
   *
   * @throws {NoSuchMethodError} If it has none of this name.
   */
  call(name: string, args: readonly unknown[], keywords: Keywords, caller: Caller): unknown;
}

/** Says that an object has no method of a name. */
export class NoSuchMethodError extends Error {
  override readonly name = "NoSuchMethodError";
}

/**
 * A method: its parameters, those with `=` at the end being optional and `**` being the other arguments by name, and what
 * it does.
 */
export type Method<T> = readonly [
  params: string,
  // The arguments come from outside: each method looks at what it takes itself.
  // deno-lint-ignore no-explicit-any
  run: (target: T, args: any[], caller: Caller) => unknown,
];

/** The methods of a kind of object; a plain object without prototype, so that it has no others. */
export type Methods<T> = Readonly<Record<string, Method<T>>>;

/** Parameters that are numbers or names in every method. */
const scalars = new Set(["index", "most", "n", "name", "timeout"]);

/** Names that every object answers to without telling so. */
const hidden = ["#GETVALUE", "__repr__", "__str__"];
/** Names that the proxies of Python's classes know; one that makes its methods of what it is told would call itself. */
const untold = [...hidden, "__getattribute__"];

/** An object of a kind that Python knows. */
export class ServedKind<T extends object> implements Served {
  readonly exposed: readonly string[];
  readonly #target: T;
  readonly #methods: ReadonlyMap<string, Method<T>>;

  constructor(target: T, methods: ReadonlyMap<string, Method<T>>) {
    this.#target = target;
    this.#methods = methods;
    this.exposed = [...methods.keys()].filter((name) => !untold.includes(name));
  }

  call(name: string, args: readonly unknown[], keywords: Keywords, caller: Caller): unknown {
    const method = this.#methods.get(name);
    if (method !== undefined) {
      return method[1](this.#target, bind(name, method[0], args, keywords), caller);
    }
    if (hidden.includes(name)) return showTarget(this.#target);
    throw new NoSuchMethodError(`there is no method ${JSON.stringify(name)}`);
  }
}

/** Makes a table of methods. */
export function methodsOf<T>(methods: Methods<T>): ReadonlyMap<string, Method<T>> {
  return new Map(Object.entries(methods));
}

/** What people are shown of an object. */
export function showTarget(target: object): string {
  return Deno.inspect(target, { depth: 2, colors: false });
}

/**
 * Checks that an argument can be converted at once: the text of nested lists can be longer than any memory.
 *
 * @throws {TypeError} If it cannot.
 */
export function checkScalar(value: unknown): void {
  if (typeof value !== "object" || value === null || value instanceof PyFloat) return;
  throw new TypeError("a number or text is needed, and not an object");
}

/** Milliseconds of a number of seconds; of none, without limit. */
export function toMilliseconds(seconds: unknown): number {
  if (seconds === null || seconds === undefined) return Infinity;
  const value = seconds instanceof PyFloat ? seconds.value : seconds;
  if (typeof value === "bigint") return value < 0n ? -1 : Infinity;
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError("the timeout is not a number of seconds");
  }
  if (value < 0) throw new RangeError("'timeout' must be a non-negative number");
  return value * 1000;
}

/** Brings the arguments of a call into the order of its parameters, as Python does. */
function bind(
  name: string,
  params: string,
  args: readonly unknown[],
  keywords: Keywords,
): unknown[] {
  const rest = params.endsWith(" **") ? {} as Record<string, unknown> : undefined;
  const names = params === "" ? [] : params.replace(/ \*\*$/, "").split(" ");
  if (args.length > names.length) {
    throw new TypeError(`${name}() takes at most ${names.length} arguments (${args.length} given)`);
  }
  const bound: unknown[] = [...args];
  for (const [key, value] of Object.entries(keywords)) {
    const at = names.findIndex((param) => param === key || param === `${key}=`);
    if (at < 0) {
      if (rest === undefined) {
        throw new TypeError(`${name}() got an unexpected keyword argument '${key}'`);
      }
      Object.defineProperty(rest, key, { value, enumerable: true });
      continue;
    }
    if (at < args.length) {
      throw new TypeError(`${name}() got multiple values for argument '${key}'`);
    }
    bound[at] = value;
  }
  names.forEach((param, at) => {
    if (at in bound) return;
    if (!param.endsWith("=")) throw new TypeError(`${name}() is missing its argument '${param}'`);
    bound[at] = undefined;
  });
  names.forEach((param, at) => {
    if (scalars.has(param.replace("=", ""))) checkScalar(bound[at]);
  });
  if (rest !== undefined) bound.push(rest);
  return bound;
}
