// Copyright 2026 the Weft authors. MIT license.

import type { Signal } from "../sync/signal.ts";
import { beginWait, checkTimeout, isOver, keepCancelled, type WaitOptions } from "../sync/wait.ts";
import type { MeetingPlace } from "./_meeting_place.ts";
import type { Offer } from "./_offers.ts";
import type { Port } from "./_port.ts";
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
  readonly #place: MeetingPlace<T>;
  readonly #item: T;
  readonly #put: (ticket: number) => void;
  #offer: Offer | undefined;

  constructor(place: MeetingPlace<T>, item: T) {
    this.signal = place.room;
    this.others = place.items;
    this.#place = place;
    this.#item = item;
    this.#put = place.frames.prepare(item);
  }

  /** Whether somebody waits who may take it. */
  get isWanted(): boolean {
    const { watchers } = this.#place;
    if (watchers.isEmpty) return false;
    watchers.removeDead();
    return !watchers.isEmpty;
  }

  attempt(): boolean {
    const place = this.#place;
    const { offers } = place;
    const offer = this.#offer;
    if (offer !== undefined && !offers.isTaken(offer) && !place.closed) return false;
    return place.locked(() => {
      if (this.#end()) return true;
      if (place.closed) throw place.errors.refused(this.#item);
      return place.isAwaited && offers.give(this.#put);
    });
  }

  offer(): boolean {
    if (this.#offer === undefined) {
      const place = this.#place;
      this.#offer = place.locked(() => {
        return place.closed ? undefined : place.offers.offer(this.#put);
      });
      place.items.wake();
    }
    return this.#offer !== undefined;
  }

  withdraw(): boolean {
    return this.#offer !== undefined && this.#place.locked(() => this.#end());
  }

  finish(): void {
    this.#place.items.wake();
  }

  #end(): boolean {
    const offer = this.#offer;
    this.#offer = undefined;
    return offer !== undefined && this.#place.offers.end(offer);
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
  protected readonly place: MeetingPlace<T>;
  protected taken: Taken<T> | undefined;
  /** Whether those who put know that it waits. */
  protected isIn = false;
  readonly #canLoad: boolean;

  constructor(place: MeetingPlace<T>, canLoad: boolean) {
    this.signal = place.items;
    this.others = place.room;
    this.place = place;
    this.#canLoad = canLoad;
  }

  attempt(): boolean {
    const { place } = this;
    if (place.frames.size === 0 && !place.closed) return false;
    return place.locked(() => {
      if (this.takeLocked()) return true;
      if (place.closed) throw place.errors.ended(place.frames.reason);
      return false;
    });
  }

  /** Takes an item, if there is one. */
  take(): boolean {
    return this.place.frames.size > 0 && this.place.locked(() => this.takeLocked());
  }

  enter(): void {
    this.isIn = this.place.watchers.enter();
    this.place.room.wakeEach();
  }

  leave(): void {
    if (!this.isIn) return;
    this.isIn = false;
    this.place.watchers.leave();
    this.place.room.wakeEach();
  }

  hasEnded(error: unknown): boolean {
    return this.place.errors.isEnd(error);
  }

  skip(): void {
    this.place.items.wake();
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
    this.taken = this.place.offers.take(this.#canLoad);
    return this.taken !== undefined;
  }

  #tell(): void {
    this.place.room.wakeEach();
    if (this.place.frames.size > 0) this.place.items.wake();
  }
}

/** A take that promises to be done. */
export class Take<T> extends WatchingTake<T> implements Meeting<T> {
  override enter(): void {
    this.isIn = this.place.receivers.enter();
    this.place.room.wakeEach();
  }

  giveUp(): boolean {
    const { place } = this;
    return place.locked(() => {
      const mustTake = this.isIn && place.offers.hasGiven && !place.isAwaited;
      try {
        return mustTake && this.takeLocked();
      } finally {
        this.leave();
      }
    });
  }

  override leave(): void {
    if (this.isIn) this.place.receivers.leave();
    this.isIn = false;
  }

  protected override takeLocked(): boolean {
    if (!super.takeLocked()) return false;
    this.leave();
    return true;
  }
}
