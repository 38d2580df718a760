// Copyright 2026 the Weft authors. MIT license.

import { answerOf, type Point } from "./point.ts";
import type { Scenario } from "./scenario.ts";

export type Life = "runs" | "sleeps" | "ended" | "dead";

/** A wait of an event loop. */
export interface Sleep {
  readonly id: number;
  readonly index: number;
  readonly woken: boolean;
}

export interface ActorState {
  readonly point: Point;
  readonly life: Life;
  /** Waits of its event loop. */
  readonly sleeps: readonly Sleep[];
  /** Words that it has read and that have not changed since, a bit for each. */
  readonly read: bigint;
  /** How often it has read such words again since it did anything else. */
  readonly stutter: number;
  /** Words whose wake-ups it has to hand on. */
  readonly handOns: readonly number[];
  /** Waits of it that ran out as nobody could run. */
  readonly lull: number;
}

export interface State {
  /** Those after the last one that was written are 0. */
  readonly words: readonly number[];
  readonly actors: readonly ActorState[];
  /** Who ran last. */
  readonly last: number;
  readonly timeouts: number;
  readonly spurious: number;
  readonly deaths: number;
  readonly aborts: number;
}

/** What stands for each actor in schedules and messages. */
export const letters = "ABCDEFGH";

/** The state before anything has happened, with each actor at its root. */
export function startOf({ initial, budget = {} }: Scenario, roots: readonly Point[]): State {
  const words: number[] = [];
  for (const [index, value] of Object.entries(initial ?? {})) setWord(words, Number(index), value);
  return {
    words,
    actors: roots.map((point) => ({
      point,
      life: "runs",
      sleeps: [],
      read: 0n,
      stutter: 0,
      handOns: [],
      lull: 0,
    })),
    last: -1,
    timeouts: budget.timeouts ?? 0,
    spurious: budget.spurious ?? 0,
    deaths: budget.deaths ?? 0,
    aborts: budget.aborts ?? 0,
  };
}

/** A text that two states have in common if the same can happen after them. */
export function keyOf(state: State): string {
  // Who ran last matters as long as it takes a switch to let another one run.
  const last = state.last >= 0 && canGoOn(state, state.last) ? state.last : -1;
  let key = `${last}|${state.timeouts},${state.spurious},${state.deaths},${state.aborts}|`;
  state.words.forEach((word, index) => {
    if (word !== 0) key += `${index}:${word},`;
  });
  for (const { point, life, sleeps, read, stutter, handOns, lull } of state.actors) {
    const still = life === "dead" || life === "ended";
    key += still
      ? `|${life[0]}${point.standing}`
      : `|${point.id}${life[0]}${life[1]}${read.toString(36)},${stutter}`;
    for (const { id, woken } of sleeps) key += `;${id}${woken ? "w" : ""}`;
    if (!still && lull > 0) key += `%${lull}`;
    if (handOns.length > 0) key += `:${handOns}`;
  }
  return key;
}

export function wordOf(words: readonly number[], index: number): number {
  return words[index] ?? 0;
}

export function setWord(words: number[], index: number, value: number): void {
  while (words.length <= index) words.push(0);
  words[index] = value | 0;
}

/** Those who sleep on a word, each with the number of its sleep, -1 if its thread sleeps. */
export function sleepersOf({ actors }: State, index: number): (readonly [number, number])[] {
  return actors.flatMap(({ life, point, sleeps }, i): (readonly [number, number])[] => {
    const next = point.next;
    if (life === "sleeps" && next?.kind === "wait" && next.index === index) return [[i, -1]];
    return sleeps.filter((sleep) => sleep.index === index && !sleep.woken)
      .map(({ id }) => [i, id] as const);
  });
}

/** Whether an actor is about to read again what it knows. */
export function isKnownTo(
  words: readonly number[],
  { point: { next }, read }: ActorState,
): boolean {
  if (next === undefined || read === 0n || !("index" in next)) return false;
  if ((read >> BigInt(next.index) & 1n) === 0n) return false;
  return answerOf(next, wordOf(words, next.index)) !== undefined;
}

/** The words that an actor knows. */
export function knownTo(words: readonly number[], { read }: ActorState): Map<number, number> {
  const known = new Map<number, number>();
  for (let index = 0, rest = read; rest !== 0n; index++, rest >>= 1n) {
    if (rest & 1n) known.set(index, wordOf(words, index));
  }
  return known;
}

/** Whether an actor waits for others, or would only read again, for ever, what it has read. */
export function isHeld(state: State, actor: ActorState): boolean {
  const { next, endless } = actor.point;
  if (next?.kind === "until") return tallyOf(state, next.name) < next.count;
  return endless && isKnownTo(state.words, actor);
}

/** The tally of all, also of those who have died. */
export function tallyOf({ actors }: State, name: string): number {
  return actors.reduce((sum, { point }) => sum + (point.counts.get(name) ?? 0), 0);
}

/** Whether an actor could go on by itself. */
export function canGoOn(state: State, i: number): boolean {
  const actor = state.actors[i]!;
  return actor.life === "runs" && actor.point.next !== undefined && !isHeld(state, actor);
}

/** Whether nobody can go on unless a wait runs out. */
export function isStuck(state: State): boolean {
  return state.actors.every((actor) => {
    if (actor.handOns.some((index) => sleepersOf(state, index).length > 0)) return false;
    if (actor.life !== "runs" || isHeld(state, actor)) return true;
    if (actor.point.next !== undefined) return false;
    return !actor.sleeps.some(({ woken }) => woken) &&
      !actor.point.events.some((event) => isTurn(event) || isGone(state, event));
  });
}

export function isTurn(event: string): boolean {
  return event.startsWith("turn");
}

/** Whether an event tells that an actor is no more, and it is so. */
export function isGone({ actors }: State, event: string): boolean {
  if (!event.startsWith("gone")) return false;
  const life = actors[parseInt(event.slice("gone".length))]?.life;
  return life === "ended" || life === "dead";
}

export function isAbort(event: string): boolean {
  return event.startsWith("abort");
}

export function isTimer(event: string): boolean {
  return event.startsWith("timer");
}

export function isInterval(event: string): boolean {
  return event.startsWith("interval");
}
