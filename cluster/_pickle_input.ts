// Copyright 2026 the Weft authors. MIT license.

import { isText, latin1 } from "../channel/short_text.ts";
import { PickleError } from "./pickle_error.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const word = new DataView(new ArrayBuffer(8));

/** Strings met lately, by hash: the same few names come in nearly every message. */
const names: string[] = new Array(512).fill("");

/** Strings longer than this are not kept. */
const longestName = 24;

/** Strings longer than this are left to the decoder of the platform. */
const longestLoop = 48;

/** More digits than this Python does not read by default, either: it takes too long. */
const mostDigits = 4300;

/** Longest integer in bytes; the engine has a limit, too, but of its own kind. */
const longestInteger = 1 << 20;

/** More integers beyond 64 bits are not read as keys. */
const mostWideKeys = 1000;

/** Longest name that is shown in an error. */
const longestShown = 80;

/** Reads from the bytes of a pickle, checking every length against what is there. */
export class PickleInput {
  readonly #bytes: Uint8Array;
  #wideKeys = 0;
  /** Items that may still be copied. */
  #copies: number;
  /** Offset of the next byte. */
  at = 0;
  /** Offset of the opcode in work. */
  opAt = 0;

  constructor(bytes: Uint8Array) {
    // A subclass, such as Buffer, can have a `slice` that does not copy.
    this.#bytes = bytes.constructor === Uint8Array
      ? bytes
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#copies = bytes.length;
  }

  /**
   * Allows for a key of a Map or an item of a Set. The engine tells integers apart by their low 64 bits when it looks
   * for one, so that finding each of many that differ above takes as long as comparing it with all of them.
   */
  allowKey(key: unknown): void {
    if (typeof key !== "bigint" || BigInt.asIntN(65, key) === key) return;
    if (++this.#wideKeys > mostWideKeys) {
      this.fail(`more than ${mostWideKeys} integers beyond 64 bits are keys or items of sets`);
    }
  }

  /**
   * Allows for a copy of some items. Each takes a byte of the pickle at least, so that all copies together are no
   * larger than it is, unless the same value is copied again and again.
   */
  allowCopy(size: number): void {
    this.#copies -= size;
    if (this.#copies < 0) this.fail("it copies more than it holds");
  }

  /** Ends the reading. */
  fail(problem: string): never {
    const { opAt } = this;
    throw new PickleError(`Cannot read the pickle as ${problem}, at byte ${opAt}`, opAt);
  }

  /** Bytes left. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** Reads one byte. */
  byte(): number {
    const value = this.#bytes[this.at++];
    if (value === undefined) this.fail("it ends too early");
    return value;
  }

  /** Reads 2 bytes. */
  uint16(): number {
    const at = this.#skip(2);
    return this.#bytes[at]! | this.#bytes[at + 1]! << 8;
  }

  /** Reads 4 bytes. */
  int32(): number {
    const at = this.#skip(4);
    const bytes = this.#bytes;
    return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
  }

  /** Reads 4 bytes. */
  uint32(): number {
    return this.int32() >>> 0;
  }

  /** Reads a length of 8 bytes; beyond 2^53 it is not exact, and too long in any case. */
  uint64(): number {
    const low = this.uint32();
    return low + this.uint32() * 2 ** 32;
  }

  /** Reads a binary float. */
  float(): number {
    const at = this.#skip(8);
    for (let i = 0; i < 8; i++) word.setUint8(i, this.#bytes[at + i]!);
    return word.getFloat64(0);
  }

  /** Reads an integer in two's complement. */
  integer(size: number): number | bigint {
    if (size < 0) this.fail("a length is negative");
    if (size > longestInteger) this.fail(`an integer is longer than ${longestInteger} bytes`);
    const at = this.#skip(size);
    const bytes = this.#bytes;
    if (size === 0) return 0;
    const negative = bytes[at + size - 1]! >= 0x80;
    if (size <= 6) {
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
      return negative ? value - 256 ** size : value;
    }
    // The digits of base 16 are read in linear time.
    const digits = bytes.slice(at, at + size).reverse().toHex();
    const value = BigInt(`0x${digits}`);
    return toNumber(negative ? value - (1n << BigInt(size * 8)) : value);
  }

  /** Reads bytes into an array of their own. */
  raw(size: number): Uint8Array<ArrayBuffer> {
    const at = this.#skip(size);
    return new Uint8Array(this.#bytes.subarray(at, at + size));
  }

  /** Reads text of some bytes. */
  text(size: number): string {
    const at = this.#skip(size);
    if (size > longestLoop) return this.#longText(at, size);
    const bytes = this.#bytes;
    let hash = size;
    let all = 0;
    for (let i = at; i < at + size; i++) {
      const code = bytes[i]!;
      all |= code;
      hash = (hash * 31 + code) | 0;
    }
    if (all >= 0x80) return this.#longText(at, size);
    if (size > longestName) return latin1(bytes, at, size);
    const slot = hash & (names.length - 1);
    const known = names[slot]!;
    if (isText(known, bytes, at, size)) return known;
    return names[slot] = latin1(bytes, at, size);
  }

  /** Reads text up to the end of the line, of the older protocols. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end === -1) this.fail("it ends too early");
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** Reads a line in which characters may be escaped by their code. */
  escapedLine(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end === -1) this.fail("it ends too early");
    const bytes = this.raw(end - this.at);
    this.at = end + 1;
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) => {
      const code = parseInt(short ?? long, 16);
      if (code > 0x10ffff) this.fail("a character is out of range");
      return String.fromCodePoint(code);
    });
  }

