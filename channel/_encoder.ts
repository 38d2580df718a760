// Copyright 2026 the Weft authors. MIT license.

import { describeError } from "./_errors.ts";
import {
  type Destination,
  endPassages,
  functionForm,
  type Handle,
  type HandleForm,
  toHandle,
} from "../sync/handle.ts";
import { kindOf } from "./_kinds.ts";
import { References } from "./_references.ts";
import { Refusal } from "./_refusal.ts";
import * as tags from "./_tags.ts";
import { describeView } from "./_views.ts";
import { Writer } from "./_writer.ts";

/** Options for {@linkcode encode}. */
export interface EncodeOptions {
  /** Where the value goes; handles refuse a destination they cannot reach. */
  readonly destination?: Destination | undefined;
  /**
   * Takes an object that travels beside the bytes (a `SharedArrayBuffer` or a `WebAssembly.Module`)
   * and returns its index. Without it such an object is a `DataCloneError`.
   */
  readonly attach?: ((object: object) => number) | undefined;
  /** Is told of each handle in the value, so that the other side can be prepared. */
  readonly onHandle?: ((form: HandleForm) => void) | undefined;
  /**
   * Whether handles, and functions that can travel, are let through.
   *
   * @default {true}
   */
  readonly handles?: boolean | undefined;
}

/** As many shapes are compared with the keys of an object before it gets a new one. */
const shapesTried = 4;

const sourceOf = Object.getOwnPropertyDescriptor(RegExp.prototype, "source")!.get!;
const flagsOf = Object.getOwnPropertyDescriptor(RegExp.prototype, "flags")!.get!;

const valuesOf: readonly ((this: unknown) => unknown)[] = [
  Number.prototype.valueOf,
  String.prototype.valueOf,
  Boolean.prototype.valueOf,
  BigInt.prototype.valueOf,
];

/** Writes one value. Its fields are the state of one run, so a nested run needs another encoder. */
export class Encoder extends Writer {
  readonly #references = new References();
  #shapes: string[][] = [];
  #options: EncodeOptions | undefined;
  /** The handles that have a passage. */
  #handles: HandleForm[] | undefined;

  /** Writes `value`; what was refused is thrown as a {@linkcode Refusal}. */
  run(value: unknown, options: EncodeOptions | undefined): void {
    this.#options = options;
    this.#value(value);
  }

