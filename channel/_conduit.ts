// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";
import type { Reason } from "./_store.ts";
import type { Port } from "./_port.ts";

/** What carries items from those who put them to those who take them. */
export interface Conduit<T> {
  /** Number of items inside. */
  readonly size: number;
  /** Whether it is closed. */
  readonly closed: boolean;
  /** Puts an item, after waiting until it can. */
  put(item: T, options: WaitOptions): Promise<void>;
  /** Puts an item, after blocking the thread until it can. */
  putSync(item: T, options: Omit<WaitOptions, "signal">): void;
  /** Puts an item if it need not wait; tells whether it did. */
  tryPut(item: T): boolean;
  /** Takes an item, after waiting for one. */
  take(options: WaitOptions): Promise<T>;
  /** Takes an item, after blocking the thread until there is one. */
  takeSync(options: Omit<WaitOptions, "signal">): T;
  /** Takes an item if there is one; does not tell whether one can come. */
  tryTake(): { readonly value: T } | undefined;
  /** What one put is done with. */
  putPort(item: T): Port<void>;
  /** What one take is done with. */
  takePort(): Port<T>;
  /** Lets nothing be put any more. The reason of the first call counts. */
  close(reason?: Reason): void;
}

/** What those who use a conduit are thrown. */
export interface ConduitErrors {
  /** There is no room, at once or within the milliseconds. */
  full(item: unknown, timeout: number | undefined): Error;
  /** There is no item, at once or within the milliseconds. */
  empty(timeout: number | undefined): Error;
  /** Nothing can be put any more. */
  refused(item: unknown): Error;
  /** There is no item, and none comes any more, perhaps for a reason. */
  ended(reason: Reason | undefined): unknown;
  /** Whether what was thrown is that of the end, for no reason. */
  isEnd(error: unknown): boolean;
}
