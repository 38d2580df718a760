// Copyright 2026 the Weft authors. MIT license.

import { checkDepth } from "./_pickle_depth.ts";
import { PickleInput } from "./_pickle_input.ts";
import { isContainer, isList, isPlain, setProperty } from "./_pickle_objects.ts";
import { FrozenSet } from "./python_values.ts";
import { toTuple } from "./_tuple.ts";

/** Limits for `unpickle`. */
export interface PickleLimits {
  /**
   * Most containers within each other; more than 1000 are never read.
   *
   * @default {200}
   */
  readonly maxDepth?: number | undefined;
  /**
   * Most values of any kind.
   *
   * @default {1_000_000}
   */
  readonly maxObjects?: number | undefined;
}

/** Deepest value that is read or written, whatever the limit: the stack has to be large enough for it. */
export const mostDepth = 1000;

/** Thrown when a dict that others may hold already gets its first key that is no text. */
export const mixedDict = Symbol("mixed dict");

/** What is known of the dicts of a pickle, by the offset of the opcode that creates each. */
export interface Dicts {
  /** Those that have keys other than text. */
  readonly mixed: Set<number>;
  /** Where each was created, while the mixed ones are looked for. */
  readonly origins: Map<object, number> | undefined;
}

/** Low bits of a note: how deep the value in the slot is. The others are its index in the memo, plus one. */
const depthMask = 0xffff;
const memoUnit = 0x10000;

/** The stack and the memo that the opcodes of a pickle work on. */
export class PickleStack extends PickleInput {
  readonly #stack: unknown[] = [];
  /** For each slot of the stack what is known of its value. */
  readonly #notes: number[] = [];
  readonly #marks: number[] = [];
  /** The slot above the latest mark; nothing below it is taken. */
  #fence = 0;
  readonly #memo: unknown[] = [];
  #memoCount = 0;
  readonly #maxDepth: number;
  readonly #maxObjects: number;
  #objects = 0;
  /** Whether something may hold a container twice or early, so that the depths in the notes can be wrong. */
  #shared = false;
  readonly #dicts: Dicts | undefined;
  /** How deep the deepest of the values is that were taken last. */
  depth = 0;

  constructor(bytes: Uint8Array, limits: PickleLimits, dicts: Dicts | undefined) {
    super(bytes);
    this.#maxDepth = Math.min(limits.maxDepth ?? 200, mostDepth);
    this.#maxObjects = limits.maxObjects ?? 1_000_000;
    this.#dicts = dicts;
  }

  /** Takes the one value that is left. */
  end(): unknown {
    const value = this.pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) this.fail("values are left over");
    if (this.left > 0) this.fail(`${this.left} bytes follow its end`);
    if (this.#shared) checkDepth(this, value, this.#maxDepth);
    return value;
  }

