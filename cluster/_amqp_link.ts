// Copyright 2026 the Weft authors. MIT license.

import { AmqpIntake } from "./_amqp_intake.ts";
import type { BrokerSettings } from "./broker_options.ts";
import type { Message } from "./_broker_driver.ts";
import {
  type AmqpChannel,
  type AmqpConfirmChannel,
  type AmqpConnection,
  type AmqpLibrary,
  type AmqpMessage,
  replyCode,
  toBuffer,
} from "./_amqp_client.ts";

/** Milliseconds that the server has to agree that the connection ends. */
const closeTime = 2000;

/** What the server says; 406 of what does not fit, or not any more. */
const noAccess = 403;
const notFound = 404;
const locked = 405;
const unfit = 406;
const notImplemented = 540;

/** What a connection is opened with. */
export interface LinkSettings extends BrokerSettings {
  /** Seconds. */
  readonly heartbeat: number;
}

/** A delivery. */
export interface AmqpTag {
  /** The connection that it came through, and can be acknowledged through alone. */
  readonly link: AmqpLink;
  readonly message: AmqpMessage;
}

/** What a connection tells. */
export interface LinkEvents {
  /** A message was delivered. */
  deliver(tag: AmqpTag): void;
  /** The connection has ended; not called for one that was closed by us. */
  lose(link: AmqpLink): void;
}

/** Rejects what the server refuses, now and whenever it is asked again. */
export class RefusalError extends Error {}

/**
 * One connection to a server, from its start to its end.
 *
 * There are two channels. On one, which confirms, items are published; the other is that of {@linkcode AmqpIntake}.
 */
export class AmqpLink {
  readonly #settings: LinkSettings;
  readonly #events: LinkEvents;
  readonly #connection: AmqpConnection;
  /** Ends the socket, whatever the server says. */
  readonly #socket: AbortController;
  #intake!: AmqpIntake<AmqpTag>;
  #sending!: AmqpConfirmChannel;
  #end: Error | undefined;
  #refusal: Error | undefined;
  #sendingRefusal: Error | undefined;
  #closing: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<void>();
  /** Names of items that came back as there is no queue. */
  readonly #returned = new Set<unknown>();

  private constructor(
    settings: LinkSettings,
    events: LinkEvents,
    connection: AmqpConnection,
    socket: AbortController,
  ) {
    this.#settings = settings;
    this.#events = events;
    this.#connection = connection;
    this.#socket = socket;
    connection.on("error", (error) => {
      // A kind of queue that cannot be limited as we need it.
      if (replyCode(error) === notImplemented) this.#refusal = error;
      this.#lose(error);
    });
    connection.on("close", (error) => {
      this.#closed.resolve();
      this.#lose(error);
    });
  }

