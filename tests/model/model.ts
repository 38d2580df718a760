// Copyright 2026 the Weft authors. MIT license.

import { explore } from "./actor.ts";
import { choicesOf, type Transition } from "./choices.ts";
import type { Operation } from "./memory.ts";
import { Point } from "./point.ts";
import type { Scenario } from "./scenario.ts";
import {
  type ActorState,
  isAbort,
  keyOf,
  letters,
  startOf,
  type State,
  tallyOf,
  wordOf,
} from "./state.ts";
import { Step } from "./step.ts";

/** Steps after which a schedule counts as one without an end. */
const mostSteps = 2000;

/** A scenario as an automaton: its states, and what leads from one to the next. */
export class Model {
  readonly #scenario: Scenario;
  readonly #roots: readonly Point[];
  readonly #tokens: readonly number[];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#roots = scenario.actors.map(() => new Point());
    this.#tokens = scenario.actors.map(({ token }, i) => token ?? i + 1);
  }

  start(): Promise<State> {
    return this.#settle(startOf(this.#scenario, this.#roots));
  }

  key(state: State): string {
    return keyOf(state);
  }

  /** What can happen next. */
  next(state: State): Transition[] {
    return choicesOf(this.#scenario, state);
  }

  /** The state after a transition. */
  apply(state: State, transition: Transition): Promise<State> {
    const step = new Step(state, this.#tokens);
    step.take(transition);
    return this.#settle(step.after);
  }

  /** Lets those that have got answers say what they do next. */
  async #settle(state: State): Promise<State> {
    const actors = state.actors as ActorState[];
    for (let i = 0; i < actors.length; i++) {
      const { point, life, sleeps } = actors[i]!;
      if (!point.ready) {
        const pending = explore(this.#scenario.actors[i]!, this.#tokens[i]!, point);
        if (pending !== undefined) await pending;
      }
      if (life !== "runs" || !point.ended || point.next !== undefined) continue;
      if (sleeps.every(({ woken }) => !woken)) actors[i] = { ...actors[i]!, life: "ended" };
    }
    return state;
  }

  /** What is wrong with a state; with one after which nothing can happen if it is the end. */
  wrong(state: State, isEnd: boolean): string | undefined {
    return this.#wrongNow(state) ?? (isEnd ? this.#wrongAtEnd(state) : undefined);
  }

  #wrongNow({ actors, words }: State): string | undefined {
    for (let i = 0; i < actors.length; i++) {
      const { point } = actors[i]!;
      if (point.failed) return `${letters[i]} has thrown ${point.error}`;
    }
    const total = (name: string) => {
      let total = 0;
      for (const { point, life } of actors) {
        if (life !== "dead") total += point.counts.get(name) ?? 0;
      }
      return total;
    };
    return this.#scenario.invariant?.(total, (index) => wordOf(words, index));
  }

  #wrongAtEnd(state: State): string | undefined {
    const { actors, words } = state;
    const left = actors.flatMap(({ life }, i) => life === "runs" || life === "sleeps" ? [i] : []);
    if (left.length > 0) {
      const who = left.map((i) => `${letters[i]} at ${describe(actors[i]!.point.next)}`);
      const spins = left.some((i) => actors[i]!.point.endless);
      return `${spins ? "livelock" : "deadlock"}: ${who.join(", ")}; ${show(words)}`;
    }
    for (let i = 0; i < actors.length; i++) {
      if (actors[i]!.life === "dead") continue;
      const rest = actors[i]!.point.events;
      if (!rest.every(isAbort)) return `${letters[i]} has left ${rest}`;
    }
    return this.#scenario.final?.({
      actors: actors.length,
      word: (index) => wordOf(words, index),
      count: (i, name) => actors[i]!.point.counts.get(name) ?? 0,
      total: (name) => tallyOf(state, name),
      dead: (i) => actors[i]!.life === "dead",
    });
  }

  /** The tallies and the deaths of an end. */
  outcome({ actors }: State): string {
    return actors.map(({ point, life }, i) => {
      const counts = [...point.counts].filter(([, count]) => count !== 0);
      return `${letters[i]}${life === "dead" ? "!" : ""}(${
        counts.map(([name, count]) => `${name} ${count}`).sort().join(", ")
      })`;
    }).join(" ");
  }
}

/** What is wrong with a schedule of so many steps. */
export function tooLong(steps: number): string | undefined {
  return steps > mostSteps ? `livelock: no end after ${mostSteps} steps` : undefined;
}

/** What an actor is about to do, for people. */
export function describe(operation: Operation | undefined): string {
  if (operation === undefined) return "its event loop";
  const { kind, ...rest } = operation;
  return `${kind}(${Object.values(rest)})`;
}

/** The words that are not 0, for people. */
export function show(words: readonly number[]): string {
  const shown = words.flatMap((value, index) => value === 0 ? [] : `${index} = ${value}`);
  return `words ${shown.length === 0 ? "all 0" : shown.join(", ")}`;
}
