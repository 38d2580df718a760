// Copyright 2026 the Weft authors. MIT license.

// Values as Python shows them, near enough for messages. What is long is cut: the values come from
// others, who could have one text made of the same value over and over.

import { isTupleArray } from "./_tuple.ts";

/** Exceptions whose text is like "[Errno 2] No such file or directory: 'name'". */
const systemErrors = new Set([
  "BlockingIOError",
  "BrokenPipeError",
  "ChildProcessError",
  "ConnectionAbortedError",
  "ConnectionError",
  "ConnectionRefusedError",
  "ConnectionResetError",
  "FileExistsError",
  "FileNotFoundError",
  "InterruptedError",
  "IsADirectoryError",
  "NotADirectoryError",
  "OSError",
  "PermissionError",
  "ProcessLookupError",
  "TimeoutError",
]);

/** Longest text of a string, in a text of several values. */
const longestString = 200;
/** Most items that are shown, of all. */
const mostItems = 32;
/** Containers within each other that are shown. */
const mostDepth = 4;

/** The text that Python's `str()` gives for an exception. */
export function exceptionText(name: string, args: readonly unknown[]): string {
  const [first, second, third] = args;
  if (args.length === 0) return "";
  if (args.length === 1) {
    return typeof first === "string" && name !== "KeyError" ? first : pythonText(first);
  }
  if (systemErrors.has(name)) {
    const file = third === undefined || third === null ? "" : `: ${pythonText(third)}`;
    return `[Errno ${plainText(first)}] ${plainText(second)}${file}`;
  }
  if (name.endsWith("ExceptionGroup") && Array.isArray(second)) {
    const { length } = second;
    return `${plainText(first)} (${length} sub-exception${length === 1 ? "" : "s"})`;
  }
  return pythonText(args, true);
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : pythonText(value);
}

/** The text that Python's `repr()` gives for a value. */
function pythonText(value: unknown, asTuple = false): string {
  let left = mostItems;

  function show(value: unknown, depth: number, asTuple = false): string {
    switch (typeof value) {
      case "string":
        return stringText(value);
      case "boolean":
        return value ? "True" : "False";
      case "number":
        return numberText(value);
      case "bigint":
        return BigInt.asIntN(512, value) === value ? String(value) : "…";
    }
    if (typeof value !== "object" || value === null) return "None";
    if (depth > mostDepth) return "…";
    const primitive: unknown = value instanceof Date ? value : value.valueOf();
    if (typeof primitive === "number") return floatText(primitive);
    if (Array.isArray(value)) {
      const text = join(value, (item) => show(item, depth + 1));
      if (!asTuple && !isTupleArray(value)) return `[${text}]`;
      return value.length === 1 ? `(${text},)` : `(${text})`;
    }
    if (value instanceof Uint8Array) return `b'…'`;
    if (value instanceof Error) return `${value.name}(…)`;
    if (value instanceof Set) return `{${join(value, (item) => show(item, depth + 1))}}`;
    const pairs = value instanceof Map ? value : pairsOf(value);
    return `{${join(pairs, ([key, item]) => `${show(key, depth + 1)}: ${show(item, depth + 1)}`)}}`;
  }

  function join<T>(items: Iterable<T>, toText: (item: T) => string): string {
    const texts: string[] = [];
    for (const item of items) {
      if (--left < 0) {
        texts.push("…");
        break;
      }
      texts.push(toText(item));
    }
    return texts.join(", ");
  }

  return show(value, 0, asTuple);
}

function* pairsOf(value: object): Generator<[string, unknown]> {
  for (const key in value) yield [key, Reflect.get(value, key)];
}

/** A whole number is an int. */
function numberText(value: number): string {
  return Number.isInteger(value) && !Object.is(value, -0)
    ? String(BigInt(value))
    : floatText(value);
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) {
    return String(value).replace("NaN", "nan").replace("Infinity", "inf");
  }
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size >= 1e16 || (size > 0 && size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function stringText(value: string): string {
  const shown = value.length > longestString ? `${value.slice(0, longestString)}…` : value;
  const text = JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"');
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? `'${text.replaceAll("'", "\\'")}'` : `"${text}"`;
}
