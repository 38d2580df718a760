// Copyright 2026 the Weft authors. MIT license.

import type { BrokerSettings } from "./_broker_options.ts";
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

/** The most deliveries that AMQP can limit a channel to. */
const mostHeld = 0xffff;

/** What the server says; 406 of what does not fit, or not any more. */
const noAccess = 403;
const notFound = 404;
const locked = 405;
const unfit = 406;

/** What became of a delivery. */
type Verdict = "done" | "back" | "discarded";

/** A delivery. */
export interface AmqpTag {
  /** The connection that it came through, and can be acknowledged through alone. */
  readonly link: AmqpLink;
  readonly message: AmqpMessage;
}

/** A delivery that is sent back. */
interface Leaving {
  readonly tag: AmqpTag;
  readonly verdict: Verdict;
  readonly resolve: () => void;
}

/** What a connection is opened with. */
export interface LinkSettings extends BrokerSettings {
  /** Seconds. */
  readonly heartbeat: number;
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
 * There are two channels. On one, which confirms, items are published. On the other there is a consumer as long as items
 * are wanted. The limit of that channel, which counts for all its consumers and can change while they work, is at any
 * time what is unacknowledged plus what is wanted, so that no more is delivered. As a limit of 0 means none, the
 * consumer is cancelled when nothing is wanted; always before an acknowledgement makes room for a delivery.
 */
export class AmqpLink {
  readonly #settings: LinkSettings;
  readonly #events: LinkEvents;
  readonly #connection: AmqpConnection;
  /** Ends the socket, whatever the server says. */
  readonly #socket: AbortController;
  #receiving!: AmqpChannel;
  #sending!: AmqpConfirmChannel;
  #end: Error | undefined;
  #refusal: Error | undefined;
  /** Names of items that came back as there is no queue. */
  readonly #returned = new Set<unknown>();

  /** What came and was not sent back. */
  readonly #held = new Set<AmqpTag>();
  /** Those of them that count for the limit. */
  readonly #limited = new Set<AmqpTag>();
  #leaving: Leaving[] = [];
  #wanted = 0;
  #limit = 0;
  #consumer: string | undefined;
  #tuning = false;

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
    connection.on("error", (error) => this.#lose(error));
    connection.on("close", (error) => this.#lose(error));
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
      void link?.close();
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

  /** Why the server has ended it, if it would do so again. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** What came and was not sent back. */
  get held(): ReadonlySet<AmqpTag> {
    return this.#held;
  }

  /**
   * Publishes items and waits for what the server says.
   *
   * @param messages The items.
   * @param kept Is told which of them the server keeps; those of which it is known are left out.
   * @throws {Error} If the connection ends.
   */
  async publish(messages: readonly Message[], kept: (boolean | undefined)[]): Promise<void> {
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

  /** Says how many items are wanted besides those that came. */
  demand(count: number): void {
    this.#wanted = count;
    this.#tune();
  }

  /** Fetches one item if there is one. */
  async poll(): Promise<AmqpTag | undefined> {
    const message = await this.#receiving.get(this.#settings.name);
    if (message === false) return undefined;
    const tag = { link: this, message };
    this.#held.add(tag);
    return tag;
  }

  /** Sends a delivery back; resolves when the server knows, or the connection has ended. */
  release(tag: AmqpTag, verdict: Verdict): Promise<void> {
    if (!this.#held.delete(tag) || this.ended) return Promise.resolve();
    this.#limited.delete(tag);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leaving.push({ tag, verdict, resolve });
    this.#tune();
    return promise;
  }

  /** Counts the items that nobody has. */
  async count(): Promise<number> {
    return (await this.#receiving.checkQueue(this.#settings.name)).messageCount;
  }

  /** Ends the connection; the server gives what is held to others. */
  async close(): Promise<void> {
    this.#end ??= new Error("The queue was disconnected");
    this.#settle();
    const timer = setTimeout(() => this.#socket.abort(this.#end), closeTime);
    try {
      await this.#connection.close();
    } catch {
      // It has ended already.
    } finally {
      clearTimeout(timer);
      // It may be half open.
      this.#socket.abort(this.#end);
    }
  }

  async #prepare(): Promise<void> {
    const [receiving, sending] = await Promise.all([
      this.#prepareQueue(),
      this.#connection.createConfirmChannel(),
    ]);
    this.#receiving = receiving;
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

  /** Brings consumer and limit in line with what is wanted, and sends back what is to be sent back. */
  async #tune(): Promise<void> {
    if (this.#tuning) return;
    this.#tuning = true;
    try {
      while (!this.ended && this.#isOut) await this.#adjust();
    } catch (error) {
      this.#lose(error as Error);
    } finally {
      this.#tuning = false;
      if (this.ended) this.#settle();
    }
  }

  /** The limit that lets come what is wanted. */
  get #target(): number {
    return Math.min(mostHeld, this.#limited.size + this.#wanted);
  }

  /** Whether there is something to tell the server. */
  get #isOut(): boolean {
    if (this.#leaving.length > 0) return true;
    if (this.#wanted > 0) return this.#consumer === undefined || this.#limit !== this.#target;
    return this.#consumer !== undefined && this.#limit > this.#target;
  }

  async #adjust(): Promise<void> {
    const channel = this.#receiving;
    const leaving = this.#leaving;
    this.#leaving = [];
    try {
      const target = this.#target;
      if (this.#wanted > 0) {
        if (this.#limit !== target) await channel.prefetch(this.#limit = target, true);
        this.#consumer ??= await this.#consume();
      } else if (this.#consumer !== undefined && this.#limit > target) {
        const consumer = this.#consumer;
        this.#consumer = undefined;
        await channel.cancel(consumer);
      }
      for (const { tag: { message }, verdict } of leaving) {
        if (verdict === "done") channel.ack(message);
        else channel.nack(message, false, verdict === "back");
      }
      // Its answer is also one to what was sent back, which has none.
      if (leaving.length > 0) await this.count();
    } finally {
      for (const { resolve } of leaving) resolve();
    }
  }

  async #consume(): Promise<string> {
    const { consumerTag } = await this.#receiving.consume(this.#settings.name, (message) => {
      if (message === null) return this.#lose(new Error("The queue is gone"));
      if (this.ended) return;
      const tag = { link: this, message };
      this.#held.add(tag);
      this.#limited.add(tag);
      this.#wanted = Math.max(0, this.#wanted - 1);
      this.#events.deliver(tag);
    });
    return consumerTag;
  }

  /** The server ends a channel: an item that is too large, no right to consume; or because of what is not so any more. */
  #blame(channel: AmqpChannel, error: Error & { readonly code?: number }): void {
    const { code } = error;
    const refused = code === noAccess || code === locked ||
      code === unfit && channel === this.#sending;
    if (refused) this.#refusal = error;
    this.#lose(error);
  }

  #lose(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = error ?? new Error("The connection has ended");
    // One channel may have ended, not the connection.
    void this.close();
    this.#events.lose(this);
  }

  #settle(): void {
    for (const { resolve } of this.#leaving) resolve();
    this.#leaving = [];
  }
}
