// Copyright 2026 the Weft authors. MIT license.

import { startTimer } from "../sync/wait.ts";
import { type BullEvent, EventReader } from "./_cluster_events.ts";
import {
  closeRedis,
  connectAgain,
  connectRedis,
  insist,
  plain,
  Troubles,
  within,
} from "./_cluster_redis.ts";
import type { ClusterSettings } from "./_cluster_settings.ts";
import type { BullEntry, BullPackage, BullQueue, RedisClient } from "./_cluster_types.ts";
import { Keys, type Outcome, readReply, replyAge } from "./_cluster_wire.ts";
import { loadPackage } from "./_npm.ts";

/** Milliseconds after which jobs are looked at of which nothing is heard: their events can have been dropped. */
const checkInterval = 15_000;

/** Milliseconds that Redis may take to hear that a pool ends. */
const goodbyeTime = 1000;

/** Who is told what becomes of the jobs. */
export interface BrokerListener {
  /** A program has begun with it. */
  onBegin(id: string): void;
  /** It waits again. */
  onReturn(id: string): void;
  onProgress(id: string, text: string): void;
  /** It has come to something; a string says why that is not known. */
  onEnd(id: string, outcome: Outcome | string): void;
  /** It could not be brought there. */
  onRefused(ids: readonly string[], error: unknown): void;
  /** Redis cannot be reached, at the start. */
  onBroken(error: unknown): void;
}

/** A job that is there, or on its way. */
interface Entry {
  /** Resolves when it is there for certain; it may come to its end before, but not be removed. */
  readonly added: PromiseWithResolvers<void>;
  isAdded: boolean;
  ending: boolean;
}

/** What a connection that is there consists of. */
interface Link {
  readonly client: RedisClient;
  readonly queue: BullQueue;
  readonly reader: RedisClient;
  readonly events: EventReader;
}

/** Brings the jobs of one pool to Redis, and tells what becomes of them. */
export class Broker {
  readonly #settings: ClusterSettings;
  readonly #listener: BrokerListener;
  readonly #keys: Keys;
  readonly #troubles: Troubles;
  readonly #closing = new AbortController();
  readonly #entries = new Map<string, Entry>();
  #batch: BullEntry[] = [];
  #link: Promise<Link> | undefined;
  #open: Link | undefined;
  #ended = false;
  #stopChecks = () => {};

  constructor(settings: ClusterSettings, listener: BrokerListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#keys = new Keys(settings.prefix, settings.name);
    this.#troubles = new Troubles(settings.onError);
  }