  /** Reads a line of decimal digits. */
  digits(): number | bigint {
    const text = this.line().replace(/L$/, "");
    if (text.length > mostDigits) this.fail(`an integer has more than ${mostDigits} digits`);
    if (!/^[+-]?\d+$/.test(text)) this.fail(`${quote(text)} is not an integer`);
    return toNumber(text[0] === "-" ? -BigInt(text.slice(1)) : BigInt(text.replace("+", "")));
  }

  /** Reads a line with a float. */
  decimal(): number {
    const text = this.line();
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
    const special = { nan: NaN, inf: Infinity, "-inf": -Infinity }[text];
    return special ?? this.fail(`${quote(text)} is not a float`);
  }

  #skip(size: number): number {
    const { at } = this;
    if (size > this.#bytes.length - at) this.fail("it ends too early");
    this.at = at + size;
    return at;
  }

  #longText(at: number, size: number): string {
    const part = this.#bytes.subarray(at, at + size);
    const text = utf8.decode(part);
    // That character stands for what is not UTF-8: a lone surrogate, as Python writes it, or garbage.
    return text.includes("\ufffd") ? this.#looseText(part) : text;
  }

  #looseText(bytes: Uint8Array): string {
    const parts: string[] = [];
    let start = 0;
    for (let i = 0; i + 2 < bytes.length; i++) {
      if (bytes[i] !== 0xed || (bytes[i + 1]! & 0xe0) !== 0xa0 || (bytes[i + 2]! & 0xc0) !== 0x80) {
        continue;
      }
      parts.push(this.#strictText(bytes.subarray(start, i)));
      parts.push(String.fromCharCode(0xd000 | (bytes[i + 1]! & 0x3f) << 6 | bytes[i + 2]! & 0x3f));
      i += 2;
      start = i + 1;
    }
    parts.push(this.#strictText(bytes.subarray(start)));
    return parts.join("");
  }

  #strictText(bytes: Uint8Array): string {
    if (bytes.length === 0) return "";
    try {
      return strictUtf8.decode(bytes);
    } catch {
      return this.fail("a string is not UTF-8");
    }
  }
}

const strictUtf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Text from a pickle as it may stand in a message. */
export function quote(text: string): string {
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return JSON.stringify(shown).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    "?",
  );
}

function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
