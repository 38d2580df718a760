// Copyright 2026 the Weft authors. MIT license.

/** What a wait came to: woken, not begun as the word had another value, or out of time. */
export type WaitResult = "ok" | "not-equal" | "timed-out";

/** A wait that does not block the thread. */
export interface AsyncWait {
  /** How it ended; never rejects. */
  readonly promise: Promise<WaitResult>;
  /**
   * Ends the wait as `"timed-out"`, at once or soon, unless it has ended. A wake-up that had already been meant for it
   * goes on to another waiter of the word.
   */
  cancel(): void;
}

/** Number of waiters to notify when all of them are meant. */
export const everybody = 0x7fff_ffff;

/** Where a value goes: to a thread of this process or to another process. */
export type Destination = "thread" | "process";

/** Who can reach a memory: the threads of one process, or other processes as well. */
export type Scope = "thread" | "process";

/**
 * A piece of memory that several threads or processes see, as 32-bit words.
 *
 * Every primitive of this library is a few of these words, and touches them through these methods
 * alone, so that the same code runs on memory of one process, on memory of many, and, in tests, on
 * memory in which each operation waits for its turn.
 */
export abstract class Memory {
  /** Who can reach it. */
  abstract readonly scope: Scope;
  /** Its 32-bit words. */
  readonly words: Int32Array<ArrayBufferLike>;
  /** The same memory as bytes. */
  readonly bytes: Uint8Array<ArrayBufferLike>;

  /** What tells it from all other memory of this machine, the same in all isolates that have it. */
  abstract readonly identity: string;

  /** What stands for this isolate in a word: a positive number of 30 bits. */
  abstract readonly token: number;

  constructor(buffer: ArrayBufferLike) {
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** Reads a word. */
  load(index: number): number {
    return Atomics.load(this.words, index);
  }

  /** Writes a word. */
  store(index: number, value: number): void {
    Atomics.store(this.words, index, value);
  }

  /** Adds to a word, wrapping around, and gives what it was. */
  add(index: number, value: number): number {
    return Atomics.add(this.words, index, value);
  }

  /** Writes a word and gives what it was. */
  exchange(index: number, value: number): number {
    return Atomics.exchange(this.words, index, value);
  }

  /** Writes a word if it has the expected value, and gives what it was. */
  compareExchange(index: number, expected: number, value: number): number {
    return Atomics.compareExchange(this.words, index, expected, value);
  }

  /**
   * Blocks the thread until a {@linkcode Memory.notify} of the word, if that has the expected value;
   * may also end as `"ok"` for no reason.
   *
   * @param timeout Milliseconds.
   */
  abstract wait(index: number, expected: number, timeout: number): WaitResult;

  /**
   * Waits as {@linkcode Memory.wait} does, without blocking the thread; meanwhile the program does not
   * end.
   *
   * @returns The wait; `undefined` if the word has another value.
   */
  abstract waitAsync(index: number, expected: number): AsyncWait | undefined;

  /** Ends waits of a word, at most `count` of them. */
  abstract notify(index: number, count: number): void;

  /** Tells whether the isolate that a token stands for is alive. */
  abstract isAlive(token: number): boolean;

  /** Gives the memory back to the system; nothing may use it afterwards. */
  abstract close(): void;
}
