// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { LockCore } from "../../sync/_lock_core.ts";
import { replay, type Report, type Scenario, search, walk } from "../model/checker.ts";
import { actors, scenariosOf } from "../model/lock_scenarios.ts";
import { loadMutant, type MutantName, mutants } from "../model/mutants.ts";

const scenarios = scenariosOf(LockCore);

/** Outcomes that a search must have seen, lest the scenario never comes to what it is for. */
const outcomes: Record<string, readonly string[]> = {
  "a timeout": ["A(sections 1) B(sections 1) C(sections 1)", "A(sections 1) B(timed out 1)"],
  "never released": ["B(timed out 1) C(timed out 1)", "B(sections 1) C(sections 1)"],
  "tries": ["B(refused 1)", "B(sections 1)"],
  "the first dies": ["A!(inside 1) B(abandoned 1, sections 1)", "A!() B(sections 2)"],
  "the first of three dies": ["A!(inside 1) B(abandoned 1) C(sections 1)", "A!(sections 1) B("],
  "the first of three dies and is taken over": ["A!(inside 1) B(sections 1) C(sections 1)"],
  "an abort of three": ["A(aborted 1)", "A(sections 1)"],
  "an abort in line": ["A(aborted 1, sections 1)", "A(sections 2)"],
  "a coroutine that times out": ["A(timed out 1)", "A(sections 1)"],
  "a thread dies, a coroutine waits": ["A!(inside 1) B(abandoned 1)", "A!() B(sections 1)"],
  "an isolate dies, a thread waits": ["A!(inside 1) B(abandoned 1)", "A!(sections 1) B("],
};

/** The scenario in which a search comes upon each mutant, and the schedules it may take. */
const findings: Record<MutantName, readonly [scenario: string, schedules: number]> = {
  "no recheck after a wake-up": ["two", 100],
  "release without notify": ["two", 100],
  "release by a store, which loses the mark": ["two", 100],
  "no mark of a waiter": ["two", 100],
  "no mark of who has slept": ["three", 300],
  "no mark of the one that slept for the line": ["an abort in line while a thread waits", 300_000],
  "a timeout that consumes a wake-up": ["a timeout", 600],
  "taking by load and store": ["two", 100],
  "no look for the dead": ["the first dies", 100],
  "the dead one's lock taken twice": ["the first of three dies", 3000],
  "a wait that is given up but stays in line": ["an abort in line", 5000],
  "a line that ends with its first": ["two coroutines and a thread", 1000],
};

async function assertSound(scenario: Scenario, report: Report): Promise<void> {
  const { failure } = report;
  if (failure !== undefined) {
    const { steps } = await replay(scenario, failure.schedule);
    throw new Error(
      `${failure.reason}\n  replay(scenario, "${failure.schedule}"):\n  ${steps.join("\n  ")}`,
    );
  }
  assertEquals(report.cut, false);
}

for (const [name, scenario] of Object.entries(scenarios)) {
  const title = `LockCore is sound in every schedule of the scenario "${name}"`;
  Deno.test(title, async () => {
    const preemptions = scenario.actors.length > 2 ? 2 : Infinity;

    const report = await search(scenario, { preemptions });

    await assertSound(scenario, report);
    const seen = [...report.outcomes];
    for (const wanted of outcomes[name] ?? []) {
      assert(seen.some((outcome) => outcome.includes(wanted)), `${wanted} is not among ${seen}`);
    }
  });
}

Deno.test("LockCore is sound in random schedules of three and four actors", async () => {
  const { sync, tries, async } = actors(LockCore);
  const { invariant, final } = scenarios["three"]!;
  const budget = { timeouts: 3, spurious: 3, aborts: 1 };
  const mixes = [
    [sync({ times: 3 }), sync({ times: 3 }), { ...sync({ times: 3, timeout: 150 }), late: true }],
    [sync({ times: 2 }), tries(), async({ coroutines: 3 }), sync({ timeout: 50 })],
    [async({ timeout: 50 }), async({ aborts: true }), async({ coroutines: 2 }), sync()],
    [async({ coroutines: 3, aborts: true }), async({ coroutines: 2, timeout: 50 }), sync(), sync()],
  ];
  for (const [seed, mix] of mixes.entries()) {
    const scenario = { name: "mix", actors: mix, budget, invariant, final } as Scenario;

    await assertSound(scenario, await walk(scenario, { seed, runs: 150 }));
  }
});

for (const name of Object.keys(mutants) as MutantName[]) {
  Deno.test(`search() finds the planted bug "${name}"`, async () => {
    const [where, limit] = findings[name];
    const scenario = scenariosOf(await loadMutant(name))[where]!;

    const { failure } = await search(scenario, { preemptions: 2, limit });

    assert(failure !== undefined, `not found within ${limit} schedules`);
    const again = await replay(scenario, failure.schedule);
    assertEquals(again.reason, failure.reason);
  });
}
