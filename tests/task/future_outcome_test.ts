// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Future } from "../../task/mod.ts";
import {
  captureErrors,
  collect,
  futuresByState,
  macrotask,
  produce,
  runProgram,
} from "./_future_helpers.ts";

Deno.test("Future.result() gives the value, the error or the cancellation", async () => {
  const futures = futuresByState();

  assertEquals(await futures.fulfilled!.result(), 42);
  await assertRejects(() => futures.rejected!.result(), RangeError, "bad");
  const error = await assertRejects(() => futures.cancelled!.result(), DOMException);
  assertEquals(error.name, "AbortError");
});

Deno.test("Future.result() rejects with a TimeoutError and the future goes on", async () => {
  const { future, resolve, start } = produce<number>();
  start();

  const error = await assertRejects(() => future.result({ timeout: 0 }), DOMException);
  resolve(3);

  assertEquals(error.name, "TimeoutError");
  assertEquals(await future.result({ timeout: 1000 }), 3);
});

Deno.test("Future.result() rejects with the reason of an aborted signal", async () => {
  const { future } = produce<number>();
  const controller = new AbortController();
  const waiting = future.result({ signal: controller.signal });

  controller.abort(new Error("enough"));

  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => future.result({ signal: controller.signal }), Error, "enough");
  assertEquals(future.done, false);
});

Deno.test("Future.result() rejects when the timeout is not a number", async () => {
  const { future } = produce<number>();

  await assertRejects(() => future.result({ timeout: NaN }), RangeError, "timeout");
});

Deno.test("Future.result() waits end when the future is settled or cancelled", async () => {
  const fulfilled = produce<number>();
  const cancelled = produce<number>();
  const value = fulfilled.future.result({ timeout: 10_000 });
  const abort = assertRejects(() => cancelled.future.result({ timeout: 10_000 }), DOMException);

  setTimeout(() => fulfilled.resolve(9));
  setTimeout(() => cancelled.future.cancel());

  assertEquals(await value, 9);
  assertEquals((await abort).name, "AbortError");
});

Deno.test("Future.addDoneCallback() calls in order, with the future, however it is done", async () => {
  for (const end of ["resolve", "reject", "cancel"] as const) {
    const { future, resolve, reject } = produce<number>();
    const calls: unknown[] = [];
    future.addDoneCallback((it) => calls.push(["a", it === future, it.done]));
    future.addDoneCallback(() => calls.push("b"));

    if (end === "resolve") resolve(1);
    if (end === "reject") reject(new Error("no"));
    if (end === "cancel") future.cancel();
    future.addDoneCallback(() => calls.push("c"));

    assertEquals(calls, []);
    await macrotask();
    assertEquals(calls, [["a", true, true], "b", "c"]);
  }
});

Deno.test("Future.addDoneCallback() calls later when the future is done already", async () => {
  for (const future of Object.values(futuresByState()).filter((future) => future.done)) {
    const calls: unknown[] = [];

    future.addDoneCallback((it) => calls.push(it === future));

    assertEquals(calls, []);
    await Promise.resolve();
    assertEquals(calls, [true]);
  }
});

Deno.test("Future.addDoneCallback() calls what a callback adds, and the same function twice", async () => {
  const { future, resolve } = produce<number>();
  const calls: string[] = [];
  const again = () => calls.push("again");
  future.addDoneCallback(() => future.addDoneCallback(() => calls.push("nested")));
  future.addDoneCallback(again);
  future.addDoneCallback(again);

  resolve(1);
  await macrotask();

  assertEquals(calls, ["again", "again", "nested"]);
});

Deno.test("Future.addDoneCallback() reports an error and calls the other callbacks", async () => {
  const { future, resolve } = produce<number>();
  const calls: string[] = [];
  future.addDoneCallback(() => calls.push("a"));
  future.addDoneCallback(() => {
    throw new Error("sync");
  });
  future.addDoneCallback(() => Promise.reject(new Error("async")));
  future.addDoneCallback(() => calls.push("b"));

  const errors = await captureErrors(async () => {
    resolve(1);
    await macrotask();
  });

  assertEquals(calls, ["a", "b"]);
  assertEquals(errors.map(([, error]) => (error as Error).message), ["sync", "async"]);
});

Deno.test("Future.addDoneCallback() throws when the callback is not a function", () => {
  const { future } = produce();

  assertThrows(() => future.addDoneCallback(1 as never), TypeError, "is not a function");
});

Deno.test("Future.then() and its kin give plain promises", async () => {
  const future = new Future<number>((resolve) => resolve(1));

  const derived = [future.then((n) => n), future.catch(() => 0), future.finally(() => {})];

  assertEquals(derived.map((promise) => promise instanceof Future), [false, false, false]);
  assertEquals(await Promise.all(derived), [1, 1, 1]);
});

Deno.test("Future.resolve() and Future.reject() make futures that are done", async () => {
  const resolved = Future.resolve(1) as Future<number>;
  const rejected = Future.reject(new Error("no")) as Future<never>;

  assertEquals([resolved.done, rejected.done], [true, true]);
  assertStrictEquals(Future.resolve(resolved), resolved);
  assertEquals(await resolved, 1);
  await assertRejects(() => rejected, Error, "no");
});

