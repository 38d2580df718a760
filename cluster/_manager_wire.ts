// Copyright 2026 the Weft authors. MIT license.

// The messages of CPython's `multiprocessing.managers`.

import type { Keywords } from "./_served.ts";
import { pickle, pickleInto } from "./_pickle_writer.ts";
import { type PickleLimits, unpickle } from "./_pickle_reader.ts";
import { PickleError } from "./pickle_error.ts";
import { isTuple, tuple } from "./python_values.ts";

/** What a reply is. */
export type ReplyKind =
  | "#RETURN"
  | "#ERROR"
  | "#PROXY"
  | "#TRACEBACK"
  | "#UNSERIALIZABLE";

const replyKinds: ReadonlySet<unknown> = new Set<ReplyKind>([
  "#RETURN",
  "#ERROR",
  "#PROXY",
  "#TRACEBACK",
  "#UNSERIALIZABLE",
]);

/** A call: of the manager itself, or of an object. */
export interface Request {
  /** The object; `null` if the manager itself is meant. */
  readonly ident: unknown;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly keywords: Keywords;
}

/** Writes a call. */
export function writeRequest(
  ident: string | null,
  name: string,
  args: readonly unknown[],
  keywords: Keywords = {},
): Uint8Array {
  return pickle(tuple(ident, name, tuple(...args), keywords));
}

/**
 * Reads a call.
 *
 * @throws {PickleError} If it is none.
 */
export function readRequest(bytes: Uint8Array, limits: PickleLimits): Request {
  const value = unpickle(bytes, limits);
  if (isTuple(value) && value.length === 4) {
    const [ident, name, args, keywords] = value;
    if (typeof name === "string" && isTuple(args) && isDict(keywords)) {
      return { ident, name, args, keywords };
    }
  }
  throw new PickleError("The message is not a call", 0);
}

/** Writes a reply; its bytes are good until `use` returns. */
export function writeReply<T>(
  kind: ReplyKind,
  value: unknown,
  use: (bytes: Uint8Array) => T,
): T {
  return pickleInto(tuple(kind, value), use);
}

/**
 * Reads a reply.
 *
 * @throws {PickleError} If it is none.
 */
export function readReply(
  bytes: Uint8Array,
  limits: PickleLimits,
): { readonly kind: ReplyKind; readonly value: unknown } {
  const reply = unpickle(bytes, limits);
  if (isTuple(reply) && reply.length === 2 && replyKinds.has(reply[0])) {
    return { kind: reply[0] as ReplyKind, value: reply[1] };
  }
  throw new PickleError("The message is not a reply", 0);
}

/** Whether a value is a dict of Python whose keys are strings. */
function isDict(value: unknown): value is Keywords {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
