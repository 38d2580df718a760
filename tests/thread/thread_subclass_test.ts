// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { activeCount, Thread } from "../../thread/mod.ts";
import {
  Greeter,
  Holder,
  LoudGreeter,
  Misuser,
  Reporter,
  Secretive,
} from "../fixtures/thread_classes.ts";
import { endOf } from "./_helpers.ts";

Deno.test("Thread subclass delivers what its run() returned", async () => {
  assertEquals(await new Greeter("you").start().join(), "Hello you");
});

Deno.test("Thread subclass of a subclass runs its own run() with its own fields", async () => {
  const thread = new LoudGreeter("you");
  thread.mark = "?";

  assertEquals(await thread.start().join(), "HELLO YOU?");
});

Deno.test("Thread subclass can run here as well", () => {
  assertEquals(new Greeter("you").run(), "Hello you");
});

Deno.test("Thread subclass is itself in run(), with fields and without its constructor", async () => {
  const thread = new Reporter({ name: "报告", daemon: true });

  const report = await thread.start().join();

  assertEquals(report, {
    name: "报告",
    id: thread.id,
    daemon: true,
    isAlive: true,
    isCurrent: true,
    isReporter: true,
    list: [1, 2, 3],
    constructed: 0,
  });
});

Deno.test("Thread subclass has no private fields in run()", async () => {
  const { error } = await endOf(new Secretive().start());

  assertInstanceOf(error, TypeError);
  assertStringIncludes(error.message, "#secret");
});

Deno.test("Thread.start() throws a DataCloneError that names the field that cannot be cloned", () => {
  const before = activeCount();
  const thread = new Holder({ list: [1, () => 2] });

  const error = assertThrows(() => thread.start(), DOMException);

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "$.value.list[1]");
  assertEquals([thread.isAlive, activeCount()], [false, before]);
});

Deno.test("Thread subclass shares a SharedArrayBuffer in its fields", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));

  const returned = await new Holder(words).start().join() as typeof words;
  returned[0] = 5;

  assertEquals(words[0], 5);
});

Deno.test("Thread subclass cannot be started twice", async () => {
  const thread = new Greeter("you").start();

  assertThrows(() => thread.start(), Error, "as it was started before");

  await thread.join();
});

Deno.test("Thread.start() throws in the thread itself", async () => {
  const { error } = await endOf(new Misuser("start").start());

  assertStringIncludes((error as Error).message, "as it is running this code");
});

Deno.test("Thread.terminate() ends the thread from within", async () => {
  const { error, status } = await endOf(new Misuser("terminate").start());

  assert(error instanceof Error);
  assertEquals(status.reason, "terminated");
  assertEquals(error.name, "ThreadTerminatedError");
});

Deno.test("Thread subclass takes the options that it passes to super", () => {
  const thread = new Greeter("you", { name: "greeter", daemon: true });

  assertEquals([thread.name, thread.daemon], ["greeter", true]);
  assertInstanceOf(thread, Thread);
});
