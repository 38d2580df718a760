// Copyright 2026 the Weft authors. MIT license.

import { describe, Model, show, tooLong } from "./model.ts";
import type { Scenario } from "./scenario.ts";
import { ignoreSuspended } from "./suspended.ts";

/** Goes through one schedule, and tells what it comes to, step by step. */
export async function replay(
  scenario: Scenario,
  schedule: string,
): Promise<{ readonly reason: string | undefined; readonly steps: readonly string[] }> {
  ignoreSuspended();
  const model = new Model(scenario);
  let state = await model.start();
  const steps: string[] = [];
  for (const label of schedule.split(" ").filter((label) => label !== "")) {
    const transition = model.next(state).find((transition) => transition.label === label);
    if (transition === undefined) throw new Error(`Cannot replay as ${label} is not possible here`);
    const { next } = state.actors[transition.actor]!.point;
    state = await model.apply(state, transition);
    const what = transition.kind === "step" ? describe(next) : transition.kind;
    steps.push(`${label}: ${what}; ${show(state.words)}`);
  }
  const isEnd = model.next(state).length === 0;
  return { reason: model.wrong(state, isEnd) ?? tooLong(steps.length), steps };
}
