// Copyright 2026 the Weft authors. MIT license.

import { BrokenBarrierError, LockAbandonedError } from "../sync/errors.ts";

/** A class of errors, with whatever constructor. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** What an error consists of; `_encoder.ts` writes it in this order. */
export interface ErrorForm {
  /** Name of the nearest class that both sides know. */
  readonly className: string;
  /** Message and name, for a `DOMException`, which takes them from its constructor alone. */
  readonly exception: readonly [message: string, name: string] | undefined;
  /** Own properties to be made non-enumerable, as native errors have them. */
  readonly hidden: readonly Property[];
  /** Own enumerable properties. */
  readonly shown: readonly Property[];
}

type Property = readonly [key: string, value: unknown];

/** Reads a property of an error; {@linkcode Reflect.get} or something more forgiving. */
type Read = (error: object, key: string) => unknown;

const prototypes = new Map<string, object>();
const classNames = new Map<object, string>();

function add(name: string, errorClass: ErrorClass | undefined): void {
  if (errorClass === undefined) return;
  prototypes.set(name, errorClass.prototype);
  classNames.set(errorClass.prototype, name);
}

for (
  const errorClass of [
    Error,
    AggregateError,
    DOMException,
    EvalError,
    RangeError,
    ReferenceError,
    SuppressedError,
    SyntaxError,
    TypeError,
    URIError,
  ]
) add(errorClass.name, errorClass);
const { CompileError, LinkError, RuntimeError } = WebAssembly;
for (const errorClass of [CompileError, LinkError, RuntimeError]) {
  add(`WebAssembly.${errorClass.name}`, errorClass);
}
for (const [name, errorClass] of Object.entries(Deno.errors)) {
  add(`Deno.errors.${name}`, errorClass);
}

add(BrokenBarrierError.name, BrokenBarrierError);
add(LockAbandonedError.name, LockAbandonedError);

/**
 * Makes errors of one class arrive as that class, known by its name.
 *
 * The constructor does not run on arrival: state must be in own enumerable properties, since private
 * fields (`#x`) would be missing. Registering a class twice does nothing.
 *
 * @param errorClass A class that both sides register.
 * @throws {TypeError} If another class of that name is known.
 */
export function registerError(errorClass: ErrorClass): void {
  const known = prototypes.get(errorClass.name);
  if (known !== undefined && known !== errorClass.prototype) {
    throw new TypeError(
      `Cannot register two error classes of the same name: current value is "${errorClass.name}"`,
    );
  }
  add(errorClass.name, errorClass);
}

/**
 * Takes an error apart.
 *
 * @param error An error of any class.
 * @param read Reads a property of it; what it throws goes to the caller.
 * @returns Its parts, with values that are not yet encoded.
 */
export function describeError(error: object, read: Read = Reflect.get): ErrorForm {
  const prototype = nearestPrototype(error);
  const keys = Object.keys(error);
  const isException = isExceptionPrototype(prototype);
  const hidden: Property[] = [];
  const hide = (key: string, value: unknown) => hidden.push([key, value]);

  const name = read(error, "name");
  if (!isException && !keys.includes("name") && name !== Reflect.get(prototype, "name")) {
    hide("name", name);
  }
  const message = read(error, "message");
  if (!isException && (Object.hasOwn(error, "message") || message !== "")) hide("message", message);
  const stack = read(error, "stack");
  if (typeof stack === "string") hide("stack", stack);
  if (Object.hasOwn(error, "cause")) hide("cause", read(error, "cause"));
  for (const key of ["errors", "error", "suppressed"]) {
    if (Object.hasOwn(error, key) && !keys.includes(key)) hide(key, read(error, key));
  }

  return {
    className: classNames.get(prototype)!,
    exception: isException ? [String(message), String(name)] : undefined,
    hidden,
    shown: keys
      .filter((key) => key !== "message" && key !== "stack" && key !== "cause")
      .map((key) => [key, read(error, key)]),
  };
}

/**
 * Creates an error that has no properties yet. It is a real one (`Error.isError`) of the class named,
 * or an `Error` of that name if this side does not know the class.
 */
export function createError(className: string, exception: ErrorForm["exception"]): Error {
  const prototype = prototypes.get(className);
  if (exception !== undefined) {
    const error = new DOMException(...exception);
    return prototype === undefined ? error : Object.setPrototypeOf(error, prototype);
  }
  const error = new Error();
  if (prototype !== undefined) return Object.setPrototypeOf(error, prototype);
  hideProperty(error, "name", className);
  return error;
}

/** Defines a property of an error as native errors have theirs. */
export function hideProperty(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/** Says whether errors of a known class are made by the constructor of `DOMException`. */
export function isExceptionClass(className: string): boolean {
  return isExceptionPrototype(prototypes.get(className) ?? Error.prototype);
}

function isExceptionPrototype(prototype: object): boolean {
  return prototype === DOMException.prototype || prototype instanceof DOMException;
}

function nearestPrototype(error: object): object {
  let prototype = Object.getPrototypeOf(error);
  while (prototype !== null && !classNames.has(prototype)) {
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototype ?? Error.prototype;
}
