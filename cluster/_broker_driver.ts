// Copyright 2026 the Weft authors. MIT license.

/** What a driver knows a delivery by; opaque to everybody else. */
export type Tag = unknown;

/** An item that came from a broker. */
export interface Delivery {
  /** What was put. */
  readonly body: Uint8Array;
  /** What to say when it is done, given back or refused. */
  readonly tag: Tag;
  /** Whether somebody had it before. */
  readonly redelivered: boolean;
}

/** An item on its way to a broker. */
export interface Message {
  /** What is put. */
  readonly body: Uint8Array;
  /** The number of the item among all that this handle puts, from 1; grows. */
  readonly number: number;
  /** Its own name among all items of the world; the same when it is sent again. */
  readonly id: string;
}

/** How many items there are. */
export interface BrokerCount {
  /** Items that nobody has. */
  readonly ready: number;
  /** Items that somebody has and has not acknowledged, as far as can be known. */
  readonly held: number;
}

/** What a driver tells the queue. */
export interface BrokerEvents {
  /** An item has come. */
  deliver(delivery: Delivery): void;
  /** Items that came are others' now, or will come again: those that nobody has got here are forgotten. */
  revoke(tags: ReadonlySet<Tag>): void;
  /** Nothing can be received; gets that wait reject with the error. */
  fail(error: unknown): void;
  /** There may be room again; saying so is not a duty, as the queue looks now and then. */
  room(): void;
}

/**
 * The connection of one handle to its broker. It is made when first needed, again when it is lost, and again after
 * {@linkcode BrokerDriver.disconnect} when something is asked for.
 *
 * Everything that waits goes on after an outage; nothing waits for ever once `disconnect` was called.
 */
export interface BrokerDriver {
  /** Whether there is a connection at this moment. */
  readonly connected: boolean;

  /**
   * Connects if there is no connection, and waits for it.
   *
   * @throws {Error} If there was none before and none comes about in time, or `disconnect` is called meanwhile.
   */
  ready(): Promise<void>;

  /**
   * Puts items, and waits until the broker has them for good. Called by one at a time, after `ready`.
   *
   * @param messages The items, in their order.
   * @returns For each of them whether it was put; `false` if there was no room. Nothing if none was sent, as there was
   * no connection any more.
   * @throws {Error} If the broker refuses them, or `disconnect` is called meanwhile.
   */
  send(messages: readonly Message[]): Promise<readonly boolean[] | undefined>;

  /**
   * Says how many items are wanted, besides those that were delivered; not added to what was said before. Never waits.
   * Called again after each delivery. A driver fetches no more than that, but those that are on their way may come.
   */
  demand(count: number): void;

  /** Fetches one item if there is one now; it is not handed to `deliver`. */
  poll(): Promise<Delivery | undefined>;

  /**
   * Says that an item is done; resolves when the broker knows. Does nothing for one that is not ours any more, as the
   * connection was lost or ended.
   */
  acknowledge(tag: Tag): Promise<void>;

  /** Gives items back to the broker, for others. Does nothing for those that are not ours any more. */
  giveBack(tags: readonly Tag[]): Promise<void>;

  /** Takes an item out of the queue that cannot be read, and keeps it elsewhere if the broker has a place for it. */
  discard(tag: Tag, reason: string): Promise<void>;

  /** Counts the items. */
  count(): Promise<BrokerCount>;

  /**
   * Gives back what was delivered and not acknowledged, as far as that is possible in a few seconds, and ends the
   * connection. Whatever waits then rejects. Nothing is delivered from the call on, until something is asked for again.
   * Does nothing if there is no connection; does not throw.
   */
  disconnect(): Promise<void>;
}
