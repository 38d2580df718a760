// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Timer } from "../../thread/mod.ts";
import { captureErrors, runProgram } from "./_helpers.ts";

Deno.test("Timer calls its function after the delay, with the arguments", async () => {
  using time = new FakeTime();
  const calls: unknown[] = [];
  const timer = new Timer(100, (a: number, b: string) => void calls.push([a, b]), {
    args: [1, "x"],
  }).start();

  time.tick(99);
  const before = calls.length;
  time.tick(1);
  await timer.join();

  assertEquals(before, 0);
  assertEquals(calls, [[1, "x"]]);
});

Deno.test("Timer calls its function without arguments unless they are given", async () => {
  const timer = new Timer(0, (...args: unknown[]) => args.length).start();

  assertEquals(await timer.join(), 0);
});

Deno.test("Timer.join() delivers what an async function resolved with", async () => {
  const timer = new Timer(0, async () => await Promise.resolve("done")).start();

  assertEquals(await timer.join(), "done");
});

Deno.test("Timer.cancel() keeps the function from being called", async () => {
  using time = new FakeTime();
  let calls = 0;
  const timer = new Timer(100, () => ++calls).start();

  timer.cancel();
  time.tick(1000);

  assertEquals([await timer.join(), calls, timer.isAlive], [undefined, 0, false]);
});

Deno.test("Timer.cancel() changes nothing after the function was called", async () => {
  const timer = new Timer(0, () => 42).start();
  await timer.join();

  timer.cancel();

  assertEquals(await timer.join(), 42);
});

Deno.test("Timer.cancel() before the start keeps the timer from starting", async () => {
  const timer = new Timer(0, () => 42);

  timer.cancel();

  assertThrows(() => timer.start(), Error, "Cannot start the timer as it was cancelled");
  assertEquals(await timer.join(), undefined);
});

Deno.test("Timer.cancel() does nothing while the function runs", async () => {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<string>();
  const timer = new Timer(0, () => {
    begun.resolve();
    return end.promise;
  }).start();
  await begun.promise;

  timer.cancel();

  assert(timer.isAlive);
  end.resolve("done");
  assertEquals(await timer.join(), "done");
  assertEquals(timer.isAlive, false);
});

Deno.test("Timer.cancel() does nothing when the function itself calls it", async () => {
  const timer: Timer<string> = new Timer(0, () => {
    timer.cancel();
    return "done";
  });

  assertEquals(await timer.start().join(), "done");
});

Deno.test("Timer.cancel() leaves the error of a function that runs to who joins", async () => {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const timer = new Timer(0, () => {
    begun.resolve();
    return end.promise;
  }).start();
  await begun.promise;

  timer.cancel();

  end.reject(new RangeError("bad"));
  await assertRejects(() => timer.join(), RangeError, "bad");
});

Deno.test("Timer prints an error that nobody joins, and join() still rejects with it", async () => {
  const error = new RangeError("bad");
  let timer!: Timer;

  const printed = await captureErrors(async (printed) => {
    timer = new Timer(0, () => Promise.reject(error)).start();
    await printed;
  });

  assertEquals(printed, [["Exception in timer:", error]]);
  assertStrictEquals(await assertRejects(() => timer.join()), error);
});

Deno.test("Timer does not print an error that was joined", async () => {
  const printed = await captureErrors(async (printed) => {
    const timer = new Timer(0, () => Promise.reject(new RangeError("joined"))).start();
    await assertRejects(() => timer.join(), RangeError);
    // It fails later, so its error is printed after that of the first would have been.
    new Timer(0, () => Promise.reject("witness")).start();
    await printed;
  });

  assertEquals(printed, [["Exception in timer:", "witness"]]);
});

Deno.test("Timer whose function throws does not end the program, which prints the error at its end", async () => {
  const { code, stdout, stderr } = await runProgram("thread_program_timer.ts");

  assertEquals([code, stdout], [0, "went on\n"], stderr);
  assert(stderr.startsWith("Exception in timer: RangeError: bad\n    at "), stderr);
});

Deno.test("Timer.join() rejects with what the function throws", async () => {
  const timer = new Timer(0, () => {
    throw new RangeError("bad");
  }).start();

  await assertRejects(() => timer.join(), RangeError, "bad");
});

Deno.test("Timer.join() rejects with a TimeoutError and the timer goes on", async () => {
  using timer = new Timer(60_000, () => 42).start();

  const error = await assertRejects(() => timer.join({ timeout: 1 }), DOMException);

  assertEquals([error.name, timer.isAlive], ["TimeoutError", true]);
});

Deno.test("Timer.join() rejects with the reason when its signal aborts", async () => {
  using timer = new Timer(60_000, () => 42).start();
  const reason = new Error("enough");

  const error = await assertRejects(() => timer.join({ signal: AbortSignal.abort(reason) }));

  assertStrictEquals(error, reason);
});

Deno.test("Timer.join() rejects when the timer was not started", async () => {
  await assertRejects(() => new Timer(0, () => 42).join(), Error, "as it was not started");
});

Deno.test("Timer.start() throws when the timer was started before", async () => {
  const timer = new Timer(0, () => 42).start();

  assertThrows(() => timer.start(), Error, "as it was started before");

  await timer.join();
  assertThrows(() => timer.start(), Error, "as it was started before");
});

Deno.test("Timer.isAlive is true from start to end", async () => {
  const timer = new Timer(0, () => 42);
  const before = timer.isAlive;
  timer.start();
  const during = timer.isAlive;

  await timer.join();

  assertEquals([before, during, timer.isAlive], [false, true, false]);
});

Deno.test("Timer[Symbol.dispose]() cancels the timer", () => {
  using time = new FakeTime();
  let calls = 0;
  {
    using _timer = new Timer(100, () => ++calls).start();
  }

  time.tick(1000);

  assertEquals(calls, 0);
});

Deno.test("Timer never calls its function when the delay is Infinity", () => {
  using time = new FakeTime();
  let calls = 0;
  using timer = new Timer(Infinity, () => ++calls).start();

  time.tick(2 ** 40);

  assertEquals([calls, timer.isAlive], [0, true]);
});

Deno.test("Timer calls its function after a delay longer than a platform timer keeps", async () => {
  using time = new FakeTime();
  const timer = new Timer(2 ** 31 + 100, () => 42).start();

  time.tick(2 ** 31 - 1);
  const before = timer.isAlive;
  time.tick(101);

  assertEquals([before, await timer.join()], [true, 42]);
});

for (const delay of [-1, NaN]) {
  Deno.test(`new Timer() throws a RangeError when the delay is ${delay}`, () => {
    assertThrows(() => new Timer(delay, () => 42), RangeError, `current value is ${delay}`);
  });
}

Deno.test("new Timer() takes no function whose parameters have no arguments, at type level", () => {
  const half = (n: number) => n / 2;
  // @ts-expect-error Without arguments.
  new Timer(1, half);
  // @ts-expect-error Without arguments but options.
  new Timer(1, half, {});
  // @ts-expect-error Arguments of wrong types.
  new Timer(1, half, { args: ["1"] });
  // @ts-expect-error Too many arguments.
  new Timer(1, half, { args: [1, 2] });
});

Deno.test("new Timer() throws a TypeError when there is no function", () => {
  // @ts-expect-error Not a function.
  assertThrows(() => new Timer(1, "alert()"), TypeError, "fn is not a function");
});
