// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, registerHandle, toHandle } from "./handle.ts";
import type { Scope } from "./memory/memory.ts";
import { allocate, describePlace, openPlace, type Place, type PlaceState } from "./memory/place.ts";
import { type ArrayOf, bytesOf, type NumberOf, type NumberType, viewOf } from "./number_types.ts";
import { Restored, type SyncOptions } from "./options.ts";
import { RLock } from "./rlock.ts";

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
export class SharedArray<T extends NumberType = NumberType> {
  readonly #type: T;
  readonly #place: Place;
  readonly #name: string | undefined;
  readonly #view: ArrayOf<T>;
  readonly #lock: RLock;

  static {
    registerHandle("shared-array", (state) => {
      const { place, name, type, length } = state as {
        place: PlaceState;
        name: string | undefined;
        type: NumberType;
        length: number;
      };
      return new SharedArray(type, length, new Restored(openPlace(place), name));
    });
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
    const words = headWords + Math.ceil(length * bytesOf(type) / 4);
    this.#type = type;
    this.#name = options.name;
    this.#place = options instanceof Restored ? options.place : allocate(options.scope, words);
    const { memory, index } = this.#place;
    this.#view = viewOf(type, memory.words.buffer, (index + headWords) * 4, length);
    this.#lock = new RLock(new Restored(this.#place, options.name));
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

  /** Who can use the numbers. */
  get scope(): Scope {
    return this.#place.memory.scope;
  }

  /** Makes the numbers travel as a handle on themselves. */
  [toHandle](destination: Destination | undefined): HandleForm {
    const what = `shared array ${this.#name ?? ""}`.trim();
    const place = describePlace(this.#place, destination, what);
    const { length } = this;
    return { kind: "shared-array", state: { place, name: this.#name, type: this.#type, length } };
  }

  /** Shows name, type and length in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const name = this.#name === undefined ? "" : ` ${JSON.stringify(this.#name)}`;
    return `SharedArray${name} { scope: "${this.scope}", ${this.#type}, length: ${this.length} }`;
  }
}
