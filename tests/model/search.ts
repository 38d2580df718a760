// Copyright 2026 the Weft authors. MIT license.

import { Model, tooLong } from "./model.ts";
import type { Report, Scenario } from "./scenario.ts";
import { ignoreSuspended } from "./suspended.ts";

/** How far a search goes. */
export interface SearchOptions {
  /** Switches away from an actor that could go on, at most, in one schedule. */
  readonly preemptions?: number;
  /** Schedules at most. */
  readonly limit?: number;
}

/** Searches every schedule, those with few switches first. */
export async function search(scenario: Scenario, options: SearchOptions = {}): Promise<Report> {
  const { preemptions = Infinity, limit = Infinity } = options;
  ignoreSuspended();
  const model = new Model(scenario);
  const outcomes = new Set<string>();
  const start = await model.start();
  let schedules = 0;
  let states = 0;
  for (let bound = preemptions === Infinity ? Infinity : 0; bound <= preemptions; bound++) {
    const seen = new Map([[model.key(start), bound]]);
    const stack = [{ state: start, transitions: model.next(start), at: 0, left: bound, label: "" }];
    const fail = (reason: string) => {
      const schedule = stack.map(({ label }) => label).join(" ").trim();
      return {
        schedules,
        states: states + seen.size,
        cut: false,
        outcomes,
        failure: { reason, schedule },
      };
    };
    while (stack.length > 0) {
      const frame = stack.at(-1)!;
      const transition = frame.transitions[frame.at++];
      if (transition === undefined) {
        stack.pop();
        continue;
      }
      const left = frame.left - Number(transition.preempts);
      if (left < 0) continue;
      const state = await model.apply(frame.state, transition);
      const transitions = model.next(state);
      stack.push({ state, transitions, at: 0, left, label: transition.label });
      const wrong = model.wrong(state, transitions.length === 0) ?? tooLong(stack.length - 1);
      if (transitions.length === 0) outcomes.add(model.outcome(state));
      if (wrong !== undefined) return { ...fail(wrong), schedules: schedules + 1 };
      const key = model.key(state);
      const known = seen.get(key);
      if (known === undefined || known < left) seen.set(key, left);
      if (transitions.length > 0 && (known === undefined || known < left)) continue;
      stack.pop();
      if (++schedules >= limit) {
        return { schedules, states: states + seen.size, cut: true, outcomes };
      }
    }
    states += seen.size;
    if (bound === Infinity) break;
  }
  return { schedules, states, cut: false, outcomes };
}
