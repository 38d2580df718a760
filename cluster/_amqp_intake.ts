// Copyright 2026 the Weft authors. MIT license.

import type { AmqpChannel, AmqpMessage } from "./_amqp_client.ts";

/** The most deliveries that AMQP can limit a channel to. */
const mostHeld = 0xffff;

/** A delivery, as far as it matters here. */
export interface Delivered {
  readonly message: AmqpMessage;
}

/** What became of a delivery. */
type Verdict = "done" | "back" | "discarded";

/** A delivery that is sent back. */
interface Leaving<Tag> {
  readonly tag: Tag;
  readonly verdict: Verdict;
  readonly resolve: () => void;
}

/** What is told, and asked for. */
export interface IntakeEvents<Tag> {
  /** Makes a delivery of a message. */
  wrap(message: AmqpMessage): Tag;
  /** A message that was wanted has come. */
  deliver(tag: Tag): void;
  /** The channel cannot be used any more. */
  lose(error: Error): void;
}

/**
 * What comes through one connection: no more than is wanted.
 *
 * There is a consumer as long as items are wanted. The limit of the channel, which counts for all its consumers and can
 * change while they work, is then what is unacknowledged plus what is wanted. As a limit of 0 means none, the
 * consumer is cancelled when nothing is wanted; always before an acknowledgement makes room for a delivery.
 */
export class AmqpIntake<Tag extends Delivered> {
  readonly #channel: AmqpChannel;
  readonly #name: string;
  readonly #events: IntakeEvents<Tag>;
  #ended = false;
  /** What came and was not sent back. */
  readonly #held = new Set<Tag>();
  /** Those of them that count for the limit. */
  readonly #limited = new Set<Tag>();
  #leaving: Leaving<Tag>[] = [];
  #wanted = 0;
  #limit = 0;
  #consumer: string | undefined;
  #tuning = false;

  /** Takes items of a queue. */
  constructor(channel: AmqpChannel, name: string, events: IntakeEvents<Tag>) {
    this.#channel = channel;
    this.#name = name;
    this.#events = events;
  }

  /** What came and was not sent back. */
  get held(): ReadonlySet<Tag> {
    return this.#held;
  }

  /** Says how many items are wanted besides those that came. */
  demand(count: number): void {
    this.#wanted = count;
    this.#tune();
  }

  /** Fetches one item if there is one. */
  async poll(): Promise<Tag | undefined> {
    const message = await this.#channel.get(this.#name);
    if (message === false) return undefined;
    const tag = this.#events.wrap(message);
    this.#held.add(tag);
    return tag;
  }

  /** Sends a delivery back; resolves when the server knows, or the connection has ended. */
  release(tag: Tag, verdict: Verdict): Promise<void> {
    if (!this.#held.delete(tag) || this.#ended) return Promise.resolve();
    this.#limited.delete(tag);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leaving.push({ tag, verdict, resolve });
    this.#tune();
    return promise;
  }

  /** Counts the items that nobody has. */
  async count(): Promise<number> {
    return (await this.#channel.checkQueue(this.#name)).messageCount;
  }

  /** Nothing comes any more, and nothing can be sent back. */
  end(): void {
    this.#ended = true;
    for (const { resolve } of this.#leaving) resolve();
    this.#leaving = [];
  }

  /** Brings consumer and limit in line with what is wanted, and sends back what is to be sent back. */
  async #tune(): Promise<void> {
    if (this.#tuning) return;
    this.#tuning = true;
    try {
      while (!this.#ended && this.#isOut) await this.#adjust();
    } catch (error) {
      this.#events.lose(error as Error);
    } finally {
      this.#tuning = false;
      if (this.#ended) this.end();
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
    const channel = this.#channel;
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
    const { consumerTag } = await this.#channel.consume(this.#name, (message) => {
      if (message === null) return this.#events.lose(new Error("The queue is gone"));
      if (this.#ended) return;
      const tag = this.#events.wrap(message);
      this.#held.add(tag);
      this.#limited.add(tag);
      this.#wanted = Math.max(0, this.#wanted - 1);
      this.#events.deliver(tag);
    });
    return consumerTag;
  }
}
