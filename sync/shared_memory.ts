// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, registerHandle, toHandle } from "./handle.ts";
import type { Scope } from "./memory/memory.ts";
import {
  allocateAlone,
  describePlace,
  openPlace,
  type Place,
  type PlaceState,
} from "./memory/place.ts";
import { Restored, type SyncOptions } from "./options.ts";

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
export class SharedMemory implements Disposable {
  readonly #place: Place;
  readonly #name: string | undefined;
  #closed = false;

  static {
    registerHandle("shared-memory", (state) => {
      const { place, name, bytes } = state as {
        place: PlaceState;
        name: string | undefined;
        bytes: number;
      };
      return new SharedMemory(bytes, new Restored(openPlace(place), name));
    });
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
    this.#name = options.name;
    this.#place = options instanceof Restored
      ? options.place
      : allocateAlone(options.scope, Math.ceil(bytes / 8) * 8);
  }

  /**
   * The memory.
   *
   * @throws {Error} If it is closed.
   */
  get buffer(): ArrayBuffer | SharedArrayBuffer {
    this.#checkOpen();
    return this.#place.memory.words.buffer as ArrayBuffer | SharedArrayBuffer;
  }

  /** Size in bytes; 0 if it is closed. */
  get byteLength(): number {
    return this.#closed ? 0 : this.#place.memory.bytes.length;
  }

  /** Whether it was closed here. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Who can use the memory. */
  get scope(): Scope {
    return this.#place.memory.scope;
  }

  /** Name of the memory, if it has one. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Gives the memory back, for this isolate; does nothing if it has been done. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#place.memory.close();
  }

  /** Closes the memory. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Makes the memory travel as a handle on itself. */
  [toHandle](destination: Destination | undefined): HandleForm {
    this.#checkOpen();
    const what = `shared memory ${this.#name ?? ""}`.trim();
    const place = describePlace(this.#place, destination, what);
    return { kind: "shared-memory", state: { place, name: this.#name, bytes: this.byteLength } };
  }

  /** Shows name, scope and size in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const name = this.#name === undefined ? "" : ` ${JSON.stringify(this.#name)}`;
    const state = this.#closed ? "closed" : `byteLength: ${this.byteLength}`;
    return `SharedMemory${name} { scope: "${this.scope}", ${state} }`;
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("Cannot use the shared memory as it is closed");
  }
}
