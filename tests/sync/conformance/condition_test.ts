// Copyright 2026 the Weft authors. MIT license.

/*
 * Condition, by CPython's lock_tests.ConditionTests, _TestCondition and asyncio's ConditionTests; each with a
 * Lock and with an RLock.
 *
 * | CPython                                     | here                                                    |
 * | ------------------------------------------- | ------------------------------------------------------- |
 * | test_acquire                                | has the lock that it was given, or an RLock             |
 * | test_unacquired_wait, test_unacquired_notify | in misuse_test.ts                                      |
 * | test_notify, mp test_notify, test_notify_n  | notify() wakes as many as it says                       |
 * | mp test_notify_all                          | notifyAll() wakes all                                   |
 * | mp invariant check                          | nobody waits at the end of each test: `waiting` is 0    |
 * | test_timeout, mp test_timeout               | times out for five at once: TimeoutError, not false     |
 * | test_waitfor, test_waitfor_timeout          | waitFor() …                                             |
 * | test_wait_result, asyncio: cancel …          | in condition_cancel_test.ts                             |
 * | asyncio: wait, notify(2048), explicit lock  | as above                                                |
 */

import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { Condition, Lock, RLock, SharedValue, type SyncOptions } from "../../../sync/mod.ts";
import { comesTo, comesToStay, exactly, Suite } from "./_harness.ts";

const kinds = { Lock, RLock };

function makeWith(kind: typeof Lock | typeof RLock) {
  return (options: SyncOptions) => {
    const lock: Lock | RLock = new kind(options);
    return {
      lock,
      condition: new Condition(lock),
      state: new SharedValue("i32", 0, options),
      count: new SharedValue("i32", 0, options),
    };
  };
}

const suite = new Suite(makeWith(Lock));

Deno.test("Condition has the lock that it was given, or an RLock", () => {
  const lock = new Lock({ scope: "process" });
  const given = new Condition(lock, { name: "full" });
  const own = new Condition();

  assertEquals([given.lock, given.scope, own.scope], [lock, "process", "thread"]);
  own.acquireSync();
  own.acquireSync();
  assertEquals((own.lock as RLock).depth, 2);
  assertEquals([given.tryAcquire(), lock.locked, given.tryAcquire()], [true, true, false]);
  given.release();
  assertEquals(given.locked, false);
  assertEquals(Deno.inspect(given), 'Condition "full" { scope: "process", waiting: 0 }');
});

