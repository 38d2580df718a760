// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Future, type FutureOptions } from "../../task/mod.ts";

interface Producer<T> {
  readonly future: Future<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason?: unknown) => void;
  readonly start: () => boolean;
}

function produce<T>(options?: FutureOptions): Producer<T> {
  let producer!: Omit<Producer<T>, "future">;
  const future = new Future<T>((resolve, reject, start) => {
    producer = { resolve, reject, start };
  }, options);
  return { future, ...producer };
}

/** The five states, made anew for each test. */
function futuresByState(): Record<string, Future<number>> {
  const running = produce<number>();
  const cancelled = produce<number>();
  running.start();
  cancelled.future.cancel();
  return {
    pending: produce<number>().future,
    running: running.future,
    fulfilled: new Future<number>((resolve) => resolve(42)),
    rejected: new Future<number>((_resolve, reject) => reject(new RangeError("bad"))),
    cancelled: cancelled.future,
  };
}

function mapStates<R>(fn: (future: Future<number>) => R): Record<string, R> {
  return Object.fromEntries(
    Object.entries(futuresByState()).map(([state, future]) => {
      const result = fn(future);
      future.catch(() => {});
      return [state, result];
    }),
  );
}

/** Collects what is printed by `console.error` while `fn` runs. */
async function captureErrors(fn: () => Promise<void>): Promise<unknown[][]> {
  const original = console.error;
  const lines: unknown[][] = [];
  console.error = (...args) => void lines.push(args);
  try {
    await fn();
  } finally {
    console.error = original;
  }
  return lines;
}

