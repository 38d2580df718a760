// Copyright 2026 the Weft authors. MIT license.

/**
 * Coroutines as in asyncio: many at once, and how they are ended.
 *
 * The examples are those by which Python's documentation explains `gather`, `timeout`, `Task.cancel` and
 * `TaskGroup`. What is cancelled cleans up: its `finally` blocks run and may wait themselves, and whoever
 * has cancelled it goes on when they are done.
 *
 * ```sh
 * deno task demo coroutine-asyncio
 * deno run demo/coroutine_asyncio.ts
 * ```
 *
 * @module
 */

import { gather, sleep, spawn, TaskGroup, withTimeout } from "@weft/concurrency/coroutine";
import { Event } from "@weft/concurrency/sync";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "coroutine-asyncio",
  module: import.meta.url,
  seeds: "S3.3.4",
  title: "gather, withTimeout, cancel and TaskGroup.",
  claim: "results in order; whatever is cancelled has cleaned up before anybody goes on",
  permissions: [],

  async run(ctx) {
    await showGather(ctx);
    await showGatherError(ctx);
    await showTimeout(ctx);
    await showCancel(ctx);
    await showCleanup(ctx);
    await showGroup(ctx);
    await showGroupError(ctx);
  },
};

async function showGather(ctx: Context): Promise<void> {
  ctx.say("— gather");
  const { lines, print } = printer(ctx);

  function* factorial(name: string, number: number) {
    let f = 1;
    for (let i = 2; i <= number; i++) {
      print(`Task ${name}: Compute factorial(${number}), currently i=${i}...`);
      yield sleep(ctx.ms(1));
      f *= i;
    }
    print(`Task ${name}: factorial(${number}) = ${f}`);
    return f;
  }

  const a = spawn(factorial, "A", 2);
  const b = spawn(factorial, "B", 3);
  const c = spawn(factorial, "C", 4);
  const results = await gather([c, a, b]);

  ctx.say(`C, A, B\t${results.join(", ")}`);
  ctx.check("the results are in the order of the list", `${results}` === "24,2,6", results);
  const first = lines.slice(0, 3).map((line) => line.slice(0, 25));
  const begun = ["A", "B", "C"].map((name) => `Task ${name}: Compute factorial`);
  ctx.check("all three have begun before one ends", `${first}` === `${begun}`, lines);
  const last = lines.filter((line) => line.includes("="));
  const ended = last.filter((line) => line.includes(") =")).map((line) => line.slice(5, 6));
  ctx.check("A ended first, C last", `${ended}` === "A,B,C", lines);
  ctx.check("each has counted by itself", lines.length === 1 + 2 + 3 + 3, lines);
}

async function showGatherError(ctx: Context): Promise<void> {
  const go = new Event();
  const other = spawn(function* () {
    yield go.wait();
    return "went on";
  });
  const failing = spawn(async () => {
    await sleep(ctx.ms(0.1));
    throw new RangeError("out of paper");
  });

  const error = await errorOf(gather([other, failing]));
  const waits = !other.done;
  go.set();
  const result = await other;
  ctx.say(`${error}; the other one ${result}`);
  const kept = error instanceof RangeError && error.message === "out of paper";
  ctx.check("the first error is that of gather()", kept, error);
  ctx.check("the others go on", waits && result === "went on", result);
}

async function showTimeout(ctx: Context): Promise<void> {
  ctx.say("— timeout");
  const { lines, print } = printer(ctx);

  function* eternity() {
    try {
      yield sleep(ctx.ms(3600));
      print("yay!");
    } finally {
      yield sleep(ctx.ms(0.5));
      print("cleaned up");
    }
  }

  const begin = performance.now();
  let error: unknown;
  try {
    await withTimeout(ctx.ms(1), eternity);
  } catch (thrown) {
    error = thrown;
    print("timeout!");
  }
  const elapsed = performance.now() - begin;
  const quick = await withTimeout(ctx.ms(3600), async () => {
    await sleep(1);
    return "quick";
  });

  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  ctx.check("the error is a TimeoutError", isTimeout, error);
  ctx.check("thrown after the cleanup", `${lines}` === "cleaned up,timeout!", lines);
  ctx.check("the time and the cleanup were waited for", elapsed >= ctx.ms(1.5) * 0.95, elapsed);
  ctx.check("who is in time gives the result", quick === "quick", quick);
}