Deno.test("Future.withResolvers() makes a future that can be cancelled", async () => {
  const first = Future.withResolvers<number>();
  const second = Future.withResolvers<number>();

  first.resolve(1);
  (second.promise as Future<number>).cancel();
  second.resolve(2);

  assertEquals(await first.promise, 1);
  await assertRejects(() => second.promise, DOMException, "cancelled");
});

Deno.test("Future.all(), any(), race(), allSettled() and try() make futures", async () => {
  const one = new Future<number>((resolve) => resolve(1));
  const failed = new Future<number>((_resolve, reject) => reject(new Error("no")));
  const { future: pending } = produce<number>();

  const combined = [
    Future.all([one, 2, Promise.resolve(3)]),
    Future.any([failed, one]),
    Future.race([pending, one]),
    Future.try(() => one),
  ];

  assert(combined.every((promise) => promise instanceof Future));
  assertEquals(await Promise.all(combined as Promise<unknown>[]), [[1, 2, 3], 1, 1, 1]);
  await assertRejects(() => Future.all([one, failed]), Error, "no");
  const settled = await Future.allSettled([one, failed]);
  assertEquals(settled.map(({ status }) => status), ["fulfilled", "rejected"]);
});

Deno.test("Future subclasses keep their class in static methods only", async () => {
  class Job<T> extends Future<T> {}

  const job = Job.resolve(1);

  assertInstanceOf(job, Job);
  assertEquals(job.then(() => {}) instanceof Future, false);
  assertEquals(Deno.inspect(job), "Job { fulfilled: 1 }");
  assertEquals(await job, 1);
});

Deno.test("Future fails without ending the program and is reported when collected", async () => {
  const { code, stdout, stderr } = await runProgram(
    `
      (function lose() {
        new Future((_resolve, reject) => reject(new RangeError("lost")));
        new Future((resolve) => resolve(Promise.reject(new Error("lost too"))));
      })();
      ${collect}
      console.log("end");
    `,
    "--v8-flags=--expose-gc",
  );

  assertEquals([code, stdout], [0, "end\n"]);
  assertStringIncludes(
    stderr,
    "Future failed and its error was never looked at: RangeError: lost\n    at ",
  );
  assertStringIncludes(stderr, "never looked at: Error: lost too");
  assertEquals(stderr.match(/never looked at/g)?.length, 2);
});

Deno.test("Future that failed is reported when the program ends, once", async () => {
  const { code, stdout, stderr } = await runProgram(`
    const kept = [new Future((_resolve, reject) => reject(new RangeError("lost")))];
    const seen = new Future((_resolve, reject) => reject(new Error("seen")));
    seen.catch(() => {});
    kept.push(seen);
    for (let i = 0; i < 11; i++) kept.push(new Future((_resolve, reject) => reject(new Error("more"))));
    console.log("end");
  `);

  assertEquals([code, stdout], [0, "end\n"]);
  assertEquals(stderr.match(/never looked at/g)?.length, 10);
  assertStringIncludes(stderr, "never looked at: RangeError: lost");
  assertStringIncludes(stderr, "and 2 other futures");
  assertEquals(stderr.includes("seen"), false);
});

Deno.test("Future is not reported when it was looked at, cancelled or fulfilled", async () => {
  const { code, stdout, stderr } = await runProgram(
    `
      const fail = () => new Future((_resolve, reject) => reject(new Error("seen")));
      async function use() {
        fail().then(undefined, () => {});
        fail().catch(() => {});
        fail().finally(() => {}).catch(() => {});
        fail().addDoneCallback(() => {});
        fail().result().catch(() => {});
        await Promise.allSettled([fail()]);
        try {
          await fail();
        } catch { /* seen */ }
        const later = Future.withResolvers();
        later.promise.catch(() => {});
        later.reject(new Error("seen before"));
        new Future(() => {}).cancel();
        new Future((resolve) => resolve(1));
      }
      await use();
      ${collect}
      console.log("end");
    `,
    "--v8-flags=--expose-gc",
  );

  assertEquals({ code, stdout, stderr }, { code: 0, stdout: "end\n", stderr: "" });
});

Deno.test("wait() and asCompleted() do not count as looking at a failure", async () => {
  const { code, stdout, stderr } = await runProgram(
    `
      const fail = () => new Future((_resolve, reject) => reject(new Error("unseen")));
      async function use() {
        await wait([fail()]);
        for await (const _ of asCompleted([fail()]));
      }
      await use();
      ${collect}
      console.log("end");
    `,
    "--v8-flags=--expose-gc",
  );

  assertEquals([code, stdout], [0, "end\n"]);
  assertEquals(stderr.match(/never looked at: Error: unseen/g)?.length, 2);
});

Deno.test("Future cancelled by nobody's wish ends no program", async () => {
  const { code, stderr } = await runProgram(`
    const future = new Future(() => {});
    future.cancel();
    await new Promise((resolve) => setTimeout(resolve));
  `);

  assertEquals({ code, stderr }, { code: 0, stderr: "" });
});
