// Copyright 2026 the Weft authors. MIT license.

import { isTuple, PythonError, tuple } from "../../cluster/python_values.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { type PickleLimits, unpickle } from "../../cluster/_pickle_reader.ts";
import { PickleError } from "../../cluster/pickle_error.ts";
import { assertThrows } from "@std/assert";

/** Bytes written as a program: texts by their characters, numbers as bytes, arrays in turn. */
export type Part = string | number | Uint8Array | readonly Part[];

/** Puts bytes together. */
export function bytesOf(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const all: number[] = [];
  const add = (part: Part) => {
    if (typeof part === "number") all.push(part);
    else if (typeof part === "string") { for (const c of part) all.push(c.charCodeAt(0)); }
    else for (const inner of part) add(inner);
  };
  parts.forEach(add);
  return new Uint8Array(all);
}

/** A short str. */
export function text(value: string): Part {
  return [0x8c, value.length, value];
}

/** A name, by the opcode of protocol 4. */
export function stackGlobal(module: string, name: string): Part {
  return [text(module), text(name), 0x93];
}

/** 4 bytes, little-endian. */
export function uint32(value: number): Part {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

/** 8 bytes, little-endian. */
export function uint64(value: bigint): Part {
  return new Uint8Array(new BigUint64Array([value]).buffer);
}

/** Reads a program. */
export function read(...parts: readonly Part[]): unknown {
  return unpickle(bytesOf(...parts));
}

/** Reads a program that is refused. */
export function refusalOf(bytes: Uint8Array, limits?: PickleLimits): string {
  return assertThrows(() => unpickle(bytes, limits), PickleError).message;
}

/** Writes a value and reads it. */
export function roundTrip(value: unknown): unknown {
  return unpickle(pickle(value));
}

/** What names an exception. */
export const exception = stackGlobal("builtins", "ValueError");

/** An error by its parts, as it is compared by its message alone otherwise. */
export function plainOf(value: unknown): unknown {
  if (isTuple(value)) return tuple(...value.map(plainOf));
  if (!(value instanceof PythonError)) return value;
  const { name, module, args, attributes, message } = value;
  return { name, module, args, attributes, message };
}
