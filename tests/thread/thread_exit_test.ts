// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { activeCount, Thread, ThreadExitedError } from "../../thread/mod.ts";
import {
  closeSelf,
  exitDeno,
  exitLater,
  exitProcess,
  overflowStack,
  rejectUnhandled,
  throwInTimer,
} from "../fixtures/thread_ends.ts";
import { endOf, runProgram } from "./_helpers.ts";

for (const code of [0, 3]) {
  Deno.test(`Thread.join() rejects with the code when the task calls Deno.exit(${code})`, async () => {
    const { error, status } = await endOf(Thread.spawn(exitDeno, code));

    assertInstanceOf(error, ThreadExitedError);
    assertEquals(error.exitCode, code);
    assertStringIncludes(error.message, `exited with code ${code} before its task returned`);
    assertEquals(status, { reason: "exited", code });
  });
}

Deno.test("Thread.join() rejects with the code when the task calls process.exit(4)", async () => {
  const { error, status } = await endOf(Thread.spawn(exitProcess, 4));

  assertInstanceOf(error, ThreadExitedError);
  assertEquals(status, { reason: "exited", code: 4 });
});

Deno.test("Thread.join() rejects with the code when a timer calls Deno.exit(5)", async () => {
  const { error, status } = await endOf(Thread.spawn(exitLater));

  assertInstanceOf(error, ThreadExitedError);
  assertEquals(status, { reason: "exited", code: 5 });
});

Deno.test("Thread.join() rejects when the task calls self.close()", async () => {
  const { error, status } = await endOf(Thread.spawn(closeSelf));

  assertInstanceOf(error, ThreadExitedError);
  assertEquals(status, { reason: "exited", code: 0 });
});

Deno.test("Thread.join() rejects with an error that a timer throws while the task runs", async () => {
  const { error, status } = await endOf(Thread.spawn(throwInTimer));

  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "thrown in a timer");
  assertEquals(status, { reason: "threw", code: 1 });
});

Deno.test("Thread.join() rejects with a rejection that nobody handles", async () => {
  const { error, status } = await endOf(Thread.spawn(rejectUnhandled));

  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "rejected in the air");
  assertEquals(status, { reason: "threw", code: 1 });
});

Deno.test("Thread.join() rejects with a RangeError when the stack overflows", async () => {
  const { error, status } = await endOf(Thread.spawn(overflowStack));

  assertInstanceOf(error, RangeError);
  assertStringIncludes(error.message, "call stack");
  assertEquals(status, { reason: "threw", code: 1 });
});

for (const place of ["fillHeapAtOnce", "fillHeapInTimer", "fillHeapAfterAwait"]) {
  Deno.test(`Thread.join() rejects and the program goes on when the heap is full: ${place}`, async () => {
    const flags = ["--allow-read", "--v8-flags=--max-old-space-size=64"];

    const { code, stdout } = await runProgram("thread_program_heap.ts", [place], flags);

    const [name, message, status, rest] = stdout.trim().split("\n");
    assertEquals(name, "ThreadExitedError");
    assertStringIncludes(message!, "was lost: ");
    assertStringIncludes(message!, "heap out of memory");
    assertEquals(status, '{"reason":"lost","code":1}');
    assertEquals(rest, "2");
    assertEquals(code, 0);
  });
}

Deno.test("Thread.exited leaves no thread in the table, however it ended", async () => {
  const before = activeCount();

  await Promise.all([
    endOf(Thread.spawn(exitDeno, 1)),
    endOf(Thread.spawn(throwInTimer)),
    endOf(Thread.spawn(closeSelf)),
  ]);

  assertEquals(activeCount(), before);
});
