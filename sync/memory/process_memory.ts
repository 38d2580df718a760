// Copyright 2026 the Weft authors. MIT license.

import { futexWaiter } from "./futex_waiter.ts";
import { libc } from "./libc.ts";
import { type AsyncWait, Memory, type WaitResult } from "./memory.ts";
import { Holding, SharedFile } from "./shared_file.ts";
import { isTaskAlive, ownToken } from "./task_token.ts";

// See futex(2).
const SYS_futex = Deno.build.arch === "aarch64" ? 98n : 202n;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;

/** The struct timespec of the last wait, and its milliseconds. */
const timespec = new BigInt64Array(2);
let timespecTimeout = 0;

/**
 * Memory that other processes can map: a {@linkcode SharedFile}.
 */
export class ProcessMemory extends Memory {
  readonly scope = "process";
  /** What tells it from all other memory, in every process. */
  readonly id: string;
  /** Path by which another process opens it, as long as this process has it. */
  readonly path: string;
  readonly token: number = ownToken();
  readonly #holding: Holding;
  /** Pointers to words that were waited for, as making one takes as long as half a system call. */
  readonly #pointers = new Map<number, Deno.PointerValue>();

  private constructor(file: SharedFile, bytes: number, id: string) {
    const holding = new Holding(file, bytes);
    super(holding.mapping.view());
    this.path = file.path;
    this.id = id;
    this.#holding = holding;
    // By the buffer and not by this object, since an array over it can live longer.
    unreachable.register(this.words.buffer, this.#holding, this);
  }

  /**
   * Creates memory that is zero.
   *
   * @throws {RangeError} If the system has no such amount of memory.
   * @throws {Deno.errors.NotCapable} If `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If this is not Linux on x86-64 or arm64.
   */
  static create(bytes: number): ProcessMemory {
    return new ProcessMemory(SharedFile.create(bytes), bytes, crypto.randomUUID());
  }

  /**
   * Maps memory that another process has.
   *
   * @throws {Deno.errors.NotFound} If that process has closed it or ended.
   */
  static open(path: string, bytes: number, id: string = path): ProcessMemory {
    return new ProcessMemory(SharedFile.open(path), bytes, id);
  }

  override get identity(): string {
    return this.id;
  }

  override wait(index: number, expected: number, timeout: number): WaitResult {
    if (timeout !== timespecTimeout) {
      timespecTimeout = timeout;
      timespec[0] = BigInt(Math.floor(timeout / 1000));
      timespec[1] = BigInt(Math.round((timeout % 1000) * 1e6));
    }
    const woken = libc().futexWait(SYS_futex, this.#at(index), FUTEX_WAIT, expected, timespec);
    if (woken === 0) return "ok";
    return this.load(index) === expected ? "timed-out" : "not-equal";
  }

  override waitAsync(index: number, expected: number): AsyncWait | undefined {
    return futexWaiter().wait(this, index, expected, this.address(index));
  }

  override notify(index: number, count: number): void {
    libc().futexWake(SYS_futex, this.#at(index), FUTEX_WAKE, count);
  }

  override isAlive(token: number): boolean {
    return isTaskAlive(token);
  }

  override close(): void {
    const buffer = this.words.buffer as ArrayBuffer;
    if (buffer.detached) return;
    unreachable.unregister(this);
    // Detaches it, so that no array over it reaches into memory that is not there any more.
    buffer.transfer();
    this.#holding.giveUp();
  }

  /** The address of a word. */
  address(index: number): bigint {
    return Deno.UnsafePointer.value(this.#holding.mapping.pointer) + BigInt(index * 4);
  }

  #at(index: number): Deno.PointerValue {
    let pointer = this.#pointers.get(index);
    if (pointer === undefined) {
      pointer = Deno.UnsafePointer.create(this.address(index));
      this.#pointers.set(index, pointer);
    }
    return pointer;
  }
}

const unreachable = new FinalizationRegistry<Holding>((holding) => holding.giveUp());
