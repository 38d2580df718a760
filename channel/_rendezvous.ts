// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";
import type { Conduit } from "./_conduit.ts";
import { Put, Take, wait, waitSync, WatchingPut, WatchingTake } from "./_meeting.ts";
import { MeetingPlace } from "./_meeting_place.ts";
import type { Port } from "./_port.ts";
import type { Reason } from "./_store.ts";

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
export class Rendezvous<T> extends MeetingPlace<T> implements Conduit<T> {
  readonly size = 0;

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
}
