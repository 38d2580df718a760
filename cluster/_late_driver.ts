// Copyright 2026 the Weft authors. MIT license.

import type { BrokerCount, BrokerDriver, Delivery, Message, Tag } from "./_broker_driver.ts";

/**
 * A driver that is loaded when something is asked of it, as most programs never do that. What is asked meanwhile it is
 * asked in the same order then.
 */
export class LateDriver implements BrokerDriver {
  readonly #load: () => Promise<BrokerDriver>;
  #loading: Promise<BrokerDriver> | undefined;
  #driver: BrokerDriver | undefined;

  constructor(load: () => Promise<BrokerDriver>) {
    this.#load = load;
  }

  get connected(): boolean {
    return this.#driver?.connected ?? false;
  }

  ready(): Promise<void> {
    return this.#ask((driver) => driver.ready());
  }

  send(messages: readonly Message[]): Promise<readonly boolean[] | undefined> {
    return this.#ask((driver) => driver.send(messages));
  }

  demand(count: number): void {
    if (this.#driver !== undefined) return this.#driver.demand(count);
    if (this.#loading === undefined && count === 0) return;
    // Who wants items asks whether it is ready as well, and learns there why it is not.
    this.#ask((driver) => Promise.resolve(driver.demand(count))).catch(() => {});
  }

  poll(): Promise<Delivery | undefined> {
    return this.#ask((driver) => driver.poll());
  }

  acknowledge(tag: Tag): Promise<void> {
    return this.#ask((driver) => driver.acknowledge(tag));
  }

  giveBack(tags: readonly Tag[]): Promise<void> {
    return this.#ask((driver) => driver.giveBack(tags));
  }

  discard(tag: Tag, reason: string): Promise<void> {
    return this.#ask((driver) => driver.discard(tag, reason));
  }

  count(): Promise<BrokerCount> {
    return this.#ask((driver) => driver.count());
  }

  async disconnect(): Promise<void> {
    if (this.#loading !== undefined) await this.#ask((driver) => driver.disconnect());
  }

  #ask<T>(operation: (driver: BrokerDriver) => Promise<T>): Promise<T> {
    if (this.#driver !== undefined) return operation(this.#driver);
    if (this.#loading === undefined) {
      this.#loading = this.#load();
      // The first to learn of it: what is asked from then on does not come before what was asked already.
      this.#loading.then((driver) => this.#driver = driver, () => {});
    }
    return this.#loading.then(operation);
  }
}
