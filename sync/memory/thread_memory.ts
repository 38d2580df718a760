// Copyright 2026 the Weft authors. MIT license.

import { type AsyncWait, Memory, type WaitResult } from "./memory.ts";

/** Milliseconds after which an event loop that waits is sure to turn. */
const turn = 100;

let pending = 0;
let keepAlive: ReturnType<typeof setInterval> | undefined;

/** Memory that the threads of this process share. */
export class ThreadMemory extends Memory {
  readonly scope = "thread";
  /** What to hand to another thread. */
  readonly buffer: SharedArrayBuffer;
  declare readonly words: Int32Array<SharedArrayBuffer>;
  declare readonly bytes: Uint8Array<SharedArrayBuffer>;

  /** Takes memory that exists, or as many new bytes, which are zero. */
  constructor(bytes: SharedArrayBuffer | number) {
    const buffer = typeof bytes === "number" ? new SharedArrayBuffer(bytes) : bytes;
    super(buffer);
    this.buffer = buffer;
  }

  override wait(index: number, expected: number, timeout: number): WaitResult {
    return Atomics.wait(this.words, index, expected, timeout);
  }

  override waitAsync(index: number, expected: number): AsyncWait | undefined {
    const result = Atomics.waitAsync(this.words, index, expected);
    if (!result.async) return undefined;
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    let ended = false;
    const end = (value: WaitResult): boolean => {
      if (ended) return false;
      ended = true;
      release();
      resolve(value);
      return true;
    };
    hold();
    result.value.then((value) => {
      // The platform cannot take a wait back: one that was cancelled hands on what wakes it.
      if (!end(value)) this.notify(index, 1);
    });
    return { promise, cancel: () => void end("timed-out") };
  }

  override notify(index: number, count: number): void {
    Atomics.notify(this.words, index, count);
  }

  override close(): void {
    // The garbage collector takes it when no thread has it any more.
  }
}

// Atomics.waitAsync keeps no program alive, and its end alone wakes no event loop that sleeps.
function hold(): void {
  if (pending++ === 0) keepAlive = setInterval(() => {}, turn);
}

function release(): void {
  if (--pending === 0) clearInterval(keepAlive);
}
