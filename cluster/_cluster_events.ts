// Copyright 2026 the Weft authors. MIT license.

import { startTimer } from "../sync/wait.ts";
import type { RedisClient } from "./_cluster_types.ts";

/** Milliseconds that Redis waits for an event before it says that there is none. */
const blockTime = 5000;

/** Milliseconds without any answer after which the connection is taken for dead. */
const silence = 20_000;

/** Events that are taken at once. */
const most = 1000;

/** An event of BullMQ, as its fields. */
export type BullEvent = Readonly<Record<string, string | undefined>>;

/**
 * Reads the events of a queue, from now on.
 *
 * Not the `QueueEvents` of BullMQ: that begins with what comes after its first question has arrived, so that a job which
 * is done before is missed; it waits for 5 s after an outage; and an event that is no JSON ends it.
 */
export class EventReader {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #onEvent: (event: BullEvent) => void;
  #last = "0-0";
  #ended = false;
  #cancelTimer = () => {};

  private constructor(client: RedisClient, key: string, onEvent: (event: BullEvent) => void) {
    this.#client = client;
    this.#key = key;
    this.#onEvent = onEvent;
  }

  /** Begins to read; what comes after this has resolved is not missed. */
  static async start(
    client: RedisClient,
    key: string,
    onEvent: (event: BullEvent) => void,
  ): Promise<EventReader> {
    const reader = new EventReader(client, key, onEvent);
    const [last] = await client.xrevrange(key, "+", "-", "COUNT", 1);
    if (last !== undefined) reader.#last = last[0];
    reader.#run();
    return reader;
  }

  /** Gives no more events. */
  end(): void {
    this.#ended = true;
    this.#cancelTimer();
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      this.#cancelTimer = startTimer(silence, () => {
        // An answer has got lost with the network; the question is sent again on a new connection.
        if (this.#client.status === "ready") this.#client.disconnect(true);
      });
      try {
        this.#take(
          await this.#client.xread(
            ...["COUNT", most, "BLOCK", blockTime, "STREAMS", this.#key, this.#last],
          ),
        );
      } catch {
        // Of the connection, which tells of it by itself.
        this.#cancelTimer();
        if (!this.#ended) await this.#pause();
      }
      this.#cancelTimer();
    }
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#cancelTimer = startTimer(100, resolve);
    await promise;
  }

  #take(answer: unknown): void {
    if (answer === null) return;
    const [[, events]] = answer as [[key: string, [id: string, fields: string[]][]]];
    for (const [id, fields] of events) {
      this.#last = id;
      const event: Record<string, string> = Object.create(null);
      for (let i = 0; i + 1 < fields.length; i += 2) event[fields[i]!] = fields[i + 1]!;
      if (!this.#ended) this.#onEvent(event);
    }
  }
}
