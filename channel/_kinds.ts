// Copyright 2026 the Weft authors. MIT license.

import { Guard } from "../sync/guard.ts";
import { toHandle } from "../sync/handle.ts";

/** How an object is cloned; `"refused"` is not. */
export type Kind =
  | "object"
  | "array"
  | "map"
  | "set"
  | "date"
  | "regexp"
  | "boxed"
  | "buffer"
  | "view"
  | "attached"
  | "error"
  | "handle"
  | "refused";

/** What a prototype says about the objects that have it. */
interface Brand {
  readonly kind: Kind;
  /**
   * Throws for an object that has the prototype but is not of the kind, such as
   * `Object.create(Map.prototype)`; that is then cloned as a plain object.
   */
  readonly test?: ((value: object) => unknown) | undefined;
}

/** A native method that throws for anything but its own kind. */
function native(prototype: object, name: string): (value: object) => unknown {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  const method = property?.get ?? property?.value;
  return (value) => method.call(value);
}

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const AsyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}.prototype),
);

/** Brands of the classes of the language. */
const brands = new WeakMap<object, Brand>([
  [Map.prototype, { kind: "map", test: native(Map.prototype, "size") }],
  [Set.prototype, { kind: "set", test: native(Set.prototype, "size") }],
  [Date.prototype, { kind: "date", test: native(Date.prototype, "getTime") }],
  [RegExp.prototype, { kind: "regexp", test: native(RegExp.prototype, "source") }],
  [Number.prototype, { kind: "boxed", test: native(Number.prototype, "valueOf") }],
  [String.prototype, { kind: "boxed", test: native(String.prototype, "valueOf") }],
  [Boolean.prototype, { kind: "boxed", test: native(Boolean.prototype, "valueOf") }],
  [BigInt.prototype, { kind: "boxed", test: native(BigInt.prototype, "valueOf") }],
  [ArrayBuffer.prototype, { kind: "buffer", test: native(ArrayBuffer.prototype, "byteLength") }],
  [SharedArrayBuffer.prototype, {
    kind: "attached",
    test: native(SharedArrayBuffer.prototype, "byteLength"),
  }],
  [WebAssembly.Module.prototype, { kind: "attached" }],
  [TypedArrayPrototype, { kind: "view", test: native(TypedArrayPrototype, "buffer") }],
  [DataView.prototype, { kind: "view", test: native(DataView.prototype, "buffer") }],
  // No test: classes from before `class` give objects that are errors by their prototype alone.
  [Error.prototype, { kind: "error" }],
  [Guard.prototype, { kind: "refused" }],
  [Iterator.prototype, { kind: "refused" }],
  [AsyncIteratorPrototype, { kind: "refused" }],
]);

/** Brands by prototype, of all classes that were met. */
const met = new WeakMap<object, Brand>();

/**
 * Makes the instances of a class, and of its subclasses, a `DataCloneError` instead of plain objects.
 *
 * @param refused A class whose state is not in its fields, such as `Thread`.
 */
export function refuseInstances(refused: { readonly prototype: object }): void {
  brands.set(refused.prototype, { kind: "refused" });
}

/** Says how an object is cloned. */
export function kindOf(value: object): Kind {
  if (Array.isArray(value)) return toHandle in value ? "handle" : "array";
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return "object";
  const { kind, test } = met.get(prototype) ?? classify(prototype);
  if (kind === "object") return Error.isError(value) ? "error" : "object";
  return test === undefined || passes(test, value) ? kind : "object";
}

function passes(test: (value: object) => unknown, value: object): boolean {
  try {
    test(value);
    return true;
  } catch {
    return false;
  }
}

function classify(prototype: object): Brand {
  const brand = typeof (prototype as { [toHandle]?: unknown })[toHandle] === "function"
    ? { kind: "handle" as const }
    : inherited(prototype);
  met.set(prototype, brand);
  return brand;
}

function inherited(prototype: object): Brand {
  for (const ancestor of chainOf(prototype)) {
    const known = brands.get(ancestor);
    if (known !== undefined) return known;
  }
  for (const ancestor of chainOf(prototype)) {
    // Classes extend EventTarget for its methods, and nothing is lost that methods are not.
    const isBase = ancestor === EventTarget.prototype && ancestor !== prototype;
    if (!isBase && isPlatformPrototype(ancestor)) return { kind: "refused" };
  }
  return { kind: "object" };
}

function* chainOf(prototype: object): Generator<object> {
  let current: object | null = prototype;
  while (current !== null && current !== Object.prototype) {
    yield current;
    current = Object.getPrototypeOf(current);
  }
}

/**
 * Recognises the classes of the platform: `Promise`, `URL`, `Request`, `Intl.NumberFormat`, … Their
 * state is out of reach. `structuredClone` refuses most of them and makes `{}` of the others
 * (`AbortSignal`, `FormData`); an empty object is never what the caller meant, so all are refused.
 */
function isPlatformPrototype(prototype: object): boolean {
  const constructor = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function") return false;
  const name = Object.getOwnPropertyDescriptor(constructor, "name")?.value;
  if (typeof name !== "string") return false;
  const { Temporal } = globalThis as { Temporal?: object };
  for (const namespace of [globalThis, Intl, WebAssembly, Deno, Temporal]) {
    if (namespace === undefined) continue;
    const property = Object.getOwnPropertyDescriptor(namespace, name);
    // A class that a program puts on globalThis by assignment is enumerable, those of the platform are not.
    if (property === undefined || (namespace === globalThis && property.enumerable)) continue;
    const value = property.get === undefined ? property.value : property.get.call(namespace);
    if (value === constructor) return true;
  }
  return false;
}
