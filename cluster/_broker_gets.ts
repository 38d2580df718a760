// Copyright 2026 the Weft authors. MIT license.

import { isOver, type ScopedOptions, waitFor } from "../sync/wait.ts";
import { QueueClosedError, QueueEmptyError } from "../channel/errors.ts";
import type { BrokerDriver, Delivery, Tag } from "./_broker_driver.ts";
import { Arrivals } from "./_broker_items.ts";

/** Milliseconds after which items that nobody asks for go back. */
const idleTime = 1000;

/** The gets of one handle, and what has come for them. */
export class Gets {
  readonly #driver: BrokerDriver;
  readonly #prefetch: number;
  readonly #arrivals = new Arrivals();
  #closed = false;
  /** Whether the connection is waited for, to say what is wanted. */
  #asking = false;
  /** Whether gets were made lately, so that there is something to fetch ahead for. */
  #active = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #draining: Promise<void> | undefined;

  constructor(driver: BrokerDriver, prefetch: number) {
    this.#driver = driver;
    this.#prefetch = prefetch;
  }

  /** Number of items that have come and that nobody has got. */
  get size(): number {
    return this.#arrivals.size;
  }

  /** An item has come. */
  deliver(delivery: Delivery): void {
    this.#arrivals.add(delivery);
    this.#adjust();
  }

  /** Items will come again, or go to others. */
  revoke(tags: ReadonlySet<Tag>): void {
    this.#arrivals.revoke(tags);
    this.#adjust();
  }

  /** Rejects the gets that wait. */
  fail(makeError: () => unknown): void {
    this.#arrivals.fail(makeError);
  }

  /**
   * Gets an item.
   *
   * @param wait From `beginWait`.
   * @param timeout Milliseconds that it may take; 0 asks the broker once, as after {@linkcode Gets.close}.
   */
  get(wait: ScopedOptions, timeout: number): Promise<Delivery> {
    return timeout > 0 && !this.#closed ? this.#await(wait, timeout) : this.#fetch(wait, timeout);
  }

  /** Fetches nothing more for gets that wait but what is in the queue; resolves when they have ended. */
  close(): Promise<void> {
    this.#closed = true;
    this.#adjust();
    return this.#draining ??= this.#drain();
  }

  /** Forgets what has come, as the broker has it back. */
  drop(): void {
    clearTimeout(this.#idle);
    this.#active = false;
    this.#arrivals.drop();
  }

  async #await(wait: ScopedOptions, timeout: number): Promise<Delivery> {
    this.#active = true;
    const taking = this.#arrivals.take(wait, timeout);
    this.#adjust();
    try {
      return await taking;
    } catch (error) {
      throw isOver(error, wait) ? emptyError(timeout) : error;
    } finally {
      this.#adjust();
    }
  }

  async #fetch(wait: ScopedOptions, timeout: number): Promise<Delivery> {
    const polled = this.#poll();
    let delivery: Delivery | undefined;
    try {
      delivery = await waitFor(polled, { ...wait, timeout: timeout === 0 ? Infinity : timeout });
    } catch (error) {
      polled.then((late) => late && this.deliver(late), () => {});
      throw isOver(error, wait) ? emptyError(timeout) : error;
    }
    if (delivery !== undefined) return delivery;
    throw this.#closed ? endedError() : emptyError(timeout);
  }

  async #poll(): Promise<Delivery | undefined> {
    const first = this.#arrivals.tryTake();
    if (first !== undefined) return first;
    await this.#driver.ready();
    return await this.#driver.poll();
  }

  /** Gives the gets that wait what is in the queue, and then an end. */
  async #drain(): Promise<void> {
    try {
      while (this.#arrivals.waiting > 0) {
        await this.#driver.ready();
        const delivery = await this.#driver.poll();
        if (delivery === undefined) this.#arrivals.fail(endedError);
        else this.deliver(delivery);
      }
    } catch (error) {
      this.#arrivals.fail(() => error);
    }
  }

  /** Number of items to fetch. */
  get #wanted(): number {
    const { waiting, size } = this.#arrivals;
    const ahead = this.#active ? this.#prefetch : 0;
    return this.#closed ? 0 : Math.max(0, waiting + ahead - size);
  }

  /** Says how many items are wanted, and has those go back after a while that nobody asks for. */
  #adjust(): void {
    clearTimeout(this.#idle);
    const { waiting, size } = this.#arrivals;
    if (waiting === 0 && (size > 0 || this.#active)) {
      this.#idle = setTimeout(() => this.#rest(), idleTime);
    }
    if (this.#wanted === 0) return this.#driver.demand(0);
    if (this.#asking) return;
    this.#asking = true;
    this.#driver.ready().then(
      () => {
        this.#asking = false;
        this.#driver.demand(this.#wanted);
      },
      (error) => {
        this.#asking = false;
        this.#arrivals.fail(() => error);
      },
    );
  }

  /** Gives back what nobody asks for. */
  #rest(): void {
    this.#active = false;
    this.#driver.demand(0);
    const tags = this.#arrivals.drop().map(({ tag }) => tag);
    if (tags.length === 0) return;
    // What cannot be given back any more is not ours any more.
    this.#driver.giveBack(tags).catch(() => {});
  }
}

function emptyError(timeout: number): QueueEmptyError {
  const span = timeout === 0 ? "" : ` for ${timeout} ms`;
  return new QueueEmptyError(`Cannot get as the queue is empty${span}`);
}

/** Creates the error of a get for which nothing comes any more. */
export function endedError(): QueueClosedError {
  return new QueueClosedError("Cannot get as the queue is closed and empty");
}
