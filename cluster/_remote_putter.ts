// Copyright 2026 the Weft authors. MIT license.

import { QueueClosedError, QueueFullError } from "../channel/errors.ts";
import { unscoped } from "../sync/cancellation.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, checkTimeout, isOver, type WaitOptions, watchEnds } from "../sync/wait.ts";
import type { PickledValue } from "./_pickle_writer.ts";
import { type RemotePlace, slice } from "./remote_object.ts";

interface Put {
  readonly item: unknown;
  readonly part: PickledValue;
  readonly priority: number | undefined;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  ended: { readonly error: unknown } | undefined;
}

/** The most items and bytes of one call. */
const mostItems = 1000;
const mostBytes = 256 * 1024;

/**
 * Puts items into a queue in the order of the calls, with one call at a time: of many items where the other side can do
 * that. A put that is given up while a call with its item is under way ends with that call: it has succeeded then, or
 * the item was not put.
 */
export class RemotePutter {
  readonly #place: RemotePlace;
  readonly #hasMany: boolean;
  readonly #puts: Put[] = [];
  #underWay = 0;
  #isRunning = false;

  constructor(place: RemotePlace) {
    this.#place = place;
    this.#hasMany = place.exposed.includes("put_many");
    place.calls.closing.addEventListener("abort", () => this.#endAll(), { once: true });
  }

  /** Puts an item. */
  async put(
    item: unknown,
    options: WaitOptions & { readonly priority?: number | undefined },
  ): Promise<void> {
    const scoped = beginWait(options);
    this.#place.calls.closing.throwIfAborted();
    const timeout = checkTimeout(options.timeout);
    const part = this.#place.calls.writePart(item);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const put: Put = {
      item,
      part,
      priority: options.priority,
      deadline: performance.now() + timeout,
      resolve,
      reject,
      ended: undefined,
    };
    this.#puts.push(put);
    // Who does not want to wait learns from the queue whether there is room.
    const unwatch = timeout === 0 ? undefined : watchEnds(scoped, timeout, (error) => {
      if (put.ended !== undefined || !this.#puts.includes(put)) return false;
      const full = isOver(error, scoped);
      this.#end(put, full ? new QueueFullError("Cannot put the item in time", item) : error);
      return true;
    });
    if (!this.#isRunning) unscoped(() => this.#run());
    try {
      return await observed("RemoteQueue.put", () => promise);
    } finally {
      unwatch?.();
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      // Those that come at once go with one call.
      await Promise.resolve();
      while (this.#puts.length > 0) await this.#send();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Makes one call. */
  async #send(): Promise<void> {
    const batch = this.#batch();
    const now = performance.now();
    const rest = Math.min(slice, ...batch.map(({ deadline }) => deadline - now));
    this.#underWay = batch.length;
    let count = 0;
    try {
      count = await this.#call(batch, Math.max(0, rest) / 1000);
    } catch (error) {
      this.#fail(batch, error);
    }
    this.#underWay = 0;
    for (const put of this.#puts.splice(0, count)) put.resolve();
    this.#dropEnded();
  }

  async #call(batch: readonly Put[], seconds: number): Promise<number> {
    const { calls, ident } = this.#place;
    const [first] = batch as [Put];
    const parts = batch.map(({ part }) => part);
    const priorities = batch.map(({ priority }) => priority ?? null);
    if (batch.length > 1) {
      const more = priorities.some((priority) => priority !== null) ? [priorities] : [];
      const count = await calls.callWaiting(ident, "put_many", [parts, true, seconds, ...more]);
      return Math.min(Math.max(0, Math.trunc(Number(count)) || 0), batch.length);
    }
    const more = first.priority === undefined ? [] : [first.priority];
    await calls.callWaiting(ident, "put", [first.part, true, seconds, ...more]);
    return 1;
  }

  /** Those that the next call takes: the first ones. */
  #batch(): Put[] {
    if (!this.#hasMany) return this.#puts.slice(0, 1);
    let bytes = 0;
    let count = 0;
    for (const { part } of this.#puts) {
      bytes += part.bytes.length;
      // What means its own parts by numbers cannot stand behind others.
      if (count > 0 && (count === mostItems || bytes > mostBytes || part.refers)) break;
      count++;
      if (part.refers) break;
    }
    return this.#puts.slice(0, count);
  }

  /** Takes what a call has thrown. */
  #fail([first, ...others]: Put[], error: unknown): void {
    if (error instanceof QueueFullError) {
      // The others are tried again, unless their time is over.
      const now = performance.now();
      for (const put of [first!, ...others]) {
        if (put.deadline > now) continue;
        put.ended ??= { error: new QueueFullError("Cannot put the item in time", put.item) };
      }
    } else if (error instanceof QueueClosedError) {
      first!.ended ??= { error: new QueueClosedError(error.message, first!.item) };
    } else {
      // How far it has come is not known.
      for (const put of [first!, ...others]) put.ended ??= { error };
    }
  }

  #end(put: Put, error: unknown): void {
    put.ended = { error };
    if (this.#puts.indexOf(put) >= this.#underWay) this.#dropEnded();
  }

  /** Rejects those that have been given up and are not under way. */
  #dropEnded(): void {
    for (let at = this.#puts.length - 1; at >= this.#underWay; at--) {
      const put = this.#puts[at]!;
      if (put.ended === undefined) continue;
      this.#puts.splice(at, 1);
      put.reject(put.ended.error);
    }
  }

  #endAll(): void {
    const error = this.#place.calls.closing.reason;
    for (const put of this.#puts) put.ended ??= { error };
    this.#dropEnded();
  }
}
