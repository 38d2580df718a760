// Copyright 2026 the Weft authors. MIT license.

import { type ArrayOf, bytesOf, type NumberOf, type NumberType, viewOf } from "./number_types.ts";
import { RLock } from "./rlock.ts";
import {
  placeOf,
  registerShared,
  Restored,
  SharedObject,
  type SyncOptions,
} from "./shared_object.ts";

/** Words before the numbers; the first are those of the lock. */
const headWords = 16;

/**
 * Numbers that threads, and with `scope: "process"` other processes, see at the same time.
 *
 * The {@linkcode SharedArray.view} is a typed array over the shared memory itself: use `Atomics` on it for
 * integers, or the {@linkcode SharedArray.lock} for what takes several steps.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @typeParam T Type of the numbers.
 *
 * @example Sum up
 * ```ts
 * import { SharedArray } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = new SharedArray("f64", [0.5, 1.5, 2]);
 * numbers.view[2] = 4;
 *
 * assertEquals(numbers.view.reduce((a, b) => a + b), 6);
 * ```
 */
export class SharedArray<T extends NumberType = NumberType> extends SharedObject {
  readonly #type: T;
  readonly #view: ArrayOf<T>;
  readonly #lock: RLock;

  static {
    registerShared<{ type: NumberType; length: number }>(
      SharedArray,
      "shared-array",
      (restored, { type, length }) => new SharedArray(type, length, restored),
    );
  }

  /**
   * Creates numbers.
   *
   * @param type What they are: `"i32"`, `"f64"` …; `"i64"` and `"u64"` are bigints.
   * @param lengthOrValues How many, all 0, or which.
   * @param options Scope and name.
   * @throws {RangeError} If the length is not a whole number from 0, or there is not so much memory.
   * @throws {TypeError} If the type or scope is none, or a value is of another kind.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(
    type: T,
    lengthOrValues: number | Iterable<NumberOf<T>>,
    options: SyncOptions = {},
  ) {
    const values = typeof lengthOrValues === "number" ? undefined : [...lengthOrValues];
    const length = values?.length ?? lengthOrValues as number;
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(
        `Cannot share an array as its length is not a whole number from 0: current value is ${length}`,
      );
    }
    super(options, headWords + Math.ceil(length * bytesOf(type) / 4));
    this.#type = type;
    const { memory, index } = placeOf(this);
    this.#view = viewOf(type, memory.words.buffer, (index + headWords) * 4, length);
    this.#lock = new RLock(new Restored(placeOf(this), options.name));
    if (values !== undefined) (this.#view as { set(values: unknown): void }).set(values);
  }

  /** The numbers, in the shared memory itself. */
  get view(): ArrayOf<T> {
    return this.#view;
  }

  /** How many numbers there are. */
  get length(): number {
    return this.#view.length;
  }

  /** The lock that belongs to the numbers; whoever keeps to it is not disturbed. */
  get lock(): RLock {
    return this.#lock;
  }

  /** What the numbers are. */
  get type(): T {
    return this.#type;
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `${this.#type}, length: ${this.length}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return { type: this.#type, length: this.length };
  }
}
