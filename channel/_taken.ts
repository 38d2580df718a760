// Copyright 2026 the Weft authors. MIT license.

import { UnknownHandleError } from "../sync/handle.ts";
// So that the handles in items can come to life.
import "../sync/mod.ts";
import { decode, decodeLoading } from "./codec.ts";

/** An item that was taken: the value, bytes that need a module that is not loaded, or why it cannot be had. */
export interface Taken<T> {
  readonly value?: T;
  readonly bytes?: Uint8Array;
  readonly failure?: { readonly error: unknown };
}

/** Gives the item, where no module can be loaded. */
export function open<T>({ value, failure }: Taken<T>): T {
  if (failure !== undefined) throw failure.error;
  return value!;
}

/** Gives the item, after loading the modules that it needs. */
export function openLoading<T>(taken: Taken<T>): T | Promise<T> {
  return taken.bytes === undefined ? open(taken) : decodeLoading(taken.bytes) as Promise<T>;
}

/** Decodes a frame where it lies; throws if it has handles on what is not loaded. */
export function read<T>(bytes: Uint8Array, start: number, end: number): Taken<T> {
  try {
    return { value: decode(bytes, { start, end }) as T };
  } catch (error) {
    if (error instanceof UnknownHandleError) throw error;
    return { failure: { error } };
  }
}

/** Decodes a frame where it lies, unless it has handles on what is not loaded. */
export function readLoading<T>(bytes: Uint8Array, start: number, end: number): Taken<T> {
  try {
    return read(bytes, start, end);
  } catch {
    return { bytes: bytes.slice(start, end) };
  }
}
