// Copyright 2026 the Weft authors. MIT license.

import { kindOf } from "./_kinds.ts";

/** Thrown inside the encoder at a part that cannot be cloned; the entry points turn it into an error. */
export class Refusal {
  /** The part. */
  readonly part: unknown;
  /** What it is, with an article. */
  readonly what: string;

  constructor(part: unknown, what: string = describe(part)) {
    this.part = part;
    this.what = what;
  }
}

/** Names what a value is, with an article: "a function", "an Array Iterator". */
export function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  let tag = "Object";
  try {
    tag = Object.prototype.toString.call(value).slice(8, -1);
    const { name } = value.constructor;
    if (tag === "Object" && typeof name === "string" && name !== "") tag = name;
  } catch {
    // A getter threw, or there is no constructor.
  }
  return `${/^[aeio]/i.test(tag) ? "an" : "a"} ${tag}`;
}

/**
 * Creates the error for a refused part of `root`.
 *
 * The path is searched only here, by walking everything again in the order of the encoder, so that
 * values that can be cloned do not pay for it.
 */
export function refusalError(root: unknown, { part, what }: Refusal): DOMException {
  const path = findPath(root, part);
  const message = path === undefined
    ? `Cannot clone $ as it holds ${what}`
    : `Cannot clone ${path} as it is ${what}`;
  return new DOMException(message, "DataCloneError");
}

/** A value and how it was reached. */
interface Step {
  readonly value: unknown;
  readonly name: string;
  readonly from: Step | undefined;
}

/** Longest path that is written out whole. */
const longestPath = 40;

/** Finds the first place of `part` in `root`. Has no recursion, since the value may be deep. */
function findPath(root: unknown, part: unknown): string | undefined {
  const seen = new Set<object>();
  const open: Step[] = [{ value: root, name: "$", from: undefined }];
  while (true) {
    const step = open.pop();
    if (step === undefined) return undefined;
    const { value } = step;
    if (value === part) return pathTo(step);
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const parts = partsOf(value);
    for (let i = parts.length - 1; i >= 0; i--) {
      const [name, inner] = parts[i]!;
      open.push({ value: inner, name, from: step });
    }
  }
}

function pathTo(step: Step): string {
  const names: string[] = [];
  for (let at: Step | undefined = step; at !== undefined; at = at.from) names.push(at.name);
  names.reverse();
  if (names.length > longestPath) names.splice(longestPath / 2, names.length - longestPath, "…");
  return names.join("");
}

type Part = readonly [name: string, value: unknown];

function partsOf(value: object): Part[] {
  try {
    switch (kindOf(value)) {
      case "map":
        return mapParts(value as Map<unknown, unknown>);
      case "set":
        return [...Set.prototype.values.call(value)].map((item, i) => [`.values()[${i}]`, item]);
      case "view":
        return [[".buffer", (value as ArrayBufferView).buffer]];
      case "error":
        return properties(value, ["cause", "errors", "error", "suppressed", ...Object.keys(value)]);
      case "array":
      case "object":
        return properties(value, Object.keys(value));
      case "handle":
        // Some are data as well.
        return Array.isArray(value) ? properties(value, Object.keys(value)) : [];
      default:
        return [];
    }
  } catch {
    // A proxy can throw from anything; the part is then reported without its path.
    return [];
  }
}

function properties(value: object, keys: string[]): Part[] {
  return keys.map((key) => {
    const name = segment(key, Array.isArray(value));
    try {
      return [name, Reflect.get(value, key)];
    } catch {
      return [name, undefined];
    }
  });
}

function segment(key: string, isArray: boolean): string {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)) return `.${key}`;
  return isArray && /^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}

function mapParts(map: Map<unknown, unknown>): Part[] {
  const parts: Part[] = [];
  let i = 0;
  for (const [key, value] of Map.prototype.entries.call(map)) {
    const isText = typeof key === "string" || typeof key === "number";
    parts.push([`.keys()[${i}]`, key]);
    parts.push([isText ? `.get(${JSON.stringify(key)})` : `.values()[${i}]`, value]);
    i++;
  }
  return parts;
}
