// Copyright 2026 the Weft authors. MIT license.

import { createError, hideProperty, isExceptionClass } from "./_errors.ts";
import { arrived, type Arriving, reviveHandle } from "../sync/handle.ts";
import { corruptError, Reader } from "./_reader.ts";
import * as tags from "./_tags.ts";
import { createView } from "./_views.ts";

/** Stands in for a value that went away while it was encoded. */
const hole: unique symbol = Symbol("hole");

/** Keys that objects share. */
interface Shape {
  readonly keys: readonly string[];
  /**
   * Whether a key must not be assigned, as that would call the setter of `__proto__`. Deno has that
   * under `--unstable-unsafe-proto` only.
   */
  readonly guarded: boolean;
}

/** Objects of a message up to this number are kept in an array that is used again. */
const mostKept = 64;

/** Reads one value. Its fields are the state of one run, so a nested run needs another decoder. */
export class Decoder extends Reader {
  #objects: (object | undefined)[] = new Array(mostKept).fill(undefined);
  #count = 0;
  #shapes: Shape[] = [];
  #attached: readonly unknown[] | undefined;
  #handles = true;
  /** The handles that want to know what becomes of the value. */
  #arriving: Arriving[] | undefined;

  /** Reads the value and checks that nothing follows it. */
  run(attached: readonly unknown[] | undefined, handles = true): unknown {
    this.#attached = attached;
    this.#handles = handles;
    const value = this.#value();
    if (this.left > 0) throw corruptError(`${this.left} bytes follow the value`);
    this.#tell(true);
    return value;
  }

  /** Forgets the run, whether it ended or threw. */
  override close(): void {
    super.close();
    this.#tell(false);
    this.#attached = undefined;
    if (this.#shapes.length > 0) this.#shapes = [];
    if (this.#count > mostKept) this.#objects = new Array(mostKept).fill(undefined);
    else for (let i = this.#count - 1; i >= 0; i--) this.#objects[i] = undefined;
    this.#count = 0;
  }

  /** Reads a value, which must be there. */
  #value(): unknown {
    const value = this.#item();
    if (value === hole) throw corruptError("a value is missing");
    return value;
  }

  /** Reads a value or a {@linkcode hole}. */
  #item(): unknown {
    const tag = this.byte();
    if (tag >= tags.tagSmallInteger) return tag - tags.tagSmallInteger;
    switch (tag) {
      case tags.tagUndefined:
        return undefined;
      case tags.tagNull:
        return null;
      case tags.tagFalse:
        return false;
      case tags.tagTrue:
        return true;
      case tags.tagInteger:
        return this.integer();
      case tags.tagNumber:
        return this.number();
      case tags.tagObject:
        return this.#object(this.#newShape());
      case tags.tagShapedObject:
        return this.#object(this.#knownShape());
      case tags.tagArray:
        return this.#array();
      case tags.tagReference:
        return this.#reference();
      case tags.tagHole:
        return hole;
      default:
        return this.stringOf(tag) ?? this.#rare(tag);
    }
  }

  #rare(tag: number): unknown {
    switch (tag) {
      case tags.tagBigInt64:
        return this.bigint();
      case tags.tagBigInt:
        return this.#bigint();
      case tags.tagSparseArray:
        return this.#sparse();
      case tags.tagMap:
        return this.#map();
      case tags.tagSet:
        return this.#set();
      case tags.tagDate:
        return this.#add(new Date(this.number()));
      case tags.tagRegExp:
        return this.#regexp();
      case tags.tagBoxed:
        return this.#boxed();
      case tags.tagBuffer:
        return this.#add(this.raw(this.count()).buffer);
      case tags.tagResizableBuffer:
        return this.#resizable();
      case tags.tagView:
        return this.#view();
      case tags.tagAttached:
        return this.#attachment();
      case tags.tagError:
        return this.#error();
      case tags.tagHandle:
        return this.#handle();
      default:
        throw corruptError(`${tag} is no type of value`);
    }
  }

