// Copyright 2026 the Weft authors. MIT license.

/*
 * Measures the coroutines of Weft.
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
} from "../../coroutine/mod.ts";
import { answer, bytesOf, type Measuring, timeOf } from "./deno_program.ts";

const forever = 86_400_000;
const poolSize = 100;

function* oneYield() {
  yield;
}

async function oneAwait(): Promise<void> {
  await null;
}

function* doze() {
  yield sleep(forever);
}

async function dozeAsync(): Promise<void> {
  await sleep(forever);
}

const never = new Promise<void>(() => {});
const waits: Record<string, () => unknown> = {
  *"wait, generator"() {
    yield never;
  },
  async "wait, async"() {
    await never;
  },
  "sleep, generator": doze,
  "sleep, async": dozeAsync,
};

function* count(times: number) {
  for (let i = 0; i < times; i++) yield;
}

async function countAsync(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await checkpoint();
}

function* increment(n: number) {
  yield;
  return n + 1;
}

function spawnAll(times: number, fn: () => unknown): Coroutine[] {
  return Array.from({ length: times }, () => spawn<[], unknown>(fn));
}

/** Two greenlets that switch to each other. */
function takeTurns(times: number): void {
  let left = times;
  const turns = (other: () => Greenlet) =>
    function* () {
      while (left-- > 0) yield other().switch();
    };
  const first: Greenlet = new Greenlet(turns(() => second));
  const second: Greenlet = new Greenlet(turns(() => first));
  first.switch();
}

const measures: Record<string, Measuring> = {
  finish(how, times) {
    const fn = how === "generator" ? oneYield : oneAwait;
    return timeOf(() => joinAll(spawnAll(times, fn)));
  },

  switch(how, times) {
    if (how === "yield") return timeOf(() => spawn(count, times));
    if (how === "checkpoint") return timeOf(() => spawn(countAsync, times));
    if (how === "turns") return timeOf(() => takeTurns(times));
    return timeOf(() => {
      const greenlet = new Greenlet(() => count(times));
      while (!greenlet.dead) greenlet.switch();
    });
  },

  async cancel(how, times) {
    const sleeping = spawnAll(times, how === "generator" ? doze : dozeAsync);
    await sleep(0);
    return await timeOf(() => cancelAll(sleeping));
  },

  pool(how, times) {
    const items = Array.from({ length: times }, (_, i) => i);
    return timeOf(async () => {
      await using pool = new CoroutinePool(poolSize);
      const results = how === "map"
        ? await pool.map(increment, items)
        : await Promise.all(items.map((n) => pool.submit(increment, n)));
      if (results.length !== times || results.at(-1) !== times) {
        throw new Error("Results are wrong");
      }
    });
  },

  heap: (how, times) => bytesOf("heap", times, () => spawn<[], unknown>(waits[how]!)),
  rss: (how, times) => bytesOf("rss", times, () => spawn<[], unknown>(waits[how]!)),
};

await answer(measures);
