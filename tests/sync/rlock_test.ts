// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { RLock } from "../../sync/rlock.ts";
import { Thread } from "../../thread/mod.ts";
import { probe } from "../fixtures/rlock_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new RLock({ scope: "process" });

for (const scope of ["thread", "process"] as const) {
  Deno.test(`RLock is acquired and released as often by its owner (${scope})`, async () => {
    const lock = new RLock({ scope });

    lock.acquireSync();
    await lock.acquire();
    assertEquals([lock.tryAcquire(), lock.depth, lock.locked], [true, 3, true]);
    lock.release();
    lock.release();
    assertEquals([lock.depth, lock.locked], [1, true]);
    lock.release();

    assertEquals([lock.depth, lock.locked], [0, false]);
    assertThrows(() => lock.release(), Error, "does not hold");
  });

  Deno.test(`RLock excludes others, who can neither take nor release it (${scope})`, async () => {
    const lock = new RLock({ scope });
    lock.acquireSync();
    lock.acquireSync();
    const unit = scope === "thread" ? Thread.spawn(probe, lock) : Process.spawn(probe, lock);

    assertEquals(await unit.join(), {
      depth: 0,
      tried: false,
      released: "Cannot release the lock as the caller does not hold it",
      timedOut: "TimeoutError",
    });
    assertEquals(lock.depth, 2);
    lock.release();
    lock.release();
  });

  Deno.test(`RLock.acquire() rejects when its signal is aborted, also for its owner (${scope})`, async () => {
    const lock = new RLock({ scope });
    lock.acquireSync();

    await assertRejects(() => lock.acquire({ signal: AbortSignal.abort(new Error("no")) }), Error);

    assertEquals(lock.depth, 1);
    lock.release();
  });
}

Deno.test("RLock shows its depth in Deno.inspect", () => {
  const lock = new RLock({ name: "both" });

  assertEquals(Deno.inspect(lock), 'RLock "both" { scope: "thread", unlocked }');
  lock.acquireSync();
  assertEquals(Deno.inspect(lock), 'RLock "both" { scope: "thread", locked, depth: 1 }');
});
