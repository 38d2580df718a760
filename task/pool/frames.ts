// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/ring.ts";

/*
 * The bytes that go to a worker and back, all in front of what the codec has written. Multiples of eight, so that
 * what follows stays aligned.
 *
 *   job      u32 cell, u32 number of the task * 4 + how to call it, u32 supplies that it needs, u32 calls
 *   result   u32 cell, u32 how it went, u32 supplies, u32 calls, f64 when it began, f64 milliseconds that it ran
 */

/** How a job went. */
export const ResultKind = {
  /** The value of a call, or the list of those of a chunk. */
  value: 0,
  /** What a call has thrown. */
  error: 1,
  /** The values of a chunk up to the call that has thrown, and what that was, encoded by itself. */
  partial: 2,
  /** The initializer has thrown, and the worker ends. */
  broken: 3,
} as const;

/** Added to how a job went by a worker that takes no more. */
export const retiring = 8;

/** The header of a job. */
export interface JobHeader {
  cell: number;
  /** Number of the task. */
  task: number;
  kind: number;
  needs: number;
  /** Number of calls. */
  count: number;
}

/** The header of a result. */
export interface ResultHeader {
  cell: number;
  kind: number;
  retiring: boolean;
  needs: number;
  count: number;
  /** Milliseconds since the epoch. */
  start: number;
  /** Milliseconds. */
  duration: number;
}

/** The header of no job. */
export function newJobHeader(): JobHeader {
  return { cell: 0, task: 0, kind: 0, needs: 0, count: 0 };
}

/** The header of no result. */
export function newResultHeader(): ResultHeader {
  return { cell: 0, kind: 0, retiring: false, needs: 0, count: 0, start: 0, duration: 0 };
}

export const jobHeaderBytes = 16;
export const resultHeaderBytes = 32;

/** Writes headers in front of bodies. */
export class HeadedFrame implements Frame {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  body!: Frame;

  constructor(headerBytes: number) {
    this.#bytes = new Uint8Array(headerBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get byteLength(): number {
    return this.#bytes.length + this.body.byteLength;
  }

  copyTo(target: Uint8Array, at: number): void {
    target.set(this.#bytes, at);
    this.body.copyTo(target, at + this.#bytes.length);
  }

  /** Takes the header of a job. */
  setJob({ cell, task, kind, needs, count }: JobHeader): void {
    this.#view.setUint32(0, cell, true);
    this.#view.setUint32(4, task * 4 + kind, true);
    this.#view.setUint32(8, needs, true);
    this.#view.setUint32(12, count, true);
  }

  /** Takes the header of a result. */
  setResult(header: ResultHeader): void {
    this.#view.setUint32(0, header.cell, true);
    this.#view.setUint32(4, header.kind + (header.retiring ? retiring : 0), true);
    this.#view.setUint32(8, header.needs, true);
    this.#view.setUint32(12, header.count, true);
    this.#view.setFloat64(16, header.start, true);
    this.#view.setFloat64(24, header.duration, true);
  }
}

/** Reads headers where they lie. */
export class HeaderReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  /** Reads the header of a job. */
  job(bytes: Uint8Array, at: number, into: JobHeader): void {
    const view = this.#over(bytes);
    const task = view.getUint32(at + 4, true);
    into.cell = view.getUint32(at, true);
    into.task = task >>> 2;
    into.kind = task & 3;
    into.needs = view.getUint32(at + 8, true);
    into.count = view.getUint32(at + 12, true);
  }

  /** Reads the header of a result. */
  result(bytes: Uint8Array, at: number, into: ResultHeader): void {
    const view = this.#over(bytes);
    const kind = view.getUint32(at + 4, true);
    into.cell = view.getUint32(at, true);
    into.kind = kind & ~retiring;
    into.retiring = (kind & retiring) !== 0;
    into.needs = view.getUint32(at + 8, true);
    into.count = view.getUint32(at + 12, true);
    into.start = view.getFloat64(at + 16, true);
    into.duration = view.getFloat64(at + 24, true);
  }

  #over(bytes: Uint8Array): DataView {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.#view;
  }
}