/** Passes when the microtasks queued so far, and those they queue, have run. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function runProgram(
  body: string,
  ...flags: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const module = import.meta.resolve("../../task/mod.ts");
  const source = `import { asCompleted, Future, wait } from ${JSON.stringify(module)};\n${body}`;
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      ...flags,
      `data:text/typescript,${encodeURIComponent(source)}`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

const collect = `
  // Several rounds: what a microtask or the stack still holds is collected in a later one.
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.gc();
  }
`;

Deno.test("Future.done is true when the future is fulfilled, rejected or cancelled", () => {
  const done = mapStates((future) => future.done);

  assertEquals(done, {
    pending: false,
    running: false,
    fulfilled: true,
    rejected: true,
    cancelled: true,
  });
});

Deno.test("Future.running is true only while the work runs", () => {
  const running = mapStates((future) => future.running);

  assertEquals(running, {
    pending: false,
    running: true,
    fulfilled: false,
    rejected: false,
    cancelled: false,
  });
});

Deno.test("Future.cancelled is true only after a cancellation", () => {
  const cancelled = mapStates((future) => future.cancelled);

  assertEquals(cancelled, {
    pending: false,
    running: false,
    fulfilled: false,
    rejected: false,
    cancelled: true,
  });
});

Deno.test("Future.cancel() returns true only for a pending or a cancelled future", () => {
  const returned = mapStates((future) => [future.cancel(), future.cancel(), future.cancelled]);

  assertEquals(returned, {
    pending: [true, true, true],
    running: [false, false, false],
    fulfilled: [false, false, false],
    rejected: [false, false, false],
    cancelled: [true, true, true],
  });
});

Deno.test("Deno.inspect() shows the state of a future", () => {
  const shown = mapStates((future) => Deno.inspect(future));

  assertEquals(shown.pending, "Future { pending }");
  assertEquals(shown.running, "Future { running }");
  assertEquals(shown.fulfilled, "Future { fulfilled: 42 }");
  assertMatch(shown.rejected!, /^Future \{ rejected: RangeError: bad\n[^]* \}$/);
  assertEquals(shown.cancelled, "Future { cancelled }");
});

Deno.test("Deno.inspect() shows a value that contains its own future", () => {
  const value: { future?: unknown } = {};
  value.future = new Future((resolve) => resolve(value));

  const shown = Deno.inspect(value.future);

  assertStringIncludes(shown, "[Circular");
});

Deno.test("Future is a promise named Future", () => {
  const { future } = produce();

  assertInstanceOf(future, Promise);
  assertEquals(Object.prototype.toString.call(future), "[object Future]");
});

Deno.test("new Future() throws when the executor is not a function", () => {
  assertThrows(() => new Future(undefined as never), TypeError, "is not a function");
});

Deno.test("new Future() rejects when the executor throws", async () => {
  const future = new Future(() => {
    throw new RangeError("early");
  });

  assertEquals(future.done, true);
  await assertRejects(() => future, RangeError, "early");
});

Deno.test("new Future() keeps the value when the executor throws after it resolved", async () => {
  const future = new Future<number>((resolve) => {
    resolve(1);
    throw new Error("late");
  });

  assertEquals(await future, 1);
});

Deno.test("Future state changes at once when the producer settles it", () => {
  const first = produce<number>();
  const second = produce<number>();

  first.resolve(1);
  second.reject(new Error("no"));

  assertEquals([first.future.done, second.future.done], [true, true]);
  second.future.catch(() => {});
});

Deno.test("Future keeps what came first when it is settled twice", async () => {
  const resolved = produce<number>();
  const rejected = produce<number>();

  resolved.resolve(1);
  resolved.resolve(2);
  resolved.reject(new Error("late"));
  rejected.reject(new Error("first"));
  rejected.reject(new Error("second"));
  rejected.resolve(3);

  assertEquals(await resolved.future, 1);
  await assertRejects(() => rejected.future, Error, "first");
});

Deno.test("Future waits for the thenable it is resolved with", async () => {
  const inner = Promise.withResolvers<number>();
  const { future, resolve, reject } = produce<number>();

  resolve(inner.promise);
  reject(new Error("late"));
  await macrotask();
  const before = future.done;
  inner.resolve(7);

  assertEquals(before, false);
  assertEquals(await future, 7);
  assertEquals(future.done, true);
});

Deno.test("Future follows a chain of thenables and takes the first answer of each", async () => {
  const thenable = {
    then(resolve: (value: PromiseLike<number>) => void) {
      resolve(Promise.resolve(1));
      resolve(Promise.resolve(2));
      throw new Error("late");
    },
  } as unknown as PromiseLike<number>;

  const future = new Future<number>((resolve) => resolve(thenable));

  assertEquals(await future, 1);
});

Deno.test("Future rejects when the thenable it is resolved with fails", async () => {
  const reason = new Error("inner");
  const throwing = {
    get then(): never {
      throw reason;
    },
  };
  const futures = [
    new Future((resolve) => resolve(Promise.reject(reason))),
    new Future((resolve) => resolve(new Future((_, reject) => reject(reason)))),
    new Future((resolve) => resolve(throwing as unknown as PromiseLike<unknown>)),
  ];

  for (const future of futures) {
    assertStrictEquals(await future.catch((error) => error), reason);
    assertEquals([future.done, future.cancelled], [true, false]);
  }
});

Deno.test("Future rejects when it is resolved with itself", async () => {
  const { future, resolve } = produce<unknown>();

  resolve(future);

  await assertRejects(() => future, TypeError, "the future itself");
});

Deno.test("Future is cancelled when it waits for a thenable and has not begun", async () => {
  const inner = Promise.withResolvers<number>();
  const { future, resolve } = produce<number>();
  resolve(inner.promise);

  const cancelled = future.cancel();
  inner.resolve(1);
  await macrotask();

  assertEquals([cancelled, future.cancelled], [true, true]);
  await assertRejects(() => future, DOMException);
});

Deno.test("Future start() marks a pending future as running and may be repeated", () => {
  const { future, start } = produce();

  assertEquals([start(), start()], [true, true]);
  assertEquals(future.running, true);
});

Deno.test("Future start() returns false when the future is cancelled or done", () => {
  const cancelled = produce<number>();
  const fulfilled = produce<number>();
  cancelled.future.cancel();
  fulfilled.resolve(1);

  assertEquals([cancelled.start(), fulfilled.start()], [false, false]);
  assertEquals([cancelled.future.running, fulfilled.future.running], [false, false]);
});

Deno.test("Future.cancel() rejects with an AbortError that later results do not change", async () => {
  const { future, resolve, reject } = produce<number>();

  future.cancel();
  resolve(1);
  reject(new Error("late"));

  const error = await assertRejects(() => future, DOMException, "cancelled");
  assertEquals(error.name, "AbortError");
  assertEquals(future.cancelled, true);
});

Deno.test("Future.cancel() tells the owner once, after the state has changed", () => {
  const told: unknown[] = [];
  const { future } = produce({
    cancel(running) {
      told.push([running, future.cancelled]);
      return false;
    },
  });

  assertEquals([future.cancel(), future.cancel()], [true, true]);
  assertEquals(told, [[false, true]]);
});

Deno.test("Future.cancel() cancels a running future when the owner agrees", async () => {
  const told: boolean[] = [];
  const { future, start, resolve } = produce<number>({
    cancel(running) {
      told.push(running);
      return true;
    },
  });
  start();

  const cancelled = future.cancel();
  resolve(1);

  assertEquals([cancelled, future.cancelled, future.running], [true, true, false]);
  assertEquals(told, [true]);
  await assertRejects(() => future, DOMException, "cancelled");
});

Deno.test("Future.cancel() asks again when the owner has refused", async () => {
  const answers = [false, true];
  const { future, start } = produce<number>({ cancel: () => answers.shift()! });
  start();

  assertEquals([future.cancel(), future.running], [false, true]);
  assertEquals([future.cancel(), future.running], [true, false]);
  await assertRejects(() => future, DOMException);
});

Deno.test("Future.cancel() returns false when the owner settles the future instead", async () => {
  const { future, start, resolve } = produce<number>({
    cancel() {
      resolve(5);
      return true;
    },
  });
  start();

  assertEquals(future.cancel(), false);
  assertEquals(await future, 5);
});

Deno.test("Future.cancel() may be called from the owner's hook", () => {
  const nested: boolean[] = [];
  const { future, start } = produce<number>({
    cancel() {
      nested.push(future.cancel());
      return true;
    },
  });
  start();

  assertEquals(future.cancel(), true);
  assertEquals(nested, [false]);
});

Deno.test("Future.cancel() throws what the owner's hook throws and stays usable", () => {
  let calls = 0;
  const { future, start } = produce<number>({
    cancel() {
      if (calls++ === 0) throw new Error("hook");
      return true;
    },
  });
  start();

  assertThrows(() => future.cancel(), Error, "hook");
  assertEquals(future.cancel(), true);
});

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
