// Copyright 2026 the Weft authors. MIT license.

import type { Scenario } from "./scenario.ts";
import {
  type ActorState,
  canGoOn,
  isAbort,
  isGone,
  isHeld,
  isInterval,
  isTimer,
  isTurn,
  letters,
  sleepersOf,
  type State,
} from "./state.ts";

/** Something that can happen next, named by a label in schedules. */
export interface Transition {
  readonly label: string;
  readonly actor: number;
  readonly kind: "step" | "late" | "spurious" | "timeout" | "death" | "event" | "handOn";
  /** The event, or the sleep or word it is about. */
  readonly what?: string;
  /** Those that a notify wakes. */
  readonly wakes?: readonly (readonly [actor: number, sleep: number])[];
  /** Whether it takes the turn of an actor that could go on. */
  readonly preempts: boolean;
  /** Whether it is a whim of the scheduler, and not an actor that goes on. */
  readonly interferes: boolean;
}

/** Slices of an actor's waits that may run out as nobody can go on. */
const mostLull = 4;

type Choice = Pick<Transition, "label" | "kind" | "what" | "wakes">;

/**
 * What can happen next.
 *
 * ```text
 *   A      does its operation        A%   its wait runs out
 *   A>BC   notifies and wakes B, C   A?   its wait ends for no reason
 *   A+     finds that it is late     A!   dies
 *   A:x    gets the event x          A^2>B   hands a wake-up of word 2 on to B
 * ```
 */
export function choicesOf(scenario: Scenario, state: State): Transition[] {
  const { actors, last } = state;
  const lastCanGoOn = last >= 0 && canGoOn(state, last);
  const progress = actors.flatMap((actor, i) => {
    const preempts = lastCanGoOn && last !== i;
    return progressOf(state, actor, letters[i]!)
      .map((choice) => ({ ...choice, actor: i, preempts, interferes: false }));
  });

  // With nobody left to run, times that run out are the only way on.
  const stuck = progress.length === 0;
  const patient = scenario.patient || actors.some(({ life }) => life === "dead");
  const runOut = stuck ? patient : state.timeouts > 0;
  const most = stuck ? mostLullOf(scenario, actors) : Infinity;
  const interference = actors.flatMap((actor, i) => {
    const mortal = state.deaths > 0 && scenario.actors[i]!.mortal === true;
    return interferenceOf(state, actor, letters[i]!, runOut ? most : 0, mortal)
      .map((choice) => ({ ...choice, actor: i, preempts: false, interferes: true }));
  });
  if (stuck && !interference.some(runsOut)) return [];
  // Who ran last goes on first, so that the first schedules are those of fewest switches.
  progress.sort((a, b) => Number(a.preempts) - Number(b.preempts));
  return [...progress, ...interference];
}

function mostLullOf({ even }: Scenario, actors: readonly ActorState[]): number {
  if (!even) return mostLull;
  const lulls = actors.flatMap(({ life, point, lull }) => {
    const waits = life === "sleeps" || life === "runs" && point.events.some(isInterval);
    return waits ? [lull + 1] : [];
  });
  return Math.min(mostLull, ...lulls);
}

function runsOut({ kind, what }: Choice): boolean {
  return kind === "timeout" || kind === "event" && (isTimer(what!) || isInterval(what!));
}

/** How an actor can go on. */
function progressOf(state: State, actor: ActorState, name: string): Choice[] {
  const choices: Choice[] = [];
  const { point, sleeps, handOns } = actor;
  const { next } = point;
  if (actor.life === "runs" && !isHeld(state, actor)) {
    if (next === undefined) {
      for (const { id, woken } of sleeps) {
        if (woken) {
          choices.push({ label: `${name}:sleep${id}`, kind: "event", what: `sleep${id}` });
        }
      }
      for (const event of point.events) {
        if (!isTurn(event) && !isGone(state, event)) continue;
        choices.push({ label: `${name}:${event}`, kind: "event", what: event });
      }
    } else if (next.kind === "notify") {
      for (const wakes of choose(sleepersOf(state, next.index), next.count)) {
        const label = wakes.length > 0 ? `${name}>${namesOf(wakes)}` : name;
        choices.push({ label, kind: "step", wakes });
      }
    } else {
      choices.push({ label: name, kind: "step" });
      if (next.kind === "now" && state.timeouts > 0) {
        choices.push({ label: `${name}+`, kind: "late" });
      }
    }
  }
  if (next === undefined) {
    for (const index of handOns) {
      for (const wakes of choose(sleepersOf(state, index), 1)) {
        const label = `${name}^${index}>${namesOf(wakes)}`;
        choices.push({ label, kind: "handOn", what: `${index}`, wakes });
      }
    }
  }
  return choices;
}

/** What the scheduler can do to an actor whose waits may run out in a row, but not more often than `mostLull`. */
function interferenceOf(
  { spurious, aborts }: State,
  { life, point, sleeps, lull }: ActorState,
  name: string,
  mostLull: number,
  mortal: boolean,
): Choice[] {
  const choices: Choice[] = [];
  if (life === "sleeps") {
    if (lull < mostLull) choices.push({ label: `${name}%`, kind: "timeout" });
    if (spurious > 0) choices.push({ label: `${name}?`, kind: "spurious" });
  }
  if (life === "runs" && point.next === undefined) {
    for (const { id, woken } of sleeps) {
      if (woken || spurious === 0) continue;
      choices.push({ label: `${name}?${id}`, kind: "spurious", what: `${id}` });
    }
    for (const event of point.events) {
      const possible = isAbort(event) && aborts > 0 ||
        isTimer(event) && mostLull > 0 || isInterval(event) && lull < mostLull;
      if (possible) choices.push({ label: `${name}:${event}`, kind: "event", what: event });
    }
  }
  const alive = life === "runs" || life === "sleeps";
  if (alive && mortal) choices.push({ label: `${name}!`, kind: "death" });
  return choices;
}

function namesOf(wakes: readonly (readonly [actor: number, sleep: number])[]): string {
  return wakes.map(([i, sleep]) => `${letters[i]}${sleep < 0 ? "" : sleep}`).join("");
}

/** Every choice of some of them. */
function choose<T>(from: readonly T[], count: number): T[][] {
  if (count >= from.length) return [[...from]];
  if (count <= 0) return [[]];
  const [first, ...rest] = from;
  return [...choose(rest, count - 1).map((chosen) => [first!, ...chosen]), ...choose(rest, count)];
}
