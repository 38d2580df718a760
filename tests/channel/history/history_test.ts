// Copyright 2026 the Weft authors. MIT license.

import { assertEquals } from "@std/assert";
import type { QueueScope } from "../../../channel/mod.ts";
import { Event, SharedArray } from "../../../sync/mod.ts";
import type { SharedObject } from "../../../sync/shared_object.ts";
import {
  churn,
  lookInside,
  type Part,
  perform,
  performPart,
  type Recorded,
} from "../../fixtures/queue_history_tasks.ts";
import { isMain, type Kind, kinds } from "../../fixtures/queue_kinds.ts";
import { Random } from "../../fixtures/stress_random.ts";
import {
  join,
  scopes,
  seeded,
  spawn,
  stress,
  type Unit,
  watch,
} from "../../sync/stress/_helpers.ts";
import { check, type Move } from "./_checker.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

/** How many random schedules there are, and how many threads or processes have a part in each. */
const plans = [
  { scope: "local", schedules: 40, units: 0 },
  { scope: "thread", schedules: 8, units: 3 },
  { scope: "process", schedules: 8, units: 3 },
] as const;

for (const kind of kinds) {
  for (const { scope, schedules, units } of plans) {
    for (const maxSize of [0, 1, 5]) {
      const times = Math.ceil(schedules * stress / (isMain(kind) ? 4 : 10));
      const title = `${kind.name} of ${maxSize} has the history of one`;
      Deno.test(`${title} in ${times} random schedules (${scope})`, async () => {
        await seeded(async (seed) => {
          const random = new Random(seed + maxSize);
          for (let i = 0; i < times; i++) await runSchedule(kind, scope, maxSize, units, random);
        });
      });
    }
  }
}

async function runSchedule(
  kind: Kind,
  scope: QueueScope,
  maxSize: number,
  count: number,
  random: Random,
): Promise<void> {
  const queue = kind.create<number>({ scope, maxSize });
  const tickets = new SharedArray("i32", 2, { scope: scope === "process" ? "process" : "thread" });
  let first = 1;
  const partOf = (producers: number, consumers: number): Part => ({
    seed: random.below(2 ** 31),
    producers: Array.from({ length: producers }, () => {
      const values = 50 + random.below(scope === "local" ? 300 : 600);
      first += values;
      return [first - values, values] as const;
    }),
    consumers,
    // Who is the only one to serve others must not block.
    canBlock: scope !== "local" && producers + consumers === 1,
  });
  // This thread both puts and gets, so that nobody waits for what only one who blocks could do.
  const own = partOf(1 + random.below(3), 1 + random.below(3));
  const parts = Array.from({ length: count }, (_, i) => {
    if (i === 0) return partOf(1, 0);
    if (i === 1) return partOf(0, 1);
    return partOf(1 + random.below(3), random.below(3));
  });
  // The last of those who put closes the queue.
  const left = [own, ...parts].flatMap(({ producers }) => producers).length;
  tickets.view[1] = left;
  const units = parts.map((part): Unit => {
    // A process can share what a thread does, but not the other way round.
    const place = scope === "process" && random.chance(70) ? "process" : "thread";
    return spawn(place, performPart, queue, tickets, part);
  });

  const objects = [queue as unknown as SharedObject, tickets];
  const here = perform(queue, tickets, own);
  const results = Promise.all([here, ...units.map((unit) => unit.join() as Promise<Recorded[]>)]);
  const history = (await watch(results, 60, { units, objects })).flat();

  const select = (what: Recorded[0]): Move[] =>
    history.filter((one) => one[0] === what)
      .map(([, value, called, ended]) => ({ value, called, ended }));
  const [puts, gets, empties] = [select("put"), select("get"), select("empty")];
  assertEquals(check({ puts, gets, empties }, kind.isFifo), undefined);
  const lost = new Set(puts.map(({ value }) => value))
    .difference(new Set(gets.map(({ value }) => value)));
  assertEquals([...lost], [], "were put and not got");
  assertEquals([queue.size, gets.length], [0, puts.length]);
  queue.joinSync({ timeout: 0 });
}

for (const kind of kinds) {
  for (const scope of scopes) {
    Deno.test(`${kind.name} in which there is always something never says otherwise (${scope})`, async () => {
      const queue = kind.create<number>({ scope, maxSize: 6 });
      const stop = new SharedArray("i32", 1, { scope });
      for (let i = 0; i < 3; i++) queue.putSync(i);
      const churner = spawn(scope, churn, queue, stop);

      // Each of both has at most one more or one less inside.
      const looker = spawn(scope, lookInside, queue, 100_000 * stress, 2, 4);
      const [seen] = await join([looker], 60, [stop]) as string[][];
      Atomics.store(stop.view, 0, 1);
      await join([churner], 60, [stop]);

      assertEquals([seen!.length, seen!.slice(0, 5), queue.size], [0, [], 3]);
    });
  }
}