for (const [name, kind] of Object.entries(kinds)) {
  const make = makeWith(kind);
  const title = (text: string) => `Condition with ${name}: ${text}`;

  suite.alone(title("wait() times out and has the lock again"), async ({ objects, act }) => {
    const { condition, lock } = objects;
    await act(condition, "acquire");

    for (const timeout of [0, 1, 50]) {
      const start = performance.now();
      const error = await assertRejects(() => act(condition, "wait", { timeout }), DOMException);
      assertEquals([error.name, lock.locked, condition.waiting], ["TimeoutError", true, 0]);
      assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
    }
    condition.release();

    assertEquals(lock.locked, false);
  }, { make });

  suite.alone(title("notify() and notifyAll() of nobody do nothing"), async ({ objects, act }) => {
    const { condition } = objects;
    await act(condition, "acquire");

    condition.notify();
    condition.notify(0);
    condition.notify(2048);
    condition.notifyAll();

    assertEquals(condition.waiting, 0);
    await assertRejects(() => act(condition, "wait", { timeout: 5 }), DOMException, "timed out");
  }, { make });

  suite.alone(title("waitFor() of what holds waits for nothing"), async ({ objects, act }) => {
    const { condition } = objects;
    await act(condition, "acquire");

    assertEquals(await act(condition, "waitFor", () => "held", { timeout: 0 }), "held");
    await assertRejects(() => act(condition, "waitFor", () => 0, { timeout: 5 }), DOMException);

    assertEquals([condition.locked, condition.waiting], [true, 0]);
  }, { make });

  suite.together(
    title("notify() wakes as many as it says, once they can have the lock"),
    5,
    async (scene) => {
      const { objects: { condition, count }, actors } = scene;
      const notify = (tell: () => void) => {
        using _guard = condition.acquireSync();
        tell();
      };

      for (let round = 0; round < 2; round++) {
        count.value = 0;
        const calls = actors.map((actor) => actor.run("waitEach", 2));
        await comesToStay("five wait", () => condition.waiting === 5);

        condition.acquireSync();
        condition.notify(3);
        assertEquals(condition.waiting, 2);
        await exactly(0, calls);
        assertEquals(count.value, 0);
        condition.release();
        await comesToStay("three were told, and wait again", () => {
          return count.value === 3 && condition.waiting === 5;
        });

        // The two that have not been told have waited longest.
        notify(() => condition.notify(5));
        await comesToStay(
          "five more were told",
          () => count.value === 8 && condition.waiting === 2,
        );
        notify(() => condition.notifyAll());
        await Promise.all(calls);

        notify(() => condition.notify(5));
        assertEquals([count.value, condition.waiting, condition.locked], [10, 0, false]);
      }
    },
    { make },
  );

  suite.together(title("notifyAll() wakes all"), 5, async ({ objects, actors }) => {
    const { condition, count } = objects;
    const calls = actors.map((actor) => actor.run("waitEach", 1));
    await comesTo("five wait", () => condition.waiting === 5);

    condition.acquireSync();
    condition.notifyAll();
    condition.release();
    await Promise.all(calls);

    assertEquals([count.value, condition.waiting, condition.locked], [5, 0, false]);
  }, { make });

  suite.together(title("wait() of five at once times out"), 5, async ({ objects, actors }) => {
    const { condition } = objects;

    await Promise.all(actors.map(async (actor) => {
      await actor.wait("condition", "acquire");
      const start = performance.now();
      const error = await assertRejects(() => actor.wait("condition", "wait", { timeout: 60 }));
      assertEquals((error as Error).name, "TimeoutError");
      assertGreaterOrEqual(performance.now() - start, 36);
      await actor.invoke("condition", "release");
    }));

    assertEquals([condition.waiting, condition.locked], [0, false]);
  }, { make });

  suite.together(title("waitFor() goes on when the state is reached"), 2, async (scene) => {
    const { objects: { condition, state }, actors: [one, other] } = scene;
    const call = one!.run<number>("waitForState", 4);

    for (let i = 1; i <= 4; i++) {
      await comesTo("it waits", () => condition.waiting === 1);
      assertEquals(call.settled, false);
      await other!.run("tell", 1, i % 2 === 0);
    }

    assertEquals(await call, 4);
    assertEquals([state.value, condition.waiting, condition.locked], [4, 0, false]);
  }, { make });

  suite.together(title("waitFor() times out though it is notified meanwhile"), 2, async (scene) => {
    const { objects: { condition }, actors: [one, other] } = scene;
    const start = performance.now();
    const call = one!.run("waitForState", 1_000_000, 150);

    while (!call.settled) {
      await other!.run("tell", 1, true);
      // Coroutines that never wait let no timer run.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }

    const error = await assertRejects(() => call, Error);
    assertEquals([error.name, error.message], [
      "TimeoutError",
      "The wait timed out after 150 ms",
    ]);
    assertGreaterOrEqual(performance.now() - start, 150 * 0.6);
    assertEquals([condition.waiting, condition.locked], [0, false]);
  }, { make });

  suite.together(title("waitFor() rejects with what the predicate throws"), 1, async (scene) => {
    const { objects: { condition }, actors: [one] } = scene;

    await assertRejects(() => one!.run("waitForError"), Error, "thrown by the predicate");

    assertEquals([condition.waiting, condition.locked], [0, false]);
  }, { make });

  suite.together(title("hands over from two to three, and loses nothing"), 5, async (scene) => {
    const { objects: { condition, state }, actors } = scene;

    await Promise.all(actors.map((actor, i) => {
      return i < 2 ? actor.run("tell", 300, false) : actor.run("consume", 200);
    }));

    assertEquals([state.value, condition.waiting, condition.locked], [0, 0, false]);
  }, { make });
}

suite.together(
  "Condition with RLock: wait() releases it wholly and takes it back as often",
  2,
  async (scene) => {
    const { objects: { condition, lock }, actors: [one, other] } = scene;
    for (let i = 0; i < 3; i++) await one!.wait("condition", "acquire");
    const call = one!.wait("condition", "wait");
    await comesTo("it waits", () => condition.waiting === 1);

    await other!.wait("condition", "acquire", { timeout: 50_000 });
    await other!.invoke("condition", "notify");
    await other!.invoke("condition", "release");
    await call;

    assertEquals(await one!.get("lock", "depth"), 3);
    for (let i = 0; i < 3; i++) await one!.invoke("condition", "release");
    assertEquals(lock.locked, false);
  },
  { make: makeWith(RLock) },
);

suite.alone(
  "Condition.notify() wakes coroutines in the order in which they began to wait",
  async (scene) => {
    const { condition } = scene.objects;
    const order: number[] = [];
    const waits = Array.from({ length: 5 }, async (_, i) => {
      using _guard = await condition.acquire();
      await condition.wait();
      order.push(i);
    });
    await comesTo("all wait", () => condition.waiting === 5);

    for (const count of [1, 2, 2]) {
      using _guard = await condition.acquire();
      condition.notify(count);
    }
    await Promise.all(waits);

    assertEquals(order, [0, 1, 2, 3, 4]);
  },
  { forms: ["async"] },
);

suite.alone("Condition.notifyAll() wakes each of 1,000 coroutines once", async ({ objects }) => {
  const { condition } = objects;
  let woken = 0;
  const waits = Array.from({ length: 1000 }, async () => {
    using _guard = await condition.acquire();
    await condition.wait();
    woken++;
  });
  await comesTo("all wait", () => condition.waiting === 1000);

  {
    using _guard = await condition.acquire();
    condition.notifyAll();
  }
  await Promise.all(waits);

  assertEquals([woken, condition.waiting, condition.locked], [1000, 0, false]);
}, { forms: ["async"] });
