// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "../sync/lock_core.ts";
import type { Memory } from "../sync/memory/memory.ts";
import type { SharedBytes } from "../sync/memory/shared_bytes.ts";

/*
 * Frames in shared bytes, first in, first out, for any number of writers and readers. One lock at each end; what
 * an end knows is kept twice, and its counter says which holds: so it changes in one step, and who dies before
 * has changed nothing.
 *
 *   writers   word 0   lock          readers   word 16   lock
 *             word 1   frames put              word 17   frames taken
 *             word 2   head, fence             word 18   tail
 *             word 4   head, fence             word 19   tail
 *
 *   both      word 32  bytes there are
 *             word 33  closed, and where the reason is
 *
 *   bytes     ┌──────────┬─────────────┬──────────────┬──────────┐
 *             │ … frame  │    free     │ frame  frame │ jump → 0 │
 *             └──────────┴─────────────┴──────────────┴──────────┘
 *                        head          tail
 *
 *   frame     u32 bytes, 0, the bytes, up to a multiple of 8: shared memory is copied by words then
 *   reason    the same, behind the last frame
 *   jump      u32 2^32 - 1, u32 where to go on
 *
 * A frame is never split. Where there is no room for one, there are made more bytes, and the head jumps behind
 * those that there were: that is the fence. Until the tail has come there as well, what is before is not used.
 */
const putWord = 1;
const headWord = 2;
const fenceWord = 3;
const lengthWord = 32;
const closedWord = 33;
const takeLockWord = 16;
const takenWord = 17;
const tailWord = 18;

const closedSilently = 1;
/** Plus where the reason is. */
const closedWithReason = 2;
/** Stands in place of a length where the next frame is elsewhere. */
const jump = 0xffff_ffff;
/** Bytes that are kept free behind the head for a jump. */
const jumpBytes = 8;
const headerBytes = 8;

/** Bytes that are to be written. */
export interface Frame {
  readonly byteLength: number;
  /** Copies them to a place where there is room. */
  copyTo(target: Uint8Array, at: number): void;
}

/** Bytes of an array, as a frame. */
export function frameOf(bytes: Uint8Array): Frame {
  return { byteLength: bytes.length, copyTo: (target, at) => target.set(bytes, at) };
}

/** How much can be inside of a ring. */
export interface RingLimits {
  readonly frames: number;
  /** Bytes that are inside, with what is lost between frames; a frame that is larger can be there alone. */
  readonly bytes: number;
}

/** A first-in, first-out store of frames; nobody waits in it but for the other one of its end. */
export class Ring {
  /** Number of words that it takes. */
  static readonly words = 48;

  readonly #memory: Memory;
  readonly #index: number;
  readonly #bytes: SharedBytes;
  readonly #putLock: LockCore;
  readonly #takeLock: LockCore;
  #view: DataView<ArrayBufferLike>;

  /** @param bytes Those of the ring; at first at least 64 of them. */
  constructor(memory: Memory, index: number, bytes: SharedBytes) {
    this.#memory = memory;
    this.#index = index;
    this.#bytes = bytes;
    this.#putLock = new LockCore(memory, index);
    this.#takeLock = new LockCore(memory, index + takeLockWord);
    this.#view = viewOf(bytes.bytes);
    memory.compareExchange(index + lengthWord, 0, bytes.bytes.length);
  }

  /** Number of frames that were ever put, modulo 2^32. */
  get put(): number {
    return this.#load(putWord);
  }

  /** Number of frames that were ever taken, modulo 2^32. */
  get taken(): number {
    return this.#load(takenWord);
  }

  /** Number of frames inside. */
  get size(): number {
    for (;;) {
      const { taken, put } = this;
      if (this.taken === taken) return (put - taken) | 0;
    }
  }

  /** Number of bytes that there are. */
  get byteLength(): number {
    // There can be 2^31.
    return this.#load(lengthWord) >>> 0;
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#load(closedWord) !== 0;
  }

