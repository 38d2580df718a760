// Copyright 2026 the Weft authors. MIT license.

import type {
  BrokerCount,
  BrokerDriver,
  BrokerEvents,
  Delivery,
  Message,
} from "./_broker_driver.ts";
import { connectError, findDenial } from "./_connect_error.ts";
import { backoffTime, hidePassword } from "./broker_options.ts";
import { type AmqpLibrary, loadAmqp } from "./_amqp_client.ts";
import { AmqpLink, type AmqpTag, type LinkSettings, RefusalError } from "./_amqp_link.ts";

/** No more names than so many are kept of items that were done when their connection was lost. */
const mostLate = 10_000;

/** Milliseconds: a server that ends connections sooner is asked for the next one with back-off. */
const earlyTime = 1000;

/** Talks to a server of AMQP for one queue, through one connection after the other. */
export class AmqpDriver implements BrokerDriver {
  readonly #settings: LinkSettings;
  readonly #events: BrokerEvents;
  #link: AmqpLink | undefined;
  #connecting: Promise<AmqpLink> | undefined;
  /** Connections that were lost, but may be half open. */
  readonly #ending = new Set<Promise<void>>();
  /** Aborted by `disconnect`. */
  #session = new AbortController();
  /** Whether there was a connection. */
  #met = false;
  /** When the connection was made, and how many in a row were lost early. */
  #since = 0;
  #early = 0;
  #wanted = 0;
  /** Names of items that are done, and that the server delivers again as it was not told before the connection ended. */
  readonly #late = new Set<unknown>();

  constructor(settings: LinkSettings, events: BrokerEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }

  async ready(): Promise<void> {
    await this.#connect();
  }

