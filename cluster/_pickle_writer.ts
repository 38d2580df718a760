// Copyright 2026 the Weft authors. MIT license.

import { Refusal, refusalError } from "../channel/codec.ts";
import { toException } from "./_pickle_errors.ts";
import { isProxyClass } from "./_pickle_globals.ts";
import { adviceFor, isDict, isUnhashable, levelsOf, nameUnhashable } from "./_pickle_kinds.ts";
import { PickleMemo } from "./_pickle_memo.ts";
import * as ops from "./_pickle_ops.ts";
import { PickleOutput } from "./_pickle_output.ts";
import { mostDepth } from "./_pickle_stack.ts";
import { FrozenSet, isTuple, PyFloat } from "./python_values.ts";
import { ProxyReference, Token } from "./_token.ts";

/** Options for {@linkcode pickle}. */
export interface PickleOptions {
  /**
   * Most containers within each other; more than 1000 are never written.
   *
   * @default {200}
   */
  readonly maxDepth?: number | undefined;
}

/** Most containers within each other in a part, so that what it is a part of stays within the usual limit. */
const mostDepthOfPart = 195;

/** Python collects items and adds as many at once. */
const batch = 1000;

const managers = "multiprocessing.managers";

// Writers at rest. A getter may write another pickle in the middle of one, so one would not do.
const writers: PickleWriter[] = [];

/** More at rest than this are left to the garbage collector. */
const mostAtRest = 4;

/**
 * Writes a value as a pickle of protocol 4.
 *
 * @param value What to write. Getters in it run.
 * @param options How much it may hold.
 * @returns A new array that holds the bytes and nothing else.
 * @throws {DOMException} If a part has no counterpart in Python, or is too deep: a `DataCloneError` that says where.
 */
export function pickle(value: unknown, options: PickleOptions = {}): Uint8Array<ArrayBuffer> {
  return pickleInto(value, (bytes) => bytes.slice(), options);
}

/**
 * Writes a value as {@linkcode pickle} does, without a copy for who needs none.
 *
 * @param value What to write.
 * @param use Called with the bytes, which are good until it returns.
 * @param options How much the value may hold.
 * @returns What `use` returns.
 * @throws {DOMException} As {@linkcode pickle}.
 */
export function pickleInto<T>(
  value: unknown,
  use: (bytes: Uint8Array<ArrayBuffer>) => T,
  options: PickleOptions = {},
): T {
  const maxDepth = Math.min(options.maxDepth ?? 200, mostDepth);
  return withWriter(value, (writer) => use(writer.run(value, maxDepth)));
}

function withWriter<T>(value: unknown, write: (writer: PickleWriter) => T): T {
  const writer = writers.pop() ?? new PickleWriter();
  try {
    return write(writer);
  } catch (error) {
    throw error instanceof Refusal ? refusalError(value, error) : error;
  } finally {
    writer.clear();
    if (writers.length < mostAtRest) writers.push(writer);
  }
}

/** A value that is written already and can be a part of what is written later. */
export class PickledValue {
  /** Its operations, without those of the beginning and the end of a pickle. */
  readonly bytes: Uint8Array;
  /** Number of objects that its reader numbers. */
  readonly objects: number;
  /** Whether it means objects of its own by their numbers, so that it must be the first in a pickle that has any. */
  readonly refers: boolean;

  /** Creates the part. */
  constructor(bytes: Uint8Array, objects: number, refers: boolean) {
    this.bytes = bytes;
    this.objects = objects;
    this.refers = refers;
  }
}

/**
 * Writes a value as a part of a pickle.
 *
 * @param value What to write.
 * @returns The part, as the value is now.
 * @throws {DOMException} As {@linkcode pickle}.
 */
export function pickleValue(value: unknown): PickledValue {
  return withWriter(value, (writer) => writer.runPart(value, mostDepthOfPart));
}

/** Writes one value. Its fields are the state of one run. */
class PickleWriter {
  readonly #output = new PickleOutput();
  readonly #memo = new PickleMemo();
  #maxDepth = 0;
  #depth = 0;
  /** Whether what is written is a key or an item of a set, which Python has to hash. */
  #hashed = false;
  /** Whether an object was met again. */
  #refers = false;

  run(value: unknown, maxDepth: number): Uint8Array<ArrayBuffer> {
    this.#maxDepth = maxDepth;
    this.#output.opByte(ops.PROTO, ops.writtenProtocol);
    this.#value(value);
    this.#output.op(ops.STOP);
    return this.#output.view();
  }

