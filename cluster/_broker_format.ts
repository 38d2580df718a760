// Copyright 2026 the Weft authors. MIT license.

import { decode, encode } from "../channel/codec.ts";
import type { BrokerFormat } from "./broker_options.ts";

const toText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const toBytes = new TextEncoder();

/**
 * Writes an item.
 *
 * @throws {DOMException} Named `DataCloneError`, if a part of it cannot be written; it names the path.
 */
export function writeItem(item: unknown, format: BrokerFormat): Uint8Array {
  // Handles are on what is in the memory of one machine.
  if (format === "codec") return encode(item, { destination: "process", handles: false });
  return toBytes.encode(writeJson(item));
}

/**
 * Reads an item, which anybody can have put.
 *
 * @throws {DOMException} Named `DataCloneError`, if it cannot be read.
 */
export function readItem(bytes: Uint8Array, format: BrokerFormat): unknown {
  if (format === "codec") return decode(bytes, { handles: false });
  try {
    return JSON.parse(toText.decode(bytes));
  } catch (error) {
    throw new DOMException(`Cannot read JSON: ${(error as Error).message}`, "DataCloneError");
  }
}

/** Writes JSON, and refuses what would not come out again, but for properties that are undefined. */
function writeJson(item: unknown): string {
  const paths = new Map<object, string>();
  const ancestors: object[] = [];
  return JSON.stringify(item, function (this: object, key, value: unknown) {
    const isRoot = paths.size === 0 && key === "";
    const path = isRoot ? "$" : `${paths.get(this)}${segment(this, key)}`;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    const what = describe(value, isRoot || Array.isArray(this));
    if (what !== undefined) throw refusal(path, what);
    if (isRoot) paths.set(this, "");
    if (typeof value !== "object" || value === null) return value;
    if (ancestors.includes(value)) throw refusal(path, "a cycle");
    ancestors.push(value);
    paths.set(value, path);
    return value;
  });
}

/** Says what a value is that JSON has no form for. */
function describe(value: unknown, needed: boolean): string | undefined {
  switch (typeof value) {
    case "function":
    case "symbol":
    case "bigint":
      return `a ${typeof value}`;
    case "undefined":
      return needed ? "undefined" : undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `${value}`;
    case "object":
      if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`;
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return "binary data";
      return undefined;
    default:
      return undefined;
  }
}

function segment(holder: object, key: string): string {
  if (Array.isArray(holder)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

function refusal(path: string, what: string): DOMException {
  return new DOMException(
    `Cannot write ${path} as JSON has no form for it: current value is ${what}`,
    "DataCloneError",
  );
}
