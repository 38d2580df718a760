// Copyright 2026 the Weft authors. MIT license.

import type { CheckedLimits } from "./manager_limits.ts";
import { FrameError, type FrameStream } from "./_frames.ts";
import { type HandshakeOptions, shakeAsServer } from "./_handshake.ts";
import type { References } from "./_manager_references.ts";
import { readRequest, type ReplyKind, type Request, writeReply } from "./_manager_wire.ts";
import type { Refusals } from "./_refusals.ts";
import { type Caller, type Keywords, NoSuchMethodError } from "./_served.ts";
import { Token } from "./_token.ts";
import { AuthenticationError } from "./manager_errors.ts";
import { PickleError } from "./pickle_error.ts";
import { tuple } from "./python_values.ts";

/** Milliseconds that the answer to one wrong key of many takes. */
const penalty = 1000;
/** Milliseconds within which the other side's system says that nobody has read what was sent. */
const settleTime = 50;

/** What a session needs of the server that it belongs to. */
export interface SessionHost {
  readonly handshake: HandshakeOptions;
  readonly limits: CheckedLimits;
  readonly references: References;
  readonly refusals: Refusals;
  /** Makes or finds an object by its name in the registry. */
  readonly create: (name: unknown, args: readonly unknown[], keywords: Keywords) => unknown;
  /** Ends the server, if clients may do so. */
  readonly shutDown: (() => void) | undefined;
}

interface Reply {
  readonly kind: ReplyKind;
  readonly value: unknown;
}

/** What is served on one connection. */
export class Session implements Caller {
  /** When it began. */
  readonly start: number = performance.now();
  readonly #host: SessionHost;
  readonly #stream: FrameStream;
  readonly #hostname: string;
  readonly #ended = new AbortController();
  readonly #held: { readonly target: object; readonly release: () => void }[] = [];
  #giveBack: (() => void) | undefined;
  #isAuthenticated = false;
  #isBusy = false;
  #isOver = false;
  #due: number;

  constructor(host: SessionHost, stream: FrameStream, hostname: string) {
    this.#host = host;
    this.#stream = stream;
    this.#hostname = hostname;
    this.#due = this.start + host.limits.firstByteTimeout;
  }

  /** Aborts when the connection ends. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Whether the other side has shown that it has the key. */
  get isAuthenticated(): boolean {
    return this.#isAuthenticated;
  }

