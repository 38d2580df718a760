// Copyright 2026 the Weft authors. MIT license.

/*
 * Lock: what all locks have in common (see _base_lock.ts), and CPython's LockTests, ThreadingExceptionTests,
 * _TestLock, and asyncio's LockTests.
 *
 * | CPython                                        | here                                                 |
 * | ---------------------------------------------- | ---------------------------------------------------- |
 * | test_reacquire                                 | acquired twice by one waits                          |
 * | test_different_thread                          | release() by another                                 |
 * | test_releasing_unacquired_lock                 | release() throws                                     |
 * | mp test_lock, test_lock_context                | the same tests as for threads, with one kind of error |
 * | test_lock_no_args                              | A: a scope that is none, in misuse_test.ts           |
 * | test_lock_no_subclass                          | X: a ban that protects C code                        |
 * | asyncio: acquire, acquire_cancel               | serves coroutines in order; leaves no trace          |
 * | asyncio: cancel_race, cancel_release_race,     | in races_test.ts, for all that is acquired           |
 * | finished_waiter_cancelled                      |                                                      |
 * | asyncio: release unlocked, context manager     | as above                                             |
 * | asyncio: "object can't be awaited"             | X: a matter of Python's syntax                       |
 */

import {
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Guard, Lock } from "../../../sync/mod.ts";
import { Thread } from "../../../thread/mod.ts";
import { give } from "../../fixtures/lock_tasks.ts";
import { baseLockSuite } from "./_base_lock.ts";
import { exactly } from "./_harness.ts";

const suite = baseLockSuite(Lock);

suite.alone("Lock.tryAcquire() takes a free lock alone", ({ objects: { lock } }) => {
  assertEquals([lock.tryAcquire(), lock.tryAcquire(), lock.locked], [true, false, true]);
  lock.release();
  assertEquals(lock.tryAcquire(), true);
}, { forms: ["sync"] });

suite.alone(
  "Lock.acquire() gives a guard that releases once",
  async ({ objects: { lock }, act }) => {
    const guard = await act(lock, "acquire");
    assertInstanceOf(guard, Guard);

    guard[Symbol.dispose]();
    assertEquals(lock.locked, false);

    await act(lock, "acquire");
    guard[Symbol.dispose]();
    assertEquals(lock.locked, true);
  },
);

suite.alone("Lock.release() throws when nobody holds it", async ({ objects: { lock }, act }) => {
  assertThrows(() => lock.release(), Error, "not held");

  await act(lock, "acquire");
  lock.release();

  assertThrows(() => lock.release(), Error, "not held");
  assertEquals(lock.locked, false);
});

suite.alone("Lock.acquire() of a held lock times out", async ({ objects: { lock }, act }) => {
  await act(lock, "acquire");

  for (const timeout of [0, 1, 50]) {
    const start = performance.now();
    const error = await assertRejects(() => act(lock, "acquire", { timeout }), DOMException);
    assertEquals(error.name, "TimeoutError");
    assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
  }
  assertEquals(lock.locked, true);
});

suite.together("Lock acquired twice by one waits until another releases it", 2, async (scene) => {
  const { objects: { lock }, actors: [one, other] } = scene;
  await one!.wait("lock", "acquire");
  const again = one!.wait("lock", "acquire", { timeout: 50_000 });
  await again.isWaiting();
  await exactly(0, [again]);

  await other!.invoke("lock", "release");
  await again;

  assertEquals(lock.locked, true);
});

suite.together("Lock.release() by another than the holder frees it", 2, async (scene) => {
  const { objects: { lock }, actors: [one, other] } = scene;
  await one!.wait("lock", "acquire");

  await other!.invoke("lock", "release");

  assertEquals(lock.locked, false);
  await assertRejects(() => one!.invoke("lock", "release"), Error, "not held");
});

suite.alone("Lock.acquire() serves coroutines in the order in which they asked", async (scene) => {
  const { lock } = scene.objects;
  await lock.acquire();
  const order: number[] = [];
  const waits = Array.from({ length: 5 }, async (_, i) => {
    await lock.acquire();
    order.push(i);
    lock.release();
  });

  lock.release();
  await Promise.all(waits);

  assertEquals(order, [0, 1, 2, 3, 4]);
}, { forms: ["async"] });

Deno.test("Lock can be the result of a thread", async () => {
  const lock = await Thread.spawn(give).join();

  assertInstanceOf(lock, Lock);
  assertEquals([lock.tryAcquire(), lock.tryAcquire(), lock.name], [true, false, "given"]);
});
