// Copyright 2026 the Weft authors. MIT license.

/* Variables of which each thread or coroutine has its own. */

import { AsyncLocalStorage } from "node:async_hooks";
import { CoroutineLocal, spawn } from "../coroutine/mod.ts";
import { ThreadLocal } from "../thread/mod.ts";

const count = 1000;

const threadLocals = { group: "ThreadLocal.value, written and read 1,000 times" };
const plain: { value: number } = { value: 0 };
const threadLocal = new ThreadLocal(() => 0);

// A thread has modules of its own, so that their variables are local to it, too.
Deno.bench("property of an object", { ...threadLocals, baseline: true }, () => {
  for (let i = 0; i < count; i++) plain.value = plain.value + 1;
});

Deno.bench("ThreadLocal.value", threadLocals, () => {
  for (let i = 0; i < count; i++) threadLocal.value = threadLocal.value + 1;
});

const coroutineLocals = { group: "CoroutineLocal.value, read 1,000 times" };
const storage = new AsyncLocalStorage<number>();
const coroutineLocal = new CoroutineLocal(() => 0);

Deno.bench("AsyncLocalStorage.getStore()", { ...coroutineLocals, baseline: true }, () => {
  storage.run(1, () => {
    for (let i = 0; i < count; i++) storage.getStore();
  });
});

Deno.bench("CoroutineLocal.value outside of coroutines", coroutineLocals, () => {
  for (let i = 0; i < count; i++) coroutineLocal.value;
});

Deno.bench("CoroutineLocal.value in a coroutine", coroutineLocals, async () => {
  await spawn(async () => {
    await null;
    coroutineLocal.value = 1;
    for (let i = 0; i < count; i++) coroutineLocal.value;
  });
});
