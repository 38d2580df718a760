// Copyright 2026 the Weft authors. MIT license.

/**
 * The threads of one process, in memory that all of them share.
 *
 * The main isolate creates the table when the first thread starts and hands it to every thread, so
 * that each can tell who is alive, and be told to stop, without any event loop in between.
 *
 * ```text
 * word 0  next thread id          slot n: word 0  thread id, 0 = free
 * word 1  threads alive                   word 1  phase (see Phase), or when its end has begun
 *                                         word 2  1 = asked to stop
 *                                         word 3  1 = daemon
 *                                         word 4  bytes of the name, then the name in UTF-8
 * ```
 */

/** How far a thread has come. */
export const Phase = {
  /** The worker starts; only code of this library runs. */
  booting: 0,
  /** The module of the task is being imported. */
  importing: 1,
  /** The task runs. */
  running: 2,
} as const;

/**
 * Milliseconds after which a thread whose end has begun stands still. The runtime says of one that was killed at
 * once that it has ended, but if it is not on a core just then it goes on for some instructions when it is: up to
 * 22 ms later beside busy cores, and then it may still write. Nothing tells when it really ends.
 */
export const runOut = 100;

/** The clock of all threads counts milliseconds modulo this. */
const clockRange = 2 ** 30;

/** What the table knows of one thread. */
export interface ThreadEntry {
  /** Number of the thread, unique within its process; 0 is the main thread. */
  readonly id: number;
  /** Name of the thread, cut to 236 bytes of UTF-8. */
  readonly name: string;
  /** Whether the program may end while the thread runs. */
  readonly daemon: boolean;
}

const maxThreads = 4096;
const headerWords = 64;
const slotWords = 64;
const nameOffset = 5;
const maxNameBytes = (slotWords - nameOffset) * 4;
const nextId = 0;
const aliveCount = 1;
/** In place of the id of a thread that is being entered. */
const reserved = -1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The table as one isolate sees it. */
export class ThreadTable {
  /** The memory to hand to another thread. */
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;

  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer((headerWords + maxThreads * slotWords) * 4),
  ) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** Number of threads that were started and have not ended, the main thread among them. */
  get alive(): number {
    return Atomics.load(this.#words, aliveCount) + 1;
  }

  /** Takes the next thread id, from 1. */
  takeId(): number {
    return Atomics.add(this.#words, nextId, 1) + 1;
  }

  /**
   * Enters a thread.
   *
   * @returns Its slot.
   * @throws {RangeError} If as many threads are alive as the table has room for.
   */
  enter(entry: ThreadEntry): number {
    for (let slot = 0; slot < maxThreads; slot++) {
      const at = wordOf(slot);
      if (Atomics.compareExchange(this.#words, at, 0, reserved) !== 0) continue;
      Atomics.store(this.#words, at + 1, Phase.booting);
      Atomics.store(this.#words, at + 2, 0);
      Atomics.store(this.#words, at + 3, entry.daemon ? 1 : 0);
      // Not encodeInto: it refuses shared memory.
      const name = cutName(encoder.encode(entry.name));
      this.#bytes.set(name, (at + nameOffset) * 4);
      Atomics.store(this.#words, at + 4, name.length);
      Atomics.store(this.#words, at, entry.id);
      Atomics.add(this.#words, aliveCount, 1);
      return slot;
    }
    throw new RangeError(
      `Cannot start a thread as too many are alive: current value is ${maxThreads}`,
    );
  }

  /** Frees the slot of a thread that has ended. */
  leave(slot: number): void {
    Atomics.store(this.#words, wordOf(slot), 0);
    Atomics.sub(this.#words, aliveCount, 1);
  }

  /** Tells how far a thread has come. */
  phase(slot: number): number {
    return Atomics.load(this.#words, wordOf(slot) + 1);
  }

  /** Notes how far the calling thread has come. */
  setPhase(slot: number, phase: number): void {
    Atomics.store(this.#words, wordOf(slot) + 1, phase);
  }

  /**
   * Notes that the end of a thread has begun: it was killed, or it ends itself. It counts as alive until it surely
   * stands still. The main isolate may be blocked by then, by a wait for just this thread.
   */
  beginEnd(slot: number): void {
    Atomics.store(this.#words, wordOf(slot) + 1, -1 - clock());
  }

  /** Tells whether a thread was asked to stop. */
  stopping(slot: number): boolean {
    return Atomics.load(this.#words, wordOf(slot) + 2) !== 0;
  }

  /** Asks a thread to stop. */
  stop(slot: number): void {
    Atomics.store(this.#words, wordOf(slot) + 2, 1);
    Atomics.notify(this.#words, wordOf(slot) + 2);
  }

  /** Tells whether a thread is alive; the main thread is. */
  has(id: number): boolean {
    if (id === 0) return true;
    for (let slot = 0; slot < maxThreads; slot++) {
      if (Atomics.load(this.#words, wordOf(slot)) !== id) continue;
      const phase = this.phase(slot);
      return phase >= 0 || (clock() + 1 + phase + clockRange) % clockRange < runOut;
    }
    return false;
  }

  /** Lists the threads that are alive, without the main thread, by their id. */
  entries(): ThreadEntry[] {
    const entries: ThreadEntry[] = [];
    for (let slot = 0, left = this.alive - 1; slot < maxThreads && left > 0; slot++) {
      const at = wordOf(slot);
      const id = Atomics.load(this.#words, at);
      if (id === 0 || id === reserved) continue;
      left--;
      const start = (at + nameOffset) * 4;
      const name = this.#bytes.slice(start, start + Atomics.load(this.#words, at + 4));
      const daemon = Atomics.load(this.#words, at + 3) !== 0;
      entries.push({ id, name: decoder.decode(name), daemon });
    }
    return entries.sort((a, b) => a.id - b.id);
  }
}

function clock(): number {
  return Math.floor(performance.timeOrigin + performance.now()) % clockRange;
}

function wordOf(slot: number): number {
  return headerWords + slot * slotWords;
}

/** Cuts a name in UTF-8 to what a slot holds, never within a character. */
function cutName(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= maxNameBytes) return bytes;
  let end = maxNameBytes;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
