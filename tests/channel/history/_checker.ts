// Copyright 2026 the Weft authors. MIT license.

/**
 * Tells whether a history of a queue can have been, by the four violations of Henzinger, Sezgin and Vafeiadis
 * ("Aspect-oriented linearizability proofs", 2013), which for distinct values are all that there are. It takes
 * n log n steps.
 *
 * An operation lasts from one ticket to another, of one counter that all share; so one is wholly before another if
 * its second ticket is less than the other's first.
 */

/** When an operation was called, and when it ended. */
export interface Span {
  readonly called: number;
  readonly ended: number;
}

/** A put or get of a value. */
export interface Move extends Span {
  readonly value: number;
}

/** What happened to a queue. */
export interface History {
  /** Puts that have succeeded. */
  readonly puts: readonly Move[];
  /** Gets that have succeeded. */
  readonly gets: readonly Move[];
  /** Gets that were told that the queue was empty. */
  readonly empties: readonly Span[];
}

/** What cannot have been, by the name of the violation. */
export type Violation =
  | "got but not put"
  | "got twice"
  | "got out of order"
  | "empty while something was inside";

/** What is wrong in a history, and where. */
export interface Finding {
  readonly violation: Violation;
  readonly details: string;
}

/** A put and the get of its value, or none if nobody got it. */
interface Item {
  readonly put: Move;
  readonly get: Span;
}

const never: Span = { called: Infinity, ended: Infinity };

/**
 * Checks a history.
 *
 * @param isFifo Whether the order of the values is to be checked as well.
 * @returns Nothing if it is one of a queue.
 */
export function check(history: History, isFifo = true): Finding | undefined {
  const gets = new Map<number, Move>();
  for (const get of history.gets) {
    const other = gets.get(get.value);
    if (other !== undefined) return found("got twice", other, get);
    gets.set(get.value, get);
  }
  const items = history.puts.map((put): Item => ({ put, get: gets.get(put.value) ?? never }));
  return notPut(history.puts, gets) ?? (isFifo ? outOfOrder(items) : undefined) ??
    wronglyEmpty(items, history.empties);
}

/** Finds a value that was got though nobody had begun to put it. */
function notPut(puts: readonly Move[], gets: ReadonlyMap<number, Move>): Finding | undefined {
  const put = new Map(puts.map((move) => [move.value, move]));
  for (const get of gets.values()) {
    const move = put.get(get.value);
    if (move === undefined || get.ended < move.called) {
      return found("got but not put", get, ...(move === undefined ? [] : [move]));
    }
  }
  return undefined;
}

/**
 * Finds x and y where x was put wholly before y, but y got wholly before x, or only y.
 *
 * Goes through the items by the calls of their puts, and keeps of those that were put wholly before the one that
 * was got last.
 */
function outOfOrder(items: readonly Item[]): Finding | undefined {
  const byCall = items.toSorted((a, b) => a.put.called - b.put.called);
  const byEnd = items.toSorted((a, b) => a.put.ended - b.put.ended);
  let before = 0;
  let last: Item | undefined;
  for (const item of byCall) {
    for (; before < byEnd.length && byEnd[before]!.put.ended < item.put.called; before++) {
      const other = byEnd[before]!;
      if (last === undefined || other.get.called > last.get.called) last = other;
    }
    if (last === undefined || item.get === never) continue;
    if (last.get.called <= item.get.ended) continue;
    return found("got out of order", last.put, last.get, item.put, item.get);
  }
  return undefined;
}

/**
 * Finds a get that was told that the queue was empty, though at each moment of it some item was certainly inside.
 *
 * An item is certainly inside from the end of its put to the call of its get. Where two of these overlap there is
 * no moment between them.
 */
function wronglyEmpty(items: readonly Item[], empties: readonly Span[]): Finding | undefined {
  const full: { from: number; to: number }[] = [];
  for (const { put, get } of items.toSorted((a, b) => a.put.ended - b.put.ended)) {
    if (put.ended >= get.called) continue;
    const last = full.at(-1);
    if (last !== undefined && put.ended < last.to) last.to = Math.max(last.to, get.called);
    else full.push({ from: put.ended, to: get.called });
  }
  for (const empty of empties) {
    // The last that begins before the call.
    let [low, high] = [0, full.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (full[middle]!.from < empty.called) low = middle + 1;
      else high = middle;
    }
    const period = full[low - 1];
    if (period === undefined || period.to <= empty.ended) continue;
    return {
      violation: "empty while something was inside",
      details: `told in ${show(empty)}, inside in ${period.from}…${period.to}`,
    };
  }
  return undefined;
}

function found(violation: Violation, ...spans: readonly (Span | Move)[]): Finding {
  return { violation, details: spans.map(show).join(", ") };
}

function show(span: Span | Move): string {
  const { called, ended } = span;
  if (called === Infinity) return "never got";
  return `${"value" in span ? `${span.value} ` : ""}in ${called}…${ended}`;
}