async function showCancel(ctx: Context): Promise<void> {
  ctx.say("— cancel");
  const { lines, print } = printer(ctx);
  const asleep = new Event();

  async function cancelMe() {
    print("cancelMe(): before sleep");
    try {
      asleep.set();
      await sleep(ctx.ms(3600));
      print("cancelMe(): has slept");
    } catch (error) {
      print("cancelMe(): cancel sleep");
      throw error;
    } finally {
      print("cancelMe(): after sleep");
    }
  }

  const task = spawn(cancelMe);
  await asleep.wait();
  task.cancel();
  let error: unknown;
  try {
    await task;
  } catch (thrown) {
    error = thrown;
    print("main(): cancelMe is cancelled now");
  }

  const expected = [
    "cancelMe(): before sleep",
    "cancelMe(): cancel sleep",
    "cancelMe(): after sleep",
    "main(): cancelMe is cancelled now",
  ];
  ctx.check("catch and finally ran, before main went on", `${lines}` === `${expected}`, lines);
  const isAbort = error instanceof DOMException && error.name === "AbortError";
  ctx.check("who joins gets an AbortError", isAbort && task.cancelled, error);
}

/** Cleaning up takes its time, and what a coroutine has spawned is cancelled with it. */
async function showCleanup(ctx: Context): Promise<void> {
  const { lines, print } = printer(ctx);
  const asleep = new Event();
  const told = new Event();

  function* child() {
    try {
      asleep.set();
      yield new Promise(() => {}); // A generator can be cancelled whatever it waits for.
    } finally {
      told.set();
      yield sleep(ctx.ms(1));
      print("child: cleaned up");
    }
  }
  function* parent() {
    const spawned = spawn(child);
    try {
      yield spawned;
    } finally {
      yield told.wait();
      print(`parent: the child is ${spawned.done ? "gone" : "told, too"}`);
    }
  }

  const task = spawn(parent);
  await asleep.wait();
  const reason = new Error("shutting down");
  await task.cancel(reason);
  print("main: goes on");
  const error = await errorOf(task);

  const expected = ["parent: the child is told, too", "child: cleaned up", "main: goes on"];
  ctx.check("cancel() waits for the cleanup of both", `${lines}` === `${expected}`, lines);
  ctx.check("who joins gets the reason", error === reason, error);
}

async function showGroup(ctx: Context): Promise<void> {
  ctx.say("— TaskGroup");
  const { lines, print } = printer(ctx);

  function* sayAfter(delay: number, what: string) {
    yield sleep(ctx.ms(delay));
    print(what);
    return what.length;
  }

  const group = new TaskGroup();
  {
    await using tg = group;
    // The longer one first, as the order of the lines is to come from the sleeps.
    tg.spawn(sayAfter, 2, "world");
    tg.spawn(sayAfter, 1, "hello");
    print("started");
  }
  print("finished");

  const expected = "started,hello,world,finished";
  ctx.check("the end of the block waits for all", `${lines}` === expected, lines);
  ctx.check("none is left", group.size === 0, group.size);
  const late = await errorOf((async () => await group.spawn(sayAfter, 0, "late"))());
  ctx.check("the group takes no more", late instanceof Error, late);
}

async function showGroupError(ctx: Context): Promise<void> {
  const { lines, print } = printer(ctx);
  const broken = new RangeError("out of paper");

  function* work(name: string) {
    try {
      yield sleep(ctx.ms(3600));
      print(`${name} is done`);
    } finally {
      yield sleep(ctx.ms(0.5));
      print(`${name} cleaned up`);
    }
  }

  const error = await errorOf(TaskGroup.run(function* (tg) {
    tg.spawn(work, "one");
    tg.spawn(work, "two");
    tg.spawn(async () => {
      await sleep(ctx.ms(0.5));
      throw broken;
    });
    yield* work("body");
  }));
  print("the group is left");

  const cleaned = lines.slice(0, 3).toSorted();
  ctx.check(
    "one fails: the others are cancelled, the body too, and clean up",
    `${cleaned}` === "body cleaned up,one cleaned up,two cleaned up",
    lines,
  );
  ctx.check("then the group is left", lines.indexOf("the group is left") === 3, lines);
  ctx.check("with an AggregateError", error instanceof AggregateError, error);
  const { errors } = error as AggregateError;
  ctx.check("of that one error", errors.length === 1 && errors[0] === broken, errors);
}

function printer(ctx: Context): { lines: string[]; print(line: string): void } {
  const lines: string[] = [];
  const print = (line: string) => {
    ctx.say(line);
    lines.push(line);
  };
  return { lines, print };
}

async function errorOf(action: PromiseLike<unknown>): Promise<unknown> {
  try {
    await action;
  } catch (error) {
    return error;
  }
  return undefined;
}

if (import.meta.main) await runProgram(scenario);
