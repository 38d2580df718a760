// Copyright 2026 the Weft authors. MIT license.

/*
 * The way back from a child process. Its parent listens on a loopback port, tells the child port and
 * tokens over its standard input, and takes the one connection that knows the token. Both sides
 * prove themselves, so that neither another user's process that connects gets in, nor one that has
 * taken over the port of a dead parent gets the result.
 *
 *   parent                                           child
 *     │ ── stdin: StartMessage, payload, then open ──▶ │   end of file = the parent is gone
 *     │ ◀───────────── child token ─────────────────── │
 *     │ ── parent token ─────────────────────────────▶ │
 *     │ ◀─────────────▶ frames: messages ◀───────────▶ │   if the process is wired
 *     │ ◀───────────── frame: outcome ──────────────── │
 *     │ ── end of file: the child may go ────────────▶ │   if it is wired, or handles are in the outcome
 *
 *   frame:  u32 bytes of the body, u8 type, body       (little-endian)
 *
 * A port and not a socket file: it needs one permission (`--allow-net=127.0.0.1`) where the file
 * needs three (read, write and all of net, since its name cannot be known before), and leaves
 * nothing behind, however either side ends.
 */

import type { ProcessContext } from "../task/context.ts";
import type { TaskReference } from "../task/registry.ts";

/** The host of every link. */
export const linkHost = "127.0.0.1";

/** Tokens are sent as they are, in hexadecimal. */
export const tokenLength = 64;
const headerLength = 5;
/** Bytes that are read or, if they are of several frames, written at once. */
const mostAtOnce = 65_536;

/** What a child is told first. */
export interface StartMessage {
  readonly reference: TaskReference;
  readonly context: ProcessContext;
  readonly port: number;
  readonly parentToken: string;
  readonly childToken: string;
  /** Whether the parent takes messages and may send some. */
  readonly wired: boolean;
  /** Arguments of the program, if it is a compiled one. */
  readonly programArgs?: readonly string[];
}

/** What a frame holds: the value of the task, or its error, or a message of a child or parent that is wired. */
export const FrameType = { returned: 1, threw: 2, message: 3 } as const;

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Connects a child to its parent.
 *
 * @returns The connection; `undefined` if the parent is gone.
 */
export async function connectLink(start: StartMessage): Promise<Deno.TcpConn | undefined> {
  let conn: Deno.TcpConn | undefined;
  try {
    conn = await Deno.connect({ hostname: linkHost, port: start.port });
    conn.setNoDelay(true);
    await writeAll(conn, new TextEncoder().encode(start.childToken));
    const token = await readExactly(conn, tokenLength);
    if (token !== undefined && sameToken(token, start.parentToken)) return conn;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
  }
  conn?.close();
  return undefined;
}

/**
 * Sends frames over one connection: each whole and in order; those that come while others are being
 * written go out together. Until it has a connection it keeps them.
 */
export class FrameWriter {
  readonly #parts: Uint8Array<ArrayBuffer>[] = [];
  #conn: Deno.TcpConn | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  /** Says which connection it is. */
  open(conn: Deno.TcpConn): void {
    if (this.#closed) return;
    this.#conn = conn;
    this.#write();
  }

  /**
   * Sends a frame. The body is not copied, so it may not change afterwards. Does nothing when the
   * other side is gone.
   *
   * @throws {RangeError} If the body is larger than what a header can tell.
   */
  send({ type, body }: Frame): void {
    if (body.length > 0xffff_ffff) {
      throw new RangeError(
        `Cannot send more than 4 GiB to another process: current value is ${body.length} bytes`,
      );
    }
    if (this.#closed) return;
    const header = new Uint8Array(headerLength);
    const view = new DataView(header.buffer);
    view.setUint32(0, body.length, true);
    view.setUint8(4, type);
    // Those that are sent one right after the other go out together.
    if (this.#parts.length === 0) queueMicrotask(() => this.#write());
    this.#parts.push(header, body);
  }

  /** Resolves when all that was sent is written, or the other side is gone. */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  /**
   * Writes what was sent as far as that is possible without an event loop: what the connection has room for,
   * and nothing behind a write that is not known to have written all, which might be in the middle of a frame.
   */
  flushNow(): void {
    if (this.#conn === undefined || this.#writing !== undefined) return;
    this.#conn.write(this.#take(Infinity)).catch(() => {});
  }

  /** Drops what is not written yet; resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.length = 0;
    await this.#writing;
  }

  #write(): void {
    if (this.#conn === undefined || this.#parts.length === 0) return;
    this.#writing ??= this.#writeAll(this.#conn);
  }

  async #writeAll(conn: Deno.TcpConn): Promise<void> {
    try {
      while (this.#parts.length > 0) await writeAll(conn, this.#take(mostAtOnce));
    } catch {
      // The other side is gone.
      this.#closed = true;
      this.#parts.length = 0;
    } finally {
      this.#writing = undefined;
    }
  }

  /** Takes what goes out by one write: one part as it is, or a copy of several that are so large together. */
  #take(most: number): Uint8Array<ArrayBuffer> {
    let count = 0;
    let length = 0;
    for (const part of this.#parts) {
      if (count > 0 && length + part.length > most) break;
      length += part.length;
      count++;
    }
    const taken = this.#parts.splice(0, count);
    if (count === 1) return taken[0]!;
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (const part of taken) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }
}

/** Receives frames over one connection. */
export class FrameReader {
  readonly #conn: Deno.TcpConn;
  /** What was read beyond the last frame: from `#start` to `#end`. */
  readonly #bytes = new Uint8Array(mostAtOnce);
  #start = 0;
  #end = 0;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Receives a frame; `undefined` if the other side ended before the frame was whole. */
  async next(): Promise<Frame | undefined> {
    try {
      const header = await this.#take(headerLength);
      if (header === undefined) return undefined;
      const view = new DataView(header.buffer);
      const body = await this.#take(view.getUint32(0, true));
      return body === undefined ? undefined : { type: view.getUint8(4), body };
    } catch {
      // Reset: the other side was killed.
      return undefined;
    }
  }

  async #take(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(length);
    for (let filled = 0;;) {
      const end = Math.min(this.#end, this.#start + length - filled);
      const part = this.#bytes.subarray(this.#start, end);
      taken.set(part, filled);
      filled += part.length;
      this.#start = end;
      if (filled === length) return taken;
      // What is large is read to where it belongs, without a copy.
      if (length - filled >= this.#bytes.length) {
        const count = await this.#conn.read(taken.subarray(filled));
        if (count === null) return undefined;
        filled += count;
      } else {
        const count = await this.#conn.read(this.#bytes);
        if (count === null) return undefined;
        this.#start = 0;
        this.#end = count;
      }
    }
  }
}

/** Reads that many bytes; `undefined` if there are fewer. */
export async function readExactly(
  conn: Deno.TcpConn,
  length: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await conn.read(bytes.subarray(filled));
    if (count === null) return undefined;
    filled += count;
  }
  return bytes;
}

/** Writes all of the bytes. */
export async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await conn.write(bytes.subarray(written));
  }
}

/** Makes a token that nobody can guess. */
export function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(tokenLength / 2));
  return bytes.toHex();
}

/** Compares in a time that does not depend on where the tokens differ. */
export function sameToken(bytes: Uint8Array, token: string): boolean {
  const expected = new TextEncoder().encode(token);
  let difference = bytes.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) difference |= bytes[i]! ^ expected[i]!;
  return difference === 0;
}
