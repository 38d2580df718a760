// Copyright 2026 the Weft authors. MIT license.

import type { Answer, Operation } from "./memory.ts";

/**
 * Known words: the answer to each load of one of them, and to each exchange that fails on one, until
 * another operation comes.
 */
export interface Known {
  readonly words: ReadonlyMap<number, number>;
}
/** Something that the event loop delivers. */
export interface Happening {
  readonly event: string;
}
export type Entry = Answer | Known | Happening;

/** Where an actor has come to, which the answers that it got determine. */
export class Point {
  static #ids = 0;
  readonly id = Point.#ids++;
  readonly #children = new Map<string, Point>();
  readonly parent: Point | undefined;
  readonly entry: Entry | undefined;

  /** Whether the rest is known. */
  ready = false;
  /** What it does next; nothing if it has ended or is in its event loop. */
  next: Operation | undefined;
  /** Whether it spins on known words for ever. */
  endless = false;
  /** Whether its body has come to its end. */
  ended = false;
  /** Timers, signals and turns that the event loop can deliver. */
  events: readonly string[] = [];
  /** Its tallies. */
  counts: ReadonlyMap<string, number> = new Map();
  #standing: string | undefined;
  /** What its body has thrown. */
  error: unknown;
  failed = false;

  constructor(parent?: Point, entry?: Entry) {
    this.parent = parent;
    this.entry = entry;
  }

  /** All that matters of an actor that does nothing any more. */
  get standing(): string {
    return this.#standing ??= [...this.counts].map(([name, count]) => `${name}:${count}`).sort() +
      `;${this.events}`;
  }

  /** Where it comes to with one more answer. */
  after(entry: Entry): Point {
    const key = keyOf(entry);
    let child = this.#children.get(key);
    if (child === undefined) {
      child = new Point(this, entry);
      this.#children.set(key, child);
    }
    return child;
  }

  /** Every answer so far. */
  log(): Entry[] {
    const log: Entry[] = [];
    let { parent, entry } = this as Point;
    while (entry !== undefined) {
      log.push(entry);
      ({ parent, entry } = parent!);
    }
    return log.reverse();
  }
}

function keyOf(entry: Entry): string {
  if (typeof entry !== "object") return String(entry);
  if ("event" in entry) return `!${entry.event}`;
  return `~${[...entry.words].map(([index, value]) => `${index}:${value}`)}`;
}

export function isKnown(entry: Entry): entry is Known {
  return typeof entry === "object" && "words" in entry;
}

/** What a load, or an exchange that fails, gives of a word that is known. */
export function knownAnswer(
  operation: Operation,
  words: ReadonlyMap<number, number>,
): number | undefined {
  if (!("index" in operation)) return undefined;
  const value = words.get(operation.index);
  return value === undefined ? undefined : answerOf(operation, value);
}

/** What a load, or an exchange that fails, gives of a word with this value; undefined for others. */
export function answerOf(operation: Operation, value: number): number | undefined {
  if (operation.kind === "load") return value;
  if (operation.kind !== "compareExchange") return undefined;
  return value === operation.expected ? undefined : value;
}
