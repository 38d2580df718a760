// Copyright 2026 the Weft authors. MIT license.

import { checkPermits, Semaphore } from "./semaphore.ts";
import { registerShared, type SyncOptions } from "./shared_object.ts";

/**
 * A {@linkcode Semaphore} that never has more permits than at first, so that one release too many is an
 * error where it happens.
 *
 * @example Find a release too many
 * ```ts
 * import { BoundedSemaphore } from "@weft/concurrency/sync";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const semaphore = new BoundedSemaphore(2);
 * semaphore.acquireSync();
 * semaphore.release();
 *
 * assertThrows(() => semaphore.release(), RangeError);
 * assertEquals(semaphore.value, 2);
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  readonly #limit: number;

  static {
    registerShared<{ limit: number }>(
      BoundedSemaphore,
      "bounded-semaphore",
      (restored, { limit }) => new BoundedSemaphore(limit, restored),
    );
  }

  /**
   * Creates a semaphore with every permit available.
   *
   * @param permits Number of permits, and the limit; a whole number from 0 to 2^31 - 1, by default 1.
   * @param options Its scope and name.
   * @throws {RangeError} If `permits` is not such a number.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(permits = 1, options: SyncOptions = {}) {
    super(permits, options);
    this.#limit = permits;
  }

  /** The most permits that there can be. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Adds permits.
   *
   * @param permits How many; a whole number from 1, by default 1.
   * @throws {RangeError} If `permits` is not such a number, or there would be more than at first; then
   * none is added.
   */
  override release(permits = 1): void {
    checkPermits(permits, 1);
    this.addPermits(permits, this.#limit);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return `${super.describe()}, limit: ${this.#limit}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return { limit: this.#limit };
  }
}
