// Copyright 2026 the Weft authors. MIT license.

/**
 * Values as bytes, with the meaning of structured clone; what queues, pipes and tasks send.
 *
 * Everything that `structuredClone` does with values of the language is done here: cycles and shared
 * references, `Map`, `Set`, `Date`, `RegExp`, boxed primitives, buffers and views, sparse arrays,
 * lone surrogates. Instances of classes arrive as plain objects. Two things differ: errors arrive as
 * the same class with all their properties, and an object whose class has a {@linkcode toHandle}
 * method arrives as a handle on the same thing.
 *
 * A function, a symbol, a `Promise` and other things without a copy are a `DataCloneError` that says
 * where they are. So are objects of the platform; `structuredClone` can copy `Blob`, `File` and
 * `CryptoKey`, whose contents only the engine can reach. A proxy cannot be told from its target and is
 * copied as what it shows.
 *
 * Cheap to call per message: for `{ id: 1, name: "abc", tags: ["a", "b"] }` both ways take less than
 * the allocation of a typed array, so {@linkcode encodeWith} lends the bytes instead of copying them.
 *
 * @module
 */

import { Decoder } from "./_decoder.ts";
import { type EncodeOptions, Encoder } from "./_encoder.ts";
import { Refusal, refusalError } from "./_refusal.ts";
import type { Encoded } from "./_writer.ts";
import { salvage } from "./_thrown.ts";
import { UnknownHandleError } from "../sync/handle.ts";

export type { EncodeOptions } from "./_encoder.ts";
export type { Encoded } from "./_writer.ts";
export { type ErrorClass, registerError } from "./_errors.ts";
export {
  type Destination,
  type Handle,
  type HandleForm,
  type Passage,
  registerHandle,
  toHandle,
} from "../sync/handle.ts";
export { refuseInstances } from "./_kinds.ts";
export { Refusal, refusalError } from "./_refusal.ts";

/** Options for {@linkcode decode}. */
export interface DecodeOptions {
  /** The objects that travelled beside the bytes, by the index that `attach` gave them. */
  readonly attached?: readonly unknown[] | undefined;
  /**
   * Bytes to skip.
   *
   * @default {0}
   */
  readonly start?: number | undefined;
  /** Bytes from the start of the array to the end of the value; all if missing. */
  readonly end?: number | undefined;
  /**
   * Whether handles come to life; else bytes that hold one are corrupt.
   *
   * @default {true}
   */
  readonly handles?: boolean | undefined;
}

// Encoders and decoders at rest. A getter, a borrower or the reviver of a handle may encode and decode
// in the middle of a run, so one of each would not do.
const encoders: Encoder[] = [];
const decoders: Decoder[] = [];

/** More at rest than this are left to the garbage collector. */
const mostAtRest = 4;

/**
 * Encodes a value.
 *
 * @param value What to encode. Getters in it run.
 * @param options Where it goes.
 * @returns A new array that holds the bytes and nothing else.
 * @throws {DOMException} If a part cannot be cloned: a `DataCloneError` that names its path.
 * @throws {RangeError} If the value is nested deeper than the stack allows.
 *
 * @example Send a value
 * ```ts ignore
 * import { decode, encode } from "./codec.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decode(encode(new Map([["a", -0]]))), new Map([["a", -0]]));
 * ```
 */
export function encode(value: unknown, options?: EncodeOptions): Uint8Array<ArrayBuffer> {
  const encoder = encoders.pop() ?? new Encoder();
  try {
    encoder.run(value, options);
    return encoder.take();
  } catch (error) {
    encoder.drop();
    throw explain(value, error);
  } finally {
    rest(encoder);
  }
}

/**
 * Encodes a value and lends the bytes, which saves the allocation of {@linkcode encode}; that takes
 * longer than encoding a small message.
 *
 * @param value What to encode. Getters in it run. Large buffers in it are read when the bytes are copied.
 * @param use Gets what copies the bytes; that is good until it returns.
 * @param options Where it goes.
 * @returns What `use` returns.
 * @throws {DOMException} If a part cannot be cloned: a `DataCloneError` that names its path.
 * @throws {RangeError} If the value is nested deeper than the stack allows.
 */
export function encodeWith<R>(
  value: unknown,
  use: (encoded: Encoded) => R,
  options?: EncodeOptions,
): R {
  const encoder = encoders.pop() ?? new Encoder();
  try {
    encoder.expectCopy();
    encoder.run(value, options);
    return use(encoder);
  } catch (error) {
    encoder.drop();
    throw explain(value, error);
  } finally {
    rest(encoder);
  }
}

