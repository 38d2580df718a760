// Copyright 2026 the Weft authors. MIT license.

import { unscoped } from "../sync/cancellation.ts";
import { Semaphore } from "../sync/semaphore.ts";
import { type LinkOptions, ManagerLink } from "./_manager_link.ts";
import { writeRequest } from "./_manager_wire.ts";
import type { Keywords } from "./_served.ts";
import { type PickledValue, pickleValue } from "./_pickle_writer.ts";
import { AuthenticationError, ManagerLostError, RemoteError } from "./manager_errors.ts";

/** The most links on which something is waited for at once; what else is called does not wait for these. */
const mostWaiting = 64;
/** The most links that are opened at once: a manager takes only so many that have not shown their key. */
const mostOpening = 16;
/** The most links that are kept for later calls. */
const mostIdle = 16;
/** Milliseconds that closing waits for replies that are under way. */
const closeTimeout = 2000;

/** Calls what a manager serves. */
export class ManagerCalls {
  readonly #options: LinkOptions;
  readonly #idle: ManagerLink[] = [];
  readonly #links = new Set<ManagerLink>();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #waiting = new Semaphore(mostWaiting);
  readonly #opening = new Semaphore(mostOpening);
  readonly #closing = new AbortController();
  /** Aborts when closing waits for nothing more. */
  readonly #ended = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Aborts when it is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Where the manager is. */
  get place(): string {
    return `${this.#options.hostname}:${this.#options.port}`;
  }

  /** Asks something of the manager itself. */
  async manage(name: string, ...args: unknown[]): Promise<unknown> {
    this.#checkOpen();
    return await this.#track(this.#manage(name, args));
  }

  /** Learns whether the manager is there. */
  async check(): Promise<void> {
    try {
      await this.manage("dummy");
    } catch (error) {
      const isClear = error instanceof AuthenticationError || error instanceof ManagerLostError;
      if (isClear || error instanceof Deno.errors.NotCapable) throw error;
      throw new ManagerLostError(`Cannot connect to the manager at ${this.place}`, {
        cause: error,
      });
    }
  }

  /** Writes a call of a method, for {@linkcode ManagerCalls.callOn}. */
  write(
    ident: string,
    name: string,
    args: readonly unknown[],
    keywords: Keywords = {},
  ): Uint8Array {
    return writeRequest(ident, name, args, keywords);
  }

  /** Writes an argument beforehand. */
  writePart(value: unknown): PickledValue {
    return pickleValue(value);
  }

  /** Calls a method of an object. */
  async call(
    ident: string,
    name: string,
    args: readonly unknown[] = [],
    keywords: Keywords = {},
  ): Promise<unknown> {
    this.#checkOpen();
    const request = writeRequest(ident, name, args, keywords);
    return await this.#track(this.#send(request));
  }