  runPart(value: unknown, maxDepth: number): PickledValue {
    this.#maxDepth = maxDepth;
    this.#value(value);
    return new PickledValue(this.#output.view().slice(), this.#memo.size, this.#refers);
  }

  /** Forgets the run, whether it ended or threw. */
  clear(): void {
    this.#output.clear();
    this.#memo.clear();
    this.#depth = 0;
    this.#hashed = false;
    this.#refers = false;
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.#output.text(value);
      case "number":
        if (!Number.isSafeInteger(value) || Object.is(value, -0)) return this.#output.float(value);
        return this.#output.integer(value);
      case "object":
        if (value !== null) return this.#object(value);
        return this.#output.op(ops.NONE);
      case "boolean":
        return this.#output.op(value ? ops.NEWTRUE : ops.NEWFALSE);
      case "undefined":
        return this.#output.op(ops.NONE);
      case "bigint":
        return this.#output.bigint(value);
      default:
        throw new Refusal(value);
    }
  }

  #object(value: object): void {
    if (this.#hashed && isUnhashable(value)) {
      throw new Refusal(
        value,
        `${
          nameUnhashable(value)
        }, which is no key and no item of a set in Python: use tuple() or FrozenSet`,
      );
    }
    if (this.#known(value)) return;
    if (!Array.isArray(value) && !isDict(value)) return this.#instance(value);
    this.#enter(value, 1);
    if (!Array.isArray(value)) this.#dict(value);
    else if (isTuple(value)) this.#tuple(value);
    else this.#list(value);
    this.#depth--;
  }

