// Copyright 2026 the Weft authors. MIT license.

import { libc } from "./libc.ts";
import type { AsyncWait, Memory, WaitResult } from "./memory.ts";

/*
 * A call that blocks takes one of the 32 threads that the isolate has for files as well, so there is one
 * such call for all waits of the isolate, however many they are: futex_waitv(2) on their words, and on a
 * bell that is rung when they change.
 *
 *   wait(A) ─▶ ring ─▶ waitv([bell, A])    ── A is notified ─▶ A's first wait ends
 *   wait(B) ─▶ ring ─▶ waitv([bell, A, B]) ── …
 */

const SYS_futex_waitv = 449n;
const SYS_futex = Deno.build.arch === "aarch64" ? 98n : 202n;
const FUTEX_WAKE_PRIVATE = 1 | 128;
const FUTEX2_SIZE_U32 = 2;
const FUTEX2_PRIVATE = 128;
const CLOCK_MONOTONIC = 1;
const EINVAL = 22;
/** Words that one call can wait for, the bell among them. */
const mostWords = 128;
/** 64-bit words of `struct futex_waitv`: value, address, flags. */
const entryWords = 3;
/** Milliseconds between looks at the words, where the kernel is too old to wait for many. */
const pollInterval = 2;

interface Wait {
  readonly memory: Memory;
  readonly index: number;
  readonly expected: number;
  readonly address: bigint;
  readonly end: (result: WaitResult) => void;
}

/** A call of futex_waitv(2) that does not block. */
export type Waitv = (entries: BigUint64Array<ArrayBuffer>, count: number) => Promise<bigint>;

/** Waits for words of any number of memories in a single call. */
export class FutexWaiter {
  readonly #waitv: Waitv | undefined;
  readonly #bell = new Int32Array(1);
  readonly #bellAt = Deno.UnsafePointer.of(this.#bell)!;
  readonly #waits = new Set<Wait>();
  /** Waits that end when the call that was made for them has: who has left leaves no call behind. */
  readonly #cancelled: Wait[] = [];
  #running = false;

  /** @param waitv The call, if the kernel has it; otherwise the words are looked at now and then. */
  constructor(waitv: Waitv | undefined) {
    this.#waitv = waitv;
  }

  /** Waits for one word; `undefined` if it has another value. */
  wait(memory: Memory, index: number, expected: number, address: bigint): AsyncWait | undefined {
    if (memory.load(index) !== expected) return undefined;
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    const wait: Wait = { memory, index, expected, address, end: resolve };
    this.#waits.add(wait);
    if (this.#running) this.#ring();
    else this.#run();
    return {
      promise,
      cancel: () => {
        if (!this.#waits.delete(wait)) return;
        this.#cancelled.push(wait);
        this.#ring();
      },
    };
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waits.size > 0) {
      const bell = Atomics.load(this.#bell, 0);
      this.#endChanged();
      if (this.#waits.size === 0) break;
      const listed = [...this.#waits].slice(0, mostWords - 1);
      const woken = await this.#block(listed, bell);
      for (const wait of this.#cancelled.splice(0)) wait.end("timed-out");
      const wait = listed[woken - 1];
      if (wait === undefined) continue;
      // One that was cancelled meanwhile hands on what woke it.
      if (this.#waits.delete(wait)) wait.end("ok");
      else wait.memory.notify(wait.index, 1);
    }
    this.#running = false;
  }

  /** Ends the waits whose word has changed. */
  #endChanged(): void {
    for (const wait of this.#waits) {
      if (wait.memory.words.length > 0 && wait.memory.load(wait.index) === wait.expected) continue;
      this.#waits.delete(wait);
      wait.end("ok");
    }
  }

  /** Blocks a thread until a word is notified; gives its place, from 1, or 0 or less if none was. */
  async #block(waits: readonly Wait[], bell: number): Promise<number> {
    const overflow = this.#waits.size > waits.length;
    if (this.#waitv === undefined || overflow) {
      await new Promise((resolve) => setTimeout(resolve, pollInterval));
      return 0;
    }
    const entries = new BigUint64Array((waits.length + 1) * entryWords);
    const bellAddress = Deno.UnsafePointer.value(this.#bellAt);
    fill(entries, 0, bell, bellAddress, FUTEX2_SIZE_U32 | FUTEX2_PRIVATE);
    waits.forEach(({ expected, address }, i) => {
      fill(entries, i + 1, expected, address, FUTEX2_SIZE_U32);
    });
    return Number(await this.#waitv(entries, waits.length + 1));
  }

  #ring(): void {
    Atomics.add(this.#bell, 0, 1);
    libc().futexWake(SYS_futex, this.#bellAt, FUTEX_WAKE_PRIVATE, 1);
  }
}

let waiter: FutexWaiter | undefined;

/** The waiter of this isolate. */
export function futexWaiter(): FutexWaiter {
  return waiter ??= new FutexWaiter(findWaitv());
}

function findWaitv(): Waitv | undefined {
  const c = libc();
  // For no words at all: a kernel that knows the call says that this makes no sense.
  c.futexWaitvOfNone(SYS_futex_waitv, null, 0, 0, null, CLOCK_MONOTONIC);
  const error = new Deno.UnsafePointerView(c.__errno_location()!).getInt32();
  if (error !== EINVAL) return undefined;
  return (entries, count) => {
    return c.futexWaitv(SYS_futex_waitv, entries, count, 0, null, CLOCK_MONOTONIC);
  };
}

function fill(
  entries: BigUint64Array,
  at: number,
  value: number,
  address: bigint,
  flags: number,
): void {
  entries[at * entryWords] = BigInt(value >>> 0);
  entries[at * entryWords + 1] = address;
  entries[at * entryWords + 2] = BigInt(flags);
}
