// Copyright 2026 the Weft authors. MIT license.

import type { Place } from "../sync/memory/place.ts";
import {
  createBytes,
  openBytes,
  type SharedBytes,
  type SharedBytesState,
} from "../sync/memory/shared_bytes.ts";

/** Bytes of a ring at first. */
const firstBytes = 65_536;

/** What the other side must know of a ring. */
export interface RingState {
  readonly bytes: SharedBytesState;
  readonly length: number;
}

/** Finds the bytes of a ring that another side has described, or makes some. */
export function ringBytes({ memory }: Place, state: RingState | undefined): SharedBytes {
  if (state === undefined) return createBytes(memory.scope, firstBytes);
  return openBytes(state.bytes, state.length);
}

/** Says how the other side finds the bytes of a ring. */
export function describeBytes(bytes: SharedBytes): RingState {
  return { bytes: bytes.describe(undefined), length: bytes.bytes.length };
}