  /**
   * Pushes a value.
   *
   * @param value The value.
   * @param depth How many containers are within each other in it, itself among them.
   * @param weight As how many values it counts.
   */
  push(value: unknown, depth = 0, weight = 1): void {
    if ((this.#objects += weight) > this.#maxObjects) {
      this.fail(`it has more than ${this.#maxObjects} values`);
    }
    if (depth > this.#maxDepth) this.fail(`it is nested deeper than ${this.#maxDepth}`);
    this.#stack.push(value);
    this.#notes.push(depth);
  }

  /** Takes the topmost value. */
  pop(): unknown {
    if (this.#stack.length <= this.#fence) this.fail("a value is missing");
    this.#notes.pop();
    return this.#stack.pop();
  }

  /** Takes the `count` topmost values. */
  take(count: number): unknown[] {
    return this.takeFrom(this.#stack.length - count);
  }

  /** Takes the values from a slot up. */
  takeFrom(start: number): unknown[] {
    if (start < this.#fence) this.fail("a value is missing");
    const stack = this.#stack;
    const notes = this.#notes;
    const items = new Array(stack.length - start);
    let depth = 0;
    for (let i = items.length - 1; i >= 0; i--) {
      items[i] = stack.pop();
      const inner = notes.pop()! & depthMask;
      if (inner > depth) depth = inner;
    }
    this.depth = depth;
    return items;
  }

  /** Marks the place above the topmost value. */
  mark(): void {
    this.#fence = this.#stack.length;
    if (this.#marks.push(this.#fence) > this.#maxObjects) this.fail("it has too many marks");
  }

  /** Takes the values above the latest mark, and the mark. */
  takeMarked(): unknown[] {
    const start = this.#marks.pop();
    if (start === undefined) this.fail("a mark is missing");
    const items = this.takeFrom(start);
    this.#fence = this.#marks.at(-1) ?? 0;
    return items;
  }

  /** Drops the topmost value, or the latest mark if it is above that. */
  drop(): void {
    if (this.#marks.length > 0 && this.#stack.length === this.#fence) this.takeMarked();
    else this.pop();
  }

  /** Pushes the topmost value again. */
  duplicate(): void {
    const value = this.pop();
    this.push(value);
    this.pushKnown(value);
  }

  /** Pushes a value that others may hold. */
  pushKnown(value: unknown): void {
    if (isContainer(value)) this.#shared = true;
    this.push(value);
  }

  /** Remembers the topmost value. */
  put(index = this.#memoCount): void {
    if (this.#stack.length <= this.#fence) this.fail("a value is missing");
    if (index > this.#maxObjects) this.fail(`the memo has no place ${index}`);
    const slot = this.#stack.length - 1;
    if (this.#memo[index] === undefined) this.#memoCount++;
    this.#memo[index] = this.#stack[slot];
    if (this.#notes[slot]! >= memoUnit) this.#shared = true;
    this.#notes[slot] = (this.#notes[slot]! & depthMask) + memoUnit * (index + 1);
  }

  /** Pushes what was remembered. */
  get(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) this.fail(`the memo has nothing at ${index}`);
    this.pushKnown(value);
  }

  /** Creates a dict. */
  createDict(): Record<string, unknown> | Map<unknown, unknown> {
    if (this.#dicts === undefined) return {};
    if (this.#dicts.origins === undefined) return this.#dicts.mixed.has(this.opAt) ? new Map() : {};
    const dict = {};
    this.#dicts.origins.set(dict, this.opAt);
    return dict;
  }

  /** Adds items to the list that is on top. */
  append(items: unknown[]): void {
    const list = this.#target();
    if (!isList(list)) this.fail("it appends to what is not a list");
    for (let i = 0; i < items.length; i++) list.push(items[i]);
    this.#deepen();
  }

  /** Adds items to the set that is on top. */
  addItems(items: unknown[]): void {
    const set = this.#target();
    if (!(set instanceof Set) || set instanceof FrozenSet) {
      this.fail("it adds items to what is not a set");
    }
    for (let i = 0; i < items.length; i++) {
      this.allowKey(items[i]);
      set.add(items[i]);
    }
    this.#deepen();
  }

  /** Adds keys and values to the dict that is on top. */
  setItems(items: unknown[]): void {
    if (items.length % 2 !== 0) this.fail("a key has no value");
    let dict = this.#target();
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      this.allowKey(key);
      if (dict instanceof Map) dict.set(key, items[i + 1]);
      else if (!isPlain(dict)) this.fail("it sets items of what is not a dict");
      else if (typeof key === "string") setProperty(dict, key, items[i + 1]);
      else dict = this.#toMap(dict, key, items[i + 1]);
    }
    this.#deepen();
  }

  /** Puts a value, which holds those that were taken last, in the place of the one that is on top. */
  replaceTop(value: unknown): void {
    const top = this.#stack.length - 1;
    const old = this.#stack[top];
    this.#stack[top] = value;
    const index = Math.floor(this.#notes[top]! / memoUnit) - 1;
    if (index >= 0 && this.#memo[index] === old) this.#memo[index] = value;
    this.#deepen();
  }

  /** Gives what an opcode changes in place. */
  top(): unknown {
    return this.#target();
  }

  /** Makes a tuple of the values that were taken. */
  pushTuple(items: unknown[]): void {
    this.push(toTuple(items), this.depth + 1);
  }

  #target(): unknown {
    if (this.#stack.length <= this.#fence) this.fail("a value is missing");
    return this.#stack[this.#stack.length - 1];
  }

  #deepen(): void {
    const top = this.#stack.length - 1;
    const note = this.#notes[top]!;
    const more = this.depth + 1 - (note & depthMask);
    if (more <= 0) return;
    if (this.depth >= this.#maxDepth) this.fail(`it is nested deeper than ${this.#maxDepth}`);
    this.#notes[top] = note + more;
  }

  #toMap(dict: Record<string, unknown>, key: unknown, value: unknown): unknown {
    const origin = this.#dicts?.origins?.get(dict);
    if (origin !== undefined) {
      this.#dicts!.mixed.add(origin);
      return dict;
    }
    if (this.#dicts !== undefined) this.fail("a key of a Namespace is not text");
    if (this.#shared) throw mixedDict;
    const map = new Map<unknown, unknown>(Object.entries(dict));
    map.set(key, value);
    const { depth } = this;
    this.replaceTop(map);
    this.depth = depth;
    return map;
  }
}
