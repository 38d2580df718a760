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
 *     │ ◀───────────── frame: outcome ──────────────── │
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
const tokenLength = 64;
/** How many connections can be waiting to prove themselves. */
const mostPending = 256;
const headerLength = 5;

/** What a child is told first. */
export interface StartMessage {
  readonly reference: TaskReference;
  readonly context: ProcessContext;
  readonly port: number;
  readonly parentToken: string;
  readonly childToken: string;
}

/** What a child tells: the value of its task, or its error. */
export const FrameType = { returned: 1, threw: 2 } as const;

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The parent's side: waits for the connection of one child. */
export class LinkServer implements Disposable {
  readonly parentToken: string = createToken();
  readonly childToken: string = createToken();
  readonly #listener: Deno.TcpListener;
  readonly #ref: boolean;
  readonly #pending = new Set<Deno.TcpConn>();
  #disposed = false;

  /**
   * Listens on a free port.
   *
   * @param ref Whether the link keeps the program alive.
   * @throws {Deno.errors.NotCapable} If `--allow-net` for the loopback address is missing.
   */
  constructor(ref: boolean) {
    this.#ref = ref;
    this.#listener = listen();
    if (!ref) this.#listener.unref();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Waits for the child; `undefined` if the server is disposed first. */
  async accept(): Promise<Deno.TcpConn | undefined> {
    const { promise, resolve } = Promise.withResolvers<Deno.TcpConn | undefined>();
    this.#serve(resolve).then(() => resolve(undefined));
    return await promise;
  }

  /** Stops listening, and closes connections that have not proved themselves. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    try {
      this.#listener.close();
    } catch {
      // It was closed when the child connected.
    }
    for (const conn of this.#pending) conn.close();
    this.#pending.clear();
  }

  async #serve(found: (conn: Deno.TcpConn) => void): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        if (!this.#ref) conn.unref();
        // No time is set, since the child may block its thread from the beginning of its task on.
        // One that was accepted before the listener was closed may come after.
        if (this.#disposed || this.#pending.size === mostPending) conn.close();
        else {
          this.#pending.add(conn);
          this.#check(conn, found);
        }
      }
    } catch {
      // The listener was closed.
    }
  }

  async #check(conn: Deno.TcpConn, found: (conn: Deno.TcpConn) => void): Promise<void> {
    try {
      const token = await readExactly(conn, tokenLength);
      if (token === undefined || !sameToken(token, this.childToken)) return this.#drop(conn);
      // Disposed meanwhile.
      if (!this.#pending.delete(conn)) return;
      this[Symbol.dispose]();
      // Before the answer: a quick child can have ended by the time that it is known to be sent.
      found(conn);
      await writeAll(conn, new TextEncoder().encode(this.parentToken));
    } catch {
      this.#drop(conn);
    }
  }

  #drop(conn: Deno.TcpConn): void {
    if (this.#pending.delete(conn)) conn.close();
  }
}

function listen(): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: linkHost, port: 0 });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new Deno.errors.NotCapable(
      `Cannot start a process as it requires net access to ${linkHost}: run again with the ` +
        `--allow-net=${linkHost} flag`,
    );
  }
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
    await writeAll(conn, new TextEncoder().encode(start.childToken));
    const token = await readExactly(conn, tokenLength);
    if (token !== undefined && sameToken(token, start.parentToken)) return conn;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
  }
  conn?.close();
  return undefined;
}

/** Sends a frame. */
export async function writeFrame(conn: Deno.TcpConn, { type, body }: Frame): Promise<void> {
  if (body.length > 0xffff_ffff) {
    throw new RangeError(
      `Cannot send a result of more than 4 GiB: current value is ${body.length} bytes`,
    );
  }
  const header = new Uint8Array(headerLength);
  const view = new DataView(header.buffer);
  view.setUint32(0, body.length, true);
  view.setUint8(4, type);
  await writeAll(conn, header);
  await writeAll(conn, body);
}

/** Receives a frame; `undefined` if the other side ended before the frame was whole. */
export async function readFrame(conn: Deno.TcpConn): Promise<Frame | undefined> {
  try {
    const header = await readExactly(conn, headerLength);
    if (header === undefined) return undefined;
    const view = new DataView(header.buffer);
    const body = await readExactly(conn, view.getUint32(0, true));
    return body === undefined ? undefined : { type: view.getUint8(4), body };
  } catch {
    // Reset: the other side was killed.
    return undefined;
  }
}

/** Reads that many bytes; `undefined` if there are fewer. */
async function readExactly(
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

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await conn.write(bytes.subarray(written));
  }
}

function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(tokenLength / 2));
  return bytes.toHex();
}

/** Compares in a time that does not depend on where the tokens differ. */
function sameToken(bytes: Uint8Array, token: string): boolean {
  const expected = new TextEncoder().encode(token);
  let difference = bytes.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) difference |= bytes[i]! ^ expected[i]!;
  return difference === 0;
}