  #add<T extends object>(object: T): T {
    this.#objects[this.#count++] = object;
    return object;
  }

  /** Numbers an object that cannot be created before its parts. */
  #reserve(): number {
    this.#objects[this.#count] = undefined;
    return this.#count++;
  }

  #reference(): object {
    const number = this.count();
    const object = number < this.#count ? this.#objects[number] : undefined;
    if (object === undefined) throw corruptError("a reference leads nowhere");
    return object;
  }

  #newShape(): Shape {
    const keys: string[] = [];
    let guarded = false;
    for (let left = this.size(); left > 0; left--) {
      const key = this.name();
      if (key === "__proto__") guarded = true;
      keys.push(key);
    }
    const shape = { keys, guarded };
    if (keys.length <= tags.longestShape) this.#shapes.push(shape);
    return shape;
  }

  #knownShape(): Shape {
    const number = this.count();
    const shape = number < this.#shapes.length ? this.#shapes[number] : undefined;
    if (shape === undefined) throw corruptError("a list of keys is missing");
    return shape;
  }

  #object({ keys, guarded }: Shape): object {
    const object: Record<string, unknown> = {};
    this.#objects[this.#count++] = object;
    for (let i = 0; i < keys.length; i++) {
      const value = this.#item();
      if (value === hole) continue;
      if (guarded) define(object, keys[i]!, value);
      else object[keys[i]!] = value;
    }
    return object;
  }

  #array(): unknown[] {
    const length = this.size();
    const array: unknown[] = [];
    this.#objects[this.#count++] = array;
    for (let i = 0; i < length; i++) {
      const value = this.#item();
      if (value === hole) array.length++;
      else array.push(value);
    }
    return array;
  }

  #sparse(): unknown[] {
    const array = this.#add<unknown[]>([]);
    const length = this.count();
    if (length >= 2 ** 32) throw corruptError("an array is too long");
    array.length = length;
    for (let left = this.size(); left > 0; left--) {
      const key = this.string();
      const value = this.#item();
      if (value !== hole) check(() => define(array, key, value), "an array has a bad key");
    }
    return array;
  }

  #map(): Map<unknown, unknown> {
    const map = this.#add(new Map<unknown, unknown>());
    for (let left = this.size(); left > 0; left--) map.set(this.#value(), this.#value());
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#add(new Set<unknown>());
    for (let left = this.size(); left > 0; left--) set.add(this.#value());
    return set;
  }

  #bigint(): bigint {
    const negative = this.byte() === 1;
    const digits = this.string();
    const value = check(() => BigInt(`0x${digits}`), "an integer is malformed");
    return negative ? -value : value;
  }

  #regexp(): RegExp {
    const source = this.string();
    const flags = this.string();
    return this.#add(check(() => new RegExp(source, flags), "a regular expression is malformed"));
  }

  #boxed(): object {
    const value = this.#value();
    if (typeof value === "object") throw corruptError("a boxed primitive is missing");
    return this.#add(Object(value));
  }

  #resizable(): ArrayBuffer {
    const maxByteLength = this.count();
    const bytes = this.raw(this.count());
    const buffer = check(
      () => new ArrayBuffer(bytes.length, { maxByteLength }),
      "a buffer cannot be as large as they say",
    );
    new Uint8Array(buffer).set(bytes);
    return this.#add(buffer);
  }

  #view(): ArrayBufferView {
    const slot = this.#reserve();
    const type = this.byte();
    const offset = this.count();
    const length = this.byte() === 0 ? undefined : this.count();
    const buffer = this.#value();
    if (!(buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer)) {
      throw corruptError("a buffer is missing");
    }
    const view = check(() => createView({ type, offset, length }, buffer), "a view is malformed");
    this.#objects[slot] = view;
    return view;
  }

  #attachment(): object {
    const object = this.#attached?.[this.count()];
    if (typeof object !== "object" || object === null) {
      throw corruptError("an attached object is missing");
    }
    return this.#add(object);
  }

  #error(): Error {
    const className = this.string();
    const exception = isExceptionClass(className)
      ? [this.string(), this.string()] as const
      : undefined;
    const error = this.#add(createError(className, exception));
    for (let left = this.size(); left > 0; left--) {
      hideProperty(error, this.string(), this.#value());
    }
    for (let left = this.size(); left > 0; left--) define(error, this.string(), this.#value());
    return error;
  }

  #handle(): object {
    const slot = this.#reserve();
    const kind = this.string();
    if (!this.#handles) throw corruptError("a handle cannot be in it");
    const handle = reviveHandle(kind, this.#value());
    this.#objects[slot] = handle;
    if (arrived in handle) (this.#arriving ??= []).push(handle as Arriving);
    return handle;
  }

  #tell(complete: boolean): void {
    const arriving = this.#arriving;
    if (arriving === undefined) return;
    this.#arriving = undefined;
    for (const handle of arriving) handle[arrived](complete);
  }
}

/** Defines an own property, whatever its name means to a setter. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

/** Runs what throws for arguments that no encoder wrote. */
function check<T>(run: () => T, problem: string): T {
  try {
    return run();
  } catch (error) {
    throw Object.assign(corruptError(problem), { cause: error });
  }
}
