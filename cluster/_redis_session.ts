// Copyright 2026 the Weft authors. MIT license.

import { loadPackage } from "./_npm.ts";
import type { RedisScript } from "./_redis_scripts.ts";

/** What a command of Redis takes. */
export type RedisArgument = string | number | Uint8Array;

/** What is used of a client of ioredis. */
export interface RedisClient {
  /** `"ready"` as long as it can be used. */
  readonly status: string;
  /** Its socket, from `connect` on. */
  readonly stream: { readonly writable: boolean };
  /** Connects. */
  connect(): Promise<void>;
  /** Ends the connection at once. */
  disconnect(): void;
  /** Sends a command; texts of the answer are buffers. */
  // deno-lint-ignore no-explicit-any -- the arguments of ioredis are buffers, which are not known here
  callBuffer(command: string, args: any[]): Promise<unknown>;
  /** Listens. */
  // deno-lint-ignore no-explicit-any -- as ioredis has it
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/** What is used of the package ioredis. */
export interface RedisModule {
  /** The class of clients. */
  readonly Redis: new (url: string, options: Record<string, unknown>) => RedisClient;
}

/** Where to connect, and for how long to try. */
export interface SessionOptions {
  readonly url: URL;
  /** Milliseconds. */
  readonly timeout: number;
  /** Ends the attempt, or the second one. */
  readonly signal: AbortSignal;
  /** Who wants it, for errors. */
  readonly user: string;
}

const toText = new TextDecoder();

/**
 * Two connections to a server, one for commands and one, once it is needed, for a command that blocks. They end
 * together: what was sent and not answered rejects then, and may have been done or not.
 *
 * ioredis could connect again by itself, and send again what was not answered; but an answer that is lost can have
 * items in it, which must be looked for before anything else happens.
 */
export class RedisSession {
  readonly #options: SessionOptions;
  readonly #client: RedisClient;
  #reader: Promise<RedisClient> | undefined;
  /** What the server knows the second connection by. */
  #readerId: unknown;
  #ended = false;
  readonly #end = Promise.withResolvers<void>();
  /** Those whose connections are to end. */
  readonly #ends: Promise<void>[] = [];

  private constructor(options: SessionOptions, client: RedisClient) {
    this.#options = options;
    this.#client = client;
    this.#join(client);
  }

  /** Connects. */
  static async open(options: SessionOptions): Promise<RedisSession> {
    return new RedisSession(options, await connect(options));
  }

  /** Whether it can be used. */
  get alive(): boolean {
    return !this.#ended && this.#client.status === "ready" && this.#client.stream.writable;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** Sends a command. */
  async call(command: string, ...args: RedisArgument[]): Promise<unknown> {
    return await this.#client.callBuffer(command, args);
  }

  /** Runs a script, which the server may know. */
  async run(
    script: RedisScript,
    keys: readonly string[],
    ...args: RedisArgument[]
  ): Promise<unknown> {
    script.digest ??= await digest(script.source);
    try {
      return await this.call("EVALSHA", script.digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!`${(error as Error).message}`.startsWith("NOSCRIPT")) throw error;
      return await this.call("EVAL", script.source, keys.length, ...keys, ...args);
    }
  }

  /** Sends a command that blocks. */
  async block(command: string, ...args: RedisArgument[]): Promise<unknown> {
    this.#reader ??= this.#openReader();
    const reader = await this.#reader;
    return await reader.callBuffer(command, args);
  }

  /** Ends the command that blocks, if there is one, as if its time were over. */
  async unblock(): Promise<void> {
    if (this.#readerId === undefined || !this.alive) return;
    await this.call("CLIENT", "UNBLOCK", this.#readerId as RedisArgument);
  }

  /** Ends it; what was not answered rejects. Resolves when the connections are gone. */
  async end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      disconnect(this.#client);
      this.#reader?.then(disconnect, () => {});
      this.#end.resolve();
    }
    await this.#reader?.catch(() => {});
    await Promise.all(this.#ends);
  }

  /** Has a client and this end together. */
  #join(client: RedisClient): void {
    const end = new Promise<void>((resolve) => client.on("end", resolve));
    this.#ends.push(end.then(() => void this.end()));
  }

  async #openReader(): Promise<RedisClient> {
    try {
      const reader = await connect(this.#options);
      this.#join(reader);
      if (this.#ended) disconnect(reader);
      this.#readerId = await reader.callBuffer("CLIENT", ["ID"]);
      return reader;
    } catch (error) {
      void this.end();
      throw error;
    }
  }
}

/** Connects a client that does not connect again. */
async function connect({ url, timeout, signal, user }: SessionOptions): Promise<RedisClient> {
  const { Redis } = await loadPackage<RedisModule>("ioredis", user);
  const client = new Redis(url.href, {
    autoResendUnfulfilledCommands: false,
    connectTimeout: timeout,
    // It would be read from a file.
    disableClientInfo: true,
    // A timer of it is left behind when a connection breaks early.
    disconnectTimeout: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => null,
  });
  const end = new Promise<void>((resolve) => client.on("end", resolve));
  let problem: unknown;
  client.on("error", (error) => problem ??= error);
  const giveUp = () => disconnect(client);
  // Of a server that accepts connections and does not answer.
  const timer = setTimeout(() => {
    problem ??= new DOMException(`There is no answer for ${timeout} ms`, "TimeoutError");
    giveUp();
  }, timeout);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    return client;
  } catch (error) {
    disconnect(client);
    if (client.status !== "wait") await end;
    throw problem ?? error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

function disconnect(client: RedisClient): void {
  // It would wait for the end of what has ended.
  if (!["wait", "close", "end"].includes(client.status)) client.disconnect();
}

/** Makes text of a part of an answer. */
export function textOf(reply: unknown): string {
  return toText.decode(reply as Uint8Array);
}

async function digest(source: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(source));
  return new Uint8Array(bytes).toHex();
}
