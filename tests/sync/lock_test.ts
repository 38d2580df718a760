// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { Guard } from "../../sync/guard.ts";
import { Lock } from "../../sync/lock.ts";
import { Thread } from "../../thread/mod.ts";
import { give, look } from "../fixtures/lock_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Lock({ scope: "process" });

for (const scope of ["thread", "process"] as const) {
  Deno.test(`Lock.acquire() gives a guard that releases once (${scope})`, async () => {
    const lock = new Lock({ scope });

    const guard = await lock.acquire();
    assertInstanceOf(guard, Guard);
    assertEquals(lock.locked, true);
    guard[Symbol.dispose]();
    assertEquals(lock.locked, false);

    using _other = lock.acquireSync();
    guard[Symbol.dispose]();
    assertEquals(lock.locked, true);
  });

  Deno.test(`Lock.acquire() rejects with the reason of an aborted signal (${scope})`, async () => {
    const lock = new Lock({ scope });
    const signal = AbortSignal.abort(new Error("enough"));

    await assertRejects(() => lock.acquire({ signal }), Error, "enough");

    assertEquals(lock.locked, false);
  });

  Deno.test(`Lock.acquire() rejects a negative timeout (${scope})`, async () => {
    const lock = new Lock({ scope });
    lock.acquireSync();

    await assertRejects(() => lock.acquire({ timeout: -1 }), RangeError, "-1");
    assertThrows(() => lock.acquireSync({ timeout: NaN }), RangeError, "NaN");
  });

  Deno.test(`Lock shows name, scope and state in Deno.inspect (${scope})`, () => {
    const lock = new Lock({ scope, name: "tickets" });

    assertEquals(Deno.inspect(lock), `Lock "tickets" { scope: "${scope}", unlocked }`);
    lock.acquireSync();
    assertEquals(Deno.inspect(lock), `Lock "tickets" { scope: "${scope}", locked }`);
  });

  Deno.test(`Lock travels inside the arguments of a thread (${scope})`, async () => {
    const lock = new Lock({ scope, name: "shared" });
    lock.acquireSync();
    const thread = Thread.spawn(look, { locks: [lock] });

    await assertRejects(() => thread.join({ timeout: 50 }), DOMException, "timed out");
    lock.release();

    assertEquals(await thread.join(), `Lock "shared" { scope: "${scope}", locked }`);
    assertEquals(lock.locked, false);
  });
}

Deno.test("Lock travels inside the arguments of a process", async () => {
  const lock = new Lock({ scope: "process", name: "shared" });
  lock.acquireSync();
  const process = Process.spawn(look, { locks: [lock] });

  await assertRejects(() => process.join({ timeout: 50 }), DOMException, "timed out");
  lock.release();

  assertEquals(await process.join(), 'Lock "shared" { scope: "process", locked }');
  assertEquals(lock.locked, false);
});

Deno.test("Lock of scope thread is refused for a process, with what to do", () => {
  const lock = new Lock({ name: "mine" });
  const process = new Process(look, { args: [{ locks: [lock] }] });

  const error = assertThrows(() => process.start(), DOMException, '{ scope: "process" }');

  assertEquals(error.name, "DataCloneError");
});

Deno.test("Lock can be the result of a thread", async () => {
  const lock = await Thread.spawn(give).join();

  assertInstanceOf(lock, Lock);
  assertEquals([lock.tryAcquire(), lock.tryAcquire(), lock.name], [true, false, "given"]);
});

Deno.test("new Lock() refuses a scope that is none", () => {
  assertThrows(() => new Lock({ scope: "local" as "thread" }), TypeError, "local");
});
