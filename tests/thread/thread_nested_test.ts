// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { activeCount, Thread, threads } from "../../thread/mod.ts";
import {
  addDeep,
  addNested,
  leaveNested,
  terminateNested,
  throwNested,
} from "../fixtures/thread_nested.ts";
import { Flag } from "./_helpers.ts";

Deno.test("Thread.join() in a thread delivers what its own thread returned", async () => {
  assertEquals(await Thread.spawn(addNested, 2, 3).join(), 5);
});

Deno.test("Thread.join() delivers through four threads in each other", async () => {
  assertEquals(await Thread.spawn(addDeep, 4).join(), 4);
});

Deno.test("Thread.start() throws a BootstrapError at the ninth thread in each other", async () => {
  const error = await assertRejects(() => Thread.spawn(addDeep, 9).join(), Error);

  assertEquals(error.name, "BootstrapError");
  assertStringIncludes(error.message, "starts may be 8 deep");
});

Deno.test("Thread.join() rejects with the error of a thread's own thread", async () => {
  const error = await assertRejects(() => Thread.spawn(throwNested, "RangeError").join());

  assertEquals((error as Error).constructor, RangeError);
  assertStringIncludes((error as Error).stack!, "throwKind");
});

Deno.test("Thread.terminate() in a thread ends its own thread", async () => {
  const before = activeCount();

  const result = await Thread.spawn(terminateNested, new Flag().words).join();

  assertEquals(result, {
    name: "ThreadTerminatedError",
    status: { reason: "terminated", code: 1 },
    isAlive: false,
  });
  assertEquals(activeCount(), before);
});

Deno.test("Thread ends before a thread that it started, which goes on", async () => {
  const flag = new Flag();
  const before = activeCount();

  const id = await Thread.spawn(leaveNested, flag.words, false).join();

  const left = threads().find((thread) => thread.id === id)!;
  assertEquals([left.name, left.isAlive, activeCount()], ["nested", true, before + 1]);
  flag.set();
  while (left.isAlive) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(activeCount(), before);
});