  /**
   * Lets nothing be put any more; what is being put comes before.
   *
   * @param reason Bytes for those who find it closed; those of the first who closes it count.
   */
  close(reason?: Frame): void {
    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return;
      const at = reason && this.#place(this.#load(putWord), reason, Infinity)!;
      this.#store(closedWord, at === undefined ? closedSilently : at + closedWithReason);
    } finally {
      this.#putLock.release();
    }
  }

  /** The bytes that were given when it was closed, if any. */
  get reason(): Uint8Array | undefined {
    const closed = this.#load(closedWord);
    if (closed < closedWithReason) return undefined;
    this.#reach(this.byteLength);
    const at = closed - closedWithReason;
    const start = at + headerBytes;
    return this.#bytes.bytes.slice(start, start + this.#view.getUint32(at, true));
  }

  /**
   * Puts a frame, if there is room.
   *
   * @returns Whether it is inside; nothing if the ring is closed.
   * @throws {RangeError} If there is no memory for it.
   */
  tryPut(frame: Frame, limits: RingLimits): boolean | undefined {
    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return undefined;
      const put = this.#load(putWord);
      const size = (put - this.#load(takenWord)) | 0;
      if (size >= limits.frames) return false;
      const at = this.#place(put, frame, size === 0 ? Infinity : limits.bytes);
      if (at === undefined) return false;
      this.#store(headWord + ((put + 1) & 1) * 2, at + frameBytes(frame.byteLength));
      this.#store(putWord, (put + 1) | 0);
      return true;
    } finally {
      this.#putLock.release();
    }
  }

  /**
   * Takes the first frame.
   *
   * @param use Gets where it is; what it throws goes to the caller, and the frame stays.
   * @returns What `use` returns; `undefined` if there is none.
   */
  tryTake<T>(use: (bytes: Uint8Array, start: number, end: number) => T): { value: T } | undefined {
    // In this order, so that they are never the same by chance.
    if (this.taken === this.put) return undefined;
    this.#takeLock.acquireSync({ recover: true });
    try {
      const taken = this.#load(takenWord);
      if (this.#load(putWord) === taken) return undefined;
      this.#reach(this.byteLength);
      let tail = this.#load(tailWord + (taken & 1));
      let length = this.#view.getUint32(tail, true);
      if (length === jump) {
        tail = this.#view.getUint32(tail + 4, true);
        length = this.#view.getUint32(tail, true);
      }
      const start = tail + headerBytes;
      this.#store(tailWord + ((taken + 1) & 1), tail + frameBytes(length));
      const value = use(this.#bytes.bytes, start, start + length);
      this.#store(takenWord, (taken + 1) | 0);
      return { value };
    } finally {
      this.#takeLock.release();
    }
  }

  /** Writes a frame where it goes; tells where, if there is room. */
  #place(put: number, frame: Frame, most: number): number | undefined {
    const length = frame.byteLength;
    const record = (put & 1) * 2;
    const next = ((put + 1) & 1) * 2;
    const head = this.#load(headWord + record);
    const at = this.#makeRoom(head, this.#load(fenceWord + record), next, length, most);
    if (at === undefined) return undefined;
    this.#view.setUint32(at, length, true);
    frame.copyTo(this.#bytes.bytes, at + headerBytes);
    return at;
  }

  /**
   * Finds where a frame goes, and writes down the fence that holds from then on.
   *
   * @param most Bytes that there can be in use; where that is not enough, nothing is found.
   */
  #makeRoom(
    head: number,
    fence: number,
    next: number,
    length: number,
    most: number,
  ): number | undefined {
    const needed = frameBytes(length) + jumpBytes;
    const end = this.byteLength;
    this.#reach(end);
    const tail = this.#tail();
    const used = head >= tail ? head - tail : end - tail + head;
    if (used + needed > most) return undefined;
    if (fence !== 0 && tail >= fence) fence = 0;
    let at = head;
    if (fence !== 0 || head >= tail) {
      // What is behind the head is free to the end.
      if (head + needed > end) {
        if (fence === 0 && needed < tail) at = this.#jump(head, 0);
        else this.#grow(head + needed, end);
      }
    } else if (head + needed >= tail) {
      this.#grow(end + needed, end);
      at = this.#jump(head, end);
      fence = end;
    }
    this.#store(fenceWord + next, fence);
    return at;
  }

  /** The tail, as it is or was a moment ago; behind it nothing was freed that is not. */
  #tail(): number {
    for (;;) {
      const taken = this.#load(takenWord);
      const tail = this.#load(tailWord + (taken & 1));
      if (this.#load(takenWord) === taken) return tail;
    }
  }

  #jump(from: number, to: number): number {
    this.#view.setUint32(from, jump, true);
    this.#view.setUint32(from + 4, to, true);
    return to;
  }

  #grow(needed: number, from: number): void {
    let length = from;
    while (length < needed) length *= 2;
    this.#bytes.grow(length);
    this.#store(lengthWord, length);
    this.#reach(length);
  }

  #reach(length: number): void {
    this.#bytes.reach(length);
    if (this.#view.buffer !== this.#bytes.bytes.buffer || this.#view.byteLength < length) {
      this.#view = viewOf(this.#bytes.bytes);
    }
  }

  #load(word: number): number {
    return this.#memory.load(this.#index + word);
  }

  #store(word: number, value: number): void {
    this.#memory.store(this.#index + word, value);
  }
}

function frameBytes(length: number): number {
  return headerBytes + Math.ceil(length / 8) * 8;
}

function viewOf(bytes: Uint8Array): DataView<ArrayBufferLike> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
