// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "../sync/lock_core.ts";
import type { Place } from "../sync/memory/place.ts";
import { Roster } from "../sync/_roster.ts";
import { Signal } from "../sync/signal.ts";
import type { WaitOptions } from "../sync/wait.ts";
import type { Conduit, ConduitErrors } from "./_conduit.ts";
import type { Frames } from "./_frames.ts";
import { Offers } from "./_offers.ts";
import type { Port } from "./_port.ts";
import { Put, Take, wait, waitSync, WatchingPut, WatchingTake } from "./_meeting.ts";
import type { Reason } from "./_store.ts";

const itemWord = 16;
const roomWord = 32;
const receiversWord = 48;
const watchersWord = receiversWord + Roster.words;
const offersWord = watchersWord + Roster.words;

/**
 * Hands items over: a put is done when its item is taken, and nothing is ever inside.
 *
 * ```text
 *   who comes      finds                          does
 *   ─────────────  ─────────────────────────────  ────────────────────────────────────────────
 *   a put          receivers without an item      gives the item to them and is done
 *                  none                           offers it, and waits until it is taken
 *   a take         an item, given or offered      takes it and is done
 *                  none                           waits as a receiver, to whom one can be given
 * ```
 *
 * There are never more given items than receivers: one that gives up where it would be missed takes one, and is
 * done after all.
 *
 * One that waits for other things as well, as `select` does, cannot promise to take. It waits as a watcher, and
 * finds what is offered. One that may send elsewhere as well offers in one place at a time, and withdraws that
 * before it does anything else.
 */
export class Rendezvous<T> implements Conduit<T> {
  /** Number of words that it takes, besides those of the frames. */
  static readonly words: number = offersWord + Offers.words;

  readonly size = 0;
  readonly errors: ConduitErrors;
  readonly frames: Frames<T>;
  readonly offers: Offers<T>;
  /** What is said when there is an item to take. */
  readonly items: Signal;
  /** What is said when an item was taken, or somebody waits for one. */
  readonly room: Signal;
  /** Those to whom an item can be given. */
  readonly receivers: Roster;
  /** Those who may take an item. */
  readonly watchers: Roster;
  readonly #lock: LockCore;

  constructor({ memory, index }: Place, frames: Frames<T>, errors: ConduitErrors) {
    this.errors = errors;
    this.frames = frames;
    this.#lock = new LockCore(memory, index);
    this.items = new Signal(memory, index + itemWord);
    this.room = new Signal(memory, index + roomWord);
    this.receivers = new Roster(memory, index + receiversWord);
    this.watchers = new Roster(memory, index + watchersWord);
    this.offers = new Offers(memory, index + offersWord, frames);
  }

  get closed(): boolean {
    return this.frames.closed;
  }

  async put(item: T, options: WaitOptions): Promise<void> {
    await wait(new Put(this, item), options, () => this.errors.full(item, options.timeout));
  }

  putSync(item: T, options: Omit<WaitOptions, "signal">): void {
    waitSync(new Put(this, item), options, () => this.errors.full(item, options.timeout));
  }

  tryPut(item: T): boolean {
    const port = new WatchingPut(this, item);
    if (this.room.waiting > 0) return false;
    if (port.attempt()) port.finish();
    else if (this.watchers.own > 0 && port.offer()) {
      this.items.serve();
      return port.withdraw();
    } else return false;
    return true;
  }

  take(options: WaitOptions): Promise<T> {
    return wait(new Take(this, true), options, () => this.errors.empty(options.timeout));
  }

  takeSync(options: Omit<WaitOptions, "signal">): T {
    return waitSync(new Take(this, false), options, () => this.errors.empty(options.timeout));
  }

  tryTake(): { readonly value: T } | undefined {
    const port = new WatchingTake(this, false);
    return port.take() ? { value: port.finishSync() } : undefined;
  }

  putPort(item: T): Port<void> {
    return new WatchingPut(this, item);
  }

  takePort(): Port<T> {
    return new WatchingTake(this, true);
  }

  close(reason?: Reason): void {
    // Made ready first, as that can run code of the user.
    const close = this.frames.prepareClose(reason);
    this.locked(close);
    this.items.wakeAll();
    this.room.wakeAll();
  }

  /** Does something that nobody else sees half done. */
  locked<R>(action: () => R): R {
    this.#lock.acquireSync({ recover: true });
    try {
      return action();
    } finally {
      this.#lock.release();
    }
  }

  /** Whether a receiver waits for whom there is no item. */
  get isAwaited(): boolean {
    if (this.receivers.isEmpty) return false;
    this.receivers.removeDead();
    // What is only offered counts: it comes first to a receiver who comes first.
    return this.receivers.size > this.offers.size;
  }
}
