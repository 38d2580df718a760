// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { delay } from "@std/async";
import type { Task } from "../../task/mod.ts";
import { activeCount, Thread, ThreadTerminatedError } from "../../thread/mod.ts";
import { work as hangsAtImport } from "../fixtures/thread_import_hangs.ts";
import { work as spinsAtImport } from "../fixtures/thread_import_spins.ts";
import { add, nothing } from "../fixtures/thread_values.ts";
import {
  awaitForever,
  block,
  catchAll,
  countForEver,
  loadNodeModules,
  spin,
  spinInMicrotasks,
} from "../fixtures/thread_waits.ts";
import { endOf, Flag, runProgram } from "./_helpers.ts";

const terminated = { reason: "terminated", code: 1 };

type Endless = Task<[Int32Array<SharedArrayBuffer>], never | void | Promise<void>>;

const endless: Record<string, Endless> = {
  "a busy loop": spin as Endless,
  "a loop of microtasks": spinInMicrotasks,
  "a blocking wait": block,
  "an endless await": awaitForever,
  "a loop that catches everything": catchAll,
};

/** Resolves when a fixture posts a message on the channel that has its URL as name. */
async function messageFrom(fixture: string): Promise<void> {
  const channel = new BroadcastChannel(new URL(`../fixtures/${fixture}`, import.meta.url).href);
  await new Promise((resolve) => channel.onmessage = resolve);
  channel.close();
}

for (const [place, task] of Object.entries(endless)) {
  Deno.test(`Thread.terminate() ends a thread in ${place}`, async () => {
    const reached = new Flag();
    const before = activeCount();
    const thread = Thread.spawn(task, reached.words);
    await reached.isSet();

    thread.terminate();

    const { error, status } = await endOf(thread);
    assertInstanceOf(error, ThreadTerminatedError);
    assertEquals(error.message, `Thread "${thread.name}" was terminated`);
    assertEquals(status, terminated);
    assertEquals(thread.isAlive, false);
    assertEquals(activeCount(), before);
  });
}

Deno.test("Thread has written its last word when it is known to have been terminated", async () => {
  for (let i = 0; i < 8; i++) {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const thread = Thread.spawn(countForEver, words);
    await Atomics.waitAsync(words, 0, 0).value;

    thread.terminate();
    await endOf(thread);

    const written = words[1];
    await delay(50);
    assertEquals(words[1], written);
  }
});

Deno.test("Thread.terminate() ends a thread right after its start", async () => {
  const reached = new Flag();
  const thread = Thread.spawn(spin, reached.words);

  thread.terminate();

  assertEquals((await endOf(thread)).status, terminated);
  assertEquals(reached.words[0], 0);
});

Deno.test("Thread.terminate() ends a thread whose module spins while it is imported", async () => {
  const importing = messageFrom("thread_import_spins.ts");
  const thread = Thread.spawn(spinsAtImport);
  await importing;

  thread.terminate();

  assertEquals((await endOf(thread)).status, terminated);
});

Deno.test("Thread.terminate() ends a thread whose module waits forever while it is imported", async () => {
  const importing = messageFrom("thread_import_hangs.ts");
  const thread = Thread.spawn(hangsAtImport);
  await importing;

  thread.terminate();

  assertEquals((await endOf(thread)).status, terminated);
});

Deno.test("Thread.terminate() does nothing when the thread has ended", async () => {
  const thread = Thread.spawn(add, 1, 2);
  await thread.join();

  thread.terminate();

  assertEquals(await thread.join(), 3);
  assertEquals(await thread.exited, { reason: "returned", code: 0 });
});

Deno.test("Thread.terminate() throws when the thread was not started", () => {
  assertThrows(() => new Thread(nothing).terminate(), Error, "as it was not started");
});

Deno.test("Thread.terminate() can be called twice", async () => {
  const reached = new Flag();
  const thread = Thread.spawn(spin, reached.words);
  await reached.isSet();

  thread.terminate();
  thread.terminate();

  assertEquals((await endOf(thread)).status, terminated);
});

Deno.test("Thread.terminate() leaves other threads alone", async () => {
  const flags = [new Flag(), new Flag()] as const;
  const [first, second] = flags.map((flag) => Thread.spawn(awaitForever, flag.words));
  await Promise.all(flags.map((flag) => flag.isSet()));

  first!.terminate();
  await endOf(first!);

  assert(second!.isAlive);
  second!.terminate();
  await endOf(second!);
});

Deno.test("Thread[Symbol.asyncDispose]() terminates the thread and waits for its end", async () => {
  const reached = new Flag();
  const thread = Thread.spawn(spin, reached.words);
  {
    await using _disposed = thread;
    await reached.isSet();
  }

  assertEquals(thread.isAlive, false);
  await assertRejects(() => thread.join(), ThreadTerminatedError);
});

Deno.test("Thread.terminate() ends a thread in a busy loop and lets the program end", async () => {
  const { code, stdout } = await runProgram("thread_program_terminate.ts", ["spin"]);

  assertEquals([code, stdout], [0, "terminated\n"]);
});

Deno.test("Thread.terminate() ends a thread in a blocking wait and lets the program end", async () => {
  const { code, stdout } = await runProgram("thread_program_terminate.ts", ["block"]);

  assertEquals([code, stdout], [0, "terminated\n"]);
});

Deno.test("Thread.terminate() leaves no OS thread and takes no CPU time", async () => {
  const { code, stdout, stderr } = await runProgram("thread_program_leftovers.ts", [], ["-A"]);

  assertEquals(code, 0, stderr);
  const { during, left, share } = JSON.parse(stdout);
  assertEquals([during, left], [5, 0]);
  assert(share < 0.5, `${share} of a core is in use`);
});

Deno.test("Thread.terminate() never ends the program while the thread loads node: modules", async () => {
  const { code, signal, stdout, stderr } = await runProgram("thread_program_storm.ts", ["50"], [
    "-A",
  ]);

  assertEquals([code, signal, stdout], [0, null, "50\n"], stderr);
});

Deno.test("Thread.terminate() may come too late", async () => {
  const thread = Thread.spawn(loadNodeModules);
  await new Promise((resolve) => setTimeout(resolve, 60));

  thread.terminate();

  const { status } = await endOf(thread);
  assert(["terminated", "returned"].includes(status.reason), status.reason);
});
