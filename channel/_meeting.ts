// Copyright 2026 the Weft authors. MIT license.

import type { Signal } from "../sync/signal.ts";
import { beginWait, checkTimeout, isOver, keepCancelled, type WaitOptions } from "../sync/wait.ts";
import type { Offer } from "./_offers.ts";
import type { Port } from "./_port.ts";
import type { Rendezvous } from "./_rendezvous.ts";
import { open, openLoading, type Taken } from "./_taken.ts";

/** One put or take of a rendezvous that waits until it is done. */
interface Meeting<R> {
  readonly signal: Signal;
  /** What those at the other side wait for. */
  readonly others: Signal;
  attempt(): boolean;
  /** Says that it is waited for. */
  enter(): void;
  /** Ends the wait; tells whether it is done after all. */
  giveUp(): boolean;
  finish(): R | Promise<R>;
  finishSync(): R;
}

/** Waits until it is done. */
export async function wait<R>(
  meeting: Meeting<R>,
  options: WaitOptions,
  late: () => Error,
): Promise<R> {
  options = beginWait(options);
  if (meeting.signal.waiting > 0 || !meeting.attempt()) {
    meeting.enter();
    try {
      await meeting.signal.wait(() => meeting.attempt(), options);
    } catch (error) {
      if (!meeting.giveUp()) {
        // The next in line may never have tried.
        meeting.signal.serve();
        throw isOver(error, options) ? late() : error;
      }
      keepCancelled(error, options);
    }
  }
  return meeting.finish();
}

/** Blocks the thread until it is done. */
export function waitSync<R>(
  meeting: Meeting<R>,
  options: Omit<WaitOptions, "signal">,
  late: () => Error,
): R {
  const timeout = checkTimeout(options.timeout);
  if (!meeting.attempt()) {
    meeting.enter();
    // Coroutines of this thread cannot come while it is blocked.
    meeting.others.serve();
    try {
      if (!meeting.signal.waitSync(() => meeting.attempt(), timeout)) throw late();
    } catch (error) {
      if (!meeting.giveUp()) throw error;
    }
  }
  return meeting.finishSync();
}

/** A put that may be done elsewhere. */
export class WatchingPut<T> implements Port<void> {
  readonly signal: Signal;
  readonly others: Signal;
  readonly #conduit: Rendezvous<T>;
  readonly #item: T;
  readonly #put: (ticket: number) => void;
  #offer: Offer | undefined;

  constructor(conduit: Rendezvous<T>, item: T) {
    this.signal = conduit.room;
    this.others = conduit.items;
    this.#conduit = conduit;
    this.#item = item;
    this.#put = conduit.frames.prepare(item);
  }

  /** Whether somebody waits who may take it. */
  get isWanted(): boolean {
    const { watchers } = this.#conduit;
    if (watchers.isEmpty) return false;
    watchers.removeDead();
    return !watchers.isEmpty;
  }

  attempt(): boolean {
    const conduit = this.#conduit;
    const { offers } = conduit;
    const offer = this.#offer;
    if (offer !== undefined && !offers.isTaken(offer) && !conduit.closed) return false;
    return conduit.locked(() => {
      if (this.#end()) return true;
      if (conduit.closed) throw conduit.errors.refused(this.#item);
      return conduit.isAwaited && offers.give(this.#put);
    });
  }

  offer(): boolean {
    if (this.#offer === undefined) {
      const conduit = this.#conduit;
      this.#offer = conduit.locked(() => {
        return conduit.closed ? undefined : conduit.offers.offer(this.#put);
      });
      conduit.items.wake();
    }
    return this.#offer !== undefined;
  }

  withdraw(): boolean {
    return this.#offer !== undefined && this.#conduit.locked(() => this.#end());
  }

  finish(): void {
    this.#conduit.items.wake();
  }

  #end(): boolean {
    const offer = this.#offer;
    this.#offer = undefined;
    return offer !== undefined && this.#conduit.offers.end(offer);
  }
}

/** A put that promises to be done. */
export class Put<T> extends WatchingPut<T> implements Meeting<void> {
  override attempt(): boolean {
    if (super.attempt()) return true;
    this.offer();
    return false;
  }

  enter(): void {}

  giveUp(): boolean {
    return this.withdraw();
  }

  finishSync(): void {
    this.finish();
  }
}

/** A take that may be done elsewhere. */
export class WatchingTake<T> implements Port<T> {
  readonly signal: Signal;
  readonly others: Signal;
  protected readonly conduit: Rendezvous<T>;
  protected taken: Taken<T> | undefined;
  /** Whether those who put know that it waits. */
  protected isIn = false;
  readonly #canLoad: boolean;

  constructor(conduit: Rendezvous<T>, canLoad: boolean) {
    this.signal = conduit.items;
    this.others = conduit.room;
    this.conduit = conduit;
    this.#canLoad = canLoad;
  }

  attempt(): boolean {
    const { conduit } = this;
    if (conduit.frames.size === 0 && !conduit.closed) return false;
    return conduit.locked(() => {
      if (this.takeLocked()) return true;
      if (conduit.closed) throw conduit.errors.ended(conduit.frames.reason);
      return false;
    });
  }

  /** Takes an item, if there is one. */
  take(): boolean {
    return this.conduit.frames.size > 0 && this.conduit.locked(() => this.takeLocked());
  }

  enter(): void {
    this.isIn = this.conduit.watchers.enter();
    this.conduit.room.wakeEach();
  }

  leave(): void {
    if (!this.isIn) return;
    this.isIn = false;
    this.conduit.watchers.leave();
    this.conduit.room.wakeEach();
  }

  hasEnded(error: unknown): boolean {
    return this.conduit.errors.isEnd(error);
  }

  skip(): void {
    this.conduit.items.wake();
  }

  finish(): T | Promise<T> {
    this.#tell();
    return openLoading(this.taken!);
  }

  finishSync(): T {
    this.#tell();
    return open(this.taken!);
  }

  protected takeLocked(): boolean {
    this.taken = this.conduit.offers.take(this.#canLoad);
    return this.taken !== undefined;
  }

  #tell(): void {
    this.conduit.room.wakeEach();
    if (this.conduit.frames.size > 0) this.conduit.items.wake();
  }
}

/** A take that promises to be done. */
export class Take<T> extends WatchingTake<T> implements Meeting<T> {
  override enter(): void {
    this.isIn = this.conduit.receivers.enter();
    this.conduit.room.wakeEach();
  }

  giveUp(): boolean {
    const { conduit } = this;
    return conduit.locked(() => {
      const mustTake = this.isIn && conduit.offers.hasGiven && !conduit.isAwaited;
      try {
        return mustTake && this.takeLocked();
      } finally {
        this.leave();
      }
    });
  }

  override leave(): void {
    if (this.isIn) this.conduit.receivers.leave();
    this.isIn = false;
  }

  protected override takeLocked(): boolean {
    if (!super.takeLocked()) return false;
    this.leave();
    return true;
  }
}
