// Copyright 2026 the Weft authors. MIT license.

import { Future, wait } from "../task/mod.ts";

const count = 1000;

const settle = { group: "new Future() resolve and await" };

Deno.bench("Promise", { ...settle, baseline: true }, async () => {
  for (let i = 0; i < count; i++) await new Promise<number>((resolve) => resolve(i));
});

Deno.bench("Future", settle, async () => {
  for (let i = 0; i < count; i++) await new Future<number>((resolve) => resolve(i));
});

const create = { group: "new Future() create" };

// Kept in an array, else the baseline is optimised away.
Deno.bench("Promise created", { ...create, baseline: true }, () => {
  Array.from({ length: count }, () => new Promise<number>(() => {}));
});

Deno.bench("Future created", create, () => {
  Array.from({ length: count }, () => new Future<number>(() => {}));
});

const all = { group: "wait() for all" };

Deno.bench("Promise.allSettled()", { ...all, baseline: true }, async () => {
  await Promise.allSettled(
    Array.from({ length: count }, (_, i) => new Promise<number>((resolve) => resolve(i))),
  );
});

Deno.bench("wait()", all, async () => {
  await wait(
    Array.from({ length: count }, (_, i) => new Future<number>((resolve) => resolve(i))),
  );
});
