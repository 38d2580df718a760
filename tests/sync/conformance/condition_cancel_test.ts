// Copyright 2026 the Weft authors. MIT license.

/*
 * Waits for a Condition that end otherwise than by a notification, by asyncio's ConditionTests.
 *
 * | CPython                                     | here                                                    |
 * | ------------------------------------------- | ------------------------------------------------------- |
 * | test_wait_result                            | A: nothing when notified; an abort ends the wait        |
 * | asyncio: wait_cancel, wait_cancel_contested | aborted: the lock is held again                         |
 * | asyncio: wait_cancel_after_notify,          | aborted after it was notified: passes it on             |
 * | cancelled_wakeup, cancelled_wakeup_relock   |                                                         |
 * | asyncio: cancelled error unmodified         | rejects with the reason itself                          |
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Condition, Lock, RLock, type SyncOptions } from "../../../sync/mod.ts";
import { comesTo, exactly, Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ condition: new Condition(new Lock(options)) }));

for (const [name, kind] of Object.entries({ Lock, RLock })) {
  const make = (options: SyncOptions) => ({ condition: new Condition(new kind(options)) });
  const title = (text: string) => `Condition with ${name}: ${text}`;

  suite.together(title("wait() that is aborted has the lock again"), 2, async (scene) => {
    const { objects: { condition }, actors: [one, other] } = scene;
    await one!.wait("condition", "acquire");
    const call = one!.wait("condition", "wait", { abortable: true });
    await comesTo("it waits", () => condition.waiting === 1);
    await other!.wait("condition", "acquire");

    call.abort();
    await exactly(0, [call]);
    await other!.invoke("condition", "release");
    await assertRejects(() => call, Error, "enough");

    assertEquals([condition.waiting, condition.locked], [0, true]);
    await one!.invoke("condition", "release");
    assertEquals(condition.locked, false);
  }, { make, forms: ["async"] });

  for (const when of ["with its notification", "after it"]) {
    suite.together(title(`wait() that is aborted ${when} passes it on`), 2, async (scene) => {
      const { mode, objects: { condition }, actors: [one, other] } = scene;
      for (let i = 0; i < 10; i++) {
        await one!.wait("condition", "acquire");
        const first = one!.wait("condition", "wait", { abortable: true });
        await comesTo("one waits", () => condition.waiting === 1);
        await other!.wait("condition", "acquire");
        const second = other!.wait("condition", "wait");
        await comesTo("two wait", () => condition.waiting === 2);

        const guard = await condition.acquire();
        if (when === "after it") condition.notify();
        first.abort();
        for (let turns = i; turns > 0; turns--) await Promise.resolve();
        if (when !== "after it") condition.notify();
        guard[Symbol.dispose]();
        const outcome = await first.then(() => "notified", (error: Error) => error.message);
        await one!.invoke("condition", "release");
        // Elsewhere the abort can come too late.
        if (mode.place === "coroutines") assertEquals(outcome, "enough");
        if (outcome === "notified") {
          using _guard = await condition.acquire();
          condition.notify();
        }
        await second;

        assertEquals([condition.waiting, condition.locked], [0, true]);
        await other!.invoke("condition", "release");
      }
    }, { make, forms: ["async"] });
  }

  suite.together(
    title("wait() that was notified counts so, though its time is over meanwhile"),
    1,
    async (scene) => {
      const { objects: { condition }, actors: [one] } = scene;
      await one!.wait("condition", "acquire");
      const call = one!.wait("condition", "wait", { timeout: 200 });
      await comesTo("it waits", () => condition.waiting === 1);

      const start = performance.now();
      condition.acquireSync();
      condition.notify();
      while (performance.now() < start + 250) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assertEquals(call.settled, false);
      condition.release();
      await call;

      assertEquals([condition.waiting, condition.locked], [0, true]);
    },
    { make },
  );
}

suite.alone(
  "Condition.wait() rejects with the reason itself",
  async ({ objects: { condition } }) => {
    const reason = { any: "thing" };
    const controller = new AbortController();
    await condition.acquire();
    const call = condition.wait({ signal: controller.signal });
    controller.abort(reason);

    assert(await call.then(() => false, (error) => error === reason));
    assert(
      await condition.wait({ signal: controller.signal }).then(() => false, (e) => e === reason),
    );

    assertEquals([condition.locked, condition.waiting], [true, 0]);
  },
  { forms: ["async"] },
);

suite.alone(
  "Condition can be used by an abort handler and a predicate of its own",
  async (scene) => {
    const { condition } = scene.objects;
    const controller = new AbortController();
    await condition.acquire();
    controller.signal.addEventListener("abort", () => {
      assertEquals(condition.tryAcquire(), true);
      condition.notify();
      condition.release();
    });
    const call = condition.wait({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assertRejects(() => call, Error, "enough");

    const seen = await condition.waitFor(() => {
      condition.notifyAll();
      return condition.locked;
    });

    assertEquals([seen, condition.waiting], [true, 0]);
    assertThrows(() => condition.acquireSync(), Error, "this thread");
  },
  { forms: ["async"] },
);
