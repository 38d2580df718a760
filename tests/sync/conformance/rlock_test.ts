// Copyright 2026 the Weft authors. MIT license.

/*
 * RLock: what all locks have in common (see _base_lock.ts), and CPython's RLockTests and _TestLock.test_rlock.
 *
 * | CPython                                        | here                                                 |
 * | ---------------------------------------------- | ---------------------------------------------------- |
 * | test_reacquire, mp test_rlock                  | is acquired and released as often                    |
 * | test_release_unacquired                        | release() throws                                     |
 * | test_different_thread                          | release() by another throws                          |
 * | test__is_owned, test_recursion_count           | depth …                                              |
 * | test_release_save_unacquired                   | A: Condition.wait() without the lock, in             |
 * |                                                | condition_test.ts; there is no release of all        |
 * | CRLockTests.test_signature                     | A: the owner is the coroutine, else the thread: the  |
 * |                                                | coroutines of the modes are owners of their own      |
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { RLock } from "../../../sync/mod.ts";
import { baseLockSuite } from "./_base_lock.ts";
import { exactly } from "./_harness.ts";

const suite = baseLockSuite(RLock);

suite.alone("RLock is acquired and released as often by its owner", async ({ objects, act }) => {
  const { lock } = objects;

  for (let round = 0; round < 2; round++) {
    await act(lock, "acquire");
    assertEquals([lock.tryAcquire(), lock.depth], [true, 2]);
    await act(lock, "acquire", { timeout: 0 });
    assertEquals([lock.depth, lock.locked], [3, true]);
    lock.release();
    lock.release();
    assertEquals([lock.depth, lock.locked], [1, true]);
    lock.release();
    assertEquals([lock.depth, lock.locked], [0, false]);
    assertThrows(() => lock.release(), Error, "does not hold");
  }
});

suite.alone("RLock.acquire() by its owner rejects when its signal has aborted", async (scene) => {
  const { lock } = scene.objects;
  await lock.acquire();
  const signal = AbortSignal.abort(new Error("enough"));

  await assertRejects(() => lock.acquire({ signal }), Error, "enough");

  assertEquals(lock.depth, 1);
}, { forms: ["async"] });

suite.alone("RLock.release() throws when nobody holds it", ({ objects: { lock } }) => {
  assertThrows(() => lock.release(), Error, "does not hold");
  assertEquals([lock.locked, lock.depth], [false, 0]);
}, { forms: ["sync"] });

suite.alone("RLock guards release once for each acquire", async ({ objects: { lock }, act }) => {
  const outer = await act(lock, "acquire") as Disposable;
  const inner = await act(lock, "acquire") as Disposable;

  inner[Symbol.dispose]();
  inner[Symbol.dispose]();
  assertEquals(lock.depth, 1);
  outer[Symbol.dispose]();

  assertEquals(lock.locked, false);
});

suite.together("RLock.release() by another than its owner throws", 2, async ({ actors }) => {
  const [one, other] = actors;
  await one!.wait("lock", "acquire");

  await assertRejects(() => other!.invoke("lock", "release"), Error, "does not hold");

  assertEquals([await one!.get("lock", "depth"), await one!.get("lock", "locked")], [1, true]);
  await one!.invoke("lock", "release");
  await assertRejects(() => one!.invoke("lock", "release"), Error, "does not hold");
});

suite.together("RLock.depth counts for its owner and is 0 for others", 2, async ({ actors }) => {
  const [one, other] = actors;
  const depths = async () => [await one!.get("lock", "depth"), await other!.get("lock", "depth")];

  assertEquals(await depths(), [0, 0]);
  await one!.wait("lock", "acquire");
  assertEquals(await depths(), [1, 0]);
  await one!.wait("lock", "acquire");
  await one!.invoke("lock", "tryAcquire");
  assertEquals(await depths(), [3, 0]);
  await one!.invoke("lock", "release");
  assertEquals(await depths(), [2, 0]);
  await one!.invoke("lock", "release");
  await one!.invoke("lock", "release");
  assertEquals(await depths(), [0, 0]);
});

suite.together(
  "RLock is free for others after as many releases as acquires",
  2,
  async ({ actors }) => {
    const [one, other] = actors;
    for (let i = 0; i < 3; i++) await one!.wait("lock", "acquire");
    const waiting = other!.wait("lock", "acquire");
    await waiting.isWaiting();

    await one!.invoke("lock", "release");
    await one!.invoke("lock", "release");
    await exactly(0, [waiting]);
    await one!.invoke("lock", "release");
    await waiting;

    assertEquals(await other!.get("lock", "depth"), 1);
    assertEquals(await one!.get("lock", "depth"), 0);
  },
);

suite.together(
  "RLock.acquire() again by its owner goes ahead of others who wait",
  3,
  async (scene) => {
    const [one, ...others] = scene.actors;
    await one!.wait("lock", "acquire");
    const waiting = others.map((other) => other.wait("lock", "acquire"));
    await Promise.all(waiting.map((call) => call.isWaiting()));

    await one!.wait("lock", "acquire", { timeout: 0 });

    await exactly(0, waiting);
    await one!.invoke("lock", "release");
    await one!.invoke("lock", "release");
    await exactly(1, waiting);
    for (const [i, call] of waiting.entries()) {
      if (call.settled) await others[i]!.invoke("lock", "release");
    }
    await Promise.all(waiting);
  },
);