  hold(target: object, release: () => void): void {
    if (this.#isOver) quietly(release);
    else this.#held.push({ target, release });
  }

  drop(target: object): boolean {
    const at = this.#held.findLastIndex((held) => held.target === target);
    if (at >= 0) this.#held.splice(at, 1);
    return at >= 0;
  }

  take(giveBack: () => void): void {
    if (this.#stream.closed) giveBack();
    else this.#giveBack = giveBack;
  }

  /** Serves the connection until it ends. */
  async run(): Promise<void> {
    try {
      await this.#shakeHands();
      await this.#serve();
    } catch (error) {
      this.#explain(error);
    } finally {
      this.end();
      this.#isOver = true;
      for (const { release } of this.#held.reverse()) quietly(release);
    }
  }

  /** Ends the connection, with a reason if it is the other side's fault. */
  end(reason?: string): void {
    if (this.#stream.closed) return;
    this.#isBusy = false;
    if (reason !== undefined) this.#host.refusals.add(this.#hostname, reason);
    this.#stream.close();
    this.#ended.abort(new Error("The client is gone"));
  }

  /** Ends the connection when the reply to a call that is done has been sent; what waits in a call is ended. */
  finish(): void {
    this.#ended.abort(new Error("The manager is closed"));
    if (!this.#isBusy) this.end();
  }

  /** Ends the connection if it has taken too long for something. */
  checkTime(now: number): void {
    if (now < this.#due) return;
    // Who works under a lock has nothing to ask; to release it would let others in.
    if (this.#isAuthenticated && !this.#isBusy && this.#held.length > 0) return;
    this.end(this.#isAuthenticated ? undefined : "too slow in the handshake");
  }

  async #shakeHands(): Promise<void> {
    const { limits, handshake } = this.#host;
    const due = performance.now() + limits.handshakeTimeout;
    // What is answered to our challenge is awaited before that is sent.
    this.#stream.wait().then(() => {
      if (!this.#isAuthenticated) this.#due = due;
    }, () => {});
    await shakeAsServer(this.#stream, { ...handshake, onFailure: () => this.#punish() });
    this.#isAuthenticated = true;
  }

  /** Lets who tries keys wait. */
  async #punish(): Promise<void> {
    if (!this.#host.refusals.fail(this.#hostname)) return;
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, penalty);
      this.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve(undefined);
      }, { once: true });
    });
  }

  /** Answers the first request, and if that was to stay all that follow. */
  async #serve(): Promise<void> {
    const first = await this.#next();
    if (first === undefined) return;
    if (first.name !== "accept_connection") {
      await this.#write(await this.#manage(first));
      if (first.name === "shutdown") this.#host.shutDown?.();
      return;
    }
    await this.#write({ kind: "#RETURN", value: null });
    while (!this.signal.aborted) {
      const request = await this.#next();
      if (request === undefined) return await this.#checkDelivery();
      const reply = await this.#answer(request);
      if (reply !== undefined) await this.#write(reply);
    }
  }

  /** Reads the next call; answers those that cannot be read. */
  async #next(): Promise<Request | undefined> {
    const { limits, refusals } = this.#host;
    for (;;) {
      this.#due = performance.now() + limits.idleTimeout;
      this.#isBusy = false;
      const bytes = await this.#read();
      if (bytes === undefined) return undefined;
      this.#isBusy = true;
      // Who sends the next call has read the last reply.
      this.#giveBack = undefined;
      this.#due = Infinity;
      try {
        return readRequest(bytes, { maxDepth: limits.maxDepth, maxObjects: limits.maxValues });
      } catch (error) {
        if (!(error instanceof PickleError)) throw error;
        refusals.add(this.#hostname, "a message that is not plain data", error.message);
        await this.#write({ kind: "#TRACEBACK", value: `UnpicklingError: ${error.message}` });
      }
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      return await this.#stream.read(this.#host.limits.maxMessageBytes);
    } catch (error) {
      // Its system says that it has not read all that was sent to it.
      if (error instanceof Deno.errors.ConnectionReset) this.#returnItems();
      throw error;
    }
  }

  async #write(reply: Reply): Promise<void> {
    this.#due = performance.now() + this.#host.limits.writeTimeout;
    try {
      await this.#send(reply);
    } catch (error) {
      this.#returnItems();
      throw error;
    }
  }

