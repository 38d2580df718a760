// Copyright 2026 the Weft authors. MIT license.

import {
  type Caller,
  type Keywords,
  NoSuchMethodError,
  type Served,
  showTarget,
} from "./_served.ts";
import { PythonError } from "./python_values.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** Never told or called, whatever has them. */
const refused = new Set(["constructor", "then", "catch", "finally", "toJSON", "valueOf"]);
/** Python makes a `def` of each name that it is told. */
const identifier = /^[A-Za-z][A-Za-z0-9_]*$/;
const namespaceMethods = ["__getattribute__", "__setattr__", "__delattr__"];

/**
 * Serves an object of the user's with the methods that it has when it is first asked for, its own and those of its
 * classes, but for names that begin with `_`. A plain object is a `Namespace` too: its data can be read and set.
 */
export class ServedObject implements Served {
  readonly exposed: readonly string[];
  readonly #target: Record<string, unknown>;
  readonly #methods = new Map<string, AnyFunction>();
  readonly #isPlain: boolean;

  constructor(target: object) {
    this.#target = target as Record<string, unknown>;
    const prototype = Object.getPrototypeOf(target);
    this.#isPlain = prototype === null || prototype === Object.prototype;
    for (let at = target; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
        if (typeof value === "function" && isPublic(name) && !this.#methods.has(name)) {
          this.#methods.set(name, value);
        }
      }
    }
    // The others are not told: a proxy of Python that makes its methods of what it is told would call itself.
    this.exposed = [...this.#methods.keys()];
  }

  /** Arguments by name come as an object after the others. */
  call(name: string, args: readonly unknown[], keywords: Keywords, _caller: Caller): unknown {
    const method = this.#methods.get(name);
    if (method !== undefined) {
      const more = Object.keys(keywords).length > 0 ? [keywords] : [];
      return Reflect.apply(method, this.#target, [...args, ...more]);
    }
    if (this.#isPlain && namespaceMethods.includes(name)) return this.#access(name, args);
    if (name === "#GETVALUE" && this.#isPlain) return this.#data();
    if (["#GETVALUE", "__repr__", "__str__"].includes(name)) return showTarget(this.#target);
    throw new NoSuchMethodError(`there is no method ${JSON.stringify(name)}`);
  }

  #access(method: string, [key, value]: readonly unknown[]): unknown {
    // What every object has by itself is not data: the program here would trip over it.
    if (typeof key !== "string" || !isPublic(key) || key in Object.prototype) {
      throw new PythonError("AttributeError", ["there is no such attribute"]);
    }
    const own = Object.getOwnPropertyDescriptor(this.#target, key);
    const isData = own !== undefined && "value" in own && typeof own.value !== "function";
    if (method === "__setattr__") {
      if (own !== undefined && !isData) throw new TypeError(`Cannot set ${key}`);
      this.#target[key] = value;
      return null;
    }
    if (!isData) throw new PythonError("AttributeError", [`no attribute '${key}'`]);
    if (method === "__getattribute__") return own.value;
    delete this.#target[key];
    return null;
  }

  /** What of it is data. */
  #data(): Record<string, unknown> {
    const entries = Object.entries(this.#target).filter(([key, value]) =>
      isPublic(key) && typeof value !== "function"
    );
    return Object.fromEntries(entries);
  }
}

function isPublic(name: string): boolean {
  return identifier.test(name) && !refused.has(name);
}
