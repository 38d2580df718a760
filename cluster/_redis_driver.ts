// Copyright 2026 the Weft authors. MIT license.

import { Buffer } from "node:buffer";
import { isTimeout, waitFor } from "../sync/wait.ts";
import type {
  BrokerCount,
  BrokerDriver,
  BrokerEvents,
  Delivery,
  Message,
} from "./_broker_driver.ts";
import type { BrokerSettings } from "./broker_options.ts";
import { isRefusal, RedisLink } from "./_redis_link.ts";
import * as scripts from "./_redis_scripts.ts";
import { type RedisArgument, type RedisSession, textOf } from "./_redis_session.ts";

/** Milliseconds for which it is remembered which items a handle has put. */
const memoryTime = 10 * 60_000;

/** Milliseconds that a read blocks at most. */
const longestBlock = 5000;

/** Milliseconds that a goodbye may take. */
const leaveTime = 3000;

/** An entry of a stream that was delivered to a consumer. */
interface Entry {
  readonly key: string;
  readonly id: string;
  readonly consumer: Consumer;
}

/** Who reads, from the first item that is wanted until `disconnect`. */
interface Consumer {
  readonly name: string;
  /** What was delivered and not acknowledged, by key and number. */
  readonly held: Map<string, Entry>;
}

/** Talks to Redis for one handle on a queue. */
export class RedisDriver implements BrokerDriver {
  readonly #settings: BrokerSettings;
  readonly #leaseTime: number;
  readonly #events: BrokerEvents;
  readonly #keys: readonly string[];
  /** Who puts, in Redis. */
  readonly #sender: string;
  #link: RedisLink | undefined;
  #consumer: Consumer | undefined;
  #wanted = 0;
  #reading: Promise<void> | undefined;
  /** The read that is not answered. */
  #asked: Promise<unknown> | undefined;
  #isBlocked = false;
  #beat: ReturnType<typeof setInterval> | undefined;
  #leaving: Promise<void> | undefined;

  constructor(settings: BrokerSettings, leaseTime: number, events: BrokerEvents) {
    this.#settings = settings;
    this.#leaseTime = leaseTime;
    this.#events = events;
    this.#keys = scripts.keysOf(settings.name);
    this.#sender = `${this.#keys[0]}:sender:${crypto.randomUUID()}`;
  }

  get connected(): boolean {
    return this.#link?.current !== undefined;
  }

