// Copyright 2026 the Weft authors. MIT license.

/*
 * What a pool and the programs that serve it tell each other through Redis.
 *
 *   pool                       Redis (keys of BullMQ and those below)                program that serves
 *   add job { name, data } ──▶ bull:NAME:ID, the wait list ──────────────────────▶ takes it, runs it
 *   reads the events ◀──────── bull:NAME:events ◀─────────────────────────────── completed { Reply }, failed, progress
 *   reads it and deletes it ◀─ bull:NAME:weft:ID, for an hour ◀────────────────── a long reply, or an error
 *   cancels what runs ───────▶ channel bull:NAME:weft-cancel ────────────────────▶ aborts it
 *                              bull:NAME:weft:ID:cancelled ──────────────────────▶ looks there when it was cut off, and
 *                                                                                  when it gets a job that was lost
 *
 * Nothing that comes from there is taken for granted: a job names a task of those that the program was given, values are
 * structured values without handles, and each shape is checked.
 */

import { decode, encode, encodeThrown } from "../channel/codec.ts";
import type { HandleForm } from "../sync/handle.ts";
import { show } from "../sync/show.ts";
import { CallKind } from "../task/pool/call_kind.ts";

/** Changes when the meaning of what is sent does. */
const version = 1;

/** Characters of a reply that are sent with the event; each pool of the queue reads those of all. */
const longestInline = 4096;

/** Milliseconds for which a reply is kept for a pool that does not fetch it. */
export const replyAge = 3_600_000;

/** A call, or a chunk of a map, as it was sent. */
export interface Call {
  readonly kind: number;
  /** The arguments of the call, or the items of a chunk. */
  readonly args: readonly unknown[];
  /** Milliseconds that it may run. */
  readonly timeout: number;
  /** Whether it is not to be run again when the program that ran it was lost. */
  readonly once: boolean;
}

/** What a call or a chunk has come to. */
export interface Outcome {
  /** Milliseconds that it has run. */
  readonly duration: number;
  /** The value, or the values of a chunk up to the error. */
  readonly value: unknown;
  readonly failure: { readonly error: unknown } | undefined;
}

/** The names of what there is in Redis beside what BullMQ has. */
export class Keys {
  readonly #base: string;

  constructor(prefix: string, name: string) {
    this.#base = `${prefix}:${name}:`;
  }

  /** The channel on which cancelled jobs are told. */
  get cancel(): string {
    return `${this.#base}weft-cancel`;
  }

  /** The stream of events of BullMQ. */
  get events(): string {
    return `${this.#base}events`;
  }

  /** What is there when a job is cancelled that has begun. */
  cancelled(id: string): string {
    return `${this.#base}weft:${id}:cancelled`;
  }

  /** A job of BullMQ. */
  job(id: string): string {
    return `${this.#base}${id}`;
  }

  /** The reply to a job, if it is not in its event. */
  reply(id: string): string {
    return `${this.#base}weft:${id}`;
  }
}

/**
 * Makes what is sent of a call.
 *
 * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned or holds a handle.
 */
export function jobData(
  kind: number,
  args: readonly unknown[],
  timeout: number,
  once: boolean,
): { readonly data: Record<string, unknown>; readonly bytes: number } {
  const text = encodeText(kind === CallKind.starmap ? args.map(listOf) : [...args]);
  const data = {
    v: version,
    kind,
    args: text,
    ...(timeout === Infinity ? {} : { timeout }),
    ...(once ? { once } : {}),
  };
  return { data, bytes: text.length };
}

/**
 * Reads what was sent.
 *
 * @param most Bytes that the arguments may have.
 * @throws {TypeError} If it is none that a pool of this version makes.
 * @throws {RangeError} If it is too large.
 * @throws {DOMException} Named `DataCloneError`, if the values are corrupt or hold a handle.
 */
export function readJob(data: unknown, most: number): Call {
  const { v, kind, args, timeout = Infinity, once = false } = objectOf(data, "job");
  if (v !== version) {
    throw new TypeError(
      `Cannot run a job as it is not of version ${version}: current value is ${show(v)}`,
    );
  }
  if (
    typeof args !== "string" || typeof once !== "boolean" ||
    !(typeof timeout === "number" && timeout >= 0) ||
    !(kind === CallKind.call || kind === CallKind.map || kind === CallKind.starmap)
  ) throw new TypeError("Cannot run a job as its parts are not those of a call");
  if (args.length / 4 * 3 > most) {
    throw new RangeError(
      `Cannot run a job as its arguments have more than ${most} bytes: current value is ${args.length} characters`,
    );
  }
  const list = decodeText(args);
  if (!Array.isArray(list) || (kind === CallKind.starmap && !list.every(Array.isArray))) {
    throw new TypeError("Cannot run a job as its arguments are not a list");
  }
  return { kind, args: list, timeout, once };
}

/** A reply, as it is sent. */
export interface Reply {
  /** What the event says; `undefined` for an error, which has none. */
  readonly event: Record<string, unknown>;
  /** What is to be put at the key of replies first. */
  readonly stored: string | undefined;
}

/**
 * Makes the reply of a call that has ended.
 *
 * @throws {DOMException} Named `DataCloneError`, if a result cannot be cloned or holds a handle.
 */
export function replyOf({ duration, value, failure }: Outcome): Reply {
  if (failure !== undefined) {
    const error = encodeThrown(failure.error, { onHandle: refuseHandle }).toBase64();
    return { event: {}, stored: JSON.stringify({ d: duration, v: valuesText(value), e: error }) };
  }
  const reply = { d: duration, v: encodeText(value) };
  if (reply.v.length <= longestInline) return { event: reply, stored: undefined };
  return { event: { d: duration }, stored: JSON.stringify(reply) };
}

/** Reads a reply from its event; `undefined` if it is at its key. */
export function readReply(text: string): Outcome | undefined {
  const { d, v, e } = objectOf(JSON.parse(text), "reply");
  if (v === undefined) return undefined;
  if (
    typeof d !== "number" || typeof v !== "string" || !["undefined", "string"].includes(typeof e)
  ) {
    throw new TypeError("Cannot read a reply as its parts are not those of one");
  }
  return {
    duration: d,
    value: decodeText(v),
    failure: e === undefined ? undefined : { error: decodeText(e as string) },
  };
}

/** Encodes a value that is to go to another machine. */
export function encodeText(value: unknown): string {
  return encode(value, { onHandle: refuseHandle }).toBase64();
}

/** Decodes a value that comes from another machine. */
export function decodeText(text: string): unknown {
  return decode(Uint8Array.fromBase64(text), { handles: false });
}

function valuesText(values: unknown): string {
  try {
    return encodeText(values);
  } catch {
    return encodeText([]);
  }
}

function refuseHandle({ kind }: HandleForm): never {
  throw new DOMException(
    `Cannot send a ${kind} to another machine as ${
      kind === "task" ? "its module" : "its memory"
    } is of this one: send values`,
    "DataCloneError",
  );
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new TypeError(
    `Cannot read a ${what} as it is not an object: current value is ${show(value)}`,
  );
}

function listOf(item: unknown): unknown[] {
  return [...item as Iterable<unknown>];
}
