// Copyright 2026 the Weft authors. MIT license.

/** The typed arrays, by the names of what is in them. */
const arrays = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** What a number in shared memory is: signed, unsigned or floating, and its bits. */
export type NumberType =
  | "i8"
  | "u8"
  | "i16"
  | "u16"
  | "i32"
  | "u32"
  | "i64"
  | "u64"
  | "f32"
  | "f64";

/** The type of the values of a {@linkcode NumberType}. */
export type NumberOf<T extends NumberType> = T extends "i64" | "u64" ? bigint : number;

/** The typed array over values of a {@linkcode NumberType}. */
export type ArrayOf<T extends NumberType> = {
  i8: Int8Array;
  u8: Uint8Array;
  i16: Int16Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  i64: BigInt64Array;
  u64: BigUint64Array;
  f32: Float32Array;
  f64: Float64Array;
}[T];

/** Bytes of one value. */
export function bytesOf(type: NumberType): number {
  return checkType(type).BYTES_PER_ELEMENT;
}

/** Whether `Atomics` can change values of the type. */
export function isInteger(type: NumberType): boolean {
  return type !== "f32" && type !== "f64";
}

/** Creates a typed array over a part of a buffer. */
export function viewOf<T extends NumberType>(
  type: T,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): ArrayOf<T> {
  return new (checkType(type))(buffer as ArrayBuffer, offset, length) as unknown as ArrayOf<T>;
}

function checkType(type: NumberType): typeof arrays[NumberType] {
  if (Object.hasOwn(arrays, type)) return arrays[type];
  throw new TypeError(
    `Cannot share a number as its type is not one of ${Object.keys(arrays).join(", ")}: ` +
      `current value is ${type}`,
  );
}