  /**
   * Connects, and creates the queue if there is none.
   *
   * @param library amqplib.
   * @param timeout Milliseconds that it may take.
   * @param signal Gives up.
   * @throws {RefusalError} If the server refuses it for good.
   */
  static async open(
    library: AmqpLibrary,
    settings: LinkSettings,
    events: LinkEvents,
    timeout: number,
    signal: AbortSignal,
  ): Promise<AmqpLink> {
    const url = new URL(settings.url);
    url.searchParams.set("heartbeat", `${settings.heartbeat}`);
    const socket = new AbortController();
    const giveUp = () => socket.abort(signal.reason);
    signal.addEventListener("abort", giveUp);
    const timer = setTimeout(() => socket.abort(new Error("The server does not answer")), timeout);
    let link: AmqpLink | undefined;
    try {
      const connection = await library.connect(url.href, {
        noDelay: true,
        signal: socket.signal,
        clientProperties: { connection_name: `weft:${settings.name}` },
      });
      link = new AmqpLink(settings, events, connection, socket);
      await link.#prepare();
      return link;
    } catch (error) {
      await link?.close();
      if (![noAccess, locked].includes(replyCode(error) ?? 0)) throw error;
      throw new RefusalError((error as Error).message, { cause: error });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** What comes through it. */
  get intake(): AmqpIntake<AmqpTag> {
    return this.#intake;
  }

  /** Why the server refuses to deliver, if it has ended the connection for that. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /**
   * Publishes items and waits for what the server says.
   *
   * @param messages The items.
   * @param kept Is told which of them the server keeps; those of which it is known are left out.
   * @throws {RefusalError} If the server refuses them.
   * @throws {Error} If the connection ends.
   */
  async publish(messages: readonly Message[], kept: (boolean | undefined)[]): Promise<void> {
    try {
      await this.#publish(messages, kept);
    } catch (error) {
      const cause = this.#sendingRefusal;
      throw cause === undefined ? error : new RefusalError(cause.message, { cause });
    }
  }

  /** Ends the connection; the server gives what is held to others. Does not throw. */
  close(): Promise<void> {
    this.#end ??= new Error("The queue was disconnected");
    this.#intake?.end();
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    const timer = setTimeout(this.#closed.resolve, closeTime);
    // It does not settle if the connection ends before the server agrees.
    this.#connection.close().catch(this.#closed.resolve);
    await this.#closed.promise;
    clearTimeout(timer);
    // It may be half open.
    this.#socket.abort(this.#end);
  }

  async #prepare(): Promise<void> {
    const [receiving, sending] = await Promise.all([
      this.#prepareQueue(),
      this.#connection.createConfirmChannel(),
    ]);
    this.#intake = new AmqpIntake(receiving, this.#settings.name, {
      wrap: (message) => ({ link: this, message }),
      deliver: (tag) => this.#events.deliver(tag),
      lose: (error) => this.#lose(error),
    });
    this.#sending = sending;
    for (const channel of [receiving, sending]) {
      channel.on("error", (error) => this.#blame(channel, error));
      channel.on("close", () => this.#lose(undefined));
    }
    sending.on("return", ({ properties }) => this.#returned.add(properties.messageId));
  }

  /** Makes sure that there is a queue; takes one that is there as it is, which others may have created. */
  async #prepareQueue(): Promise<AmqpChannel> {
    const { name, maxSize } = this.#settings;
    try {
      const channel = await this.#createChannel();
      await channel.checkQueue(name);
      return channel;
    } catch (error) {
      if (replyCode(error) !== notFound) throw error;
    }
    // The answer has ended the first channel.
    const channel = await this.#createChannel();
    const limit = { maxLength: maxSize, arguments: { "x-overflow": "reject-publish" } };
    await channel.assertQueue(name, { durable: true, ...maxSize > 0 ? limit : {} });
    return channel;
  }

  async #createChannel(): Promise<AmqpChannel> {
    const channel = await this.#connection.createChannel();
    // What is under way rejects, too.
    channel.on("error", () => {});
    return channel;
  }

  async #publish(messages: readonly Message[], kept: (boolean | undefined)[]): Promise<void> {
    const { name, maxSize, format } = this.#settings;
    let room = Infinity;
    // It refuses what it has no room for, but then may take what follows, which would be in front.
    if (maxSize > 0) room = maxSize - (await this.#sending.checkQueue(name)).messageCount;
    const { promise, resolve } = Promise.withResolvers<void>();
    let open = 1;
    const settle = () => --open === 0 && resolve();
    for (const [i, { body, id }] of messages.entries()) {
      if (kept[i] !== undefined) continue;
      if (room-- <= 0) {
        kept[i] = false;
        continue;
      }
      open++;
      const properties = {
        persistent: true,
        mandatory: true,
        messageId: id,
        appId: "weft",
        contentType: format === "json" ? "application/json" : "application/octet-stream",
      };
      this.#sending.publish("", name, toBuffer(body), properties, (error) => {
        if (error === null && !this.#returned.delete(id)) kept[i] = true;
        else if (error?.message === "message nacked") kept[i] = false;
        settle();
      });
    }
    settle();
    await promise;
    if (messages.every((_, i) => kept[i] !== undefined)) return;
    this.#lose(new Error("The queue is gone"));
    throw this.#end;
  }

  /** The server ends a channel: an item that is too large, no right to consume; or because of what is not so any more. */
  #blame(channel: AmqpChannel, error: Error & { readonly code?: number }): void {
    const { code } = error;
    const refused = code === noAccess || code === locked;
    if (channel === this.#sending) {
      if (refused || code === unfit) this.#sendingRefusal = error;
    } else if (refused) this.#refusal = error;
    this.#lose(error);
  }

  #lose(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = error ?? new Error("The connection has ended");
    // One channel may have ended, not the connection.
    void this.close();
    this.#events.lose(this);
  }
}
