// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import { joinAll, sleep, spawn } from "../../coroutine/mod.ts";
import { Condition, Event, RLock } from "../../sync/mod.ts";
import { turns } from "./_helpers.ts";

new Event({ scope: "process" });

for (const scope of ["thread", "process"] as const) {
  Deno.test(`RLock of scope ${scope} is exclusive between coroutines of a thread, and re-entrant in each`, async () => {
    const lock = new RLock({ scope });
    let inside = 0;
    let most = 0;
    const work = async () => {
      for (let i = 0; i < 10; i++) {
        using _outer = await lock.acquire();
        most = Math.max(most, ++inside);
        await sleep(0);
        {
          using _inner = await lock.acquire();
          using _innermost = lock.acquireSync();
          assertEquals([lock.depth, lock.tryAcquire()], [3, true]);
          lock.release();
          await Promise.resolve();
        }
        assertEquals(lock.depth, 1);
        inside--;
      }
    };

    await joinAll([spawn(work), spawn(work), spawn(work)]);

    assertEquals([most, lock.locked, lock.depth], [1, false, 0]);
  });

  Deno.test(`RLock of scope ${scope} that a coroutine holds is not another's, nor that of code outside`, async () => {
    const lock = new RLock({ scope });
    const holder = spawn(async () => {
      await lock.acquire();
      await lock.acquire();
      await sleep(Infinity).catch(() => {});
      lock.release();
      lock.release();
    });
    await turns(1);

    const seen = await spawn(() => {
      assertThrows(() => lock.release(), Error, "the caller does not hold it");
      assertThrows(() => lock.acquireSync(), Error, "would block itself for ever");
      return [lock.locked, lock.depth, lock.tryAcquire()];
    });
    assertThrows(() => lock.release(), Error, "the caller does not hold it");
    assertEquals(seen, [true, 0, false]);
    assertEquals([lock.depth, lock.tryAcquire()], [0, false]);

    await holder.cancel();
    assertEquals([lock.locked, lock.tryAcquire()], [false, true]);
    lock.release();
  });
}

Deno.test("RLock belongs to the coroutine in what it calls and waits for, not to what it spawns", async () => {
  const lock = new RLock();
  const [waiting] = await spawn(async () => {
    using _guard = await lock.acquire();
    const helper = async () => {
      await sleep(1);
      return lock.depth;
    };
    assertEquals(await helper(), 1);
    assertEquals(await spawn(helper), 0);
    const waiting = spawn(async () => {
      using _guard = await lock.acquire();
      return "got it";
    });
    await turns(2);
    assertEquals(waiting.done, false);
    return [waiting];
  });

  assertEquals(await waiting, "got it");
});

Deno.test("Condition with an RLock is released wholly by a coroutine that waits, and taken again as often", async () => {
  const condition = new Condition();
  const { lock } = condition;
  const log: string[] = [];
  const waiter = spawn(function* () {
    yield lock.acquire();
    yield lock.acquire();
    log.push("waits");
    yield condition.wait();
    log.push(`has it ${(lock as RLock).depth} times`);
    lock.release();
    lock.release();
  });
  const notifier = spawn(async () => {
    await turns(1);
    using _guard = await condition.acquire();
    log.push("notifies");
    condition.notify();
    await sleep(1);
    log.push("releases");
  });
  await joinAll([waiter, notifier]);

  assertEquals(log, ["waits", "notifies", "releases", "has it 2 times"]);
  assertEquals(lock.locked, false);
});

Deno.test("Condition is an error to a coroutine that does not hold its lock, though another does", async () => {
  const condition = new Condition();
  const holder = spawn(async () => {
    using _guard = await condition.acquire();
    await sleep(Infinity);
  });
  await turns(1);

  const message = await spawn(async () => {
    assertThrows(() => condition.notify(), Error, "does not hold the lock");
    return await condition.wait().catch((error) => error.message);
  });

  assertEquals(message, "Cannot wait as the caller does not hold the lock of the condition");
  await holder.cancel();
  assertEquals(condition.locked, false);
});