  /** Begins to send a reply, or what is wrong with it. */
  #send({ kind, value }: Reply): Promise<void> {
    const { maxMessageBytes } = this.#host.limits;
    const send = (bytes: Uint8Array) => this.#stream.write(bytes);
    try {
      return writeReply(kind, value, (bytes) => {
        if (bytes.length <= maxMessageBytes) return send(bytes);
        throw new RangeError(
          `The reply has ${bytes.length} bytes, and the limit is ${maxMessageBytes}`,
        );
      });
    } catch (error) {
      this.#returnItems();
      return writeReply("#UNSERIALIZABLE", (error as Error).message, send);
    }
  }

  /**
   * Calls a method of an object, and looks meanwhile whether the client is there still.
   *
   * @returns The reply; `undefined` if the call was ended.
   */
  async #answer({ ident, name, args, keywords }: Request): Promise<Reply | undefined> {
    const served = this.#host.references.find(ident);
    if (served === undefined) return traceback("KeyError", `there is no object ${show(ident)}`);
    try {
      let value = served.call(name, args, keywords, this);
      if (value instanceof Promise) value = await this.#whileHere(value);
      return { kind: "#RETURN", value };
    } catch (error) {
      if (this.signal.aborted) return undefined;
      if (error instanceof NoSuchMethodError) return traceback("AttributeError", error.message);
      return { kind: "#ERROR", value: toError(error) };
    }
  }

  /**
   * Waits for what a method gives, and looks meanwhile whether the client is there still; not much longer than the
   * connection lasts, as it may never come.
   */
  #whileHere(value: Promise<unknown>): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onAbort = () => setTimeout(() => reject(this.signal.reason));
    this.signal.addEventListener("abort", onAbort, { once: true });
    value.then(resolve, reject);
    let isDone = false;
    this.#stream.wait().then((isMore) => {
      if (isDone) return;
      // Behind what is sent too early its end would not be seen.
      this.end(isMore ? "a call before the reply to the last one" : undefined);
    }, () => this.end());
    return promise.finally(() => {
      isDone = true;
      this.signal.removeEventListener("abort", onAbort);
    });
  }

  /** Does what is asked of the manager itself. */
  async #manage({ name, args, keywords }: Request): Promise<Reply> {
    const { create, references, shutDown } = this.#host;
    const [first, ...rest] = args;
    let value: unknown = null;
    switch (name) {
      case "dummy":
        break;
      case "create":
        try {
          let target = create(first, rest, keywords);
          if (target instanceof Promise) target = await this.#whileHere(target);
          const { ident, served } = references.add(target, this.#hostname);
          value = tuple(ident, tuple(...served.exposed));
          break;
        } catch (error) {
          if (this.signal.aborted) this.end();
          const { name, message } = toError(error);
          return traceback(name, message);
        }
      case "get_methods": {
        const served = first instanceof Token ? references.find(first.id) : undefined;
        if (served === undefined) return traceback("KeyError", "there is no such object");
        value = tuple(...served.exposed);
        break;
      }
      case "incref":
      case "decref":
        if (!references.count(first, this.#hostname, name === "incref" ? 1 : -1)) {
          return traceback("KeyError", `there is no object ${show(first)}`);
        }
        break;
      case "number_of_objects":
        value = references.size;
        break;
      case "debug_info":
        value = `${references.size} objects`;
        break;
      case "shutdown":
        if (shutDown !== undefined) break;
        return traceback("PermissionError", "clients may not shut this manager down");
      default:
        return traceback("AttributeError", `there is no function ${show(name)}`);
    }
    return { kind: "#RETURN", value };
  }

  /**
   * Looks whether the last reply has been read, now that the other side has closed the connection. If it had not, its
   * system has answered with a reset, and refuses what comes then.
   */
  async #checkDelivery(): Promise<void> {
    if (this.#giveBack === undefined) return;
    // What would close it now would look as if nothing had been read.
    this.#isBusy = true;
    this.#due = Infinity;
    await new Promise((resolve) => setTimeout(resolve, settleTime));
    if (!(await this.#stream.probe())) this.#returnItems();
  }

  #returnItems(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  /** Tells why the connection was ended, if it was for something that the other side has done. */
  #explain(error: unknown): void {
    if (this.#stream.closed) return;
    const { refusals } = this.#host;
    if (error instanceof AuthenticationError) refusals.add(this.#hostname, error.message);
    else if (error instanceof FrameError) {
      refusals.add(this.#hostname, error.reason, error.detail);
    } else if (!isOfConnection(error)) reportError(error);
  }
}

function traceback(name: string, message: string): Reply {
  return { kind: "#TRACEBACK", value: `${name}: ${message}` };
}

/** Something of the other side's in a message: not longer than needed, and without what a terminal obeys. */
function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : typeof value;
}

/** What a method has thrown, which may be anything, as an error. */
function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(
    typeof thrown === "object" ? Deno.inspect(thrown, { depth: 1 }) : String(thrown),
  );
}

/** Whether an error comes from the network; its kinds are many. */
function isOfConnection(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === "string" ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.NotConnected || error instanceof Deno.errors.TimedOut ||
    error instanceof Deno.errors.ConnectionAborted;
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // It was undone otherwise.
  }
}
