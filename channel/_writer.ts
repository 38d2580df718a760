// Copyright 2026 the Weft authors. MIT license.

import { longestShortString, tagShortString, tagUtf16, tagUtf8 } from "./_tags.ts";

/** Bytes of a fresh scratch buffer. */
const initialSize = 4096;

/** A scratch buffer that grew beyond this is dropped after use, so that one message cannot hoard. */
const largestKept = 1 << 20;

/**
 * Byte arrays from this size on are not copied through the scratch buffer. Where the result is an array of its
 * own, below it the second copy costs less than the zeroing of a result that is assembled (measured: 7 µs against
 * 11 µs for 64 KiB, 82 µs against 61 µs for 1 MiB).
 */
const smallestPiece = 1 << 18;
/** The same where the result is copied to memory that exists. */
const smallestLentPiece = 1 << 10;
/** Byte arrays from this size on begin at a multiple of eight, as shared memory is copied by words then. */
export const smallestAligned = 64;
/** Frames up to this size are copied byte by byte, which takes less than a view for it. */
const longestLoop = 64;

const utf8 = new TextEncoder();

/** A byte array that belongs at offset `at` of the scratch buffer but was not copied there. */
interface Piece {
  readonly at: number;
  readonly source: Uint8Array;
  readonly size: number;
}

/** What was encoded, as long as the encoder lends it. */
export interface Encoded {
  /** Number of bytes. */
  readonly byteLength: number;
  /** Copies the bytes to a place where there is room. */
  copyTo(target: Uint8Array, at: number): void;
  /** Copies the bytes to an array of exactly their size. */
  take(): Uint8Array<ArrayBuffer>;
}

/**
 * Collects bytes in a scratch buffer that grows and is used again.
 *
 * Methods that write a bounded number of bytes do not make room for them: the caller has called
 * {@linkcode Writer.reserve}, once for all of them.
 */
export class Writer implements Encoded {
  /** The scratch buffer; its first {@linkcode Writer.length} bytes are written. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(initialSize);
  /** Bytes written to the scratch buffer. */
  length = 0;
  #view = new DataView(this.bytes.buffer);
  #pieces: Piece[] | undefined;
  /** Bytes in the pieces. */
  #pieceBytes = 0;
  #smallestPiece = smallestPiece;

  /** Bytes of all that was written. */
  get byteLength(): number {
    return this.length + this.#pieceBytes;
  }

  /** Expects that what is written is copied to memory that exists. */
  expectCopy(): void {
    this.#smallestPiece = smallestLentPiece;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const size = this.length + count;
    if (size <= this.bytes.length) return;
    const buffer = this.bytes.buffer.transfer(Math.max(size, 2 * this.bytes.length));
    this.bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Writes one byte. Needs 1 reserved. */
  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** Writes a count or an index: seven bits a byte, lowest first. Needs 8 reserved. */
  count(value: number): void {
    while (value >= 0x80) {
      this.bytes[this.length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.length++] = value;
  }

  /** Writes a 32-bit integer. Needs 4 reserved. */
  integer(value: number): void {
    this.#view.setInt32(this.length, value, true);
    this.length += 4;
  }

  /** Writes any number. Needs 8 reserved. */
  number(value: number): void {
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Writes a 64-bit integer. Needs 8 reserved. */
  bigint(value: bigint): void {
    this.#view.setBigInt64(this.length, value, true);
    this.length += 8;
  }

  /** Writes a string with its tag. Makes room itself. */
  string(value: string): void {
    const { length } = value;
    if (length > longestShortString) return this.#longString(value);
    this.reserve(length + 1);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = tagShortString + length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0xff) return this.#utf16(value);
      bytes[at++] = code;
    }
    this.length = at;
  }

  /** Writes a byte array. Makes room itself; the array must not change until the result is taken. */
  raw(source: Uint8Array): void {
    const size = source.byteLength;
    if (size >= smallestAligned) this.#align();
    if (size >= this.#smallestPiece) {
      this.#pieces ??= [];
      this.#pieces.push({ at: this.length, source, size });
      this.#pieceBytes += size;
      return;
    }
    this.reserve(size);
    this.bytes.set(source, this.length);
    this.length += size;
  }

  /** Copies what was written to an array of exactly its size. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#pieces === undefined) return this.bytes.slice(0, this.length);
    const result = new Uint8Array(this.byteLength);
    this.copyTo(result, 0);
    return result;
  }

  /** Copies what was written to a place where there is room. */
  copyTo(target: Uint8Array, at: number): void {
    let from = 0;
    for (const { at: end, source, size } of this.#pieces ?? []) {
      // A getter that ran after this piece was met can have shrunk or detached its buffer.
      if (source.byteLength !== size) {
        throw new DOMException(
          `Cannot clone an ArrayBuffer as it was resized while being cloned: current value is ${source.byteLength} bytes`,
          "DataCloneError",
        );
      }
      this.#copy(from, end, target, at);
      at += end - from;
      target.set(source, at);
      at += size;
      from = end;
    }
    this.#copy(from, this.length, target, at);
  }

  /** Forgets what was written. */
  clear(): void {
    this.length = 0;
    this.#pieces = undefined;
    this.#pieceBytes = 0;
    this.#smallestPiece = smallestPiece;
    if (this.bytes.length <= largestKept) return;
    this.bytes = new Uint8Array(initialSize);
    this.#view = new DataView(this.bytes.buffer);
  }

  #longString(value: string): void {
    if (!value.isWellFormed()) return this.#utf16(value);
    // Nearly every long string is ASCII: room for that first, for the worst case only if it is not.
    this.reserve(value.length + 5);
    this.byte(tagUtf8);
    const start = this.length;
    this.length += 4;
    let { read, written } = utf8.encodeInto(value, this.bytes.subarray(this.length));
    this.length += written;
    if (read < value.length) {
      const rest = value.slice(read);
      this.reserve(rest.length * 3);
      ({ read, written } = utf8.encodeInto(rest, this.bytes.subarray(this.length)));
      this.length += written;
    }
    this.#view.setUint32(start, this.length - start - 4, true);
  }

  #utf16(value: string): void {
    const { length } = value;
    this.reserve(length * 2 + 9);
    this.byte(tagUtf16);
    this.count(length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      bytes[at++] = code;
      bytes[at++] = code >> 8;
    }
    this.length = at;
  }

  #copy(from: number, to: number, target: Uint8Array, at: number): void {
    const { bytes } = this;
    if (to - from > longestLoop) target.set(bytes.subarray(from, to), at);
    else for (let i = from; i < to; i++) target[at++] = bytes[i]!;
  }

  /** Fills up to a multiple of eight. */
  #align(): void {
    this.reserve(7);
    while (this.byteLength % 8 !== 0) this.bytes[this.length++] = 0;
  }
}