  /** Lets the handles of the run know that nobody gets them. */
  drop(): void {
    if (this.#handles !== undefined) endPassages(this.#handles);
  }

  /** Forgets the run, whether it ended or threw. */
  override clear(): void {
    super.clear();
    this.#handles = undefined;
    this.#references.clear();
    if (this.#shapes.length > 0) this.#shapes = [];
    this.#options = undefined;
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.string(value);
      case "number":
        return this.#number(value);
      case "object":
        if (value !== null) return this.#object(value);
        return this.#tag(tags.tagNull);
      case "boolean":
        return this.#tag(value ? tags.tagTrue : tags.tagFalse);
      case "undefined":
        return this.#tag(tags.tagUndefined);
      case "bigint":
        return this.#bigint(value);
      case "function":
        return this.#function(value);
      default:
        throw new Refusal(value);
    }
  }

  #number(value: number): void {
    this.reserve(9);
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      this.byte(tags.tagNumber);
      this.number(value);
    } else if (value >= 0 && value < 0x80) {
      this.byte(tags.tagSmallInteger + value);
    } else {
      this.byte(tags.tagInteger);
      this.integer(value);
    }
  }

  #bigint(value: bigint): void {
    this.reserve(9);
    if (BigInt.asIntN(64, value) === value) {
      this.byte(tags.tagBigInt64);
      this.bigint(value);
      return;
    }
    const negative = value < 0n;
    this.byte(tags.tagBigInt);
    this.byte(negative ? 1 : 0);
    this.string((negative ? -value : value).toString(16));
  }

  /** Writes a tag and makes room for two counts after it. */
  #tag(tag: number): void {
    this.reserve(17);
    this.byte(tag);
  }

  #object(value: object): void {
    const known = this.#references.see(value);
    if (known !== -1) {
      this.#tag(tags.tagReference);
      return this.count(known);
    }
    switch (kindOf(value)) {
      case "object":
        return this.#plain(value as Record<string, unknown>);
      case "array":
        return this.#array(value as unknown[]);
      case "map":
        return this.#map(value as Map<unknown, unknown>);
      case "set":
        return this.#set(value as Set<unknown>);
      case "date":
        this.#tag(tags.tagDate);
        return this.number(Date.prototype.getTime.call(value));
      case "regexp":
        this.#tag(tags.tagRegExp);
        this.string(sourceOf.call(value));
        return this.string(flagsOf.call(value));
      case "boxed":
        this.#tag(tags.tagBoxed);
        return this.#value(unbox(value));
      case "buffer":
        return this.#buffer(value as ArrayBuffer);
      case "view":
        return this.#view(value as ArrayBufferView);
      case "attached":
        return this.#attached(value);
      case "error":
        return this.#error(value);
      case "handle":
        if (this.#options?.handles === false) {
          // What is data as well goes as that.
          if (Array.isArray(value)) return this.#array(value);
          if (value instanceof Set) return this.#set(value);
          refuse(value);
        }
        return this.#handle(value, (value as Handle)[toHandle](this.#options?.destination));
      case "refused":
        throw new Refusal(value);
    }
  }

  #plain(value: Record<string, unknown>): void {
    const keys = Object.keys(value);
    const shape = this.#shapeOf(keys);
    if (shape === -1) {
      this.#tag(tags.tagObject);
      this.count(keys.length);
      for (let i = 0; i < keys.length; i++) this.string(keys[i]!);
    } else {
      this.#tag(tags.tagShapedObject);
      this.count(shape);
    }
    for (let i = 0; i < keys.length; i++) this.#property(value, keys[i]!);
  }

  /** Finds the shape with these keys among the latest, or remembers them as a new one. */
  #shapeOf(keys: string[]): number {
    const shapes = this.#shapes;
    const last = Math.max(0, shapes.length - shapesTried);
    for (let i = shapes.length - 1; i >= last; i--) {
      if (sameKeys(shapes[i]!, keys)) return i;
    }
    if (keys.length <= tags.longestShape) shapes.push(keys);
    return -1;
  }

  #property(owner: object, key: string): void {
    const value = (owner as Record<string, unknown>)[key];
    // A getter met before this property may have deleted it.
    if (value === undefined && !Object.hasOwn(owner, key)) return this.#tag(tags.tagHole);
    this.#value(value);
  }

  #array(value: unknown[]): void {
    const { length } = value;
    // The one way to see holes and further properties. It costs 5 ns an element, up to 20 ns in
    // arrays of more than some thousand, where the engine has to make strings of the indices.
    const keys = Object.keys(value);
    if (keys.length !== length || (length > 0 && keys[length - 1] !== String(length - 1))) {
      return this.#sparse(value, keys);
    }
    this.#tag(tags.tagArray);
    this.count(length);
    for (let i = 0; i < length; i++) {
      const item = value[i];
      if (item === undefined && !Object.hasOwn(value, i)) this.#tag(tags.tagHole);
      else this.#value(item);
    }
  }

  #sparse(value: unknown[], keys: string[]): void {
    this.#tag(tags.tagSparseArray);
    this.count(value.length);
    this.count(keys.length);
    for (const key of keys) {
      this.string(key);
      this.#property(value, key);
    }
  }

  // Maps and sets are copied before anything in them is read: a getter in there may change them.
  #map(value: Map<unknown, unknown>): void {
    const parts: unknown[] = [];
    Map.prototype.forEach.call(value, (item, key) => parts.push(key, item));
    this.#tag(tags.tagMap);
    this.count(parts.length / 2);
    for (let i = 0; i < parts.length; i++) this.#value(parts[i]);
  }

  #set(value: Set<unknown>): void {
    const items: unknown[] = [];
    Set.prototype.forEach.call(value, (item) => items.push(item));
    this.#tag(tags.tagSet);
    this.count(items.length);
    for (let i = 0; i < items.length; i++) this.#value(items[i]);
  }

  #buffer(value: ArrayBuffer): void {
    if (value.detached) throw new Refusal(value, "a detached ArrayBuffer");
    this.#tag(value.resizable ? tags.tagResizableBuffer : tags.tagBuffer);
    if (value.resizable) this.count(value.maxByteLength);
    this.count(value.byteLength);
    this.raw(new Uint8Array(value));
  }

  #view(value: ArrayBufferView): void {
    if ((value.buffer as ArrayBuffer).detached) {
      throw new Refusal(value, "a view of a detached buffer");
    }
    const { type, offset, length } = describeView(value);
    this.reserve(19);
    this.byte(tags.tagView);
    this.byte(type);
    this.count(offset);
    this.byte(length === undefined ? 0 : 1);
    if (length !== undefined) this.count(length);
    this.#object(value.buffer);
  }

  #attached(value: object): void {
    const attach = this.#options?.attach;
    if (attach === undefined) {
      throw new Refusal(
        value,
        value instanceof SharedArrayBuffer
          ? "a SharedArrayBuffer, which only threads of one process can share"
          : "a WebAssembly.Module, which only threads of one process can share",
      );
    }
    const index = attach(value);
    this.#tag(tags.tagAttached);
    this.count(index);
  }

  #error(value: object): void {
    const { className, exception, hidden, shown } = describeError(value);
    this.#tag(tags.tagError);
    this.string(className);
    if (exception !== undefined) {
      this.string(exception[0]);
      this.string(exception[1]);
    }
    for (const properties of [hidden, shown]) {
      this.reserve(8);
      this.count(properties.length);
      for (const [key, inner] of properties) {
        this.string(key);
        this.#value(inner);
      }
    }
  }

  /** Counts among the objects, as what it becomes on the other side does. */
  // deno-lint-ignore ban-types -- any function
  #function(value: Function): void {
    const known = this.#references.see(value);
    if (known === -1) {
      const form = this.#options?.handles === false ? undefined : functionForm(value);
      return this.#handle(value, form ?? refuse(value));
    }
    this.#tag(tags.tagReference);
    this.count(known);
  }

  #handle(value: object, form: HandleForm): void {
    const { kind, state } = form;
    if (form.passage !== undefined) (this.#handles ??= []).push(form);
    this.#options?.onHandle?.(form);
    this.#tag(tags.tagHandle);
    this.string(kind);
    try {
      this.#value(state);
    } catch (error) {
      if (!(error instanceof Refusal && error.part instanceof SharedArrayBuffer)) throw error;
      throw new Refusal(
        value,
        `a ${kind} of scope "thread", which travels in arguments and results of threads alone: ` +
          'create it with { scope: "process" }',
      );
    }
  }
}

function refuse(value: unknown): never {
  throw new Refusal(value);
}

function sameKeys(a: string[], b: string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

function unbox(value: object): unknown {
  for (const valueOf of valuesOf) {
    try {
      return valueOf.call(value);
    } catch {
      // It is of another type.
    }
  }
  throw new Refusal(value);
}
