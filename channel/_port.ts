// Copyright 2026 the Weft authors. MIT license.

import type { Signal } from "../sync/signal.ts";

/** Key of the method by which something lets `select` receive from it. */
export const receiving: unique symbol = Symbol("receiving");
/** Key of the method by which something lets `select` send to it. */
export const sending: unique symbol = Symbol("sending");

/** What `select` can receive from. */
export interface Source<T> {
  /** Makes what one receive is done with. */
  [receiving](): Port<T>;
}

/** What `select` can send to. */
export interface Sink<T> {
  /** Makes what one send is done with, of the value as it is now. */
  [sending](value: T): Port<void>;
}

/** One receive or send that is done only if nothing else is. */
export interface Port<R> {
  /** What is said when another attempt may succeed. */
  readonly signal: Signal;
  /**
   * Tries to do it; tells whether it is done.
   *
   * @throws {unknown} If it can never be done.
   */
  attempt(): boolean;
  /** Lets others go on, and gives the result, when it is done. */
  finish(): R | Promise<R>;
  /** Tells whether what was thrown says that nothing comes any more. */
  hasEnded?(error: unknown): boolean;
  /** Lets another one of those who wait try in place of this one, which was woken. */
  skip?(): void;
  /** Says that it is waited for. */
  enter?(): void;
  /** Says that it is not waited for any more. */
  leave?(): void;
  /** Whether somebody at the other side waits who may do it if it is offered. */
  readonly isWanted?: boolean;
  /** Lets the other side do it; tells whether it can now. */
  offer?(): boolean;
  /** Lets the other side do it no more; tells whether it is done. */
  withdraw?(): boolean;
}