  #enter(value: object, levels: number): void {
    this.#depth += levels;
    if (this.#depth > this.#maxDepth) {
      throw new Refusal(value, `nested deeper than ${this.#maxDepth}`);
    }
  }

  /** Writes that it is what was met before, if it was. */
  #known(value: object): boolean {
    const index = this.#memo.find(value);
    if (index === -1) return false;
    this.#refers = true;
    if (index < 0x100) this.#output.opByte(ops.BINGET, index);
    else this.#output.opUint32(ops.LONG_BINGET, index);
    return true;
  }

  #memoize(value: object): void {
    this.#memo.add(value);
    this.#output.op(ops.MEMOIZE);
  }

  #tuple(items: readonly unknown[]): void {
    const { length } = items;
    if (length === 0) return this.#output.op(ops.EMPTY_TUPLE);
    if (length > 3) this.#output.op(ops.MARK);
    for (let i = 0; i < length; i++) this.#value(items[i]);
    if (this.#memo.find(items) !== -1) {
      // It is inside of itself, where it was written already.
      if (length > 3) this.#output.op(ops.POP_MARK);
      else for (let i = 0; i < length; i++) this.#output.op(ops.POP);
      this.#known(items);
      return;
    }
    this.#output.op(length > 3 ? ops.TUPLE : ops.TUPLE1 + length - 1);
    this.#memoize(items);
  }

  #list(items: unknown[]): void {
    this.#output.op(ops.EMPTY_LIST);
    this.#memoize(items);
    const { length } = items;
    if (length === 1) {
      this.#value(items[0]);
      return this.#output.op(ops.APPEND);
    }
    for (let start = 0; start < length; start += batch) {
      this.#output.op(ops.MARK);
      const end = Math.min(length, start + batch);
      for (let i = start; i < end; i++) this.#value(items[i]);
      this.#output.op(ops.APPENDS);
    }
  }

  #dict(value: Record<string, unknown>): void {
    this.#output.op(ops.EMPTY_DICT);
    this.#memoize(value);
    this.#properties(value);
  }

  #properties(value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value);
    for (let start = 0; start < keys.length; start += batch) {
      this.#output.op(ops.MARK);
      const end = Math.min(keys.length, start + batch);
      for (let i = start; i < end; i++) {
        const key = keys[i]!;
        this.#output.text(key);
        this.#value(value[key]);
      }
      this.#output.op(ops.SETITEMS);
    }
  }

  #instance(value: object): void {
    if (value instanceof Uint8Array) return this.#bytes(value, value);
    if (value instanceof ArrayBuffer) return this.#bytes(value, value);
    if (value instanceof PyFloat) return this.#output.float(value.value);
    const levels = levelsOf(value);
    this.#enter(value, levels);
    if (value instanceof FrozenSet) this.#frozenSet(value);
    else if (value instanceof Map) this.#map(value);
    else if (value instanceof Set) this.#set(value);
    else if (Error.isError(value)) this.#error(value);
    else if (value instanceof PickledValue) this.#part(value);
    else if (value instanceof Token) this.#token(value);
    else if (value instanceof ProxyReference) this.#proxy(value);
    else throw new Refusal(value, adviceFor(value));
    this.#depth -= levels;
  }

  #part({ bytes, objects, refers }: PickledValue): void {
    if (refers && this.#memo.size > 0) throw new Error("The part must be the first of a pickle");
    this.#output.part(bytes);
    this.#memo.skip(objects);
  }

  #bytes(value: object, bytes: Uint8Array | ArrayBuffer): void {
    const buffer = bytes instanceof ArrayBuffer ? bytes : bytes.buffer;
    if (buffer instanceof ArrayBuffer && buffer.detached) {
      throw new Refusal(value, "in a detached ArrayBuffer");
    }
    this.#output.binary(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);
    this.#memoize(value);
  }

  // Maps and sets are copied before anything in them is written: a getter in there may change them.
  #map(value: Map<unknown, unknown>): void {
    const entries = [...value];
    this.#output.op(ops.EMPTY_DICT);
    this.#memoize(value);
    for (let start = 0; start < entries.length; start += batch) {
      this.#output.op(ops.MARK);
      const end = Math.min(entries.length, start + batch);
      for (let i = start; i < end; i++) {
        const [key, item] = entries[i]!;
        this.#hashedValue(key);
        this.#value(item);
      }
      this.#output.op(ops.SETITEMS);
    }
  }

  #set(value: Set<unknown>): void {
    const items = [...value];
    this.#output.op(ops.EMPTY_SET);
    this.#memoize(value);
    for (let start = 0; start < items.length; start += batch) {
      this.#output.op(ops.MARK);
      const end = Math.min(items.length, start + batch);
      for (let i = start; i < end; i++) this.#hashedValue(items[i]);
      this.#output.op(ops.ADDITEMS);
    }
  }

  #frozenSet(value: FrozenSet): void {
    this.#output.op(ops.MARK);
    for (const item of [...value]) this.#hashedValue(item);
    this.#output.op(ops.FROZENSET);
    this.#memoize(value);
  }

  #hashedValue(value: unknown): void {
    const outer = this.#hashed;
    this.#hashed = true;
    this.#value(value);
    this.#hashed = outer;
  }

  #error(value: Error): void {
    const { module, name, args, attributes } = toException(value);
    const outer = this.#hashed;
    // An exception is hashed by what it is, not by what it holds.
    this.#hashed = false;
    this.#global(module, name);
    this.#tuple([...args]);
    this.#output.op(ops.REDUCE);
    this.#memoize(value);
    if (attributes !== undefined) {
      this.#dict({ ...attributes });
      this.#output.op(ops.BUILD);
    }
    this.#hashed = outer;
  }

  #token(value: Token): void {
    const { typeid, address, id } = value;
    this.#global(managers, "Token");
    this.#output.op(ops.EMPTY_TUPLE);
    this.#output.op(ops.NEWOBJ);
    this.#memoize(value);
    this.#output.text(typeid);
    if (typeof address === "string") this.#output.text(address);
    else this.#tuple([...address]);
    this.#output.text(id);
    this.#output.op(ops.TUPLE3);
    this.#output.op(ops.BUILD);
  }

  #proxy(value: ProxyReference): void {
    const { token, exposed, proxytype } = value;
    if (!isProxyClass(proxytype)) throw new Refusal(value, "a proxy of an unknown class");
    this.#global(managers, "RebuildProxy");
    this.#output.op(ops.MARK);
    this.#global(managers, proxytype);
    this.#value(token);
    this.#output.text("pickle");
    this.#output.op(ops.EMPTY_DICT);
    if (exposed !== undefined) {
      this.#output.text("exposed");
      this.#tuple([...exposed]);
      this.#output.op(ops.SETITEM);
    }
    this.#output.op(ops.TUPLE);
    this.#output.op(ops.REDUCE);
    this.#memoize(value);
  }

  #global(module: string, name: string): void {
    this.#output.text(module);
    this.#output.text(name);
    this.#output.op(ops.STACK_GLOBAL);
  }
}
