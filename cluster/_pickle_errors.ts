// Copyright 2026 the Weft authors. MIT license.

// Errors as exceptions of Python and back. An error of JavaScript is an ordinary exception over there;
// its attribute `weft_name` lets a reader of Weft make it what it was.

import { QueueClosedError, QueueEmptyError, QueueFullError } from "../channel/errors.ts";
import { BrokenBarrierError, LockAbandonedError } from "../sync/errors.ts";
import { findGlobal, type PythonGlobal } from "./_pickle_globals.ts";
import { PythonError } from "./python_values.ts";

/** An exception of Python, as it is written. */
export interface ExceptionForm {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
}

type Create = (message: string) => Error;

/** The classes that are made of a `weft_name`. */
const created = new Map<string, Create>(
  [
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    LockAbandonedError,
    QueueClosedError,
    QueueEmptyError,
    QueueFullError,
  ].map((errorClass) => [errorClass.name, (message: string) => new errorClass(message)]),
);

/** The exceptions that are errors of Weft. */
const ours = new Map<string, Create>([
  ["queue.Empty", (message) => new QueueEmptyError(message || "The queue is empty")],
  ["queue.Full", (message) => new QueueFullError(message || "The queue is full")],
  ["queue.ShutDown", (message) => new QueueClosedError(message || "The queue is closed")],
  ["threading.BrokenBarrierError", createBrokenBarrier],
]);

/** Python classes whose meaning is that of an error here. */
const counterparts: Readonly<Record<string, string>> = {
  TypeError: "TypeError",
  RangeError: "ValueError",
  "DOMException.TimeoutError": "TimeoutError",
};

const exceptionPrefix = "DOMException.";

/** Creates the error for an exception. */
export function createException({ module, name }: PythonGlobal, args: readonly unknown[]): Error {
  const create = ours.get(`${module}.${name}`);
  if (create === undefined) return withoutStack(new PythonError(name, args, { module }));
  return withoutStack(create(typeof args[0] === "string" ? args[0] : ""));
}

/**
 * Gives an error the attributes of its exception.
 *
 * @returns The error, or the one that takes its place.
 */
export function withAttributes(error: Error, attributes: Record<string, unknown>): Error {
  // The errors of Weft have no place for them.
  if (!(error instanceof PythonError)) return error;
  const name = Object.hasOwn(attributes, "weft_name") ? attributes.weft_name : undefined;
  const revived = typeof name === "string" ? revive(name, error.message) : undefined;
  if (revived !== undefined) return revived;
  Object.defineProperty(error, "attributes", { value: { ...error.attributes, ...attributes } });
  return error;
}

function revive(name: string, text: string): Error | undefined {
  if (name.startsWith(exceptionPrefix)) {
    const shortName = name.slice(exceptionPrefix.length);
    return withoutStack(new DOMException(withoutPrefix(text, shortName), shortName));
  }
  const create = created.get(name);
  return create === undefined ? undefined : withoutStack(create(withoutPrefix(text, name)));
}

/** Drops the stack of an error, which is that of the reader and says nothing of where it comes from. */
function withoutStack(error: Error): Error {
  return Object.defineProperty(error, "stack", {
    value: `${error.name}: ${error.message}`,
    writable: true,
    configurable: true,
  });
}

function withoutPrefix(text: string, name: string): string {
  return text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
}

/** Finds what an error is in Python. */
export function toException(error: Error): ExceptionForm {
  if (error instanceof PythonError) {
    const { args, attributes } = error;
    const known = findGlobal(error.module, error.name);
    if (known?.kind !== "exception") return runtimeError(error.name, error.message);
    const some = Object.keys(attributes).length > 0;
    const { module, name } = known;
    return { module, name, args, attributes: some ? attributes : undefined };
  }
  const name = String(error.name);
  const message = String(error.message);
  switch (name) {
    case "QueueEmptyError":
      return { module: "queue", name: "Empty", args: [], attributes: undefined };
    case "QueueFullError":
      return { module: "queue", name: "Full", args: [], attributes: undefined };
    case "BrokenBarrierError":
      return { module: "threading", name, args: [], attributes: undefined };
  }
  const isException = error instanceof DOMException;
  const fullName = isException ? exceptionPrefix + name : name;
  const known = isException || created.has(name);
  const attributes = known ? { weft_name: fullName } : undefined;
  const counterpart = Object.hasOwn(counterparts, fullName) ? counterparts[fullName] : undefined;
  if (counterpart === undefined) return runtimeError(name, message, attributes);
  return { module: "builtins", name: counterpart, args: [message], attributes };
}

function runtimeError(
  name: string,
  message: string,
  attributes?: Record<string, unknown>,
): ExceptionForm {
  const text = name === "Error" ? message : `${name}: ${message}`;
  return { module: "builtins", name: "RuntimeError", args: [text], attributes };
}

function createBrokenBarrier(message: string): Error {
  return new BrokenBarrierError(message || "The barrier is broken");
}
