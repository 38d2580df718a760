// Copyright 2026 the Weft authors. MIT license.

import { isOver, keepCancelled, type ScopedOptions, watchEnds } from "../sync/wait.ts";
import { QueueClosedError, QueueFullError } from "../channel/errors.ts";
import type { BrokerDriver, Message } from "./_broker_driver.ts";

/** No more than so many items, and bytes but for one item, are sent at once. */
const mostItems = 500;
const mostBytes = 1 << 20;

/** Milliseconds after which a full queue is looked at again: at first, and at most. */
const firstLook = 2;
const lastLook = 50;

/** A put that waits. */
interface Put {
  readonly message: Message;
  readonly item: unknown;
  /** Whether it does not wait for room. */
  readonly nowait: boolean;
  /** `"sent"`: the broker has it or not, which is not known yet. */
  state: "new" | "sent" | "full";
  /** What has ended its wait. */
  end?: { readonly error: unknown };
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The puts of one handle, which go to the broker in their order, as many at once as there are. */
export class Puts {
  readonly #driver: BrokerDriver;
  readonly #puts = new Set<Put>();
  readonly #sender = crypto.randomUUID();
  #number = 0;
  #closed = false;
  #pumping: Promise<void> | undefined;
  /** Ends the wait for room. */
  #look: (() => void) | undefined;

  constructor(driver: BrokerDriver) {
    this.#driver = driver;
  }

  /** Number of puts under way. */
  get size(): number {
    return this.#puts.size;
  }

  /** Resolves when no put is under way. */
  get done(): Promise<void> {
    return this.#pumping ?? Promise.resolve();
  }

  /**
   * Puts an item.
   *
   * @param item The item, for errors.
   * @param body What is sent.
   * @param options From `beginWait`.
   * @param timeout Milliseconds that it may take; 0 does not wait for room.
   */
  async put(
    item: unknown,
    body: Uint8Array,
    options: ScopedOptions,
    timeout: number,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const number = ++this.#number;
    const message = { body, number, id: `${this.#sender}-${number}` };
    const put: Put = { message, item, nowait: timeout === 0, state: "new", resolve, reject };
    this.#puts.add(put);
    const unwatch = watchEnds(options, timeout === 0 ? Infinity : timeout, (error) => {
      if (put.end !== undefined || !this.#puts.has(put)) return false;
      put.end = { error };
      if (put.state !== "sent") this.#withdraw(put, error);
      return true;
    });
    this.#pumping ??= this.#pump().finally(() => this.#pumping = undefined);
    try {
      await promise;
      keepCancelled(put.end?.error, options);
    } catch (error) {
      if (error === put.end?.error && isOver(error, options)) {
        const why = this.#driver.connected ? "the queue is full" : "there is no connection";
        throw new QueueFullError(`Cannot put as ${why} for ${timeout} ms`, item);
      }
      throw error;
    } finally {
      unwatch();
    }
  }

  /** Looks at once whether there is room. */
  look(): void {
    this.#look?.();
  }

  /** Refuses the puts that wait for room, now and later. */
  close(): void {
    this.#closed = true;
    for (const put of this.#puts) if (put.state === "full") this.#refuse(put);
  }

  async #pump(): Promise<void> {
    let looks = 0;
    while (this.#puts.size > 0) {
      try {
        await this.#driver.ready();
      } catch (error) {
        for (const put of this.#puts) this.#withdraw(put, error);
        return;
      }
      const all = await this.#send(this.#batch());
      looks = all ? 0 : looks + 1;
      if (!all && this.#puts.size > 0) await this.#room(firstLook * 2 ** Math.min(looks - 1, 10));
    }
  }

  /** Sends some puts; tells whether there was room for all. */
  async #send(batch: Put[]): Promise<boolean> {
    if (batch.length === 0) return true;
    for (const put of batch) put.state = "sent";
    let kept: readonly boolean[] | undefined;
    try {
      kept = await this.#driver.send(batch.map(({ message }) => message));
    } catch (error) {
      for (const put of batch) this.#withdraw(put, error);
      return true;
    }
    let all = true;
    if (kept === undefined) {
      for (const put of batch) {
        put.state = "new";
        if (put.end !== undefined) this.#withdraw(put, put.end.error);
      }
      return true;
    }
    batch.forEach((put, i) => {
      if (kept[i]) {
        this.#puts.delete(put);
        put.resolve();
        return;
      }
      put.state = "full";
      all = false;
      if (put.end !== undefined) this.#withdraw(put, put.end.error);
      else if (this.#closed) this.#refuse(put);
      else if (put.nowait) {
        this.#withdraw(put, new QueueFullError("Cannot put as the queue is full", put.item));
      }
    });
    return all;
  }

  #batch(): Put[] {
    const batch: Put[] = [];
    let bytes = 0;
    for (const put of this.#puts) {
      bytes += put.message.body.length;
      if (batch.length >= mostItems || batch.length > 0 && bytes > mostBytes) break;
      batch.push(put);
    }
    return batch;
  }

  /** Waits until there may be room, or nobody waits for it. */
  async #room(time: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(time, lastLook));
    this.#look = resolve;
    await promise;
    this.#look = undefined;
    clearTimeout(timer);
  }

  #refuse(put: Put): void {
    this.#withdraw(put, new QueueClosedError("Cannot put as the queue is closed", put.item));
  }

  #withdraw(put: Put, error: unknown): void {
    this.#puts.delete(put);
    put.reject(error);
    if (this.#puts.size === 0) this.#look?.();
  }
}
