// Copyright 2026 the Weft authors. MIT license.

/** Where a queue keeps its items. Nobody waits in it, but for a moment. */
export interface Store<T> {
  /** Number of items inside. */
  readonly size: number;
  /** Number of items that were ever put, modulo 2^32. */
  readonly put: number;
  /** Whether it is closed. */
  readonly closed: boolean;
  /** Lets nothing be put any more; what is being put comes before. */
  close(): void;
  /**
   * Puts an item, unless there are `limit`.
   *
   * @param refuse Called if it is closed; throws.
   * @param later Whether not to try now.
   * @returns Nothing if it is inside, else what tries again, for the item as it is now.
   * @throws {DOMException} Named `DataCloneError`, if it cannot be cloned.
   * @throws {RangeError} If there is no memory for it.
   */
  tryPut(
    item: T,
    limit: number,
    refuse: () => never,
    later: boolean,
  ): (() => boolean) | undefined;
  /** Takes an item; nothing if there is none. */
  tryTake(): Taken<T> | undefined;
  /** Drops an item; tells whether there was one. */
  drop(): boolean;
}

/** An item that was taken. */
export interface Taken<T> {
  readonly value: T;
  /** Bytes that are to be decoded first, since they need a module that is not loaded. */
  readonly bytes?: Uint8Array;
}