  /** Calls a method that may wait, for a short time at most. */
  async callWaiting(ident: string, name: string, args: readonly unknown[]): Promise<unknown> {
    this.#checkOpen();
    const request = writeRequest(ident, name, args);
    await turn(this.#waiting, this.closing);
    try {
      return await this.#track(this.#send(request));
    } finally {
      this.#waiting.release();
    }
  }

  /**
   * Calls a method that waits for as long as it takes, and takes nothing: when the signal aborts, its link is closed.
   */
  async callAlone(
    ident: string,
    name: string,
    args: readonly unknown[],
    signal: AbortSignal,
  ): Promise<unknown> {
    this.#checkOpen();
    const request = writeRequest(ident, name, args);
    const link = await this.take();
    const both = AbortSignal.any([signal, this.closing]);
    const onAbort = () => link.close();
    both.addEventListener("abort", onAbort, { once: true });
    if (both.aborted) link.close();
    try {
      return valueOf(await link.request(request));
    } finally {
      both.removeEventListener("abort", onAbort);
      this.give(link);
    }
  }

  /** Sends a request on a link that the caller has taken. */
  async callOn(link: ManagerLink, request: Uint8Array): Promise<unknown> {
    this.#checkOpen();
    return valueOf(await this.#track(link.request(request)));
  }

  /** Takes a link for calls that must come from one thread over there. */
  async take(): Promise<ManagerLink> {
    for (let link = this.#idle.pop(); link !== undefined; link = this.#idle.pop()) {
      if (!link.isLost) {
        link.wake();
        return link;
      }
      this.#drop(link);
    }
    return await this.#track(this.#take());
  }

  async #take(): Promise<ManagerLink> {
    const link = await this.#open();
    try {
      await this.#ask(link, "accept_connection", ["Weft"]);
      this.#checkOpen();
      return link;
    } catch (error) {
      this.#drop(link);
      throw error;
    }
  }

  /** Gives a link back. */
  give(link: ManagerLink): void {
    if (link.isLost || this.closing.aborted || this.#idle.length >= mostIdle) {
      this.#drop(link);
    } else {
      link.rest();
      this.#idle.push(link);
    }
  }

  /**
   * Ends all: waits for the replies to what has been sent, and then drops the references to objects.
   *
   * @param idents The objects that are referred to.
   */
  close(idents: () => Iterable<string>): Promise<void> {
    return this.#closed ??= this.#close(idents);
  }

  async #close(idents: () => Iterable<string>): Promise<void> {
    this.#closing.abort(new ManagerLostError("The client is closed"));
    await inTime(Promise.allSettled([...this.#pending]));
    await inTime(Promise.allSettled([...idents()].map((ident) => this.#manage("decref", [ident]))));
    this.#ended.abort(this.closing.reason);
    for (const link of this.#links) link.close();
    this.#links.clear();
  }

  async #manage(name: string, args: readonly unknown[]): Promise<unknown> {
    const link = await this.#open();
    try {
      return await this.#ask(link, name, args);
    } finally {
      this.#drop(link);
    }
  }

  /** Asks something of the manager; what runs no function of the user's there is answered as soon as a handshake. */
  async #ask(link: ManagerLink, name: string, args: readonly unknown[]): Promise<unknown> {
    const request = writeRequest(null, name, args);
    const isSlow = name === "create";
    const timer = isSlow ? undefined : setTimeout(() => link.close(), this.#options.connectTimeout);
    try {
      return valueOf(await link.request(request));
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(request: Uint8Array): Promise<unknown> {
    const link = await this.take();
    try {
      return valueOf(await link.request(request));
    } finally {
      this.give(link);
    }
  }

  async #open(): Promise<ManagerLink> {
    const { signal } = this.#ended;
    await turn(this.#opening, signal);
    try {
      const link = await ManagerLink.open(this.#options, signal);
      this.#links.add(link);
      return link;
    } catch (cause) {
      if (cause instanceof AuthenticationError) throw cause;
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      throw new ManagerLostError(`Cannot connect to the manager at ${this.place}`, { cause });
    } finally {
      this.#opening.release();
    }
  }

  #drop(link: ManagerLink): void {
    link.close();
    this.#links.delete(link);
  }

  #checkOpen(): void {
    this.closing.throwIfAborted();
  }

  /** Has closing wait for a call. */
  #track<T>(call: Promise<T>): Promise<T> {
    this.#pending.add(call);
    const forget = () => void this.#pending.delete(call);
    call.then(forget, forget);
    return call;
  }
}

/** Waits for a turn; what is called may serve others too, and is not ended with the coroutine that has begun it. */
async function turn(semaphore: Semaphore, signal: AbortSignal): Promise<void> {
  if (!semaphore.tryAcquire()) await unscoped(() => semaphore.acquire({ signal }));
}

/** Takes the value out of a reply, or throws what it says. */
function valueOf({ kind, value }: { readonly kind: string; readonly value: unknown }): unknown {
  switch (kind) {
    case "#RETURN":
      return value;
    case "#ERROR":
      throw Error.isError(value) ? value : new RemoteError(String(value));
    case "#PROXY":
      throw new RemoteError("The method gives a proxy, which is not supported here");
  }
  throw new RemoteError(lastLine(String(value)), { cause: value });
}

/** Of a traceback of Python, the line that says what was wrong. */
function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => /[^-]/.test(line));
  return lines.at(-1) ?? text;
}

async function inTime(wait: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise((resolve) => timer = setTimeout(resolve, closeTimeout));
  await Promise.race([wait, limit]);
  clearTimeout(timer!);
}
