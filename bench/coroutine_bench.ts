// Copyright 2026 the Weft authors. MIT license.

/*
 * What coroutines cost, against promises and generators as the language has them. `deno task bench:peers coroutines`
 * compares with other libraries and languages.
 */

import {
  cancelAll,
  checkpoint,
  type Coroutine,
  CoroutinePool,
  Greenlet,
  joinAll,
  sleep,
  spawn,
  TaskGroup,
} from "../coroutine/mod.ts";

/** Long enough that nothing comes to its end by itself. */
const forever = 86_400_000;

const plain = async (n: number) => {
  await null;
  return n;
};
function* increment(n: number) {
  yield;
  return n + 1;
}
function* doze(ms: number) {
  yield sleep(ms);
}
async function dozeAsync(ms: number) {
  await sleep(ms);
}
function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What `make` gives for each number below `count`. */
function make<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

const many = { group: "spawn() and finish 100,000, one switch each", n: 10, warmup: 3 };
const manyCount = 100_000;

Deno.bench("Promise.all() of async functions", { ...many, baseline: true }, async () => {
  await Promise.all(make(manyCount, plain));
});

Deno.bench("joinAll() of generators", many, async () => {
  await joinAll(make(manyCount, (i) => spawn(increment, i)));
});

Deno.bench("joinAll() of async functions", many, async () => {
  await joinAll(make(manyCount, (i) => spawn(plain, i)));
});

Deno.bench("Promise.all() of coroutines", many, async () => {
  await Promise.all(make(manyCount, (i) => spawn(increment, i)));
});

Deno.bench("TaskGroup of generators", many, async () => {
  await using group = new TaskGroup();
  for (let i = 0; i < manyCount; i++) group.spawn(increment, i);
});

const switches = { group: "switch 100,000 times" };
const switchCount = 100_000;

function* count() {
  for (let i = 0; i < switchCount; i++) yield;
}
function* countHalf() {
  for (let i = 0; i < switchCount / 2; i++) yield;
}

Deno.bench("await null", { ...switches, baseline: true }, async () => {
  for (let i = 0; i < switchCount; i++) await null;
});

Deno.bench("next() of a generator", switches, () => {
  const generator = count();
  while (!generator.next().done);
});

Deno.bench("Greenlet.switch()", switches, () => {
  const greenlet = new Greenlet(count);
  while (!greenlet.dead) greenlet.switch();
});

Deno.bench("Greenlet.switch() between two", switches, () => {
  let left = switchCount;
  const turns = (other: () => Greenlet) =>
    function* () {
      while (left-- > 0) yield other().switch();
    };
  const first: Greenlet = new Greenlet(turns(() => second));
  const second: Greenlet = new Greenlet(turns(() => first));
  first.switch();
});

Deno.bench("yield", switches, async () => {
  await spawn(count);
});

Deno.bench("yield of two in turn", switches, async () => {
  await joinAll([spawn(countHalf), spawn(countHalf)]);
});

Deno.bench("checkpoint()", switches, async () => {
  await spawn(async () => {
    for (let i = 0; i < switchCount; i++) await checkpoint();
  });
});

const cancels = { group: "cancel 10,000 that sleep", n: 20, warmup: 5 };
const cancelCount = 10_000;

Deno.bench("clearTimeout(), reject", { ...cancels, baseline: true }, async (b) => {
  const sleeping = make(cancelCount, () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const handle = setTimeout(resolve, forever);
    const cancel = () => {
      clearTimeout(handle);
      reject(new DOMException("cancelled", "AbortError"));
    };
    return { cancel, ended: (async () => await promise)() };
  });
  await null;
  b.start();
  for (const { cancel } of sleeping) cancel();
  await Promise.allSettled(sleeping.map(({ ended }) => ended));
  b.end();
});

for (const [name, fn] of [["generators", doze], ["async functions", dozeAsync]] as const) {
  Deno.bench(`cancelAll() of ${name}`, cancels, async (b) => {
    const sleeping: Coroutine[] = make(cancelCount, () => spawn<[number], unknown>(fn, forever));
    await sleep(0);
    b.start();
    await cancelAll(sleeping);
    b.end();
  });
}

const pooled = { group: "10,000 tasks, 100 at once", n: 20, warmup: 5 };
const items = make(10_000, (i) => i);
const poolSize = 100;

Deno.bench("100 async functions that take items", { ...pooled, baseline: true }, async () => {
  const left = items.values();
  const work = async () => {
    for (const n of left) await plain(n);
  };
  await Promise.all(make(poolSize, work));
});

Deno.bench("CoroutinePool.map() of async functions", pooled, async () => {
  await using pool = new CoroutinePool(poolSize);
  await pool.map(plain, items);
});

Deno.bench("CoroutinePool.map() of generators", pooled, async () => {
  await using pool = new CoroutinePool(poolSize);
  await pool.map(increment, items);
});

Deno.bench("CoroutinePool.submit()", pooled, async () => {
  await using pool = new CoroutinePool(poolSize);
  await Promise.all(items.map((n) => pool.submit(increment, n)));
});

const sleeps = { group: "sleep() of 10,000 at once, 1 ms", n: 20, warmup: 5 };
const sleepCount = 10_000;

Deno.bench("setTimeout()", { ...sleeps, baseline: true }, async () => {
  await Promise.all(make(sleepCount, () => timer(1)));
});

Deno.bench("sleep()", sleeps, async () => {
  await Promise.all(make(sleepCount, () => sleep(1)));
});

Deno.bench("sleep() in generators", sleeps, async () => {
  await joinAll(make(sleepCount, () => spawn(doze, 1)));
});