/**
 * Decodes a value.
 *
 * Bytes that no encoder wrote give an error or another value, but never an endless loop nor more
 * memory than some multiple of their number.
 *
 * @param bytes What {@linkcode encode} returned; shared memory will do. Nothing of it is kept.
 * @param options What travelled beside the bytes, and where among others they lie.
 * @returns The value.
 * @throws {DOMException} If the bytes are truncated or corrupt, or hold a handle of an unknown kind: a
 * `DataCloneError`.
 * @throws {RangeError} If the value is nested deeper than the stack allows.
 */
export function decode(bytes: Uint8Array, options?: DecodeOptions): unknown {
  const start = options?.start ?? 0;
  const end = options?.end ?? bytes.length;
  if (!(start >= 0 && start <= end && end <= bytes.length)) {
    throw new RangeError(
      `Cannot decode bytes outside of the array: current value is ${start} to ${end} of ${bytes.length}`,
    );
  }
  // A subclass, such as Buffer, can have a `slice` that does not copy.
  const plain = bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = decoders.pop() ?? new Decoder();
  try {
    decoder.open(plain, start, end);
    return decoder.run(options?.attached, options?.handles);
  } finally {
    decoder.close();
    if (decoders.length < mostAtRest) decoders.push(decoder);
  }
}

/**
 * Where the kinds of handles are registered. Not literal imports, which would make these modules part of
 * every program that has the codec, and the start of every process slower by a third.
 */
const handleModules: Readonly<Record<string, string>> = {
  barrier: "../sync/barrier.ts",
  "bounded-semaphore": "../sync/bounded_semaphore.ts",
  channel: "./mod.ts",
  condition: "../sync/condition.ts",
  connection: "./mod.ts",
  event: "../sync/event.ts",
  "frozen-set": "../cluster/python_values.ts",
  "lifo-queue": "./mod.ts",
  lock: "../sync/lock.ts",
  "manager-proxy": "../cluster/_token.ts",
  "priority-queue": "./mod.ts",
  queue: "./mod.ts",
  rlock: "../sync/rlock.ts",
  rwlock: "../sync/rw_lock.ts",
  semaphore: "../sync/semaphore.ts",
  "shared-array": "../sync/shared_array.ts",
  "shared-memory": "../sync/shared_memory.ts",
  "shared-value": "../sync/shared_value.ts",
  tuple: "../cluster/_tuple.ts",
};

/** The URL of the module that registers a kind of handles; `undefined` if it is not one of this library. */
export function handleModule(kind: string): string | undefined {
  const file = handleModules[kind];
  return file === undefined ? undefined : new URL(file, import.meta.url).href;
}

/**
 * Decodes a value as {@linkcode decode} does, and loads the modules of handles in it that nobody here has
 * used before.
 *
 * @param bytes What {@linkcode encode} returned.
 * @param options What travelled beside the bytes, and where among others they lie.
 * @returns The value.
 */
export async function decodeLoading(bytes: Uint8Array, options?: DecodeOptions): Promise<unknown> {
  const loaded = new Set<string>();
  for (;;) {
    try {
      return decode(bytes, options);
    } catch (error) {
      if (!(error instanceof UnknownHandleError)) throw error;
      const module = error.module ?? handleModule(error.kind);
      if (module === undefined || loaded.has(module)) throw error;
      loaded.add(module);
      await import(module);
    }
  }
}

/**
 * Encodes what was thrown; never throws itself.
 *
 * What cannot be cloned in an error (a function, a getter that throws) is replaced by its text; a value
 * that is no error and cannot be cloned becomes a `DataCloneError` that tells of it.
 *
 * @param thrown What was thrown.
 * @param options Where it goes.
 * @returns A new array that holds the bytes and nothing else.
 */
export function encodeThrown(thrown: unknown, options?: EncodeOptions): Uint8Array<ArrayBuffer> {
  try {
    return encode(thrown, options);
  } catch {
    const accepts = (value: unknown) => {
      try {
        encodeWith(value, ignore, options);
        return true;
      } catch {
        return false;
      }
    };
    try {
      return encode(salvage(thrown, accepts), options);
    } catch (error) {
      return encode(new Error(`Cannot clone what was thrown: ${error}`));
    }
  }
}

function rest(encoder: Encoder): void {
  encoder.clear();
  if (encoders.length < mostAtRest) encoders.push(encoder);
}

function explain(value: unknown, error: unknown): unknown {
  return error instanceof Refusal ? refusalError(value, error) : error;
}

function ignore(): void {}