  async send(messages: readonly Message[]): Promise<readonly boolean[] | undefined> {
    if (this.#link === undefined) return undefined;
    const kept = new Array<boolean | undefined>(messages.length);
    await this.#persist((link) => link.publish(messages, kept));
    return kept as boolean[];
  }

  demand(count: number): void {
    this.#wanted = count;
    if (this.#link !== undefined) this.#link.intake.demand(count);
    else if (count > 0) this.#receive();
  }

  async poll(): Promise<Delivery | undefined> {
    for (;;) {
      const tag = await this.#persist((link) => link.intake.poll());
      if (tag === undefined) return undefined;
      if (this.#isLate(tag)) await tag.link.intake.release(tag, "done");
      else return toDelivery(tag);
    }
  }

  async acknowledge(tag: AmqpTag): Promise<void> {
    await tag.link.intake.release(tag, "done");
    if (tag.link.ended) this.#keepLate(tag);
  }

  async giveBack(tags: readonly AmqpTag[]): Promise<void> {
    await Promise.all(tags.map((tag) => tag.link.intake.release(tag, "back")));
  }

  async discard(tag: AmqpTag): Promise<void> {
    await tag.link.intake.release(tag, "discarded");
  }

  async count(): Promise<BrokerCount> {
    return await this.#persist(async (link) => {
      const ready = await link.intake.count();
      return { ready, held: link.intake.held.size };
    });
  }

  async disconnect(): Promise<void> {
    this.#session.abort(new Error("The queue was disconnected"));
    this.#session = new AbortController();
    this.#wanted = 0;
    const link = this.#link;
    const connecting = this.#connecting;
    this.#link = this.#connecting = undefined;
    await Promise.all([link?.close(), connecting?.catch(() => {}), ...this.#ending]);
  }

  /** Does something, again when the connection is lost in the middle. */
  async #persist<T>(operation: (link: AmqpLink) => Promise<T>): Promise<T> {
    const session = this.#session.signal;
    for (;;) {
      const link = await this.#connect();
      try {
        return await operation(link);
      } catch (error) {
        session.throwIfAborted();
        if (error instanceof RefusalError) throw this.#refused(error.cause as Error);
        if (link.refusal !== undefined) throw this.#refused(link.refusal);
        if (!link.ended) throw error;
      }
    }
  }

  #connect(): Promise<AmqpLink> {
    if (this.#link !== undefined) return Promise.resolve(this.#link);
    if (this.#connecting !== undefined) return this.#connecting;
    const connecting = this.#attempt(this.#session.signal).finally(() => {
      if (this.#connecting === connecting) this.#connecting = undefined;
    });
    return this.#connecting = connecting;
  }

  /** Connects; the first time as long as it may take, later for as long as it takes. */
  async #attempt(session: AbortSignal): Promise<AmqpLink> {
    const { connectTimeout, backoff } = this.#settings;
    const library = await loadAmqp();
    const end = this.#met ? Infinity : performance.now() + connectTimeout;
    if (this.#early > 0) await pause(backoffTime(backoff, this.#early), session);
    for (let attempt = this.#early + 1;; attempt++) {
      const rest = end - performance.now();
      try {
        return await this.#open(library, Math.min(rest, connectTimeout), session);
      } catch (error) {
        session.throwIfAborted();
        if (error instanceof RefusalError) throw this.#refused(error.cause as Error);
        const time = backoffTime(backoff, attempt);
        if (findDenial(error) !== undefined || performance.now() + time >= end) {
          throw connectError(this.#settings, error);
        }
        await pause(time, session);
      }
    }
  }

  async #open(library: AmqpLibrary, timeout: number, session: AbortSignal): Promise<AmqpLink> {
    const events = {
      deliver: (tag: AmqpTag) => this.#deliver(tag),
      lose: (link: AmqpLink) => this.#lose(link),
    };
    const link = await AmqpLink.open(library, this.#settings, events, timeout, session);
    if (session.aborted) {
      await link.close();
      session.throwIfAborted();
    }
    if (link.ended) throw new Error("The connection has ended");
    this.#met = true;
    this.#since = performance.now();
    this.#link = link;
    if (this.#wanted > 0) link.intake.demand(this.#wanted);
    return link;
  }

  #deliver(tag: AmqpTag): void {
    if (tag.link !== this.#link) return;
    if (!this.#isLate(tag)) {
      this.#wanted = Math.max(0, this.#wanted - 1);
      return this.#events.deliver(toDelivery(tag));
    }
    void tag.link.intake.release(tag, "done");
    tag.link.intake.demand(this.#wanted);
  }

  #lose(link: AmqpLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    const ending = link.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    this.#early = performance.now() - this.#since < earlyTime ? this.#early + 1 : 0;
    if (link.refusal !== undefined) this.#fail(this.#refused(link.refusal));
    else if (this.#wanted > 0) this.#receive();
    this.#events.revoke(link.intake.held);
  }

  /** Connects to receive what is wanted. */
  #receive(): void {
    const session = this.#session.signal;
    this.#connect().catch((error) => {
      if (!session.aborted) this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    this.#wanted = 0;
    this.#events.fail(error);
  }

  #isLate({ message: { fields, properties } }: AmqpTag): boolean {
    return fields.redelivered && this.#late.delete(properties.messageId);
  }

  #keepLate({ message }: AmqpTag): void {
    const { messageId } = message.properties;
    if (messageId === undefined) return;
    for (const first of this.#late) {
      if (this.#late.size < mostLate) break;
      this.#late.delete(first);
    }
    this.#late.add(messageId);
  }

  #refused(cause: Error): Error {
    const { name, url } = this.#settings;
    return new Error(
      `Cannot use the queue "${name}" at ${
        hidePassword(url)
      } as the server refuses: ${cause.message}`,
      { cause },
    );
  }
}

function toDelivery(tag: AmqpTag): Delivery {
  const { content: { buffer, byteOffset, length }, fields: { redelivered } } = tag.message;
  return { body: new Uint8Array(buffer, byteOffset, length), tag, redelivered };
}

/** Waits. */
function pause(time: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, time);
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  });
}
