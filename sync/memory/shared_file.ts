// Copyright 2026 the Weft authors. MIT license.

import { atIsolateEnd } from "../isolate.ts";
import { libc } from "./libc.ts";

// See memfd_create(2), mmap(2), mremap(2) and open(2).
const MFD_CLOEXEC = 1;
const O_RDWR = 0o2;
const O_CLOEXEC = 0o2000000;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MREMAP_MAYMOVE = 1;
const ENOSPC = 28;

/**
 * An anonymous file, which the kernel frees when nobody maps it and nobody has it open any more, however
 * they ended.
 *
 * Each process has it open under a number of its own, and hands on its own path to it, so that no process
 * is needed once another has it.
 */
export class SharedFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Creates a file that is zero.
   *
   * @throws {RangeError} If the system has no such amount of memory.
   * @throws {Deno.errors.NotCapable} If `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If this is not Linux on x86-64 or arm64.
   */
  static create(bytes: number): SharedFile {
    const fd = libc().memfd_create(encodePath("weft"), MFD_CLOEXEC);
    if (fd < 0) throw new Error("Cannot share memory as the system gives no file for it");
    const file = new SharedFile(fd);
    try {
      file.extend(bytes);
    } catch (error) {
      file.close();
      throw error;
    }
    return file;
  }

  /**
   * Opens a file that another process has.
   *
   * @throws {Deno.errors.NotFound} If that process has closed it or ended.
   */
  static open(path: string): SharedFile {
    const fd = libc().open(encodePath(path), O_RDWR | O_CLOEXEC);
    if (fd >= 0) return new SharedFile(fd);
    throw new Deno.errors.NotFound(
      `Cannot open shared memory as the process that sent it has closed it or ended: ${path}`,
    );
  }

  /** Path by which another process opens it, as long as this one has it. */
  get path(): string {
    return `/proc/${Deno.pid}/fd/${this.#fd}`;
  }

  /**
   * Makes it as long at least; what is new is zero.
   *
   * @throws {RangeError} If the system has no such amount of memory.
   */
  extend(bytes: number): void {
    if (bytes > totalMemory()) throw noRoom(bytes);
    // A file that is only made longer is filled when it is touched, and full memory is a SIGBUS then.
    const error = libc().posix_fallocate(this.#fd, 0n, BigInt(bytes));
    if (error === ENOSPC) throw noRoom(bytes);
    if (error !== 0) {
      throw new Error(`Cannot share memory as the system refuses with the error ${error}`);
    }
  }

  /**
   * Maps the beginning of it.
   *
   * @throws {RangeError} If the system refuses.
   */
  map(bytes: number): Mapping {
    const c = libc();
    const pointer = c.mmap(null, BigInt(bytes), PROT_READ_WRITE, MAP_SHARED, this.#fd, 0n);
    if (isMapped(pointer)) return new Mapping(pointer, bytes);
    throw noMapping(bytes);
  }

  close(): void {
    libc().close(this.#fd);
  }
}

const holdings = new Set<Holding>();

/** A file that this isolate has mapped, until it is given up. */
export class Holding {
  readonly file: SharedFile;
  #mapping: Mapping;

  /**
   * Maps the beginning of a file.
   *
   * @throws {RangeError} If the system refuses; the file is closed then.
   */
  constructor(file: SharedFile, bytes: number) {
    this.file = file;
    try {
      this.#mapping = file.map(bytes);
    } catch (error) {
      file.close();
      throw error;
    }
    // A thread that ends collects no garbage, and its process may live on.
    if (holdings.size === 0) atIsolateEnd(giveUpAll);
    holdings.add(this);
  }

  get mapping(): Mapping {
    return this.#mapping;
  }

  /**
   * Maps more of it, perhaps elsewhere; a view of what was mapped must be detached before.
   *
   * @throws {RangeError} If the system refuses; what was mapped still is.
   */
  remap(bytes: number): void {
    this.#mapping = this.#mapping.extend(bytes);
  }

  giveUp(): void {
    holdings.delete(this);
    this.#mapping.undo();
    this.file.close();
  }
}

function giveUpAll(): void {
  for (const holding of holdings) holding.giveUp();
}

/** A file as it stands in the memory of this process. */
class Mapping {
  readonly pointer: Deno.PointerObject;
  readonly #length: number;

  constructor(pointer: Deno.PointerObject, length: number) {
    this.pointer = pointer;
    this.#length = length;
  }

  /** Makes an array buffer over it, which must be detached or out of reach when it is undone. */
  view(): ArrayBuffer {
    return Deno.UnsafePointerView.getArrayBuffer(this.pointer, this.#length);
  }

  /**
   * Maps more of the file in place of this, with no need to fetch again the pages that were touched.
   *
   * @throws {RangeError} If the system refuses; this stays.
   */
  extend(length: number): Mapping {
    const pointer = libc().mremap(
      this.pointer,
      BigInt(this.#length),
      BigInt(length),
      MREMAP_MAYMOVE,
    );
    if (isMapped(pointer)) return new Mapping(pointer, length);
    throw noMapping(length);
  }

  undo(): void {
    libc().munmap(this.pointer, BigInt(this.#length));
  }
}

/** The memory of the machine in bytes, by sysinfo(2); the kernel itself would fill it to the end. */
function totalMemory(): number {
  const info = new DataView(new ArrayBuffer(128));
  libc().sysinfo(info.buffer);
  return Number(info.getBigUint64(32, true)) * info.getUint32(104, true);
}

/** Tells whether it is not MAP_FAILED. */
function isMapped(pointer: Deno.PointerValue): pointer is Deno.PointerObject {
  return pointer !== null && Deno.UnsafePointer.value(pointer) !== 0xffff_ffff_ffff_ffffn;
}

function noMapping(bytes: number): RangeError {
  return new RangeError(
    `Cannot map shared memory as the system refuses: current value is ${bytes} bytes`,
  );
}

function noRoom(bytes: number): RangeError {
  return new RangeError(
    `Cannot share memory as there is not so much: current value is ${bytes} bytes`,
  );
}

function encodePath(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${path}\0`);
}
