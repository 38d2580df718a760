// Copyright 2026 the Weft authors. MIT license.

import type { Destination, Scope } from "./memory.ts";
import { Holding, SharedFile } from "./shared_file.ts";

/** The most that there can be. */
const mostBytes = 2 ** 31;

/** Bytes that threads or processes share, and of which there can be more and more. */
export interface SharedBytes {
  readonly scope: Scope;
  /** Those that this isolate has reached; another array when it reaches more. */
  readonly bytes: Uint8Array<ArrayBufferLike>;
  /**
   * Makes them as many at least, and reaches them.
   *
   * @throws {RangeError} If there is not so much memory.
   */
  grow(length: number): void;
  /** Reaches what another isolate has made. */
  reach(length: number): void;
  /** Says how the other side finds them. */
  describe(destination: Destination | undefined): SharedBytesState;
}

/** Shared bytes as they travel. */
export type SharedBytesState = { readonly buffer: SharedArrayBuffer } | { readonly path: string };

/** Makes bytes that are zero. */
export function createBytes(scope: Scope, length: number): SharedBytes {
  if (scope === "process") return new ProcessBytes(SharedFile.create(length), length);
  return new ThreadBytes(new SharedArrayBuffer(length, { maxByteLength: mostBytes }));
}

/**
 * Finds bytes that another side has described.
 *
 * @param length As many as there are at least.
 * @throws {Deno.errors.NotFound} If the process that described them has closed them or ended.
 */
export function openBytes(state: SharedBytesState, length: number): SharedBytes {
  if ("buffer" in state) return new ThreadBytes(state.buffer);
  return new ProcessBytes(SharedFile.open(state.path), length);
}

class ThreadBytes implements SharedBytes {
  readonly scope = "thread";
  readonly #buffer: SharedArrayBuffer;
  bytes: Uint8Array<ArrayBufferLike>;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.bytes = new Uint8Array(buffer, 0, buffer.byteLength);
  }

  grow(length: number): void {
    if (this.#buffer.byteLength < length) this.#buffer.grow(length);
    this.reach(length);
  }

  reach(length: number): void {
    if (this.bytes.length >= length) return;
    this.bytes = new Uint8Array(this.#buffer, 0, this.#buffer.byteLength);
  }

  describe(): SharedBytesState {
    return { buffer: this.#buffer };
  }
}

class ProcessBytes implements SharedBytes {
  readonly scope = "process";
  readonly #holding: Holding;
  bytes: Uint8Array<ArrayBufferLike>;

  constructor(file: SharedFile, length: number) {
    this.#holding = new Holding(file, length);
    this.bytes = new Uint8Array(this.#holding.mapping.view());
    unreachable.register(this, this.#holding);
  }

  grow(length: number): void {
    if (length > mostBytes) throw new RangeError(`Cannot share more than ${mostBytes} bytes`);
    this.#holding.file.extend(length);
    this.reach(length);
  }

  reach(length: number): void {
    if (this.bytes.length >= length) return;
    // Detaches it: nobody may reach into memory that is not there any more.
    (this.bytes.buffer as ArrayBuffer).transfer();
    try {
      this.#holding.remap(length);
    } finally {
      this.bytes = new Uint8Array(this.#holding.mapping.view());
    }
  }

  describe(): SharedBytesState {
    return { path: this.#holding.file.path };
  }
}

const unreachable = new FinalizationRegistry<Holding>((holding) => holding.giveUp());
