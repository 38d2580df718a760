// Copyright 2026 the Weft authors. MIT license.

import { currentIsolate } from "../isolate.ts";
import { type AsyncWait, Memory, type WaitResult } from "./memory.ts";

/** Milliseconds after which an event loop that waits is sure to turn. */
const turn = 100;

let count = 0;
let pending = 0;
let keepAlive: ReturnType<typeof setInterval> | undefined;

/** Memory that the threads of this process share. */
export class ThreadMemory extends Memory {
  readonly scope = "thread";
  /** What to hand to another thread. */
  readonly buffer: SharedArrayBuffer;
  readonly token: number = currentIsolate().entry.id + 1;
  /** Number that no other memory of this process has. */
  readonly id: number;
  declare readonly words: Int32Array<SharedArrayBuffer>;
  declare readonly bytes: Uint8Array<SharedArrayBuffer>;

  /** Waits of the platform that were cancelled and have not ended, by word. */
  readonly #idle = new Map<number, PlatformWait[]>();

  /** Takes memory that exists, with its number if that is known, or as many new bytes, which are zero. */
  constructor(bytes: SharedArrayBuffer | number, id: number = takeId()) {
    const buffer = typeof bytes === "number" ? new SharedArrayBuffer(bytes) : bytes;
    super(buffer);
    this.buffer = buffer;
    this.id = id;
  }

  override get identity(): string {
    return `${Deno.pid}:${this.id}`;
  }

  override wait(index: number, expected: number, timeout: number): WaitResult {
    return Atomics.wait(this.words, index, expected, timeout);
  }

  override waitAsync(index: number, expected: number): AsyncWait | undefined {
    const idle = this.#idle.get(index)?.pop();
    if (idle !== undefined) {
      // Enqueued already: whoever changes the word from now on wakes it.
      if (this.load(index) === expected) return idle.resume();
      this.#rest(idle);
      return undefined;
    }
    const result = Atomics.waitAsync(this.words, index, expected);
    if (!result.async) return undefined;
    const wait = new PlatformWait(this, index, result.value, (wait) => this.#rest(wait));
    return wait.resume();
  }

  #rest(wait: PlatformWait): void {
    const waits = this.#idle.get(wait.index);
    if (waits === undefined) this.#idle.set(wait.index, [wait]);
    else waits.push(wait);
  }

  /** Forgets a wait that has ended while nobody wanted it. */
  forget(wait: PlatformWait): void {
    const waits = this.#idle.get(wait.index);
    const at = waits?.indexOf(wait) ?? -1;
    if (at >= 0) waits!.splice(at, 1);
    if (waits?.length === 0) this.#idle.delete(wait.index);
  }

  override notify(index: number, count: number): void {
    Atomics.notify(this.words, index, count);
  }

  override isAlive(token: number): boolean {
    return currentIsolate().table.has(token - 1);
  }

  override close(): void {
    // The garbage collector takes it when no thread has it any more.
  }
}

/**
 * A wait of the platform, which cannot take it back: one that is cancelled stays enqueued. So it is used
 * again by the next wait for its word, and hands on what wakes it while nobody uses it.
 */
class PlatformWait {
  readonly index: number;
  readonly #onCancel: (wait: PlatformWait) => void;
  #use: ((result: WaitResult) => void) | undefined;

  constructor(
    memory: ThreadMemory,
    index: number,
    value: Promise<WaitResult>,
    onCancel: (wait: PlatformWait) => void,
  ) {
    this.index = index;
    this.#onCancel = onCancel;
    value.then((result) => {
      if (this.#end(result)) return;
      memory.forget(this);
      memory.notify(index, 1);
    });
  }

  /** Uses it for a wait. */
  resume(): AsyncWait {
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    this.#use = resolve;
    hold();
    return {
      promise,
      cancel: () => {
        if (this.#use === resolve && this.#end("timed-out")) this.#onCancel(this);
      },
    };
  }

  #end(result: WaitResult): boolean {
    const use = this.#use;
    if (use === undefined) return false;
    this.#use = undefined;
    release();
    use(result);
    return true;
  }
}

/** Numbers of threads are not used again within their process. */
function takeId(): number {
  return currentIsolate().entry.id * 0x1_0000_0000 + count++;
}

// Atomics.waitAsync keeps no program alive, and its end alone wakes no event loop that sleeps.
function hold(): void {
  if (pending++ === 0) keepAlive = setInterval(() => {}, turn);
}

function release(): void {
  if (--pending === 0) clearInterval(keepAlive);
}
