// Copyright 2026 the Weft authors. MIT license.

import type { Transition } from "./choices.ts";
import { Model, tooLong } from "./model.ts";
import type { Report, Scenario } from "./scenario.ts";
import { ignoreSuspended } from "./suspended.ts";

/** How to take chances. */
export interface WalkOptions {
  readonly seed: number;
  /** Schedules. */
  readonly runs: number;
  /**
   * If given, the scheduler is that of Burckhardt et al., "A Randomized Scheduler with Probabilistic
   * Guarantees of Finding Bugs": the actor of the highest priority runs, priorities are random, and at
   * `depth` - 1 random steps the one that runs gets the lowest. It finds a bug that takes that many
   * switches with a known probability. Otherwise each step is a chance of its own.
   */
  readonly depth?: number;
}

/** Goes through schedules that chance takes. */
export async function walk(scenario: Scenario, options: WalkOptions): Promise<Report> {
  ignoreSuspended();
  const model = new Model(scenario);
  const random = randomOf(options.seed);
  const outcomes = new Set<string>();
  const seen = new Set<string>();
  const start = await model.start();
  let longest = 50;
  for (let schedules = 1; schedules <= options.runs; schedules++) {
    const labels: string[] = [];
    const pick = options.depth === undefined
      ? (transitions: readonly Transition[]) => weighted(transitions, random)
      : byPriority(options.depth, longest, random);
    let state = start;
    for (;;) {
      const transitions = model.next(state);
      const isEnd = transitions.length === 0;
      const reason = model.wrong(state, isEnd) ?? tooLong(labels.length);
      if (reason !== undefined) {
        const failure = { reason, schedule: labels.join(" ") };
        return { schedules, states: seen.size, cut: false, outcomes, failure };
      }
      if (isEnd) break;
      const transition = pick(transitions);
      labels.push(transition.label);
      state = await model.apply(state, transition);
      seen.add(model.key(state));
    }
    longest = Math.max(longest, labels.length);
    outcomes.add(model.outcome(state));
  }
  return { schedules: options.runs, states: seen.size, cut: false, outcomes };
}

/** To go on is likelier than a switch, and what interferes is rare. */
function weighted(transitions: readonly Transition[], random: () => number): Transition {
  const weights = transitions.map(({ kind, preempts, interferes }) => {
    if (interferes || kind === "late") return 1;
    return preempts ? 3 : 6;
  });
  let at = random() * weights.reduce((sum, weight) => sum + weight, 0);
  return transitions.find((_, i) => (at -= weights[i]!) < 0) ?? transitions[0]!;
}

/** Chooses for one schedule of about `length` steps. */
function byPriority(depth: number, length: number, random: () => number) {
  const priorities = new Map<number, number>();
  const changes = new Set<number>();
  while (changes.size < depth - 1) changes.add(Math.floor(random() * length));
  const priorityOf = (actor: number): number => {
    if (!priorities.has(actor)) priorities.set(actor, random());
    return priorities.get(actor)!;
  };
  let steps = 0;
  let lowest = 0;
  return (transitions: readonly Transition[]): Transition => {
    const some = (from: readonly Transition[]) => from[Math.floor(random() * from.length)]!;
    const interference = transitions.filter(({ interferes }) => interferes);
    const progress = transitions.filter(({ interferes }) => !interferes);
    if (progress.length === 0 || (interference.length > 0 && random() < 2 / length)) {
      return some(interference);
    }
    const first = () => {
      return Math.max(...progress.map(({ actor }) => priorityOf(actor)));
    };
    if (changes.has(steps++)) {
      const { actor } = progress.find(({ actor }) => priorityOf(actor) === first())!;
      priorities.set(actor, --lowest);
    }
    const highest = first();
    return some(progress.filter(({ actor }) => priorityOf(actor) === highest));
  };
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function randomOf(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
