// Copyright 2026 the Weft authors. MIT license.

import type { Taken } from "./_taken.ts";

/** Where items are kept. Nobody waits in it, but for a moment. */
export interface Store<T> {
  /** Number of items inside. */
  readonly size: number;
  /** Number of items that were ever put, modulo 2^32. */
  readonly put: number;
  /** Whether there can be too many items. */
  readonly limited: boolean;
  /** Whether as many items are inside as there can be. */
  readonly isFull: boolean;
  /** Whether it is closed. */
  readonly closed: boolean;
  /** Why it is closed, if whoever closed it has said so. */
  readonly reason: Reason | undefined;
  /** Lets nothing be put any more; what is being put comes before. The reason of the first call counts. */
  close(reason?: Reason): void;
  /**
   * Puts an item.
   *
   * @param later Whether not to try now.
   * @param priority Where there is an order of that: what is smaller comes out first.
   * @returns Nothing if it is inside, else what tries again, for the item as it is now.
   * @throws {DOMException} Named `DataCloneError`, if it cannot be cloned.
   * @throws {RangeError} If there is no memory for it.
   * @throws {unknown} What `refuse` throws, if it is closed.
   */
  tryPut(item: T, refuse: Refuse<T>, later: boolean, priority?: number): Again | undefined;
  /**
   * Takes an item; nothing if there is none.
   *
   * @param canLoad Whether the caller can load modules that the item needs.
   * @throws {UnknownHandleError} If it would have to, and cannot; the item stays.
   */
  tryTake(canLoad: boolean): Taken<T> | undefined;
  /** Drops an item; tells whether there was one. */
  drop(): boolean;
}

/** A store in shared memory. */
export interface SharedStore<T, State = object> extends Store<T> {
  /** Says how the other side finds it. */
  describe(): State;
}

/** Why something is closed. */
export interface Reason {
  readonly value: unknown;
}

/** Tries once more; tells whether it has succeeded. */
export type Again = () => boolean;

/** Throws that an item is not put, as nothing can be put any more. */
export type Refuse<T> = (item: T) => never;
