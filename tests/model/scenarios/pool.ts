// Copyright 2026 the Weft authors. MIT license.

import type { Abortion } from "../../../task/pool/abortion.ts";
import type { Actor, Context, End, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { cells, cellsWord, poolActorsOf, poolWords, servingWord } from "./pool_actors.ts";

const isWithdrawn = 2;

/** No job runs beside as many others, and each is settled once; those that nobody has taken back or aborted by their result. */
function sound(names: string, size: number): Partial<Scenario> {
  return {
    initial: poolWords,
    invariant: (total, word) => {
      if (total("running") > size) return "too many jobs run at once";
      return word(servingWord) > size ? "too many workers take jobs" : undefined;
    },
    final: (end) => {
      for (const name of names) {
        const wrong = wrongWith(name, end);
        if (wrong !== undefined) return wrong;
      }
      const dead = Array.from({ length: end.actors }, (_, i) => end.dead(i)).filter(Boolean).length;
      let lost = 0;
      for (const name of names) lost += end.total(`lost ${name}`);
      if (lost > dead) return `${lost} jobs are lost`;
      let parked = 0;
      for (let cell = 0; cell < cells; cell++) {
        const word = end.word(cellsWord + cell);
        if (word === isWithdrawn) parked++;
        else if (word !== 0) return `cell ${cell} is left at ${word}`;
      }
      // Whoever had its frame in hand is dead; all others are met.
      return parked > dead ? `${parked} cells are parked for ever` : undefined;
    },
  };
}

function wrongWith(name: string, end: End): string | undefined {
  const [ran, got, lost, withdrawn, aborted] = ["ran", "got", "lost", "withdrawn", "aborted"]
    .map((what) => end.total(`${what} ${name}`)) as [number, number, number, number, number];
  if (ran > 1) return `${name} has run ${ran} times`;
  if (got + lost + withdrawn + aborted !== 1) {
    return `${name} has got ${got} results, was lost ${lost} times, withdrawn ${withdrawn} times, ` +
      `aborted ${aborted} times`;
  }
  if (withdrawn > 0 && ran > 0) return `${name} was withdrawn and has run`;
  if (got > 0 && ran === 0) return `${name} has a result and has not run`;
  return undefined;
}

/** Fails also if c ends before b, which was handed in before it. */
function inOrder(scenario: Scenario): Scenario {
  return {
    ...scenario,
    final: (end) => end.total("c then b") > 0 ? "c was run before b" : scenario.final!(end),
  };
}

export async function poolScenarios(load: Load): Promise<Scenario[]> {
  const { pool, worker } = await poolActorsOf(load);
  const mortal = (actor: Actor): Actor => ({ ...actor, mortal: true });
  const make = (
    name: string,
    names: string,
    size: number,
    actors: readonly Actor[],
    rest: Partial<Scenario> = {},
  ): Scenario => ({ name, actors, even: true, preemptions: 0, ...sound(names, size), ...rest });

  const one = { size: 1 };
  const two = { size: 2 };
  const idle = { ...one, idleTimeout: 0 };
  const last = { ...two, maxTasks: 1, handles: true };
  /** The first job ends after the second has begun. */
  const waitsForNext = (context: Context, name: string) => {
    if (name === "a") context.until("ran b", 1);
  };
  const isAborted = (abortion: Abortion) => {
    try {
      abortion.check();
      return false;
    } catch {
      return true;
    }
  };
  /** The first job runs until it is aborted. */
  const untilAborted = (_: Context, name: string, abortion: Abortion) => {
    while (name === "a" && !isAborted(abortion));
  };
  /** Nobody aborts the second job. */
  const failIfAborted = (_: Context, name: string, abortion: Abortion) => {
    if (name === "b" && isAborted(abortion)) throw new Error("b is aborted");
  };

  return [
    make("one works", "ab", 1, [
      pool(({ submit }) => {
        for (const name of "ab") submit(name);
      }, one),
      worker(1, one),
    ], { preemptions: 1 }),
    make("two work", "ab", 2, [
      pool(({ submit }) => {
        for (const name of "ab") submit(name);
      }, two),
      worker(1, two),
      worker(2, two),
    ], { outcomes: ["B(ran a 1, ran b 1) C()"] }),
    make("a job comes when there is nothing to do", "ab", 1, [
      pool(async ({ submit, settled }) => {
        submit("a");
        await settled("a");
        submit("b");
      }, one),
      worker(1, one),
    ], { preemptions: 1 }),
    make("a worker waits for long", "ab", 1, [
      pool(async ({ submit, settled }) => {
        submit("a");
        await settled("a");
        submit("b");
      }, one),
      worker(1, one),
    ], { budget: { timeouts: 1 } }),
    // It is enough that one is started for the second job.
    make("a job waits for another worker", "ab", 2, [
      pool(async ({ submit, context }) => {
        submit("a");
        await context.turn();
        submit("b");
      }, two),
      worker(1, two, (context, name) => {
        if (name === "a") context.until("launched", 2);
      }),
      {
        run: (context) => {
          context.until("launched", 2);
          context.until("got b", 1);
        },
      },
    ], { preemptions: 1 }),
    make("a job waits for the next", "ab", 2, [
      pool(async ({ submit, context }) => {
        await context.turn();
        submit("a");
        submit("b");
      }, { ...two, minSize: 2 }),
      ...[1, 2].map((nth) => worker(nth, two, waitsForNext)),
    ]),

    make("a worker dies", "ab", 1, [
      pool(({ submit }) => {
        submit("a");
        submit("b");
      }, one),
      mortal(worker(1, one)),
      worker(2, one),
    ], {
      budget: { deaths: 1 },
      outcomes: ["got a 1, got b 1", "got b 1, launched 102, lost a 1"],
    }),
    make("a job comes after a worker has died", "ab", 1, [
      pool(async ({ submit, settled }) => {
        submit("a");
        await settled("a");
        submit("b");
      }, one),
      mortal(worker(1, one)),
      worker(2, one),
    ], { budget: { deaths: 1 } }),
    make("one of two workers dies", "ab", 2, [
      pool(({ submit }) => {
        submit("a");
        submit("b");
      }, two),
      mortal(worker(1, two)),
      worker(2, two),
      worker(3, two),
    ], { budget: { deaths: 1 } }),

    make(
      "workers wait until their results are taken",
      "ab",
      2,
      [
        pool(({ submit }) => {
          for (const name of "ab") submit(name);
        }, last),
        ...[1, 2].map((nth) => worker(nth, last)),
      ],
    ),

    make("a job is cancelled", "ab", 1, [
      pool(async ({ submit, cancel, context }) => {
        const job = submit("a");
        await context.turn();
        cancel(job, "a");
        submit("b");
      }, one),
      worker(1, one),
    ], { preemptions: 1, outcomes: ["withdrawn a 1", "aborted a 1"] }),
    make("all cells are those of cancelled jobs", "abc", 1, [
      pool(({ submit, cancel }) => {
        const jobs = [submit("a"), submit("b")];
        jobs.forEach((job, i) => cancel(job, "ab"[i]!));
        submit("c");
      }, one),
      worker(1, one),
    ], { preemptions: 1 }),
    make("jobs are cancelled and a worker dies", "abc", 1, [
      pool(({ submit, cancel }) => {
        const jobs = [submit("a"), submit("b")];
        jobs.forEach((job, i) => cancel(job, "ab"[i]!));
        submit("c");
      }, one),
      mortal(worker(1, one)),
      worker(2, one),
    ], { budget: { deaths: 1 } }),

    inOrder(make("a job is more urgent", "abc", 1, [
      pool(({ submit }) => {
        submit("b");
        submit("c");
        submit("a", -1);
      }, one),
      worker(1, one),
    ], { outcomes: ["a then b"] })),

    make("a worker goes home", "ab", 1, [
      pool(async ({ submit, settled }) => {
        submit("a");
        await settled("a");
        submit("b");
      }, idle),
      ...[1, 2, 3].map((nth) => worker(nth, idle, ({ turn }) => turn())),
    ], { preemptions: 1 }),

    make("a job is aborted", "ab", 1, [
      pool(async ({ submit, cancel, context }) => {
        const job = submit("a");
        await context.turn();
        cancel(job, "a");
        submit("b");
      }, one),
      worker(1, one, untilAborted),
    ], { preemptions: 1, outcomes: ["aborted a 1", "withdrawn a 1"] }),
    make("a job is aborted when another one runs", "ab", 1, [
      pool(async ({ submit, engine, context }) => {
        const job = submit("a");
        submit("b");
        await context.turn();
        engine.abort(job, 1);
      }, one),
      worker(1, one, failIfAborted),
    ], { preemptions: 1 }),
    make("a job is aborted before another one has its cell", "ab", 1, [
      pool(async ({ submit, settled, engine, context }) => {
        const job = submit("a");
        await context.turn();
        engine.abort(job, 1);
        await settled("a");
        submit("b");
      }, one),
      worker(1, one, failIfAborted),
    ], { preemptions: 1 }),
  ];
}

export async function poolMixes(load: Load): Promise<Scenario[]> {
  const { pool, worker } = await poolActorsOf(load);
  const mortal = (actor: Actor): Actor => ({ ...actor, mortal: true });
  const busy = { size: 2 };
  const changing = { size: 2, minSize: 1, idleTimeout: 50, maxTasks: 3 };
  const budget = { deaths: 1, timeouts: 3, spurious: 2 };
  return [
    {
      name: "jobs are cancelled and recalled, and a worker dies",
      actors: [
        pool(async ({ submit, cancel, context }) => {
          submit("a", 1);
          const job = submit("b", 1);
          submit("c", 1);
          await context.turn();
          submit("d");
          cancel(job, "b");
          await context.turn();
          cancel(submit("e"), "e");
          submit("f", -1);
        }, busy),
        mortal(worker(1, busy)),
        worker(2, busy),
        worker(3, busy),
      ],
      budget,
      ...sound("abcdef", 2),
    },
    {
      name: "workers come and go, and one dies",
      actors: [
        pool(async ({ submit, settled, context }) => {
          submit("a");
          await settled("a");
          submit("b");
          submit("c");
          await context.turn();
          submit("d");
          await settled("b");
          submit("e");
        }, changing),
        mortal(worker(1, changing)),
        ...[2, 3, 4, 5, 6, 7].map((nth) => worker(nth, changing)),
      ],
      budget,
      ...sound("abcde", 2),
    },
  ];
}
