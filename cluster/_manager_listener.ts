// Copyright 2026 the Weft authors. MIT license.

import { unscoped } from "../sync/cancellation.ts";
import { shield } from "../coroutine/shield.ts";
import { spawn } from "../coroutine/spawn.ts";
import { FrameStream } from "./_frames.ts";
import type { HandshakeOptions } from "./_handshake.ts";
import { References } from "./_manager_references.ts";
import { Session, type SessionHost } from "./_manager_session.ts";
import { type Refusal, Refusals } from "./_refusals.ts";
import type { CheckedLimits } from "./manager_limits.ts";

/** How a manager serves. */
export interface ServeSettings {
  readonly handshake: HandshakeOptions;
  readonly limits: CheckedLimits;
  /** Gives what a client asks for by name. */
  readonly create: SessionHost["create"];
  readonly onRefusal: ((refusal: Refusal) => void) | undefined;
  readonly allowShutdown: boolean;
}

/** The most milliseconds that a limit of time is exceeded by. */
const longestSweep = 500;
/** Milliseconds that each handshake has, also when there are too many. */
const patience = 2000;

/** Takes the connections of clients, and runs a session for each. */
export class ManagerListener {
  readonly #listener: Deno.TcpListener;
  readonly #host: SessionHost;
  readonly #sessions = new Set<Session>();
  readonly #running = new Set<Promise<void>>();
  readonly #finished = Promise.withResolvers<void>();
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(listener: Deno.TcpListener, settings: ServeSettings) {
    const { handshake, limits, create, onRefusal, allowShutdown } = settings;
    this.#listener = listener;
    this.#host = {
      handshake,
      limits,
      references: new References(limits),
      refusals: new Refusals(onRefusal ?? ((refusal) => this.#warn(refusal)), limits.maxFailures),
      create,
      shutDown: allowShutdown ? () => void this.close() : undefined,
    };
    this.#accept();
  }

  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Number of connections that are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Number of objects that clients refer to. */
  get objects(): number {
    return this.#host.references.size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  close(): Promise<void> {
    if (this.#closed) return this.finished;
    this.#closed = true;
    this.#listener.close();
    for (const session of this.#sessions) session.finish();
    unscoped(async () => {
      await Promise.all(this.#running);
      this.#host.references.clear();
      this.#finished.resolve();
    });
    return this.finished;
  }

  async #accept(): Promise<void> {
    for (;;) {
      let connection: Deno.TcpConn;
      try {
        connection = await this.#listener.accept();
      } catch (error) {
        if (this.#closed) return;
        // Too many files are open, or who called has gone: the next one may come through.
        this.#host.refusals.add(
          this.addr.hostname,
          "a connection cannot be accepted",
          String(error),
        );
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (this.#closed) return;
        continue;
      }
      // It has come while the listener was closed.
      if (this.#closed) return connection.close();
      try {
        this.#open(connection);
      } catch {
        // Who called has gone: on some systems nothing can be set then.
        connection.close();
      }
    }
  }

  #open(connection: Deno.TcpConn): void {
    const { hostname } = connection.remoteAddr;
    const stream = new FrameStream(connection);
    const { limits, refusals, references } = this.#host;
    const open = [...this.#sessions].filter(({ signal }) => !signal.aborted).length;
    if (open >= limits.maxConnections && !this.#endStrangers(1, 0)) {
      refusals.add(hostname, `more than ${limits.maxConnections} connections`);
      stream.close();
      return;
    }
    connection.setNoDelay(true);
    // So that the system notices at last when a machine is gone that holds something.
    connection.setKeepAlive(true);
    this.#endStrangers(this.#strangers().length + 1 - limits.maxUnauthenticated, patience);
    const session = new Session(this.#host, stream, hostname);
    this.#sessions.add(session);
    references.connect(hostname);
    this.#startSweeper(limits);
    // A coroutine of its own, as it may own locks; it belongs to none that happens to have started the server.
    const running = unscoped(() => shield(spawn(() => session.run()))).catch(reportError)
      .finally(() => {
        this.#sessions.delete(session);
        this.#running.delete(running);
        references.disconnect(hostname);
        if (this.#sessions.size === 0) this.#stopSweeper();
      });
    this.#running.add(running);
  }

  /** The connections that have not shown to have the key, the oldest first. */
  #strangers(): Session[] {
    return [...this.#sessions].filter(({ isAuthenticated, signal }) =>
      !isAuthenticated && !signal.aborted
    );
  }

  /** Ends so many of the oldest of those; only such as have had their time, if there is room for more. */
  #endStrangers(count: number, time: number): boolean {
    const last = performance.now() - time;
    const ended = this.#strangers().slice(0, Math.max(0, count)).filter(({ start }) =>
      start <= last
    );
    for (const session of ended) session.end("too many handshakes at once");
    return ended.length > 0;
  }

  #startSweeper(limits: CheckedLimits): void {
    if (this.#sweeper !== undefined) return;
    const { firstByteTimeout, handshakeTimeout, idleTimeout, writeTimeout, maxUnauthenticated } =
      limits;
    const shortest = Math.min(firstByteTimeout, handshakeTimeout, idleTimeout, writeTimeout);
    this.#sweeper = setInterval(() => {
      const now = performance.now();
      for (const session of this.#sessions) session.checkTime(now);
      this.#endStrangers(this.#strangers().length - maxUnauthenticated, patience);
    }, Math.min(longestSweep, Math.max(10, shortest / 4)));
  }

  #stopSweeper(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #warn({ hostname, reason }: Refusal): void {
    const { hostname: own, port } = this.addr;
    console.warn(`Manager at ${own}:${port} refused ${hostname}: ${reason}`);
  }
}
