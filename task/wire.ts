// Copyright 2026 the Weft authors. MIT license.

/*
 * Messages between a thread or process and the one that started it, beside arguments and result.
 *
 *   starter                                            task
 *   new Thread(task, { [wired]: { onMessage } })       currentWire()
 *   thread[post](message) ───────────────────────────▶ listen(onMessage)
 *   onMessage(message) ◀────────────────────────────── post(message)
 *
 * In order, each way, and none is lost before it ends. What a message may be is up to the kind: for a
 * thread what can be cloned, with bytes in shared memory alone; for a process bytes, which are not
 * copied and so may not change after they were posted.
 */

/** The end of the messages in the thread or process that runs a task. */
export interface Wire {
  /** Sends a message to the starter; to one that is not wired it gets lost. */
  post(message: unknown): void;
  /** Gives the messages of the starter from now on, and first those that have come before. */
  listen(onMessage: (message: unknown) => void): void;
}

/** What the starter of a thread or process that is wired brings along. */
export interface WiredEnd {
  /** Takes a message; none comes after `exited` has resolved. It may not throw. */
  onMessage(message: unknown): void;
  /** Modules that the task may import even where it may read no file. */
  readonly modules?: readonly string[];
}

/** The key of the option that makes a `Thread` or `Process` wired. */
export const wired: unique symbol = Symbol("wired");

/** The key of the method of `Thread` and `Process` that sends a message. */
export const post: unique symbol = Symbol("post");

/** Options of a `Thread` or `Process` that is wired. */
export interface WiredOptions {
  /** The end of the starter. */
  readonly [wired]?: WiredEnd;
}

let current: Wire | undefined;

/** Says what leads to the starter of this thread or process. */
export function setWire(wire: Wire): void {
  current = wire;
}

/**
 * What leads to the starter of this thread or process.
 *
 * @throws {Error} If nothing of this library started it.
 */
export function currentWire(): Wire {
  if (current !== undefined) return current;
  throw new Error("Cannot reach the starter as this is no thread or process that Weft started");
}
