// Copyright 2026 the Weft authors. MIT license.

import { futexWaiter } from "./futex_waiter.ts";
import { libc } from "./libc.ts";
import { type AsyncWait, Memory, type WaitResult } from "./memory.ts";
import { isTaskAlive, ownToken } from "./task_token.ts";

// See futex(2), memfd_create(2), mmap(2) and open(2).
const SYS_futex = Deno.build.arch === "aarch64" ? 98n : 202n;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const MFD_CLOEXEC = 1;
const O_RDWR = 0o2;
const O_CLOEXEC = 0o2000000;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const ENOSPC = 28;

/** The struct timespec of the last wait, and its milliseconds. */
const timespec = new BigInt64Array(2);
let timespecTimeout = 0;

/** A mapping of a file, and what has to be undone. */
interface Mapping {
  readonly fd: number;
  readonly pointer: Deno.PointerObject;
  readonly length: number;
}

/**
 * Memory that other processes can map: an anonymous file, which the kernel frees when nobody maps it
 * and nobody has it open any more, however they ended.
 *
 * Each process has the file open under a number of its own, and hands on its own path to it, so that no
 * process is needed once another has the memory.
 */
export class ProcessMemory extends Memory {
  readonly scope = "process";
  /** What tells it from all other memory, in every process. */
  readonly id: string;
  /** Path by which another process opens it, as long as this process has it. */
  readonly path: string;
  readonly token: number = ownToken();
  readonly #mapping: Mapping;
  /** Pointers to words that were waited for, as making one takes as long as half a system call. */
  readonly #pointers = new Map<number, Deno.PointerValue>();

  private constructor(mapping: Mapping, id: string) {
    const { pointer, length, fd } = mapping;
    super(Deno.UnsafePointerView.getArrayBuffer(pointer, length));
    this.path = `/proc/${Deno.pid}/fd/${fd}`;
    this.id = id;
    this.#mapping = mapping;
    // By the buffer and not by this object, since an array over it can live longer.
    unreachable.register(this.words.buffer, mapping, this);
  }

  /**
   * Creates memory that is zero.
   *
   * @throws {RangeError} If the system has no such amount of memory.
   * @throws {Deno.errors.NotCapable} If `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If this is not Linux on x86-64 or arm64.
   */
  static create(bytes: number): ProcessMemory {
    const c = libc();
    if (bytes > totalMemory()) throw noRoom(bytes);
    const fd = c.memfd_create(encodePath("weft"), MFD_CLOEXEC);
    if (fd < 0) throw new Error("Cannot share memory as the system gives no file for it");
    // A file that is only made longer is filled when it is touched, and full memory is a SIGBUS then.
    const error = c.posix_fallocate(fd, 0n, BigInt(bytes));
    if (error !== 0) {
      c.close(fd);
      if (error === ENOSPC) throw noRoom(bytes);
      throw new Error(`Cannot share memory as the system refuses with the error ${error}`);
    }
    return new ProcessMemory(map(fd, bytes), crypto.randomUUID());
  }

  /**
   * Maps memory that another process has.
   *
   * @throws {Deno.errors.NotFound} If that process has closed it or ended.
   */
  static open(path: string, bytes: number, id: string = path): ProcessMemory {
    const c = libc();
    const fd = c.open(encodePath(path), O_RDWR | O_CLOEXEC);
    if (fd < 0) {
      throw new Deno.errors.NotFound(
        `Cannot open shared memory as the process that sent it has closed it or ended: ${path}`,
      );
    }
    return new ProcessMemory(map(fd, bytes), id);
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
    unmap(this.#mapping);
  }

  /** The address of a word. */
  address(index: number): bigint {
    return Deno.UnsafePointer.value(this.#mapping.pointer) + BigInt(index * 4);
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

const unreachable = new FinalizationRegistry<Mapping>(unmap);

function noRoom(bytes: number): RangeError {
  return new RangeError(
    `Cannot share memory as there is not so much: current value is ${bytes} bytes`,
  );
}

/** The memory of the machine in bytes, by sysinfo(2); the kernel itself would fill it to the end. */
function totalMemory(): number {
  const info = new DataView(new ArrayBuffer(128));
  libc().sysinfo(info.buffer);
  return Number(info.getBigUint64(32, true)) * info.getUint32(104, true);
}

function map(fd: number, length: number): Mapping {
  const c = libc();
  const pointer = c.mmap(null, BigInt(length), PROT_READ_WRITE, MAP_SHARED, fd, 0n);
  if (pointer !== null && Deno.UnsafePointer.value(pointer) !== 0xffff_ffff_ffff_ffffn) {
    return { fd, pointer, length };
  }
  c.close(fd);
  throw new RangeError(
    `Cannot map shared memory as the system refuses: current value is ${length} bytes`,
  );
}

function unmap({ fd, pointer, length }: Mapping): void {
  libc().munmap(pointer, BigInt(length));
  libc().close(fd);
}

function encodePath(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${path}\0`);
}
