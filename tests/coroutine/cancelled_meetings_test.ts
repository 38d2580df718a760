// Copyright 2026 the Weft authors. MIT license.

/*
 * Coroutines that are cancelled at a condition, an event, a barrier or a rendezvous. By asyncio's tests: wait_cancel,
 * wait_cancel_contested, wait_cancel_after_notify, cancelled_wakeup, cancelled_wakeup_relock, cancelled error
 * unmodified; wait and cancel of events; cancel while a barrier fills.
 */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Channel } from "../../channel/mod.ts";
import { type Coroutine, sleep, spawn } from "../../coroutine/mod.ts";
import { Barrier, Condition, Event, Lock, RLock } from "../../sync/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { receiveAndSet } from "../fixtures/coroutine_tasks.ts";
import { type Form, forms, isSettled, moments, spawnForm, turns } from "./_helpers.ts";

const locks = { Lock: () => new Lock(), RLock: () => new RLock() };

/** Spawns a coroutine that waits to be notified, and says with whom the lock was when it cleaned up. */
function spawnNotified(form: Form, condition: Condition, log: string[], name = ""): Coroutine {
  const { lock } = condition;
  switch (form) {
    case "async function":
      return spawn(async () => {
        await lock.acquire();
        try {
          await condition.wait();
          log.push(`${name}notified`);
        } finally {
          log.push(`${name}cleaned up`);
          lock.release();
        }
      });
    case "generator":
      return spawn(function* () {
        yield lock.acquire();
        try {
          yield condition.wait();
          log.push(`${name}notified`);
        } finally {
          log.push(`${name}cleaned up`);
          lock.release();
        }
      });
    case "async generator":
      return spawn(async function* () {
        yield lock.acquire();
        try {
          yield condition.wait();
          log.push(`${name}notified`);
        } finally {
          log.push(`${name}cleaned up`);
          lock.release();
        }
      });
  }
}

for (const form of forms) {
  for (const [name, create] of Object.entries(locks)) {
    Deno.test(`Condition.wait() with a ${name} has it again before an ${form} that is cancelled cleans up`, async () => {
      const condition = new Condition(create());
      const log: string[] = [];
      const waiter = spawnNotified(form, condition, log);
      while (condition.waiting < 1) await turns(1);
      await condition.acquire();
      const reason = new Error("enough");

      const cancelled = waiter.cancel(reason);
      assertEquals(await isSettled(cancelled), false);
      assertEquals(log, []);

      condition.release();
      await cancelled;
      assertEquals(log, ["cleaned up"]);
      assertEquals([condition.locked, condition.waiting], [false, 0]);
      assertStrictEquals(await assertRejects(() => waiter.join(), Error), reason);
    });

    Deno.test(`Condition.wait() with a ${name} has it again before an ${form} cleans up that is cancelled after it was notified`, async () => {
      const condition = new Condition(create());
      const log: string[] = [];
      const waiter = spawnNotified(form, condition, log);
      while (condition.waiting < 1) await turns(1);
      await condition.acquire();
      condition.notify();
      condition.release();
      assert(condition.tryAcquire());
      await turns(2);

      const cancelled = waiter.cancel();
      assertEquals(await isSettled(cancelled), false);
      assertEquals(log, []);
      assertEquals(condition.locked, true);

      condition.release();
      await cancelled;
      assertEquals(log, ["notified", "cleaned up"]);
      assertEquals(condition.locked, false);
    });

    Deno.test(`Condition with a ${name} wakes another when an ${form} is cancelled about when it is notified`, async () => {
      const outcomes = new Set<boolean>();

      for (const cancelFirst of [true, false]) {
        for (const moment of moments) {
          const condition = new Condition(create());
          const log: string[] = [];
          const first = spawnNotified(form, condition, log, "first ");
          const second = spawnNotified(form, condition, log, "second ");
          while (condition.waiting < 2) await turns(1);

          if (cancelFirst) first.cancel();
          await moment();
          await condition.acquire();
          condition.notify();
          condition.release();
          if (!cancelFirst) {
            await moment();
            first.cancel();
          }
          await first.cancel();
          const isFirst = log.includes("first notified");
          outcomes.add(isFirst);
          if (isFirst) {
            assertEquals(await isSettled(second.join()), false);
            await condition.acquire();
            condition.notify();
            condition.release();
          }
          await second;

          assert(log.includes("first cleaned up"));
          assertEquals(log.slice(-2), ["second notified", "second cleaned up"]);
          assertEquals([condition.locked, condition.waiting], [false, 0]);
        }
      }

      assertEquals(outcomes.size, 2, "there was no race");
    });
  }

  Deno.test(`Event.wait() leaves none waiting when an ${form} is cancelled about when it is set`, async () => {
    for (const moment of moments) {
      const event = new Event();
      let count = 0;
      const waiters = [1, 2, 3].map(() => spawnForm(form, () => event.wait(), () => count++));
      await turns(2);

      const cancelled = waiters[1]!.cancel();
      event.set();
      event.clear();
      await moment();
      await waiters[2]!.cancel();
      await cancelled;
      await waiters[0];

      assertEquals([count, event.isSet], [2, false]);
    }
  });

  Deno.test(`Barrier counts an ${form} that is cancelled while it fills as not there`, async () => {
    for (const moment of moments) {
      const barrier = new Barrier(2);
      const indices: number[] = [];
      const first = spawnForm(form, () => barrier.wait(), (index) => indices.push(index));
      await moment();

      await first.cancel();
      assertEquals([barrier.waiting, barrier.broken, indices], [0, false, []]);

      const others = [1, 2].map(() => {
        return spawnForm(form, () => barrier.wait(), (index) => indices.push(index));
      });
      await Promise.all(others);
      assertEquals(indices.toSorted(), [0, 1]);
    }
  });

  Deno.test(`Barrier counts an ${form} that is cancelled about when all are there wholly or not at all`, async () => {
    for (const moment of moments) {
      const barrier = new Barrier(2);
      const indices: number[] = [];
      const use = (index: number) => indices.push(index);
      const first = spawnForm(form, () => barrier.wait(), use);
      const second = spawnForm(form, () => barrier.wait(), use);
      await moment();

      await first.cancel();
      if (await isSettled(second)) assertEquals(indices.toSorted(), [0, 1]);
      else {
        assertEquals([barrier.waiting, indices], [1, []]);
        await barrier.wait();
        await second;
        assertEquals(indices.length, 1);
      }
      assertEquals([barrier.waiting, barrier.broken], [0, false]);
    }
  });
}

