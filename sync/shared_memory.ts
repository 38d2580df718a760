// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, toHandle } from "./handle.ts";
import type { Memory } from "./memory/memory.ts";
import { allocateAlone } from "./memory/place.ts";
import { placeOf, registerShared, SharedObject, type SyncOptions } from "./shared_object.ts";

/**
 * A piece of raw memory that threads, and with `scope: "process"` other processes, see at the same time.
 *
 * Use `Atomics` on typed arrays over its buffer, or a lock beside it: plain reads and writes of several
 * threads are in no order.
 *
 * **Cleanup:** the memory is given back when it is closed or disposed, or collected, in all the processes
 * that have it, however they end; until then it stays, also if the one that created it has ended. Closing
 * makes the buffer and all arrays over it here unusable, and nobody else's.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Share numbers with a thread
 * ```ts
 * import { SharedMemory } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * using memory = new SharedMemory(1024);
 * const numbers = new Int32Array(memory.buffer);
 * Atomics.add(numbers, 0, 5);
 *
 * assertEquals(numbers[0], 5);
 * ```
 */
export class SharedMemory extends SharedObject implements Disposable {
  readonly #memory: Memory;
  #closed = false;

  static {
    registerShared<{ bytes: number }>(
      SharedMemory,
      "shared-memory",
      (restored, { bytes }) => new SharedMemory(bytes, restored),
    );
  }

  /**
   * Creates memory that is zero.
   *
   * @param bytes Its size; rounded up to a multiple of eight.
   * @param options Its scope and name.
   * @throws {RangeError} If `bytes` is not a whole number from 1, or there is not so much memory.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(bytes: number, options: SyncOptions = {}) {
    if (!Number.isSafeInteger(bytes) || bytes < 1) {
      throw new RangeError(
        `Cannot share memory as its size is not a whole number from 1: current value is ${bytes}`,
      );
    }
    super(options, (scope) => allocateAlone(scope, Math.ceil(bytes / 8) * 8));
    this.#memory = placeOf(this).memory;
  }

  /**
   * The memory.
   *
   * @throws {Error} If it is closed.
   */
  get buffer(): ArrayBuffer | SharedArrayBuffer {
    this.#checkOpen();
    return this.#memory.words.buffer as ArrayBuffer | SharedArrayBuffer;
  }

  /** Size in bytes; 0 if it is closed. */
  get byteLength(): number {
    return this.#closed ? 0 : this.#memory.bytes.length;
  }

  /** Whether it was closed here. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Gives the memory back, for this isolate; does nothing if it has been done. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#memory.close();
  }

  /** Closes the memory. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Makes it travel as a handle on itself. */
  override [toHandle](destination: Destination | undefined): HandleForm {
    this.#checkOpen();
    return super[toHandle](destination);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return this.#closed ? "closed" : `byteLength: ${this.byteLength}`;
  }

  /** What the other side must know besides place and name. */
  protected override describeMore(): object {
    return { bytes: this.byteLength };
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("Cannot use the shared memory as it is closed");
  }
}
