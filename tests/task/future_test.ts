// Copyright 2026 the Weft authors. MIT license.

import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Future } from "../../task/mod.ts";
import { macrotask, mapStates, produce } from "./_future_helpers.ts";

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
