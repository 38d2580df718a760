// Copyright 2026 the Weft authors. MIT license.

import { isTimeout } from "../sync/wait.ts";
import { connectError, findDenial } from "./_connect_error.ts";
import { backoffTime, type BrokerSettings, hidePassword } from "./broker_options.ts";
import { RedisSession } from "./_redis_session.ts";

/** A connection that is made again when it is lost, until it is ended. */
export class RedisLink {
  readonly #settings: BrokerSettings;
  readonly #prepare: (session: RedisSession) => Promise<void>;
  #session: RedisSession | undefined;
  /** One that is being prepared. */
  #next: RedisSession | undefined;
  #connecting: Promise<RedisSession> | undefined;
  #wasConnected = false;
  readonly #end = new AbortController();
  #wake: (() => void) | undefined;

  /**
   * Creates one; does not connect.
   *
   * @param settings Where to and for how long.
   * @param prepare Called with each new session before it is used; it may fail with the session.
   */
  constructor(settings: BrokerSettings, prepare: (session: RedisSession) => Promise<void>) {
    this.#settings = settings;
    this.#prepare = prepare;
  }

  /** The session that can be used now. */
  get current(): RedisSession | undefined {
    return this.#session?.alive ? this.#session : undefined;
  }

  /**
   * Waits for a session that can be used.
   *
   * @throws {Error} If there was none and none comes about in time, or the link is ended.
   */
  async session(): Promise<RedisSession> {
    if (this.#end.signal.aborted) throw this.#endedError();
    return this.current ?? await this.#connect();
  }

  /** Does something that may be done twice: again when the session is lost meanwhile. */
  async call<R>(operation: (session: RedisSession) => Promise<R>): Promise<R> {
    for (;;) {
      const session = await this.session();
      try {
        return await operation(session);
      } catch (error) {
        if (isRefusal(error)) throw error;
        await session.end();
      }
    }
  }

  /** Ends it; whoever waits is refused. Resolves when the connection is gone. */
  async end(): Promise<void> {
    this.#end.abort();
    this.#wake?.();
    await Promise.all([this.#next?.end(), this.#session?.end()]);
    await this.#connecting?.catch(() => {});
  }

  #connect(): Promise<RedisSession> {
    return this.#connecting ??= this.#attempts().finally(() => this.#connecting = undefined);
  }

  async #attempts(): Promise<RedisSession> {
    const { connectTimeout, backoff } = this.#settings;
    const start = performance.now();
    let problem: unknown;
    for (let attempt = 1;; attempt++) {
      const spent = this.#wasConnected ? 0 : performance.now() - start;
      try {
        return await this.#attempt(Math.max(1, connectTimeout - spent));
      } catch (error) {
        if (this.#end.signal.aborted) throw this.#endedError();
        // An attempt for which there was little time says less than those before it.
        if (problem === undefined || !isTimeout(error)) problem = error;
        if (findDenial(error) !== undefined) throw connectError(this.#settings, error);
        const wait = backoffTime(backoff, attempt);
        const late = performance.now() - start + wait > connectTimeout;
        if (!this.#wasConnected && late) throw connectError(this.#settings, problem);
        await this.#pause(wait);
      }
      if (this.#end.signal.aborted) throw this.#endedError();
    }
  }

  async #attempt(timeout: number): Promise<RedisSession> {
    const { url, name } = this.#settings;
    const { signal } = this.#end;
    const user = `RedisQueue "${name}"`;
    const session = await RedisSession.open({ url, timeout, signal, user });
    this.#next = session;
    try {
      if (this.#end.signal.aborted) throw this.#endedError();
      await this.#prepare(session);
      if (!session.alive) throw new Error("The connection was lost");
    } catch (error) {
      await session.end();
      throw error;
    } finally {
      this.#next = undefined;
    }
    this.#session = session;
    this.#wasConnected = true;
    session.ended.then(() => {
      if (!this.#end.signal.aborted) this.#connect().catch(() => {});
    });
    return session;
  }

  async #pause(time: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, time);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }

  #endedError(): Error {
    return new Error(`The connection to ${hidePassword(this.#settings.url)} was closed`);
  }
}

/** Whether an error is the server's answer or ours, and not one of the connection. */
export function isRefusal(error: unknown): boolean {
  const { name } = error as Error;
  return name === "ReplyError" || name === "TypeError" || name === "RangeError";
}
