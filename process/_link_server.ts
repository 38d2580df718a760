// Copyright 2026 the Weft authors. MIT license.

import { createToken, linkHost, readExactly, sameToken, tokenLength, writeAll } from "./_link.ts";

/** How many connections can be waiting to prove themselves. */
const mostPending = 256;

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
      conn.setNoDelay(true);
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
