// Copyright 2026 the Weft authors. MIT license.

// What becomes of the names that a pickle mentions. Nothing here calls what it was given.

import { createException, withAttributes } from "./_pickle_errors.ts";
import { PythonGlobal } from "./_pickle_globals.ts";
import { type PickleInput, quote } from "./_pickle_input.ts";
import { FrozenSet, isTuple, type Tuple } from "./python_values.ts";
import { Slice } from "./_slice.ts";
import { type ManagerAddress, ProxyReference, Token } from "./_token.ts";
import { toTuple } from "./_tuple.ts";

/** What was created as a `Namespace`; it arrives as a plain object. */
const namespaces = new WeakSet<object>();

/** Says whether a value can hold others that are of interest, such as itself. */
export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) &&
    !(value instanceof PythonGlobal) && !(value instanceof Slice);
}

/** Says whether a value is what a dict with text keys becomes. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Says whether a value is what a list becomes. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && !isTuple(value);
}

/** Sets a property as data, whatever it is called. */
export function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else {
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}

/** Does what stands for a call in a pickle. */
export function callGlobal(
  input: PickleInput,
  called: unknown,
  args: unknown,
  createDict: () => object,
): unknown {
  if (!(called instanceof PythonGlobal)) input.fail("it calls what is not a name");
  if (!isTuple(args)) input.fail(`it calls ${nameOf(called)} without a tuple`);
  const first = args[0];
  switch (called.kind) {
    case "exception":
      return createException(called, args);
    case "set":
      return new Set(itemsOf(input, called, args));
    case "frozenset":
      return new FrozenSet(itemsOf(input, called, args));
    case "list":
      return [...itemsOf(input, called, args)];
    case "tuple":
      return toTuple([...itemsOf(input, called, args)]);
    case "dict":
      if (args.length === 0) return createDict();
      break;
    case "bytes":
    case "bytearray":
      if (args.length === 0) return new Uint8Array(0);
      if (args.length === 1 && first instanceof Uint8Array) return first;
      if (args.length === 2 && isLatin1(args)) return latin1(input, first as string);
      break;
    case "encode":
      if (args.length === 2 && isLatin1(args)) return latin1(input, first as string);
      break;
    case "slice":
      if (args.length === 3) return new Slice(first, args[1], args[2]);
      break;
    case "rebuild proxy":
      return toProxy(input, args);
  }
  return input.fail(`it calls ${nameOf(called)} with what it does not take`);
}

/** Does what stands for the creation of an object without its state. */
export function createObject(
  input: PickleInput,
  called: unknown,
  args: unknown,
): object {
  if (!(called instanceof PythonGlobal)) input.fail("it creates an object of what is not a name");
  if (isTuple(args) && args.length === 0) {
    if (called.kind === "token") return new Token("", "", "");
    if (called.kind === "namespace") {
      const object = {};
      namespaces.add(object);
      return object;
    }
  }
  return input.fail(`it creates a bare object of ${nameOf(called)}`);
}

/**
 * Does what stands for setting the state of an object.
 *
 * @returns The object, or the one that takes its place.
 */
export function setState(
  input: PickleInput,
  target: unknown,
  state: unknown,
): unknown {
  if (target instanceof Token) {
    fillToken(input, target, state);
    return target;
  }
  if (!isPlain(state)) input.fail("the state of an object is not a dict of attributes");
  input.allowCopy(Object.keys(state).length);
  if (target instanceof Error) return withAttributes(target, state);
  if (!isPlain(target) || !namespaces.has(target)) input.fail("it sets the state of plain data");
  for (const key of Object.keys(state)) setProperty(target, key, state[key]);
  return target;
}

function itemsOf(input: PickleInput, { module, name }: PythonGlobal, args: Tuple): unknown[] {
  if (args.length === 0) return [];
  const [items] = args;
  if (args.length > 1 || !Array.isArray(items)) {
    input.fail(`it calls ${module}.${name} with what is not a list`);
  }
  input.allowCopy(items.length);
  for (const item of items) input.allowKey(item);
  return items;
}

function isLatin1([text, encoding]: Tuple): boolean {
  return typeof text === "string" && typeof encoding === "string" &&
    ["latin1", "latin-1"].includes(encoding);
}

function latin1(input: PickleInput, text: string): Uint8Array<ArrayBuffer> {
  input.allowCopy(text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) input.fail("a byte is out of range");
    bytes[i] = code;
  }
  return bytes;
}

function fillToken(input: PickleInput, token: Token, state: unknown): void {
  if (isTuple(state) && state.length === 3) {
    const [typeid, address, id] = state;
    if (typeof typeid === "string" && typeof id === "string" && isAddress(address)) {
      Object.assign(token, { typeid, address, id });
      return;
    }
  }
  input.fail("the state of a Token is not that of one");
}

function isAddress(value: unknown): value is ManagerAddress {
  return typeof value === "string" ||
    (isTuple(value) && value.length === 2 && typeof value[0] === "string" &&
      typeof value[1] === "number");
}

function toProxy(input: PickleInput, [type, token, serializer, options]: Tuple): ProxyReference {
  if (
    !(type instanceof PythonGlobal) || type.kind !== "proxy" || !(token instanceof Token) ||
    !isPlain(options)
  ) input.fail("a proxy does not say what it is for");
  if (serializer !== "pickle") input.fail("a proxy has another serializer than pickle");
  const exposed = Object.hasOwn(options, "exposed") ? options.exposed : undefined;
  if (exposed === undefined || exposed === null) {
    return new ProxyReference(token, undefined, type.name);
  }
  if (Array.isArray(exposed)) input.allowCopy(exposed.length);
  if (!Array.isArray(exposed) || !exposed.every((name) => typeof name === "string")) {
    input.fail("the methods of a proxy are not names");
  }
  return new ProxyReference(token, [...exposed], type.name);
}

/** A name as it may stand in a message. */
export function nameOf({ module, name }: { module: string; name: string }): string {
  return quote(`${module}.${name}`).slice(1, -1);
}
