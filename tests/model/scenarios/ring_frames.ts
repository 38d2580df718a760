// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../../channel/ring.ts";
import type { End, Scenario } from "../checker.ts";

/* What a ring keeps where; said again here, so that what it does is not checked by its own code. */
export const putWord = 1;
const headWord = 2;
const takeLockWord = 16;
export const takenWord = 17;
const tailWord = 18;
const lengthWord = 32;
const jump = 0xffff_ffff;
const headerBytes = 8;

/** The word that has the number of bytes; the bytes follow. */
export const bytesWord = 96;
/** Bytes that there are at first. */
export const firstBytes = 64;

/** Frames that nobody of the scenario has put. */
const before = 0;

/** A frame of so many words, each of which says whose it is, the how-manieth of them, and how long. */
export function frameOf(writer: number, at: number, length: number): Frame {
  const bytes = new Uint8Array(wordsOf(writer, at, length).buffer);
  return { byteLength: bytes.length, copyTo: (target, at) => target.set(bytes, at) };
}

function wordsOf(writer: number, at: number, length: number): Uint32Array {
  return new Uint32Array(length).fill(writer << 16 | at << 8 | length);
}

/** Which frame it is, as "writer.at". Throws if it is garbled. */
export function nameOf(frame: readonly number[]): string {
  const first = frame[0] ?? 0;
  if (first === 0 || frame.length !== (first & 0xff) || frame.some((word) => word !== first)) {
    throw new Error(`A frame is garbled: ${frame.map((word) => word.toString(16))}`);
  }
  return `${first >> 16}.${first >> 8 & 0xff}`;
}

/** Fails if a frame of a writer comes after a later one. */
export class Order {
  readonly #last = new Map<string, number>();

  see(name: string): void {
    const [writer, at] = name.split(".") as [string, string];
    if (Number(at) <= (this.#last.get(writer) ?? -1)) throw new Error(`${name} comes too late`);
    this.#last.set(writer, Number(at));
  }
}

/** How a ring is when a scenario begins. */
export interface Start {
  /** Bytes that there are, if there are more than at first. */
  readonly bytes?: number;
  /** Frames that were ever taken. */
  readonly taken?: number;
  /** Where the first frame is. */
  readonly tail?: number;
  /** Words of each frame that is inside. */
  readonly frames?: readonly number[];
  /** Whether the rest of the frames is at the beginning after so many. */
  readonly jumpAfter?: number;
}

/** The words of a ring. */
export function wordsAtStart(start: Start = {}): Record<number, number> {
  const { bytes = firstBytes, taken = 0, tail = 0, frames = [], jumpAfter } = start;
  const words: Record<number, number> = { [bytesWord]: bytes };
  if (bytes > firstBytes) words[lengthWord] = bytes;
  let head = tail;
  const write = (value: number) => {
    words[bytesWord + 1 + head / 4] = value;
    head += 4;
  };
  frames.forEach((length, at) => {
    if (at === jumpAfter) {
      write(jump);
      write(0);
      head = 0;
    }
    write(4 * length);
    write(0);
    for (const word of wordsOf(before, at, length)) write(word);
    head = Math.ceil(head / 8) * 8;
  });
  const put = (taken + frames.length) | 0;
  words[putWord] = put;
  words[takenWord] = taken | 0;
  words[headWord + (put & 1) * 2] = head;
  words[tailWord + (taken & 1)] = tail;
  return words;
}

/** The frames that are inside. Throws if they are not as they must be. */
function framesIn(word: (index: number) => number): string[] {
  const put = word(putWord);
  const taken = word(takenWord);
  const count = (put - taken) | 0;
  const there = word(bytesWord);
  const known = word(lengthWord);
  if (known > there) throw new Error(`${known} bytes are known of ${there}`);
  if (count < 0) throw new Error(`${put} are put and ${taken} taken`);
  const at = (byte: number) => {
    if (byte < 0 || byte + 4 > there) throw new Error(`byte ${byte} of ${there}`);
    return word(bytesWord + 1 + byte / 4);
  };
  const order = new Order();
  const names: string[] = [];
  let tail = word(tailWord + (taken & 1));
  for (let i = 0; i < count; i++) {
    if (at(tail) === (jump | 0)) tail = at(tail + 4);
    const length = at(tail);
    const frame: number[] = [];
    for (let i = 0; i < length; i += 4) frame.push(at(tail + headerBytes + i));
    names.push(nameOf(frame));
    order.see(names.at(-1)!);
    tail += headerBytes + Math.ceil(length / 8) * 8;
  }
  const head = word(headWord + (put & 1) * 2);
  if (count > 0 && tail !== head) throw new Error(`the head is at ${head}, not at ${tail}`);
  return names;
}

/** What a scenario knows of its ring. */
export interface Expected {
  readonly start?: Start;
  /** Frames that each writer puts. */
  readonly puts?: Readonly<Record<number, number>>;
  readonly limit?: number;
  readonly mostBytes?: number;
}

/** In every state the frames inside are whole, and each that was put comes out once and in order. */
export function soundRing(expected: Expected): Partial<Scenario> {
  const { start = {}, puts = {}, limit = Infinity, mostBytes = Infinity } = expected;
  const all = Object.entries({ ...puts, [before]: start.frames?.length ?? 0 })
    .flatMap(([writer, count]) => Array.from({ length: count }, (_, at) => `${writer}.${at}`));
  return {
    initial: wordsAtStart(start),
    invariant: (total, word) => {
      try {
        const count = framesIn(word).length;
        if (count > limit) return `${count} are inside`;
        if (word(bytesWord) > mostBytes) return `there are ${word(bytesWord)} bytes`;
      } catch (error) {
        return String(error);
      }
      // Who has closed it tells how much was put by then.
      const put = word(putWord) - total("put by then");
      return total("closed") > 0 && put !== 0 ? "a frame was put after the end" : undefined;
    },
    final: (end) => wrongAtEnd(end, all),
  };
}

function wrongAtEnd(end: End, all: readonly string[]): string | undefined {
  const left = framesIn(end.word);
  const dead = Array.from({ length: end.actors }, (_, i) => i).filter((i) => end.dead(i));
  const inHand = dead.reduce((sum, i) => sum + end.count(i, "reads"), 0);
  let lost = 0;
  for (const name of all) {
    const [writer] = name.split(".");
    const out = end.total(`got ${name}`) + Number(left.includes(name));
    const put = writer === `${before}` || end.total(`put ${name}`) > 0;
    if (out > 1) return `${name} comes out ${out} times`;
    if (put && out === 0) lost++;
    if (end.total(`no ${name}`) > 0 && out > 0) return `${name} was refused and comes out`;
    if (!put && out > 0 && dead.length === 0) return `${name} comes out, but was not put`;
    const got = all.findLast((other) => end.total(`got ${other}`) > 0 && isOf(other, writer!));
    if (left.includes(name) && got !== undefined && all.indexOf(got) > all.indexOf(name)) {
      return `${got} came out before ${name}`;
    }
  }
  lost -= end.total("dropped");
  if (lost > inHand || (lost < 0 && dead.length === 0)) return `${lost} are lost`;
  if (dead.length === 0 && (end.word(0) !== 0 || end.word(takeLockWord) !== 0)) {
    return `the locks are ${end.word(0)} and ${end.word(takeLockWord)}`;
  }
  return undefined;
}

function isOf(name: string, writer: string): boolean {
  return name.startsWith(`${writer}.`);
}
