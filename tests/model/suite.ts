// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { replay, type Report, type Scenario, search, walk } from "./checker.ts";
import { type Edit, type Load, type Mutant, withEdits } from "./plant.ts";

/** What is checked of one primitive. */
export interface Suite {
  /** Name of its class. */
  readonly name: string;
  /** Scenarios, of the modules that `load` gives. */
  readonly scenarios: (load: Load) => Promise<readonly Scenario[]>;
  /** Scenarios that are too large to be searched, for random schedules. */
  readonly mixes?: (load: Load) => Promise<readonly Scenario[]>;
  readonly mutants: Readonly<Record<string, Mutant>>;
  /** What makes its constants smaller, so that there are fewer states. */
  readonly edits?: readonly Edit[];
  /** Random schedules of each mix, of each of two kinds. */
  readonly runs?: number;
}

/** Lets waits spin twice, and not as long as pays on this machine. */
const shortSpin: Edit = {
  file: "_spin.ts",
  from: "const attempts = navigator.hardwareConcurrency > 1 ? 800 : 0;",
  to: "const attempts = 2;",
};

/** Lets lines linger for one turn before they sleep, as each costs as much as a whole operation here. */
const shortLinger: Edit = {
  file: "_wait_queue.ts",
  from: "const turns = 10;",
  to: "const turns = 1;",
};

/** Declares the tests of a primitive. */
export async function testModel(suite: Suite): Promise<void> {
  const { name, scenarios, mixes, mutants, runs = 100 } = suite;
  const edits = [shortSpin, shortLinger, ...(suite.edits ?? [])];

  for (const scenario of await withEdits(edits, scenarios)) {
    Deno.test(`${name} is sound in every schedule of the scenario "${scenario.name}"`, async () => {
      const report = await search(scenario, { preemptions: preemptionsOf(scenario) });

      await assertSound(scenario, report);
      const seen = [...report.outcomes];
      for (const wanted of scenario.outcomes ?? []) {
        assert(seen.some((outcome) => outcome.includes(wanted)), `${wanted} is not among ${seen}`);
      }
    });
  }

  for (const [seed, mix] of (mixes ? await withEdits(edits, mixes) : []).entries()) {
    Deno.test(`${name} is sound in random schedules of the scenario "${mix.name}"`, async () => {
      await assertSound(mix, await walk(mix, { seed, runs }));
      await assertSound(mix, await walk(mix, { seed, runs, depth: 3 }));
    });
  }

  for (const [bug, mutant] of Object.entries(mutants)) {
    Deno.test(`search() finds in ${name} the planted bug "${bug}"`, async () => {
      const list = await withEdits([...edits, mutant], scenarios);
      const scenario = list.find(({ name }) => name === mutant.scenario);
      assert(scenario !== undefined, `there is no scenario "${mutant.scenario}"`);
      const preemptions = Math.min(2, preemptionsOf(scenario));

      const { failure } = await search(scenario, { preemptions, limit: mutant.within });

      assert(failure !== undefined, `not found within ${mutant.within} schedules`);
      const again = await replay(scenario, failure.schedule);
      assertEquals(again.reason, failure.reason);
    });
  }
}

function preemptionsOf({ preemptions, actors }: Scenario): number {
  return preemptions ?? (actors.length > 2 ? 2 : 3);
}

async function assertSound(scenario: Scenario, { failure, cut }: Report): Promise<void> {
  if (failure !== undefined) {
    const { steps } = await replay(scenario, failure.schedule);
    throw new Error(
      `${failure.reason}\n  replay(scenario, "${failure.schedule}"):\n  ${steps.join("\n  ")}`,
    );
  }
  assertEquals(cut, false);
}
