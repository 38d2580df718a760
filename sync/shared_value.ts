// Copyright 2026 the Weft authors. MIT license.

import { type ArrayOf, isInteger, type NumberOf, type NumberType, viewOf } from "./number_types.ts";
import { RLock } from "./rlock.ts";
import { show } from "./show.ts";
import {
  placeOf,
  registerShared,
  Restored,
  SharedObject,
  type SyncOptions,
} from "./shared_object.ts";

/** Word of the value; the first words are those of its lock. */
const valueWord = 8;

/** What `Atomics` does with arrays of numbers and of bigints alike. */
interface AnyAtomics {
  load(array: unknown, index: number): unknown;
  store(array: unknown, index: number, value: unknown): unknown;
  add(array: unknown, index: number, value: unknown): unknown;
  sub(array: unknown, index: number, value: unknown): unknown;
  and(array: unknown, index: number, value: unknown): unknown;
  or(array: unknown, index: number, value: unknown): unknown;
  exchange(array: unknown, index: number, value: unknown): unknown;
  compareExchange(array: unknown, index: number, expected: unknown, value: unknown): unknown;
}

const atomics = Atomics as unknown as AnyAtomics;

/**
 * One number that threads, and with `scope: "process"` other processes, see at the same time.
 *
 * The methods change an integer in one step, whatever others do meanwhile; what takes several steps, and
 * any change of a floating number that depends on its value, belongs under the {@linkcode SharedValue.lock}.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @typeParam T Type of the number.
 *
 * @example Count
 * ```ts
 * import { SharedValue } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const count = new SharedValue("i32", 5);
 * assertEquals(count.add(2), 5);
 * assertEquals(count.value, 7);
 * ```
 */
export class SharedValue<T extends NumberType = NumberType> extends SharedObject {
  readonly #type: T;
  readonly #view: ArrayOf<T>;
  readonly #lock: RLock;

  static {
    registerShared<{ type: NumberType }>(
      SharedValue,
      "shared-value",
      (restored, { type }) => new SharedValue(type, undefined, restored),
    );
  }

  /**
   * Creates a number.
   *
   * @param type What it is: `"i32"`, `"f64"` …; `"i64"` and `"u64"` are bigints.
   * @param value Its first value; 0 if it is left out.
   * @param options Its scope and name.
   * @throws {TypeError} If the type or scope is none, or the value is of another kind.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(type: T, value?: NumberOf<T>, options: SyncOptions = {}) {
    super(options, 16);
    this.#type = type;
    const { memory, index } = placeOf(this);
    this.#view = viewOf(type, memory.words.buffer, (index + valueWord) * 4, 1);
    this.#lock = new RLock(new Restored(placeOf(this), options.name));
    if (value !== undefined) this.value = checkValue(type, value);
  }

  /** The number. */
  get value(): NumberOf<T> {
    const view = this.#view;
    return (isInteger(this.#type) ? atomics.load(view, 0) : view[0]) as NumberOf<T>;
  }

  /**
   * Sets the number; an integer too large for its type wraps around.
   *
   * @throws {TypeError} If the value is of another kind: a bigint for a number, or the reverse.
   */
  set value(value: NumberOf<T>) {
    if (isInteger(this.#type)) atomics.store(this.#view, 0, value);
    else this.#view[0] = value;
  }

  /** The lock that belongs to the number; whoever keeps to it is not disturbed. */
  get lock(): RLock {
    return this.#lock;
  }

  /** What the number is. */
  get type(): T {
    return this.#type;
  }

  /**
   * Adds to the number, in one step; what is too large for its type wraps around.
   *
   * @param value How much.
   * @returns What it was.
   * @throws {TypeError} If the number is a floating one, or `value` is of another kind.
   */
  add(value: NumberOf<T>): NumberOf<T> {
    return this.#change("add", value);
  }

  /**
   * Subtracts from the number, in one step; what is too large for its type wraps around.
   *
   * @param value How much.
   * @returns What it was.
   * @throws {TypeError} If the number is a floating one, or `value` is of another kind.
   */
  sub(value: NumberOf<T>): NumberOf<T> {
    return this.#change("sub", value);
  }

  /**
   * Leaves the bits that are set in both, in one step.
   *
   * @param value The other number.
   * @returns What the number was.
   * @throws {TypeError} If the number is a floating one, or `value` is of another kind.
   */
  and(value: NumberOf<T>): NumberOf<T> {
    return this.#change("and", value);
  }

  /**
   * Sets the bits that are set in either, in one step.
   *
   * @param value The other number.
   * @returns What the number was.
   * @throws {TypeError} If the number is a floating one, or `value` is of another kind.
   */
  or(value: NumberOf<T>): NumberOf<T> {
    return this.#change("or", value);
  }

  /**
   * Sets the number, in one step.
   *
   * @param value What it becomes.
   * @returns What it was.
   * @throws {TypeError} If the number is a floating one, or `value` is of another kind.
   */
  exchange(value: NumberOf<T>): NumberOf<T> {
    return this.#change("exchange", value);
  }

  /**
   * Sets the number if it is what is expected, in one step.
   *
   * @param expected What it has to be.
   * @param value What it becomes then.
   * @returns What it was: `expected` if it was set.
   * @throws {TypeError} If the number is a floating one, or a value is of another kind.
   */
  compareExchange(expected: NumberOf<T>, value: NumberOf<T>): NumberOf<T> {
    this.#checkInteger("compareExchange");
    return atomics.compareExchange(this.#view, 0, expected, value) as NumberOf<T>;
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `${this.#type}: ${this.value}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return { type: this.#type };
  }

  #change(method: "add" | "sub" | "and" | "or" | "exchange", value: NumberOf<T>): NumberOf<T> {
    this.#checkInteger(method);
    return atomics[method](this.#view, 0, value) as NumberOf<T>;
  }

  #checkInteger(method: string): void {
    if (isInteger(this.#type)) return;
    throw new TypeError(
      `Cannot ${method} the shared value in one step as it is a floating number (take its lock, and ` +
        `set its value): current value is of type ${this.#type}`,
    );
  }
}

function checkValue<T extends NumberType>(type: T, value: NumberOf<T>): NumberOf<T> {
  const isBig = type === "i64" || type === "u64";
  if (isBig ? typeof value === "bigint" : typeof value === "number") return value;
  throw new TypeError(
    `Cannot create a shared value of type ${type} as its first value is not a ${
      isBig ? "bigint" : "number"
    }: current value is ${show(value)}`,
  );
}
