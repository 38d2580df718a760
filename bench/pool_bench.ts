// Copyright 2026 the Weft authors. MIT license.

/*
 * What it costs to have a task run by a pool of 2 workers, against messages to workers that one writes by hand. The
 * workers are started once and end with the program. `deno task bench:peers pools` compares with other libraries
 * and languages.
 */

import { ProcessPool } from "../process/mod.ts";
import type { Pool } from "../task/mod.ts";
import { ThreadPool } from "../thread/mod.ts";
import { BareCaller } from "./fixtures/bare_caller.ts";
import { echo, increment } from "./fixtures/pool_tasks.ts";

const size = 2;
const bare = new BareCaller(size);
const pools: readonly Pool[] = [new ThreadPool(size), new ProcessPool(size)];
const nameOf = (pool: Pool) => pool.constructor.name;

const bytes = new Uint8Array(65_536).fill(7);
const items = Array.from({ length: 100_000 }, (_, i) => i);
const halves = [items.slice(0, items.length / 2), items.slice(items.length / 2)];

// Starts the workers, too.
for (const pool of pools) await pool.map(increment, items);

const one = { group: "submit() one and await it" };

Deno.bench("postMessage() there and back", { ...one, baseline: true }, async () => {
  await bare.call("increment", 1);
});

for (const pool of pools) {
  Deno.bench(`${nameOf(pool)}.submit()`, one, async () => {
    await pool.submit(increment, 1);
  });
}

const many = { group: "submit() 1,000 at once", n: 20, warmup: 5 };

Deno.bench("postMessage() there and back, 1,000", { ...many, baseline: true }, async () => {
  await Promise.all(Array.from({ length: 1000 }, (_, i) => bare.call("increment", i)));
});

Deno.bench("Promise, 1,000", many, async () => {
  await Promise.all(Array.from({ length: 1000 }, async (_, i) => await increment(i)));
});

for (const pool of pools) {
  Deno.bench(`${nameOf(pool)}.submit(), 1,000`, many, async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, i) => pool.submit(increment, i)));
  });
}

const map = { group: "map() of 100,000", n: 10, warmup: 3 };

Deno.bench("postMessage() of halves", { ...map, baseline: true }, async () => {
  await Promise.all(halves.map((half) => bare.call("incrementAll", half)));
});

for (const pool of pools) {
  Deno.bench(`${nameOf(pool)}.map()`, map, async () => {
    await pool.map(increment, items);
  });
}

const large = { group: "64 KiB there and back" };

Deno.bench("postMessage() of 64 KiB", { ...large, baseline: true }, async () => {
  await bare.call("echo", bytes);
});

for (const pool of pools) {
  Deno.bench(`${nameOf(pool)}.submit() of 64 KiB`, large, async () => {
    await pool.submit(echo, bytes);
  });
}
