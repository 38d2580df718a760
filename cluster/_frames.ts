// Copyright 2026 the Weft authors. MIT license.

/*
 * The frames of CPython's `multiprocessing.connection`: a length as a signed 32-bit number in network byte order, or -1
 * and an unsigned 64-bit one, and then so many bytes.
 */

const shortHeader = 4;
const longHeader = 12;
const longMark = -1;
/** What is read at once; room for a longer frame grows with what has come of it, not with what it has announced. */
const chunk = 64 * 1024;
/** A buffer that has become larger than this is not kept. */
const largestKept = 512 * 1024;
const leastRoom = 4096;
const nothing = new Uint8Array(0);
const shortMost = 0x7fffffff;

/** Says that the bytes that came are no frames. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  /** What is wrong, in words that the other side cannot choose. */
  readonly reason: string;
  /** What the other side has sent. */
  readonly detail: string | undefined;

  constructor(reason: string, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`);
    this.reason = reason;
    this.detail = detail;
  }
}

/** Carries frames over a connection; one reads and one writes at a time. */
export class FrameStream {
  readonly #connection: Deno.Conn;
  #buffer: Uint8Array = nothing;
  #out: Uint8Array = nothing;
  #start = 0;
  #end = 0;
  #filling: Promise<boolean> | undefined;
  #closed = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Whether it is closed here. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether bytes have come that nobody has read. */
  get hasMore(): boolean {
    return this.#end > this.#start;
  }

  /**
   * Reads a frame.
   *
   * @param limit The most bytes that it may have.
   * @returns Its bytes, which are good until the next call; `undefined` at the end of the stream.
   * @throws {FrameError} If the stream ends in the middle, or the frame is longer than `limit`.
   */
  async read(limit: number): Promise<Uint8Array | undefined> {
    if (!(await this.#need(shortHeader))) return undefined;
    let length: number = this.#view().getInt32(0);
    let header = shortHeader;
    if (length === longMark) {
      await this.#need(longHeader);
      length = Number(this.#view().getBigUint64(shortHeader));
      header = longHeader;
    }
    if (length < 0) {
      throw new FrameError("Cannot read a message of negative length", `${length} bytes`);
    }
    if (length > limit) {
      throw new FrameError(`Cannot read a message of more than ${limit} bytes`, `${length} bytes`);
    }
    await this.#need(header + length);
    const from = this.#start + header;
    this.#start = from + length;
    return this.#buffer.subarray(from, this.#start);
  }

  /**
   * Waits until more bytes come than have been read.
   *
   * @returns Whether some have; if not, the other side has ended.
   */
  async wait(): Promise<boolean> {
    return this.hasMore || await this.#fill();
  }

  /**
   * Writes a frame, with one operation.
   *
   * @param body Its bytes, which are copied at once.
   */
  async write(body: Uint8Array): Promise<void> {
    const { length } = body;
    const header = length > shortMost ? longHeader : shortHeader;
    const frame = this.#room(header + length);
    const view = new DataView(frame.buffer);
    if (header === shortHeader) view.setInt32(0, length);
    else {
      view.setInt32(0, longMark);
      view.setBigUint64(shortHeader, BigInt(length));
    }
    frame.set(body, header);
    await this.#writeAll(frame);
  }

  /** Tells whether the other side takes a byte, after it has ended its half of the connection. */
  async probe(): Promise<boolean> {
    try {
      return await this.#connection.write(new Uint8Array(1)) > 0;
    } catch {
      return false;
    }
  }

  /** Ends the connection; what reads or writes meanwhile is rejected. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#connection.close();
    } catch {
      // It has ended by itself.
    }
  }

  /** Lets the program end, or not, while nothing but this is waited for. */
  setRef(isRef: boolean): void {
    const connection = this.#connection as Partial<Deno.TcpConn>;
    if (isRef) connection.ref?.();
    else connection.unref?.();
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let written = await this.#connection.write(bytes);
    while (written < bytes.length) written += await this.#connection.write(bytes.subarray(written));
  }

  /** Gives the memory for a frame that is written; to take the same again costs less than new memory. */
  #room(size: number): Uint8Array {
    if (size > largestKept) return new Uint8Array(size);
    if (this.#out.length < size) this.#out = new Uint8Array(Math.max(size, leastRoom));
    return this.#out.subarray(0, size);
  }

  #view(): DataView {
    return new DataView(this.#buffer.buffer, this.#start);
  }

  /** Waits until so many bytes are there; tells whether they are, and not the end of the stream between frames. */
  async #need(count: number): Promise<boolean> {
    while (this.#end - this.#start < count) {
      if (await this.#fill(count)) continue;
      if (this.#end === this.#start && count === shortHeader) return false;
      throw new FrameError("The stream ended in the middle of a message");
    }
    return true;
  }

  /** Reads what comes next; tells whether there was something. */
  #fill(wanted = 0): Promise<boolean> {
    this.#filling ??= this.#readMore(wanted).finally(() => this.#filling = undefined);
    return this.#filling;
  }

  async #readMore(wanted: number): Promise<boolean> {
    this.#makeRoom(wanted);
    const count = await this.#connection.read(this.#buffer.subarray(this.#end));
    if (count === null) return false;
    this.#end += count;
    return true;
  }

  #makeRoom(wanted: number): void {
    const have = this.#end - this.#start;
    if (have === 0) this.#start = this.#end = 0;
    const isTooLarge = this.#buffer.length > largestKept && wanted + have < chunk;
    // At least half a chunk, or what is missing.
    const room = Math.min(Math.max(wanted - have, 1), chunk / 2);
    if (!isTooLarge && this.#buffer.length - this.#end >= room) return;
    // Twice of what has come at most: who announces much and sends little costs little.
    const size = Math.max(chunk, Math.min(wanted, 2 * have) + chunk / 2);
    const isInPlace = size <= this.#buffer.length && !isTooLarge;
    const target = isInPlace ? this.#buffer : new Uint8Array(size);
    if (have > 0) target.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = target;
    this.#start = 0;
    this.#end = have;
  }
}