Deno.test("Condition.wait() passes a cancellation that comes while it takes the lock on to the next wait", async () => {
  const condition = new Condition();
  const log: unknown[] = [];
  const reason = new Error("enough");
  const waiter = spawn(async () => {
    using _guard = await condition.acquire();
    await condition.wait();
    log.push("notified");
    await sleep(60_000).catch((error) => log.push(error));
    await sleep(1);
    log.push("slept");
  });
  while (condition.waiting < 1) await turns(1);
  await condition.acquire();
  condition.notify();
  condition.release();
  assert(condition.tryAcquire());
  await turns(1);

  const cancelled = waiter.cancel(reason);
  condition.release();
  await cancelled;

  assertEquals(log, ["notified", reason, "slept"]);
  assertEquals(waiter.cancelled, false);
});

Deno.test("Barrier.wait() passes a cancellation that comes while its action runs on to the next wait", async () => {
  const ready = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => ready.promise });
  const log: unknown[] = [];
  const party = spawn(async () => {
    log.push(await barrier.wait());
    await sleep(Infinity);
  });
  while (barrier.waiting < 1) await turns(1);
  const last = barrier.wait();
  await turns(1);

  const cancelled = party.cancel();
  assertEquals(await isSettled(cancelled), false);
  ready.resolve();
  await last;

  assertEquals(await isSettled(cancelled), true, "it waits on though it is cancelled");
  assertEquals(log, [0]);
  assertEquals(party.cancelled, true);
});

Deno.test("Channel.send() passes a cancellation on to the next wait when its value is received all the same", async () => {
  const channel = new Channel<number>({ scope: "thread" });
  const words = new Int32Array(new SharedArrayBuffer(4));
  let sent = false;
  const sender = spawn(async () => {
    await channel.send(7);
    sent = true;
    await sleep(Infinity);
  });
  await turns(1);
  const thread = Thread.spawn(receiveAndSet, channel, words);
  // Blocks this thread, so that the sender has not heard of it when it is cancelled.
  Atomics.wait(words, 0, 0);

  const cancelled = sender.cancel();
  assertEquals(await thread.join(), 7);

  assertEquals(await isSettled(cancelled), true, "it waits on though it is cancelled");
  assertEquals([sent, sender.cancelled], [true, true]);
});
