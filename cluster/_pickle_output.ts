// Copyright 2026 the Weft authors. MIT license.

import * as ops from "./_pickle_ops.ts";

/** Bytes of a fresh buffer. */
const initialSize = 1024;

/** A buffer that grew beyond this is dropped after use, so that one message cannot hoard. */
const largestKept = 1 << 20;

/** Strings longer than this are left to the encoder of the platform. */
const longestLoop = 64;

const utf8 = new TextEncoder();

/** Collects the bytes of a pickle in a buffer that grows and is used again. */
export class PickleOutput {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(initialSize);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Writes an opcode. */
  op(op: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = op;
  }

  /** Writes an opcode with one byte. */
  opByte(op: number, value: number): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = op;
    this.#bytes[this.#length++] = value;
  }

  /** Writes an opcode with 4 bytes. */
  opUint32(op: number, value: number): void {
    this.#reserve(5);
    this.#bytes[this.#length++] = op;
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Writes a number that is an int in Python. */
  integer(value: number): void {
    if ((value | 0) !== value) return this.bigint(BigInt(value));
    if (value >= 0 && value < 0x100) return this.opByte(ops.BININT1, value);
    if (value < 0 || value >= 0x10000) return this.opUint32(ops.BININT, value >>> 0);
    this.#reserve(3);
    this.#bytes[this.#length++] = ops.BININT2;
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  /** Writes a number that is a float in Python. */
  float(value: number): void {
    this.#reserve(9);
    this.#bytes[this.#length++] = ops.BINFLOAT;
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** Writes an int of any size. */
  bigint(value: bigint): void {
    if (BigInt.asIntN(32, value) === value) return this.integer(Number(value));
    const bytes = twosComplement(value);
    if (bytes.length < 0x100) this.opByte(ops.LONG1, bytes.length);
    else this.opUint32(ops.LONG4, bytes.length);
    this.#raw(bytes);
  }

  /** Writes bytes. */
  binary(value: Uint8Array): void {
    this.#lengthOf(value.length, ops.SHORT_BINBYTES, ops.BINBYTES, ops.BINBYTES8);
    this.#raw(value);
  }

  /** Writes a str. */
  text(value: string): void {
    const { length } = value;
    if (length > longestLoop) return this.#longText(value);
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = ops.SHORT_BINUNICODE;
    bytes[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return this.#longText(value);
      bytes[at++] = code;
    }
    this.#length = at;
  }

  /** Writes what is written elsewhere. */
  part(bytes: Uint8Array): void {
    this.#raw(bytes);
  }

  /** What was written; good until more is written. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length <= largestKept) return;
    this.#bytes = new Uint8Array(initialSize);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #longText(value: string): void {
    const bytes = value.isWellFormed() ? utf8.encode(value) : encodeLoose(value);
    this.#lengthOf(bytes.length, ops.SHORT_BINUNICODE, ops.BINUNICODE, ops.BINUNICODE8);
    this.#raw(bytes);
  }

  /** Writes the opcode that has room for a length, and the length. */
  #lengthOf(length: number, shortOp: number, op: number, longOp: number): void {
    if (length < 0x100) return this.opByte(shortOp, length);
    if (length < 2 ** 32) return this.opUint32(op, length);
    this.opUint32(longOp, length % 2 ** 32);
    this.#reserve(4);
    this.#view.setUint32(this.#length, Math.floor(length / 2 ** 32), true);
    this.#length += 4;
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    const size = this.#length + count;
    if (size <= this.#bytes.length) return;
    const buffer = this.#bytes.buffer.transfer(Math.max(size, 2 * this.#bytes.length));
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}

/** UTF-8 in which a lone surrogate is three bytes, as Python's "surrogatepass" has it. */
function encodeLoose(text: string): Uint8Array {
  // Every other part is a lone surrogate.
  const parts = text.split(/(\p{Surrogate})/u);
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 0) {
      at += utf8.encodeInto(part, bytes.subarray(at)).written;
      continue;
    }
    const code = part.charCodeAt(0);
    bytes[at++] = 0xe0 | code >> 12;
    bytes[at++] = 0x80 | code >> 6 & 0x3f;
    bytes[at++] = 0x80 | code & 0x3f;
  }
  return bytes.subarray(0, at);
}

/** The bytes of an int, lowest first, as few as keep its sign. */
function twosComplement(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value - 1n : value;
  const size = Math.ceil((magnitude.toString(16).length * 4 + 1) / 8);
  const digits = BigInt.asUintN(size * 8, value).toString(16).padStart(size * 2, "0");
  const bytes = Uint8Array.fromHex(digits).reverse();
  const last = bytes.length - 1;
  const spare = last > 0 && bytes[last] === (value < 0n ? 0xff : 0) &&
    bytes[last - 1]! >= 0x80 === value < 0n;
  return spare ? bytes.subarray(0, last) : bytes;
}
