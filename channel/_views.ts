// Copyright 2026 the Weft authors. MIT license.

/** Any array buffer, shared or not. */
type AnyBuffer = ArrayBuffer | SharedArrayBuffer;

/** A constructor of views. */
type ViewConstructor = new (buffer: AnyBuffer, offset?: number, length?: number) => ArrayBufferView;

/** Every kind of view; its position here is written. */
const constructors: readonly ViewConstructor[] = [
  DataView as unknown as ViewConstructor,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

const names = constructors.map((constructor) => constructor.name);

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

/** Where a view lies in its buffer. */
export interface ViewForm {
  /** Position of its constructor among all. */
  readonly type: number;
  /** Bytes from the start of the buffer. */
  readonly offset: number;
  /** Number of elements, `undefined` if it follows the length of the buffer. */
  readonly length: number | undefined;
}

/**
 * Describes a view. One that reaches the end of a resizable buffer counts as following its length,
 * which cannot be asked for, as that is what views do unless they are told otherwise.
 */
export function describeView(view: ArrayBufferView): ViewForm {
  const name: string | undefined = tagOf.call(view); // undefined for a DataView, whatever its class
  const type = name === undefined ? 0 : names.indexOf(name);
  const { buffer, byteOffset: offset, byteLength } = view;
  const resizable = buffer instanceof ArrayBuffer ? buffer.resizable : buffer.growable;
  const size = name === undefined ? 1 : (view as Uint8Array).BYTES_PER_ELEMENT;
  const follows = resizable && buffer.byteLength - offset - byteLength < size;
  return { type, offset, length: follows ? undefined : byteLength / size };
}

/**
 * Creates a view.
 *
 * @throws {RangeError} If the form does not fit the buffer or names no type.
 */
export function createView({ type, offset, length }: ViewForm, buffer: AnyBuffer): ArrayBufferView {
  const constructor = constructors[type];
  if (constructor === undefined) throw new RangeError(`There is no view type ${type}`);
  return new constructor(buffer, offset, length);
}
