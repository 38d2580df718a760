// Copyright 2026 the Weft authors. MIT license.

import type { Memory } from "../sync/memory/memory.ts";
import { Signal } from "../sync/signal.ts";
import { beginWait, checkTimeout, isOver, type WaitOptions } from "../sync/wait.ts";
import type { Conduit, ConduitErrors } from "./_conduit.ts";
import type { Port } from "./_port.ts";
import type { Reason, Store } from "./_store.ts";
import { open, openLoading, type Taken } from "./_taken.ts";
import { putLabel, takeLabel, type Verbs } from "./_verbs.ts";

/** What a lane is made of. */
export interface LaneOptions<T> {
  readonly store: Store<T>;
  readonly errors: ConduitErrors;
  /** Called now and then while somebody waits; may close the lane. */
  readonly probe?: () => void;
  /** What it is part of, for who observes. */
  readonly verbs?: Verbs | undefined;
}

const roomWord = 16;

/**
 * Carries items from those who put them to those who take them: a store, and who waits at either end of it.
 * What queues, channels and connections are made of.
 *
 * Whoever has put or taken an item wakes one at the other end, and also the next at its own end if there is
 * more for it: so a wake-up goes on until there is nothing left to do.
 */
export class Lane<T> implements Conduit<T> {
  /** Number of words that it takes, besides those of its store. */
  static readonly words = 32;

  /** What is said when there is an item to take. */
  readonly items: Signal;
  /** What is said when there is room. */
  readonly room: Signal;
  readonly #store: Store<T>;
  readonly #errors: ConduitErrors;
  readonly #refuse: (item: T) => never;

  constructor(memory: Memory, index: number, { store, errors, probe, verbs }: LaneOptions<T>) {
    this.#store = store;
    this.#errors = errors;
    this.#refuse = (item) => {
      throw errors.refused(item);
    };
    this.items = new Signal(memory, index, probe, takeLabel(verbs));
    this.room = new Signal(memory, index + roomWord, probe, putLabel(verbs));
  }

  get size(): number {
    return this.#store.size;
  }

  get isFull(): boolean {
    return this.#store.isFull;
  }

  get closed(): boolean {
    return this.#store.closed;
  }

  /** Puts an item, after waiting for room. */
  async put(item: T, options: WaitOptions, priority?: number): Promise<void> {
    options = beginWait(options);
    const again = this.#store.tryPut(item, this.#refuse, this.room.waiting > 0, priority);
    if (again !== undefined) {
      try {
        await this.room.wait(again, options);
      } catch (error) {
        this.room.serve();
        throw isOver(error, options) ? this.#errors.full(item, options.timeout) : error;
      }
    }
    this.#afterPut();
  }

  /** Puts an item, after blocking the thread until there is room. */
  putSync(item: T, options: Omit<WaitOptions, "signal">, priority?: number): void {
    const timeout = checkTimeout(options.timeout);
    const again = this.#store.tryPut(item, this.#refuse, false, priority);
    if (again !== undefined) {
      // Coroutines of this thread cannot do it while it is blocked.
      this.items.serve();
      if (!this.room.waitSync(again, timeout)) throw this.#errors.full(item, timeout);
    }
    this.#afterPut();
  }

  /** Puts an item if there is room; throws if there is none. */
  putNowait(item: T, priority?: number): void {
    if (!this.tryPut(item, priority)) throw this.#errors.full(item, undefined);
  }

  /** Puts an item if there is room; tells whether there was. */
  tryPut(item: T, priority?: number): boolean {
    const again = this.#store.tryPut(item, this.#refuse, this.room.waiting > 0, priority);
    if (again !== undefined) return false;
    this.#afterPut();
    return true;
  }

  /** Takes an item, after waiting for one. */
  async take(options: WaitOptions): Promise<T> {
    options = beginWait(options);
    let taken = this.items.waiting > 0 ? undefined : this.#pull(true);
    if (taken === undefined) {
      try {
        await this.items.wait(() => (taken = this.#pull(true)) !== undefined, options);
      } catch (error) {
        throw isOver(error, options) ? this.#errors.empty(options.timeout) : error;
      }
    }
    this.#afterTake();
    return taken!.bytes === undefined ? open(taken!) : await openLoading(taken!);
  }

  /** Takes an item, after blocking the thread until there is one. */
  takeSync(options: Omit<WaitOptions, "signal">): T {
    const timeout = checkTimeout(options.timeout);
    let taken = this.#pull(false);
    if (taken === undefined) {
      this.room.serve();
      const inTime = this.items.waitSync(() => (taken = this.#pull(false)) !== undefined, timeout);
      if (!inTime) throw this.#errors.empty(timeout);
    }
    this.#afterTake();
    return open(taken!);
  }

  tryTake(): { readonly value: T } | undefined {
    const taken = this.#store.tryTake(false);
    if (taken === undefined) return undefined;
    this.#afterTake();
    return { value: open(taken) };
  }

  putPort(item: T): Port<void> {
    const attempt = this.#store.tryPut(item, this.#refuse, true)!;
    const { room } = this;
    return { signal: room, attempt, finish: () => this.#afterPut(), skip: () => room.wake() };
  }

  takePort(): Port<T> {
    let taken: Taken<T> | undefined;
    return {
      signal: this.items,
      attempt: () => (taken = this.#pull(true)) !== undefined,
      finish: () => {
        this.#afterTake();
        return openLoading(taken!);
      },
      hasEnded: this.#errors.isEnd,
      skip: () => this.items.wake(),
    };
  }

  /** Lets nothing be put any more, and lets all know who wait. */
  close(reason?: Reason): void {
    this.#store.close(reason);
    this.items.wakeAll();
    this.room.wakeAll();
  }

  /**
   * Takes an item if there is one.
   *
   * @throws {unknown} What `ended` gives, if there is none, and none comes any more.
   * @throws {DOMException} Named `DataCloneError`, if it needs a module that is not loaded and `canLoad` is not
   * set; it stays.
   */
  #pull(canLoad: boolean): Taken<T> | undefined {
    const first = this.#store.tryTake(canLoad);
    if (first !== undefined || !this.closed) return first;
    // What was put in between, before the lane was closed, must be seen.
    const last = this.#store.tryTake(canLoad);
    if (last === undefined) throw this.#errors.ended(this.#store.reason);
    return last;
  }

  /** Lets others go on when an item was put. */
  #afterPut(): void {
    this.items.wake();
    if (this.#store.limited && this.room.marked && !this.isFull) this.room.wake();
  }

  /** Lets others go on when an item was taken. */
  #afterTake(): void {
    if (this.#store.limited) this.room.wake();
    if (this.items.marked && this.size > 0) this.items.wake();
  }
}
