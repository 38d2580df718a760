// Copyright 2026 the Weft authors. MIT license.

/* Numbers in shared memory, against those of the language. */

import { type Scope, SharedArray, SharedMemory, SharedValue } from "../sync/mod.ts";

const count = 1000;
const scopes: Scope[] = ["thread", "process"];

const added = { group: "SharedValue.add() 1,000 times" };
const words = new Int32Array(new SharedArrayBuffer(4));

Deno.bench("Atomics.add()", { ...added, baseline: true }, () => {
  for (let i = 0; i < count; i++) Atomics.add(words, 0, 1);
});

for (const scope of scopes) {
  const value = new SharedValue("i32", 0, { scope });
  Deno.bench(`SharedValue.add(), ${scope} scope`, added, () => {
    for (let i = 0; i < count; i++) value.add(1);
  });
  Deno.bench(`SharedValue.value += 1 with its lock, ${scope} scope`, added, () => {
    for (let i = 0; i < count; i++) {
      using _held = value.lock.acquireSync();
      value.value += 1;
    }
  });
}

const summed = { group: "SharedArray.view, sum of 100,000" };
const length = 100_000;

function sum(numbers: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
  return sum;
}

const own = new Float64Array(length).fill(1);
Deno.bench("Float64Array", { ...summed, baseline: true }, () => {
  sum(own);
});

for (const scope of scopes) {
  const { view } = new SharedArray("f64", length, { scope });
  view.fill(1);
  Deno.bench(`SharedArray.view, ${scope} scope`, summed, () => {
    sum(view as Float64Array);
  });
}

const made = { group: "new SharedMemory() of 64 KiB and close()" };

Deno.bench("new SharedArrayBuffer()", { ...made, baseline: true }, () => {
  new SharedArrayBuffer(65_536);
});

for (const scope of scopes) {
  Deno.bench(`new SharedMemory() and close(), ${scope} scope`, made, () => {
    new SharedMemory(65_536, { scope }).close();
  });
}
