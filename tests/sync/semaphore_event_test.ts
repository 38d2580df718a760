// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { BoundedSemaphore } from "../../sync/bounded_semaphore.ts";
import { Event } from "../../sync/event.ts";
import { Semaphore } from "../../sync/semaphore.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { pass, take } from "../fixtures/semaphore_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

for (const scope of ["thread", "process"] as const) {
  const spawn = <A extends unknown[]>(task: Task<A, unknown>, ...args: A): Thread | Process => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  for (const form of ["acquire", "acquireSync"] as const) {
    Deno.test(`Semaphore.${form}() loses no permit between four (${scope})`, async () => {
      const ready = new Semaphore(0, { scope });
      const start = new Event({ scope });
      const gate = new BoundedSemaphore(2, { scope });

      const units = Array.from(
        { length: 4 },
        () => spawn(pass, { ready, start, gate }, 20_000, form),
      );
      for (const _unit of units) await ready.acquire();
      start.set();
      await Promise.all(units.map((unit) => unit.join()));

      assertEquals([gate.value, ready.value], [2, 0]);
    });
  }

  Deno.test(`Semaphore permits taken elsewhere are gone here (${scope})`, async () => {
    const gate = new Semaphore(1, { scope });
    const taken = new Event({ scope });
    const unit = spawn(take, gate, taken);

    await taken.wait();

    assertEquals([gate.value, gate.tryAcquire()], [0, false]);
    await unit.join();
  });

  Deno.test(`Semaphore.release() wakes as many as it releases (${scope})`, async () => {
    const semaphore = new Semaphore(0, { scope });
    let through = 0;
    const waits = Array.from({ length: 10 }, () => semaphore.acquire().then(() => ++through));

    semaphore.release(3);
    await Promise.all(waits.slice(0, 3));
    assertEquals([through, semaphore.value], [3, 0]);
    semaphore.release(7);
    await Promise.all(waits);

    assertEquals([through, semaphore.value], [10, 0]);
  });

  Deno.test(`Semaphore.acquire() serves in order and skips who has left (${scope})`, async () => {
    const semaphore = new Semaphore(0, { scope });
    const order: string[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = semaphore.acquire({ signal }).then(() => order.push("aborted"));
    const late = semaphore.acquire({ timeout: 5 }).then(() => order.push("late"));
    const rest = ["a", "b"].map((name) => semaphore.acquire().then(() => order.push(name)));

    controller.abort(new Error("enough"));
    await assertRejects(() => aborted, Error, "enough");
    await assertRejects(() => late, DOMException, "timed out");
    semaphore.release(2);
    await Promise.all(rest);

    assertEquals([order, semaphore.value], [["a", "b"], 0]);
  });

  Deno.test(`Semaphore.acquireSync() times out and takes nothing (${scope})`, () => {
    const semaphore = new Semaphore(1, { scope });
    semaphore.acquireSync();

    assertThrows(() => semaphore.acquireSync({ timeout: 5 }), DOMException, "timed out");

    semaphore.release();
    assertEquals(semaphore.value, 1);
  });

  Deno.test(`BoundedSemaphore.release() refuses one too many and adds nothing (${scope})`, () => {
    const semaphore = new BoundedSemaphore(2, { scope });

    assertThrows(() => semaphore.release(), RangeError, "more than 2");
    semaphore.acquireSync();
    assertThrows(() => semaphore.release(2), RangeError, "more than 2");
    semaphore.release();

    assertEquals([semaphore.value, semaphore.limit], [2, 2]);
  });

  Deno.test(`Event.wait() ends for all when it is set, also if it is cleared at once (${scope})`, async () => {
    const event = new Event({ scope });
    const waits = Array.from({ length: 5 }, () => event.wait());

    event.set();
    event.clear();
    await Promise.all(waits);

    assertEquals(event.isSet, false);
    await assertRejects(() => event.wait({ timeout: 5 }), DOMException, "timed out");
  });

  Deno.test(`Event.set() and clear() twice are as once (${scope})`, async () => {
    const event = new Event({ scope });

    event.set();
    event.set();
    assertEquals(event.isSet, true);
    await event.wait();
    event.waitSync();
    event.clear();
    event.clear();

    assertEquals(event.isSet, false);
    assertThrows(() => event.waitSync({ timeout: 5 }), DOMException, "timed out");
  });
}

Deno.test("new Semaphore() refuses permits that are not a whole number from 0", () => {
  for (const permits of [-1, 1.5, NaN, 2 ** 31]) {
    assertThrows(() => new Semaphore(permits), RangeError, String(permits));
  }
  const semaphore = new Semaphore();
  assertEquals(semaphore.value, 1);
  for (const permits of [0, -1, 1.5]) {
    assertThrows(() => semaphore.release(permits), RangeError, String(permits));
  }
});

Deno.test("Semaphore, BoundedSemaphore and Event show their state in Deno.inspect", () => {
  assertEquals(Deno.inspect(new Semaphore(3)), 'Semaphore { scope: "thread", value: 3 }');
  assertEquals(
    Deno.inspect(new BoundedSemaphore(2, { name: "seats" })),
    'BoundedSemaphore "seats" { scope: "thread", value: 2 }',
  );
  assertEquals(Deno.inspect(new Event()), 'Event { scope: "thread", not set }');
});
