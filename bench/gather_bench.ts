// Copyright 2026 the Weft authors. MIT license.

/* Waiting for several coroutines, or for so long: against the same with promises. */

import { asCompleted, gather, race, shield, spawn, withTimeout } from "../coroutine/mod.ts";

const count = 1000;

async function plain(n: number): Promise<number> {
  await null;
  return n;
}
function* increment(n: number) {
  yield;
  return n + 1;
}
const promises = () => Array.from({ length: count }, (_, i) => plain(i));
const coroutines = () => Array.from({ length: count }, (_, i) => spawn(increment, i));

const gathered = { group: "gather() of 1,000" };

Deno.bench("Promise.all()", { ...gathered, baseline: true }, async () => {
  await Promise.all(promises());
});

Deno.bench("gather() of async functions", gathered, async () => {
  await gather(promises());
});

Deno.bench("gather() of coroutines", gathered, async () => {
  await gather(coroutines());
});

const raced = { group: "race() of 1,000" };

Deno.bench("Promise.race()", { ...raced, baseline: true }, async () => {
  await Promise.race(promises());
});

Deno.bench("race() of coroutines, the others are cancelled", raced, async () => {
  await race(coroutines());
});

const completed = { group: "asCompleted() of 1,000" };

Deno.bench("callbacks of promises", { ...completed, baseline: true }, async () => {
  let left = count;
  await new Promise<void>((resolve) => {
    for (const promise of promises()) {
      promise.then(() => {
        if (--left === 0) resolve();
      });
    }
  });
});

Deno.bench("asCompleted() of coroutines", completed, async () => {
  for await (const coroutine of asCompleted(coroutines())) await coroutine;
});

const limited = { group: "withTimeout() of 1,000, in time" };
const longTime = 10_000;

Deno.bench("Promise.race() with setTimeout()", { ...limited, baseline: true }, async () => {
  for (let i = 0; i < count; i++) {
    const { promise, reject } = Promise.withResolvers<never>();
    const handle = setTimeout(reject, longTime, new DOMException("too late", "TimeoutError"));
    await Promise.race([plain(i), promise]);
    clearTimeout(handle);
  }
});

Deno.bench("withTimeout() of an async function", limited, async () => {
  for (let i = 0; i < count; i++) await withTimeout(longTime, () => plain(i));
});

Deno.bench("withTimeout() of a generator", limited, async () => {
  for (let i = 0; i < count; i++) await withTimeout(longTime, () => increment(i));
});

const shielded = { group: "shield() of 1,000" };

Deno.bench("coroutines as they are", { ...shielded, baseline: true }, async () => {
  for (const coroutine of coroutines()) await coroutine;
});

Deno.bench("shield()", shielded, async () => {
  for (const coroutine of coroutines()) await shield(coroutine);
});
