// Copyright 2026 the Weft authors. MIT license.

import { tagShortString, tagSmallInteger, tagUtf16, tagUtf8 } from "./_tags.ts";
import { smallestAligned } from "./_writer.ts";
import { isText, latin1 } from "./short_text.ts";

// Not `fatal`, which takes five times as long: what is no UTF-8 becomes U+FFFD, as no encoder wrote it.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const numberWord = new Float64Array(1);
const bigintWord = new BigInt64Array(numberWord.buffer);
const wordBytes = new Uint8Array(numberWord.buffer);

/** Names met lately, by hash: the same few keys come in nearly every message. */
const names: string[] = new Array(512).fill("");

/** Names longer than this are not kept. */
const longestName = 24;

/** Where text is copied that lies in shared memory. */
const scratch = new Uint8Array(65_536 + 8);

const nothing = new Uint8Array(0);

/** Creates the error for bytes that no encoder wrote. */
export function corruptError(problem: string): DOMException {
  return new DOMException(`Cannot decode the bytes as ${problem}`, "DataCloneError");
}

/** Reads from bytes, checking every length against what is there. */
export class Reader {
  #bytes: Uint8Array = nothing;
  #start = 0;
  #end = 0;
  #at = 0;

  /** Starts to read `bytes`, from `start` to `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#at = start;
    this.#end = end;
  }

  /** Forgets what was read. */
  close(): void {
    this.#bytes = nothing;
  }

  /** Bytes left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Reads one byte. */
  byte(): number {
    if (this.#at >= this.#end) throw corruptError("they end too early");
    return this.#bytes[this.#at++]!;
  }

  /** Reads a count or an index. */
  count(): number {
    let value = 0;
    let scale = 1;
    while (true) {
      const byte = this.byte();
      if (byte < 0x80) return value + byte * scale;
      value += (byte - 0x80) * scale;
      scale *= 0x80;
      if (scale > 2 ** 49) throw corruptError("a count is too large");
    }
  }

  /** Reads a count of things that take a byte each at least. */
  size(): number {
    const size = this.count();
    if (size > this.left) throw corruptError("they end too early");
    return size;
  }

  /** Reads a 32-bit integer. */
  integer(): number {
    const at = this.#skip(4);
    const bytes = this.#bytes;
    return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
  }

  /** Reads any number. */
  number(): number {
    this.#word();
    return numberWord[0]!;
  }

  /** Reads a 64-bit integer. */
  bigint(): bigint {
    this.#word();
    return bigintWord[0]!;
  }

  /** Reads a string with its tag. */
  string(): string {
    const text = this.stringOf(this.byte());
    if (text === undefined) throw corruptError("a string is missing");
    return text;
  }

  /** Reads the string that `tag` announces, `undefined` if it announces another type. */
  stringOf(tag: number): string | undefined {
    if (tag >= tagShortString && tag < tagSmallInteger) return this.#short(tag - tagShortString);
    if (tag === tagUtf8) return this.#utf8();
    if (tag === tagUtf16) return this.#utf16();
    return undefined;
  }

  /** Reads a string that is likely to come again: the name of a property. */
  name(): string {
    const tag = this.byte();
    const length = tag - tagShortString;
    if (length < 1 || length > longestName) {
      const text = this.stringOf(tag);
      if (text === undefined) throw corruptError("a property name is missing");
      return text;
    }
    const at = this.#skip(length);
    const bytes = this.#bytes;
    let hash = length;
    for (let i = 0; i < length; i++) hash = (hash * 31 + bytes[at + i]!) | 0;
    const slot = hash & (names.length - 1);
    const known = names[slot]!;
    if (isText(known, bytes, at, length)) return known;
    const name = latin1(bytes, at, length);
    names[slot] = name;
    return name;
  }

  /** Reads `length` bytes into an array of their own. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    if (length >= smallestAligned) this.#skip((this.#start - this.#at) & 7);
    const at = this.#skip(length);
    return this.#bytes.slice(at, at + length) as Uint8Array<ArrayBuffer>;
  }

  #skip(length: number): number {
    const at = this.#at;
    if (length > this.#end - at) throw corruptError("they end too early");
    this.#at = at + length;
    return at;
  }

  #word(): void {
    const at = this.#skip(8);
    const bytes = this.#bytes;
    for (let i = 0; i < 8; i++) wordBytes[i] = bytes[at + i]!;
  }

  #short(length: number): string {
    return latin1(this.#bytes, this.#skip(length), length);
  }

  #utf8(): string {
    const length = this.integer() >>> 0;
    const at = this.#skip(length);
    const bytes = this.#bytes;
    if (length > scratch.length - 8 || bytes.buffer instanceof ArrayBuffer) {
      return utf8.decode(bytes.subarray(at, at + length));
    }
    // The decoder would copy shared memory byte by byte; by words it is copied if both sides are aligned alike.
    const start = (bytes.byteOffset + at) % 8;
    scratch.set(bytes.subarray(at, at + length), start);
    return utf8.decode(scratch.subarray(start, start + length));
  }

  #utf16(): string {
    const length = this.count();
    let at = this.#skip(length * 2);
    const bytes = this.#bytes;
    let text = "";
    for (let i = 0; i < length; i++, at += 2) {
      text += String.fromCharCode(bytes[at]! | bytes[at + 1]! << 8);
    }
    return text;
  }
}
