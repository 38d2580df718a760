// Copyright 2026 the Weft authors. MIT license.

import { QueueEmptyError } from "../channel/errors.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, checkTimeout, isOver, type WaitOptions, watchEnds } from "../sync/wait.ts";
import { unscoped } from "../sync/cancellation.ts";
import { type RemotePlace, slice } from "./remote_object.ts";

interface Waiter<T> {
  readonly deadline: number;
  readonly resolve: (item: T) => void;
  readonly reject: (error: unknown) => void;
  /** Why it waits no more, if it does so. */
  ended: { readonly error: unknown } | undefined;
}

/**
 * Gets items of a queue for all who wait here, with one call at a time. A wait that is given up while a call is under
 * way ends with that call, as this may bring an item: it goes to who waits still, or else to whom it was got for.
 */
export class RemoteGetter<T> {
  readonly #place: RemotePlace;
  readonly #hasMany: boolean;
  readonly #waiters = new Set<Waiter<T>>();
  #isRunning = false;

  constructor(place: RemotePlace) {
    this.#place = place;
    this.#hasMany = place.exposed.includes("get_many");
    place.calls.closing.addEventListener("abort", () => this.#endAll(), { once: true });
  }

  /** Waits for an item. */
  async get(options: WaitOptions): Promise<T> {
    const scoped = beginWait(options);
    this.#place.calls.closing.throwIfAborted();
    const timeout = checkTimeout(options.timeout);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter: Waiter<T> = {
      deadline: performance.now() + timeout,
      resolve,
      reject,
      ended: undefined,
    };
    this.#waiters.add(waiter);
    const unwatch = watchEnds(scoped, timeout, (error) => {
      if (waiter.ended !== undefined || !this.#waiters.has(waiter)) return false;
      const empty = isOver(error, scoped);
      this.#end(waiter, empty ? new QueueEmptyError("Cannot get an item in time") : error);
      return true;
    });
    if (!this.#isRunning && !waiter.ended) unscoped(() => this.#run());
    try {
      return await observed("RemoteQueue.get", () => promise);
    } finally {
      unwatch();
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      // Those that come at once are served by one call.
      await Promise.resolve();
      while (this.#waiters.size > 0) await this.#fetch();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Makes one call, for all who wait now. */
  async #fetch(): Promise<void> {
    const waiters = [...this.#waiters];
    const now = performance.now();
    let rest = slice;
    for (const { deadline, ended } of waiters) {
      if (ended === undefined) rest = Math.min(rest, deadline - now);
    }
    const seconds = Math.max(0, rest) / 1000;
    const { calls, ident } = this.#place;
    try {
      const items = this.#hasMany
        ? await calls.callWaiting(ident, "get_many", [waiters.length, true, seconds]) as T[]
        : [await calls.callWaiting(ident, "get", [true, seconds]) as T];
      for (const item of items) this.#deliver(item);
    } catch (error) {
      // An empty queue is what is waited at; what else is wrong ends all who asked.
      if (!(error instanceof QueueEmptyError)) {
        for (const waiter of waiters) waiter.ended ??= { error };
      }
    }
    for (const waiter of this.#waiters) {
      if (waiter.ended !== undefined) this.#settle(waiter);
    }
  }

  /** Gives an item to who waits longest, or else to who has given up longest ago. */
  #deliver(item: T): void {
    let first: Waiter<T> | undefined;
    for (const waiter of this.#waiters) {
      first ??= waiter;
      if (waiter.ended === undefined) {
        first = waiter;
        break;
      }
    }
    if (first === undefined) return;
    this.#waiters.delete(first);
    first.resolve(item);
  }

  #end(waiter: Waiter<T>, error: unknown): void {
    waiter.ended = { error };
    if (!this.#isRunning) this.#settle(waiter);
  }

  #settle(waiter: Waiter<T>): void {
    this.#waiters.delete(waiter);
    waiter.reject(waiter.ended!.error);
  }

  #endAll(): void {
    const error = this.#place.calls.closing.reason;
    for (const waiter of this.#waiters) if (waiter.ended === undefined) this.#end(waiter, error);
  }
}
