// Copyright 2026 the Weft authors. MIT license.

import type { Event } from "../sync/event.ts";
import { observed } from "../sync/observer.ts";
import {
  beginWait,
  checkTimeout,
  type ScopedOptions,
  timeoutError,
  type WaitOptions,
  watchEnds,
} from "../sync/wait.ts";
import { chanceOf } from "./_chances.ts";
import type { Channel } from "./channel.ts";
import { type Chance, Choice, type Decision } from "./_choice.ts";
import type { Connection } from "./connection.ts";
import type { Queue } from "./queue.ts";

/** What `select` can receive from and send to. */
// deno-lint-ignore no-explicit-any -- of any values
export type Selectable = Channel<any> | Connection<any, any> | Queue<any>;

/** A send that `select` may do. */
export interface SendCase {
  /** Where to. */
  readonly send: Selectable;
  /** What; copied when `select` is called. */
  readonly value: unknown;
}

/** A time after which `select` goes on. */
export interface TimerCase {
  /** Milliseconds from the call of `select` on. */
  readonly after: number;
}

/**
 * What `select` waits for: something to receive from (a channel, a connection, a queue), a send, an event that is set, a future or
 * other promise that settles, a time.
 */
export type SelectCase = Selectable | SendCase | TimerCase | Event | PromiseLike<unknown>;

/** What a case gives. */
export type SelectValue<C> = C extends AsyncIterable<infer T> ? T
  : C extends PromiseLike<infer T> ? T
  : undefined;

/** Number of a case in a tuple of cases. */
export type SelectIndex<K> = K extends `${infer N extends number}` ? N : number;

/**
 * Which case it was, by its number, and what it gave. `done` says that there is nothing to receive any more, as the
 * source is closed and empty.
 */
export type SelectResult<C extends readonly SelectCase[]> = {
  [K in keyof C]:
    | { readonly index: SelectIndex<K>; readonly value: SelectValue<C[K]>; readonly done: false }
    | { readonly index: SelectIndex<K>; readonly value: undefined; readonly done: true };
}[number];

/** What `select` gives where no case is ready and there is a default. */
export interface SelectDefault<D> {
  /** Always -1. */
  readonly index: -1;
  /** The default. */
  readonly value: D;
  /** Always `false`. */
  readonly done: false;
}

/** Options of {@linkcode select}. */
export interface SelectOptions extends WaitOptions {
  /**
   * What to give at once if no case is ready; without it, `select` waits. A send to a channel without a capacity is
   * ready if a `receive` waits there, not if another `select` does.
   */
  readonly default?: unknown;
}

/**
 * Waits until one of several things can be done, and does that one alone: receives from something, sends to
 * something, sees an event, takes the result of a future, lets a time pass.
 *
 * If several can be done at once, one of them is chosen at random, so that none starves. What is not chosen is left
 * as if it had never been waited for: nothing is received or sent there. Without any case, only a timeout or an abort
 * ends it.
 *
 * **Cancellation:** a timeout or an abort ends it, and nothing was done.
 *
 * @typeParam C Types of the cases.
 * @param cases What to wait for.
 * @param options Timeout and signal of the wait, and what to give instead of waiting.
 * @returns Which case it was, and what it gave.
 * @throws {TypeError} If a case is none.
 * @throws {DOMException} Named `DataCloneError`, if a value to be sent cannot be cloned.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {RangeError} If a time is negative or not a number.
 * @throws {Error} If the case is a send to something that is closed: what `send` or `put` of it throws.
 * @throws {unknown} The reason of the signal, if it aborts first; that of the channel, if it was closed for one; or
 * that of the promise, if it rejects first.
 *
 * @example Work until there is nothing left, or the time is up
 * ```ts
 * import { Channel, Queue, select } from "@weft/concurrency/channel";
 * import { Event } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = new Queue<string>();
 * const results = new Channel<number>();
 * const stop = new Event();
 * jobs.putNowait("count");
 *
 * const first = await select([jobs, stop, { send: results, value: 1 }], { timeout: 1000 });
 * assertEquals(first, { index: 0, value: "count", done: false });
 *
 * const second = await select([jobs, stop], { default: "nothing to do" });
 * assertEquals(second, { index: -1, value: "nothing to do", done: false });
 * ```
 */
export function select<const C extends readonly SelectCase[], D>(
  cases: C,
  options: SelectOptions & { readonly default: D },
): Promise<SelectResult<C> | SelectDefault<D>>;
/**
 * Waits until one of several things can be done, and does that one alone.
 *
 * @typeParam C Types of the cases.
 * @param cases What to wait for.
 * @param options Timeout and signal of the wait.
 * @returns Which case it was, and what it gave.
 * @throws {TypeError} If a case is none.
 * @throws {DOMException} Named `DataCloneError`, if a value to be sent cannot be cloned.
 * @throws {DOMException} Named `TimeoutError`, if the time is over first.
 * @throws {RangeError} If a time is negative or not a number.
 * @throws {Error} If the case is a send to something that is closed: what `send` or `put` of it throws.
 * @throws {unknown} The reason of the signal, if it aborts first; that of the channel, if it was closed for one; or that
 * of the promise, if it rejects first.
 */
export function select<const C extends readonly SelectCase[]>(
  cases: C,
  options?: SelectOptions,
): Promise<SelectResult<C>>;
export async function select(
  cases: readonly SelectCase[],
  options: SelectOptions = {},
): Promise<unknown> {
  options = beginWait(options);
  const chances = cases.map(chanceOf);
  const choice = new Choice(chances);
  try {
    return await choose(chances, choice, options);
  } finally {
    await choice.leave();
  }
}

/** Does what is decided. */
async function choose(
  chances: readonly Chance[],
  choice: Choice,
  options: SelectOptions,
): Promise<unknown> {
  let decision = choice.look();
  if (decision === undefined && chances.some(({ port }) => port === undefined)) {
    // A promise that is settled says so two turns later.
    for (let turn = 0; turn < 2; turn++) await undefined;
    decision = choice.look();
  }
  if (decision === undefined) {
    if ("default" in options) return { index: -1, value: options.default, done: false };
    decision = await waitFor(choice, options);
  }

  const { index, failure } = decision;
  if (failure === undefined) {
    const { port, value } = chances[index]!;
    return { index, value: await (port === undefined ? value!() : port.finish()), done: false };
  }
  if (chances[index]?.port?.hasEnded?.(failure.error)) {
    return { index, value: undefined, done: true };
  }
  throw failure.error;
}

/** Waits for the decision as long as the options allow. */
async function waitFor(choice: Choice, options: ScopedOptions): Promise<Decision> {
  const { signal } = options;
  const timeout = checkTimeout(options.timeout);
  const decided = choice.wait();
  const unwatchEnds = watchEnds(options, timeout, (error) => choice.giveUp(error));
  try {
    if (signal?.aborted) choice.giveUp(signal.reason);
    else if (timeout === 0) choice.giveUp(timeoutError(0));
    return await observed("select", () => decided);
  } finally {
    unwatchEnds();
  }
}
