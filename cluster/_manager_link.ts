// Copyright 2026 the Weft authors. MIT license.

import type { PickleLimits } from "./_pickle_reader.ts";
import { FrameError, FrameStream } from "./_frames.ts";
import { type HandshakeOptions, shakeAsClient } from "./_handshake.ts";
import { readReply, type ReplyKind } from "./_manager_wire.ts";
import { ManagerLostError } from "./manager_errors.ts";

/** Where a manager is and how it is talked to. */
export interface LinkOptions {
  readonly hostname: string;
  readonly port: number;
  readonly handshake: HandshakeOptions;
  /** Milliseconds for connection and handshake. */
  readonly connectTimeout: number;
  readonly maxMessageBytes: number;
  readonly pickleLimits: PickleLimits;
}

interface Reply {
  readonly kind: ReplyKind;
  readonly value: unknown;
}

/** A connection of a client to a manager: one call at a time. */
export class ManagerLink {
  readonly #stream: FrameStream;
  readonly #options: LinkOptions;
  #isLost = false;
  /** Changes whenever it is used again, or no more. */
  #use = 0;
  #turn: Promise<void> | undefined;

  private constructor(stream: FrameStream, options: LinkOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /**
   * Connects.
   *
   * @param options Where to, and how.
   * @param signal Gives up when it aborts.
   * @throws {AuthenticationError} If the other side has another key.
   * @throws {DOMException} Named `TimeoutError`, if it takes too long.
   * @throws {Error} If there is nobody, or nobody who speaks as a manager.
   */
  static async open(options: LinkOptions, signal: AbortSignal): Promise<ManagerLink> {
    const { hostname, port, connectTimeout } = options;
    const limit = Promise.withResolvers<never>();
    let link: ManagerLink | undefined;
    let isLate = false;
    const giveUp = (error: unknown) => {
      isLate = true;
      link?.close();
      limit.reject(error);
    };
    const timer = setTimeout(() => {
      const rule = `within ${connectTimeout} ms`;
      giveUp(new DOMException(`Cannot connect to ${hostname}:${port} ${rule}`, "TimeoutError"));
    }, connectTimeout);
    const onAbort = () => giveUp(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const opening = (async () => {
      const connection = await Deno.connect({ hostname, port });
      link = new ManagerLink(new FrameStream(connection), options);
      if (isLate) link.close();
      connection.setNoDelay(true);
      await shakeAsClient(link.#stream, options.handshake);
      return link;
    })();
    try {
      return await Promise.race([opening, limit.promise]);
    } catch (error) {
      link?.close();
      opening.catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Whether nothing can be called on it any more. */
  get isLost(): boolean {
    return this.#isLost || this.#stream.closed;
  }

  /**
   * Sends a request and gets the reply, after those that others wait for.
   *
   * @throws {ManagerLostError} If the connection ends before the reply has come.
   * @throws {PickleError} If the reply is not plain data; the link is good for more.
   */
  async request(bytes: Uint8Array): Promise<Reply> {
    while (this.#turn !== undefined) await this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    try {
      return await this.#exchange(bytes);
    } finally {
      this.#turn = undefined;
      turn.resolve();
    }
  }

  async #exchange(bytes: Uint8Array): Promise<Reply> {
    const { maxMessageBytes, pickleLimits } = this.#options;
    let reply: Uint8Array | undefined;
    try {
      // The reply is waited for already while the request is on its way, which saves a turn of the event loop.
      const writing = this.#stream.write(bytes);
      writing.catch(() => {});
      reply = await this.#stream.read(maxMessageBytes);
    } catch (cause) {
      this.close();
      throw cause instanceof FrameError
        ? new ManagerLostError(cause.message, { cause })
        : this.#lostError(cause);
    }
    if (reply === undefined) {
      this.close();
      throw this.#lostError(undefined);
    }
    return readReply(reply, pickleLimits);
  }

  /**
   * Watches an idle link: it is lost when the other side ends it, or sends what would be taken for the reply to the next
   * request. The program may end meanwhile.
   */
  rest(): void {
    const use = ++this.#use;
    this.#stream.setRef(false);
    this.#stream.wait().then(() => {
      if (this.#use === use) this.#isLost = true;
    }, () => this.#isLost = true);
  }

  /** Undoes {@linkcode rest}. */
  wake(): void {
    this.#use++;
    this.#stream.setRef(true);
  }

  /** Ends it; what waits for a reply rejects. */
  close(): void {
    this.#stream.close();
  }

  #lostError(cause: unknown): ManagerLostError {
    const { hostname, port } = this.#options;
    return new ManagerLostError(
      `The connection to the manager at ${hostname}:${port} was lost`,
      cause === undefined ? undefined : { cause },
    );
  }
}