  /** Brings a job there, together with others that are given at the same time. */
  send(job: BullEntry): void {
    const added = Promise.withResolvers<void>();
    this.#entries.set(job.opts.jobId, { added, isAdded: false, ending: false });
    this.#batch.push(job);
    if (this.#batch.length === 1) queueMicrotask(() => this.#sendBatch());
  }

  /** Takes a job back if no program has begun with it; tells whether that was so. */
  async remove(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    await entry.added.promise;
    const { queue } = await this.#connect();
    if (await this.#insist(() => queue.remove(id)) !== 1) return false;
    // What is removed by the time that it has come to an end is not taken back.
    if (entry.ending) return false;
    return this.#entries.delete(id);
  }

  /** Has a program abort a job. */
  async abort(id: string): Promise<void> {
    const { client } = await this.#connect();
    await this.#insist(() => client.set(this.#keys.cancelled(id), "1", "PX", replyAge));
    await this.#insist(() => client.publish(this.#keys.cancel, id));
  }

  /**
   * Ends the connection.
   *
   * @param last What is done before, if that does not take long.
   */
  async close(last: Promise<unknown> = Promise.resolve()): Promise<void> {
    const link = this.#open;
    if (link !== undefined && link.client.status === "ready") await within(last, goodbyeTime);
    this.#ended = true;
    this.#closing.abort();
    this.#stopChecks();
    this.#entries.clear();
    if (this.#link === undefined) return;
    const opened = await settled(this.#link);
    if (opened === undefined) return;
    opened.events.end();
    await within(opened.queue.close(), goodbyeTime);
    await Promise.all([closeRedis(opened.reader), closeRedis(opened.client)]);
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (this.#ended) return;
    const ids = batch.map(({ opts }) => opts.jobId);
    try {
      const { queue } = await this.#connect();
      // A job that is there already, as the answer got lost, is not added again.
      await this.#insist(() => queue.addBulk(batch));
      for (const id of ids) {
        const entry = this.#entries.get(id);
        if (entry === undefined) continue;
        entry.isAdded = true;
        entry.added.resolve();
      }
    } catch (error) {
      if (this.#ended || this.#open === undefined) return;
      for (const id of ids) this.#entries.delete(id);
      this.#listener.onRefused(ids, plain(error));
    }
  }

  async #connect(): Promise<Link> {
    if (this.#link !== undefined) return await this.#link;
    if (this.#ended) throw new Error("Cannot use a connection as it is closed");
    const link = this.#link = this.#openLink();
    link.then(
      (opened) => this.#open = opened,
      (error) => {
        if (!this.#ended) this.#listener.onBroken(error);
      },
    );
    return await link;
  }

  async #openLink(): Promise<Link> {
    const { name, prefix } = this.#settings;
    const troubles = this.#troubles;
    const { signal } = this.#closing;
    const client = await connectRedis(this.#settings, "a ClusterPool", troubles, signal);
    let reader: RedisClient | undefined;
    try {
      const { Queue } = await loadPackage<BullPackage>("bullmq", "a ClusterPool");
      reader = await connectAgain(client, this.#settings, troubles, signal);
      const events = await EventReader.start(
        reader,
        this.#keys.events,
        (event) => this.#onEvent(event),
      );
      const queue = new Queue(name, { connection: client, prefix });
      queue.on("error", ignore);
      // Whichever is there again last.
      for (const each of [client, reader]) each.on("ready", () => this.#check());
      this.#checkLater();
      return { client, queue, reader, events };
    } catch (error) {
      await Promise.all([closeRedis(reader), closeRedis(client)]);
      throw error;
    }
  }

  #onEvent(event: BullEvent): void {
    const id = event.jobId;
    if (id === undefined || !this.#entries.has(id)) return;
    switch (event.event) {
      case "active":
        return this.#listener.onBegin(id);
      case "stalled":
      case "delayed":
        return this.#listener.onReturn(id);
      case "progress":
        return this.#listener.onProgress(id, event.data ?? "");
      case "completed":
        this.#end(id, event.returnvalue);
        return;
      case "failed":
        this.#end(id, undefined, event.failedReason);
        return;
      default:
    }
  }

  /** Finds out what a job has come to, and tells it. */
  async #end(id: string, value: string | undefined, failedReason?: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.ending) return;
    entry.ending = true;
    const outcome = await this.#outcomeOf(id, value, failedReason);
    if (this.#ended) return;
    this.#entries.delete(id);
    this.#listener.onEnd(id, outcome);
    this.#forget(id, entry);
  }

  async #outcomeOf(
    id: string,
    value: string | undefined,
    failedReason: string | undefined,
  ): Promise<Outcome | string> {
    try {
      const inline = value === undefined ? undefined : readReply(value);
      if (inline !== undefined) return inline;
      const { client } = await this.#connect();
      const stored = await this.#insist(() => client.get(this.#keys.reply(id)));
      if (stored !== null) return readReply(stored) ?? "its reply is empty";
      return failedReason ?? "its reply is gone from Redis";
    } catch (error) {
      return { duration: 0, value: [], failure: { error } };
    }
  }

  /** Takes what there is of a job that has ended out of Redis; else it would stay there for an hour. */
  async #forget(id: string, { added }: Entry): Promise<void> {
    try {
      // One that is removed before could be added again then.
      await added.promise;
      const { client, queue } = await this.#connect();
      await Promise.all([
        queue.remove(id),
        client.del(this.#keys.reply(id), this.#keys.cancelled(id)),
      ]);
    } catch {
      // It stays there for an hour.
    }
  }

  #checkLater(): void {
    this.#stopChecks = startTimer(checkInterval, async () => {
      await this.#check();
      if (!this.#ended) this.#checkLater();
    });
  }

  /** Looks whether jobs have come to something that this was not told. */
  async #check(): Promise<void> {
    const link = this.#open;
    if (link === undefined || this.#ended || link.client.status !== "ready") return;
    const ids = [...this.#entries].filter(([, entry]) => entry.isAdded).map(([id]) => id);
    await Promise.all(ids.map((id) => this.#checkOne(link.client, id)));
  }

  async #checkOne(client: RedisClient, id: string): Promise<void> {
    try {
      const [timestamp, finished, value, reason] = await client.hmget(
        this.#keys.job(id),
        ...["timestamp", "finishedOn", "returnvalue", "failedReason"],
      );
      if (timestamp === null) await this.#end(id, undefined, "Redis does not have it any more");
      else if (finished !== null) await this.#end(id, value ?? undefined, reason ?? undefined);
    } catch {
      // There is a next time.
    }
  }

  #insist<T>(action: () => Promise<T>): Promise<T> {
    return insist(action, () => this.#ended);
  }
}

async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

function ignore(): void {}
