// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { activeCount, Thread, ThreadTerminatedError } from "../../thread/mod.ts";
import { Misuser } from "../fixtures/thread_classes.ts";
import { add, nothing } from "../fixtures/thread_values.ts";
import { failAfter, spin, waitFor } from "../fixtures/thread_waits.ts";
import { captureErrors, endOf, Flag } from "./_helpers.ts";

/** Counts the listeners of a signal. */
class CountingSignal {
  readonly controller = new AbortController();
  count = 0;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  constructor() {
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.count++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.count--;
      remove(...args);
    };
  }
}

Deno.test("Thread.join() rejects with a TimeoutError and the thread goes on", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(waitFor, flag.words, "done");

  const error = await assertRejects(() => thread.join({ timeout: 5 }), DOMException);

  assertEquals(error.name, "TimeoutError");
  assert(thread.isAlive);
  flag.set();
  assertEquals(await thread.join(), "done");
});

Deno.test("Thread.join() does not wait when the timeout is 0", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(waitFor, flag.words, "done");

  await assertRejects(() => thread.join({ timeout: 0 }), DOMException, "timed out");

  flag.set();
  await thread.join();
});

Deno.test("Thread.join() delivers the result when the thread ends before the timeout", async () => {
  assertEquals(await Thread.spawn(add, 1, 2).join({ timeout: 60_000 }), 3);
});

Deno.test("Thread.join() throws a RangeError when the timeout is negative", async () => {
  const thread = Thread.spawn(nothing);

  await assertRejects(() => thread.join({ timeout: -1 }), RangeError, "current value is -1");
  await assertRejects(() => thread.join({ timeout: NaN }), RangeError, "current value is NaN");
  const text = "5" as unknown as number;
  await assertRejects(() => thread.join({ timeout: text }), RangeError, 'current value is "5"');

  await thread.join();
});

Deno.test("Thread.join() rejects with the reason when its signal aborts, and the thread goes on", async () => {
  const flag = new Flag();
  const controller = new AbortController();
  const thread = Thread.spawn(waitFor, flag.words, "done");
  const joining = thread.join({ signal: controller.signal });
  const reason = new Error("enough");

  controller.abort(reason);

  assertStrictEquals(await assertRejects(() => joining), reason);
  assert(thread.isAlive);
  flag.set();
  assertEquals(await thread.join(), "done");
});

Deno.test("Thread.join() rejects with the reason when its signal is aborted already", async () => {
  const thread = Thread.spawn(add, 1, 2);
  await thread.join();
  const signal = AbortSignal.abort("too late");

  const reason = await thread.join({ signal }).catch((reason) => reason);

  assertEquals(reason, "too late");
});

Deno.test("Thread.join() leaves no listener on its signal", async () => {
  const counting = new CountingSignal();

  await Thread.spawn(add, 1, 2).join({ signal: counting.signal });

  assertEquals(counting.count, 0);
});

Deno.test("Thread.join() delivers the result to all who wait", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(waitFor, flag.words, "done");
  const joins = [thread.join(), thread.join(), thread.join({ timeout: 60_000 })];

  flag.set();

  assertEquals(await Promise.all(joins), ["done", "done", "done"]);
});

Deno.test("Thread.join() rejects for all who wait when the task throws", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(failAfter, flag.words);
  const joins = [thread.join(), thread.join()];

  flag.set();

  const results = await Promise.allSettled(joins);
  assertEquals(results.map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("Thread.join() ends one wait by its timeout and leaves the others", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(waitFor, flag.words, "done");
  const patient = thread.join();

  await assertRejects(() => thread.join({ timeout: 5 }), DOMException);

  flag.set();
  assertEquals(await patient, "done");
});

Deno.test("Thread.join() rejects when the thread was not started", async () => {
  await assertRejects(() => new Thread(nothing).join(), Error, "as it was not started");
});

Deno.test("Thread.join() rejects when the thread joins itself", async () => {
  const { error } = await endOf(new Misuser("join").start());

  assertEquals(
    (error as Error).message,
    'Cannot join thread "misuser" as it is running this code',
  );
});

Deno.test("Thread.join() counts as not done when it timed out before the error came", async () => {
  const flag = new Flag();
  const thread = new Thread(failAfter, { args: [flag.words], name: "late" }).start();
  await assertRejects(() => thread.join({ timeout: 5 }), DOMException);

  const printed = await captureErrors(async (printed) => {
    flag.set();
    await printed;
  });

  assertEquals(printed.length, 1);
  assertEquals(printed[0]![0], "Exception in thread late:");
  await assertRejects(() => thread.join(), RangeError, "after the wait");
});

Deno.test("Thread.join() keeps an error from being printed when it comes after the end", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(failAfter, flag.words);

  const witness = new Thread(failAfter, { args: [flag.words], name: "witness" });

  const printed = await captureErrors(async (printed) => {
    flag.set();
    await thread.exited;
    await assertRejects(() => thread.join(), RangeError);
    // It ends later, so its error is printed after that of the first would have been.
    witness.start();
    await printed;
  });

  assertEquals(printed.map(([line]) => line), ["Exception in thread witness:"]);
});

Deno.test("Thread's signal terminates the thread when it aborts", async () => {
  const reached = new Flag();
  const controller = new AbortController();
  const { signal } = controller;
  const thread = new Thread(spin, { args: [reached.words], signal }).start();
  await reached.isSet();
  const reason = new Error("enough");

  controller.abort(reason);

  const error = await assertRejects(() => thread.join(), ThreadTerminatedError);
  assertStrictEquals(error.cause, reason);
  assertEquals(await thread.exited, { reason: "terminated", code: 1 });
});

Deno.test("Thread.start() throws the reason when the thread's signal is aborted already", async () => {
  const before = activeCount();
  const reason = new Error("too late");
  const thread = new Thread(nothing, { signal: AbortSignal.abort(reason) });

  assertStrictEquals(assertThrows(() => thread.start()), reason);

  assertEquals(thread.isAlive, false);
  assertEquals(activeCount(), before);
  await assertRejects(() => thread.join(), Error, "as it was not started");
});

Deno.test("Thread's signal has no listener left when the thread has ended", async () => {
  const counting = new CountingSignal();
  const thread = new Thread(nothing, { signal: counting.signal }).start();
  const during = counting.count;

  await thread.join();

  assertEquals([during, counting.count], [1, 0]);
});

Deno.test("Thread's signal changes nothing when it aborts after the end", async () => {
  const controller = new AbortController();
  const thread = new Thread(add, { args: [1, 2], signal: controller.signal }).start();
  await thread.exited;

  controller.abort();

  assertEquals(await thread.join(), 3);
});