  async ready(): Promise<void> {
    if (this.connected && this.#leaving === undefined) return;
    await (await this.#linked()).session();
  }

  async send(messages: readonly Message[]): Promise<readonly boolean[] | undefined> {
    if (!this.connected) return undefined;
    const args: RedisArgument[] = [this.#settings.maxSize, this.#sender, memoryTime];
    for (const { number, body } of messages) {
      args.push(number, Buffer.from(body.buffer, body.byteOffset, body.length));
    }
    const kept = await this.#run(scripts.putScript, ...args) as number;
    return messages.map((_, i) => i < kept);
  }

  demand(count: number): void {
    const before = this.#wanted;
    this.#wanted = count;
    if (this.#leaving !== undefined) return;
    if (count > 0) this.#reading ??= this.#read().finally(() => this.#afterRead());
    else if (before > 0 && this.#isBlocked) this.#link?.current?.unblock().catch(() => {});
  }

  async poll(): Promise<Delivery | undefined> {
    const link = await this.#linked();
    const consumer = await this.#consume(link);
    // What a lost answer had in it is given back when the connection is there again.
    const reply = await link.call((session) => {
      return this.#inGroup(session, consumer, () => {
        return session.run(scripts.takeScript, this.#keys, consumer.name);
      });
    });
    return this.#deliveries(consumer, reply)[0];
  }

  async acknowledge(tag: unknown): Promise<void> {
    const { key, id, consumer } = tag as Entry;
    if (this.#consumer !== consumer) return;
    await this.#forget([tag as Entry], scripts.doneScript, key, id);
  }

  async giveBack(tags: readonly unknown[]): Promise<void> {
    const entries = (tags as readonly Entry[]).filter((tag) => tag.consumer === this.#consumer);
    if (entries.length === 0) return;
    const args = entries.flatMap(({ key, id }) => [key, id]);
    await this.#forget(entries, scripts.backScript, ...args);
  }

  async discard(tag: unknown, reason: string): Promise<void> {
    const { key, id, consumer } = tag as Entry;
    if (this.#consumer !== consumer) return;
    await this.#forget([tag as Entry], scripts.deadScript, key, id, reason);
  }

  async count(): Promise<BrokerCount> {
    const [ready, held] = await this.#run(scripts.countScript) as [number, number];
    return { ready, held };
  }

  disconnect(): Promise<void> {
    if (this.#link === undefined) return this.#leaving ?? Promise.resolve();
    return this.#leaving ??= this.#leave(this.#link).finally(() => {
      this.#leaving = undefined;
      this.demand(this.#wanted);
    });
  }

  async #leave(link: RedisLink): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#wanted = 0;
    const session = link.current;
    try {
      if (session !== undefined && consumer !== undefined) {
        // A read that goes on would get items after all were given back.
        await waitFor(this.#goodbye(session, consumer), { timeout: leaveTime });
      }
    } catch {
      // They go back when the lease is over.
    } finally {
      this.#link = undefined;
      await link.end();
      await this.#reading;
    }
  }

  async #goodbye(session: RedisSession, consumer: Consumer): Promise<void> {
    for (; this.#reading !== undefined;) {
      await session.unblock();
      // Again, if it was just about to block.
      await waitFor(this.#reading, { timeout: 20 }).catch(() => {});
    }
    await session.run(scripts.leaveScript, this.#keys, consumer.name);
  }

  /** The link; a new one when there is none. */
  async #linked(): Promise<RedisLink> {
    while (this.#leaving !== undefined) await this.#leaving;
    return this.#link ??= new RedisLink(this.#settings, (session) => this.#prepare(session));
  }

  async #run(script: scripts.RedisScript, ...args: RedisArgument[]): Promise<unknown> {
    const link = await this.#linked();
    return await link.call((session) => session.run(script, this.#keys, ...args));
  }

  /** Does with entries what ends our having them. */
  async #forget(
    entries: readonly Entry[],
    script: scripts.RedisScript,
    ...args: RedisArgument[]
  ): Promise<void> {
    const link = this.#link;
    if (link === undefined || this.#leaving !== undefined) return;
    try {
      await link.call((session) => session.run(script, this.#keys, ...args));
    } catch (error) {
      // All was given back.
      if (this.#link !== link) return;
      throw error;
    }
    for (const { key, id, consumer } of entries) consumer.held.delete(`${key} ${id}`);
  }

  /** Becomes a consumer. */
  async #consume(link: RedisLink): Promise<Consumer> {
    if (this.#consumer !== undefined) return this.#consumer;
    const name = `${scripts.consumerPrefix}${crypto.randomUUID()}`;
    const consumer = { name, held: new Map() };
    await link.call((session) => this.#lease(session, consumer));
    if (this.#link !== link || this.#leaving !== undefined) {
      throw new Error("The connection was closed");
    }
    if (this.#consumer !== undefined) return this.#consumer;
    this.#consumer = consumer;
    this.#beat = setInterval(() => this.#renew(), this.#leaseTime / 3);
    return consumer;
  }

  /** Prolongs the lease; tells whether it was over. */
  async #lease(session: RedisSession, { name }: Consumer): Promise<boolean> {
    return await session.run(scripts.leaseScript, this.#keys, name, this.#leaseTime) === 1;
  }

  /** Prolongs the lease in time, or finds out what others have got if that was not possible. */
  async #renew(): Promise<void> {
    const session = this.#link?.current;
    const consumer = this.#consumer;
    if (session === undefined || consumer === undefined) return;
    try {
      const wasOver = await waitFor(this.#lease(session, consumer), {
        timeout: this.#leaseTime / 2,
      });
      if (wasOver) await this.#check(session, consumer);
    } catch (error) {
      // A server that does not answer may be one that is not there.
      if (isTimeout(error)) await session.end();
    }
  }

  /** Does something that needs the group, which is gone if somebody has deleted the keys. */
  async #inGroup<R>(
    session: RedisSession,
    consumer: Consumer,
    operation: () => Promise<R>,
  ): Promise<R> {
    try {
      return await operation();
    } catch (error) {
      if (!/NOGROUP|UNBLOCKED/.test(`${error}`) || !session.alive) throw error;
      await this.#lease(session, consumer);
      return await operation();
    }
  }

  /** Finds out what has become of our entries while there was no connection. */
  async #prepare(session: RedisSession): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === undefined) return;
    // What has come with the last answer must be known.
    await this.#asked?.catch(() => {});
    await this.#lease(session, consumer);
    const unknown = await this.#check(session, consumer);
    if (unknown.length > 0) await session.run(scripts.backScript, this.#keys, ...unknown);
  }

  /** Forgets the entries that others have now; gives key and number of those that are ours and did not come. */
  async #check(session: RedisSession, { name, held }: Consumer): Promise<string[]> {
    const known = [...held];
    const pending = new Set<string>();
    const unknown: string[] = [];
    const most = Number.MAX_SAFE_INTEGER;
    for (const key of this.#keys.slice(0, 2)) {
      const reply = await session.call("XPENDING", key, scripts.group, "-", "+", most, name);
      for (const [bytes] of reply as [Uint8Array][]) {
        const id = textOf(bytes);
        pending.add(`${key} ${id}`);
        if (!held.has(`${key} ${id}`)) unknown.push(key, id);
      }
    }
    const gone = known.filter(([place]) => !pending.has(place));
    for (const [place] of gone) held.delete(place);
    this.#events.revoke(new Set(gone.map(([, entry]) => entry)));
    return unknown;
  }

  /** Reads what is wanted until nothing is, or the session is lost. */
  async #read(): Promise<void> {
    try {
      const link = await this.#linked();
      const consumer = await this.#consume(link);
      await link.call(async (session) => {
        while (this.#wanted > 0 && this.#consumer === consumer) {
          await this.#readOnce(session, consumer);
        }
      });
    } catch (error) {
      // Nobody waits any more when the link is ended.
      if (!isRefusal(error)) return;
      this.#wanted = 0;
      this.#events.fail(error);
    }
  }

  async #readOnce(session: RedisSession, consumer: Consumer): Promise<void> {
    const [items, back] = this.#keys as [string, string];
    const block = Math.ceil(Math.min(longestBlock, this.#leaseTime / 2));
    const asked = this.#inGroup(session, consumer, () => {
      return session.block(
        "XREADGROUP",
        ...["GROUP", scripts.group, consumer.name],
        ...["COUNT", Math.max(1, this.#wanted), "BLOCK", block],
        ...["STREAMS", back, items, ">", ">"],
      );
    }).then((reply) => this.#deliveries(consumer, reply));
    this.#asked = asked;
    this.#isBlocked = true;
    const deliveries = await asked.finally(() => this.#isBlocked = false);
    // The count is one for each stream.
    const rest = deliveries.splice(Math.max(1, this.#wanted)).map(({ tag }) => tag);
    if (rest.length > 0) await this.giveBack(rest);
    if (this.#consumer !== consumer) return;
    for (const delivery of deliveries) this.#events.deliver(delivery);
  }

  #afterRead(): void {
    this.#reading = undefined;
    if (this.#wanted > 0 && this.#link !== undefined) this.demand(this.#wanted);
  }

  /** Notes and reads what was delivered. */
  #deliveries(consumer: Consumer, reply: unknown): Delivery[] {
    const deliveries: Delivery[] = [];
    for (const [key, entries] of (reply ?? []) as [Uint8Array, [Uint8Array, Uint8Array[]][]][]) {
      for (const [id, fields] of entries) {
        const tag: Entry = { key: textOf(key), id: textOf(id), consumer };
        consumer.held.set(`${tag.key} ${tag.id}`, tag);
        const at = fields.findIndex((field, i) => i % 2 === 0 && textOf(field) === "value");
        // Of somebody who put something else there; it cannot be read.
        const body = at === -1 ? new Uint8Array() : fields[at + 1]!;
        deliveries.push({ body, tag, redelivered: tag.key === this.#keys[1] });
      }
    }
    return deliveries;
  }
}
