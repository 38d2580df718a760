// Copyright 2026 the Weft authors. MIT license.

// Pools that end at any moment, whatever they are doing.

import { assert, assertEquals } from "@std/assert";
import type { Future, Pool } from "../../../task/mod.ts";
import { runOn } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import { Random } from "../../fixtures/stress_random.ts";
import { exitDeno } from "../../fixtures/thread_ends.ts";
import {
  collect,
  type MakePool,
  outcomeOf,
  type PoolKind,
  poolNames,
  range,
  soon,
} from "./_helpers.ts";

const rounds = 6;

/** What calls may come to in a pool that is ended at any moment. */
const allowed: ReadonlySet<unknown> = new Set([
  "AbortError",
  "PoolClosedError",
  "TimeoutError",
  "WorkerLostError",
  "RangeError",
]);

/** Calls made in one round, and what they come to: a number if all is well, or the name of an error. */
class Calls {
  readonly outcomes: Promise<unknown>[] = [];
  readonly #futures: Future<unknown>[] = [];
  readonly #random: Random;
  readonly #pool: Pool;

  constructor(pool: Pool, random: Random) {
    this.#pool = pool;
    this.#random = random;
  }

  /** Makes one of many kinds of calls. */
  make(): void {
    const n = this.#random.below(100);
    if (n < 40) this.#follow(this.#pool.submit(tasks.squareLater, n));
    else if (n < 50) this.#follow(this.#pool.submit(tasks.throwAt, { item: n, bad: n }));
    else if (n < 54) this.#follow(this.#pool.submit(exitDeno, n) as Future<unknown>);
    else if (n < 60) this.#follow(this.#pool.run(runOn, ["loop"], { timeout: 5 }));
    else if (n < 75) this.outcomes.push(this.#map());
    else if (n < 85) this.outcomes.push(this.#imap(n));
    else this.#random.of([...this.#futures, undefined])?.cancel();
  }

  #follow(future: Future<unknown>): void {
    this.#futures.push(future);
    this.outcomes.push(outcomeOf(future));
  }

  async #map(): Promise<unknown> {
    const map = this.#pool.map(tasks.square, range(40), { chunkSize: 3 });
    const outcome = await outcomeOf(map);
    return Array.isArray(outcome) ? outcome.length : outcome;
  }

  async #imap(n: number): Promise<unknown> {
    const form = n % 2 === 0 ? "imap" : "imapUnordered";
    const { values, error } = await collect(this.#pool[form](tasks.square, range(40)));
    return error === undefined ? values.length : (error as Error).name;
  }
}

/** Tests the ends of pools in any state. */
export function testRandomEnds(make: MakePool, kind: PoolKind): void {
  Deno.test(`${poolNames[kind]} settles all that was begun, whatever it does when it ends`, async () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    for (let round = 0; round < rounds; round++) {
      const random = new Random(seed + round);
      const what = `seed ${seed}, round ${round}`;
      const pool = make(1 + random.below(2), random.chance(30) ? { maxTasksPerWorker: 20 } : {});
      const calls = new Calls(pool, random);
      const count = 1 + random.below(30);
      for (let i = 0; i < count; i++) {
        calls.make();
        if (random.chance(10)) {
          await new Promise((resolve) => setTimeout(resolve, random.below(30)));
        }
      }

      if (random.chance(50)) pool.close();
      if (random.chance(60)) await soon(pool.terminate(), `terminate(), ${what}`, pool);
      pool.close();
      await soon(pool.join(), `join(), ${what}`, pool);

      const outcomes = await soon(Promise.all(calls.outcomes), `the calls, ${what}`, pool);
      for (const outcome of outcomes) {
        assert(typeof outcome === "number" || allowed.has(outcome), `${outcome}, ${what}`);
      }
      const { workers, queued, running } = pool.stats;
      assertEquals([workers, queued, running], [0, 0, 0], what);
    }
  });
}
