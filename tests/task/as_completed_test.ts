// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { asCompleted, Future } from "../../task/mod.ts";

type Producer = PromiseWithResolvers<number> & { promise: Future<number> };

function produce(): Producer {
  const producer = Future.withResolvers<number>() as Producer;
  // Looked at, so that a failure is not reported in the midst of the tests.
  producer.promise.catch(() => {});
  return producer;
}

function fail(): Promise<number> {
  const { promise, reject } = produce();
  reject(new Error("no"));
  return promise;
}

Deno.test("asCompleted() yields failed futures without failing itself", async () => {
  const failed = fail();

  const { value } = await asCompleted([failed]).next();

  assertStrictEquals(value, failed);
  await assertRejects(() => value, Error, "no");
});

Deno.test("asCompleted() yields in the order of completion", async () => {
  const [a, b, c] = [produce(), produce(), produce()];
  const order: Promise<number>[] = [];

  c.resolve(1);
  for await (const future of asCompleted([a.promise, b.promise, c.promise])) {
    order.push(future);
    if (order.length === 1) a.reject(new Error("no"));
    if (order.length === 2) b.promise.cancel();
  }

  assertEquals(order, [c.promise, a.promise, b.promise]);
});

Deno.test("asCompleted() yields first what is done already", async () => {
  const { promise: late, resolve } = produce();
  const early = [Future.resolve(1), Promise.resolve(2), fail()];
  const futures = asCompleted([late, ...early]);
  const order: Promise<number>[] = [];

  for await (const future of futures) {
    order.push(future);
    if (order.length === 3) resolve(3);
  }

  assertEquals(new Set(order.slice(0, 3)), new Set(early));
  assertStrictEquals(order[3], late);
});

Deno.test("asCompleted() yields a future given twice once", async () => {
  const { promise, resolve } = produce();
  const futures = asCompleted([promise, promise]);

  resolve(1);

  assertStrictEquals((await futures.next()).value, promise);
  assertEquals(await futures.next(), { done: true, value: undefined });
});

Deno.test("asCompleted() ends at once when there is nothing to wait for", async () => {
  const futures = asCompleted([], { timeout: 10_000 });

  assertEquals(await futures.next(), { done: true, value: undefined });
});

Deno.test("asCompleted() yields what is done before it times out", async () => {
  const producers = Array.from({ length: 5 }, produce);
  for (const { resolve } of producers.slice(0, 3)) resolve(1);
  const yielded: Promise<number>[] = [];

  const error = await assertRejects(
    async () => {
      const futures = producers.map(({ promise }) => promise);
      for await (const future of asCompleted(futures, { timeout: 5 })) yielded.push(future);
    },
    DOMException,
    "2 (of 5) futures unfinished",
  );

  assertEquals(error.name, "TimeoutError");
  assertEquals(yielded, producers.slice(0, 3).map(({ promise }) => promise));
});

Deno.test("asCompleted() yields what was done in time when it is used after the timeout", async () => {
  const [a, b] = [produce(), produce()];
  a.resolve(1);
  const futures = asCompleted([b.promise, a.promise], { timeout: 0 });

  await new Promise((resolve) => setTimeout(resolve, 5));

  assertStrictEquals((await futures.next()).value, a.promise);
  await assertRejects(() => futures.next(), DOMException, "1 (of 2) futures unfinished");
  assertEquals(await futures.next(), { done: true, value: undefined });
});

Deno.test("asCompleted() rejects with the reason when its signal aborts", async () => {
  const { promise } = produce();
  const controller = new AbortController();
  const futures = asCompleted([promise], { signal: controller.signal, timeout: 10_000 });
  const waiting = futures.next();

  controller.abort(new Error("enough"));

  await assertRejects(() => waiting, Error, "enough");
  assertEquals(await futures.next(), { done: true, value: undefined });
});

Deno.test("asCompleted() rejects when its signal has aborted, whatever is done", async () => {
  const signal = AbortSignal.abort(new Error("enough"));

  const futures = asCompleted([Future.resolve(1)], { signal });

  await assertRejects(() => futures.next(), Error, "enough");
});

Deno.test("asCompleted() yields no more when its signal aborts after all are done", async () => {
  const controller = new AbortController();
  const futures = asCompleted([Future.resolve(1), Future.resolve(2)], controller);
  await futures.next();

  controller.abort(new Error("enough"));

  await assertRejects(() => futures.next(), Error, "enough");
  assertEquals(await futures.next(), { done: true, value: undefined });
});

Deno.test("asCompleted() answers calls of next() that are made at once, in order", async () => {
  const [a, b] = [produce(), produce()];
  const futures = asCompleted([a.promise, b.promise]);
  const calls = [futures.next(), futures.next(), futures.next()];

  b.resolve(1);
  a.resolve(1);
  const results = await Promise.all(calls);

  assertEquals(results.map(({ value }) => value), [b.promise, a.promise, undefined]);
  assertEquals(results.map(({ done }) => done ?? false), [false, false, true]);
});

Deno.test("asCompleted() rejects one call and ends the others when it times out", async () => {
  const futures = asCompleted([produce().promise], { timeout: 1 });
  const calls = [futures.next(), futures.next()];

  const results = await Promise.allSettled(calls);

  assertEquals(results.map(({ status }) => status), ["rejected", "fulfilled"]);
});

Deno.test("asCompleted() stops its timer and listener when the loop is left", async () => {
  const [a, b] = [produce(), produce()];
  const { signal } = new AbortController();
  a.resolve(1);

  for await (const future of asCompleted([a.promise, b.promise], { timeout: 60_000, signal })) {
    assertStrictEquals(future, a.promise);
    break;
  }
});

Deno.test("asCompleted() ends a waiting call when return() is called", async () => {
  const futures = asCompleted([produce().promise], { timeout: 60_000 });
  const waiting = futures.next();

  await futures.return();

  assertEquals(await waiting, { done: true, value: undefined });
  assertEquals(await futures.next(), { done: true, value: undefined });
});

Deno.test("asCompleted() stops its timer when return() is called before next()", async () => {
  const futures = asCompleted([produce().promise], { timeout: 60_000 });

  assertEquals(await futures.return("over"), { done: true, value: "over" as never });
});

Deno.test("asCompleted() stops its timer when it is disposed", async () => {
  await using futures = asCompleted([produce().promise], { timeout: 60_000 });
  const waiting = futures.next();

  await futures[Symbol.asyncDispose]();

  assertEquals(await waiting, { done: true, value: undefined });
});

Deno.test("asCompleted() stops its timer when all are done, used or not", async () => {
  const { promise, resolve } = produce();
  const futures = asCompleted([promise], { timeout: 60_000 });

  resolve(1);
  await promise;

  assertStrictEquals((await futures.next()).value, promise);
});

Deno.test("asCompleted() leaves no unhandled rejection", async () => {
  const failed = Promise.reject(new Error("no"));

  const futures = asCompleted([failed]);
  await new Promise((resolve) => setTimeout(resolve));

  assertStrictEquals((await futures.next()).value, failed);
});

Deno.test("asCompleted() is quick for many futures", async () => {
  const futures = Array.from({ length: 20_000 }, () => Future.resolve(1));
  let count = 0;

  for await (const _future of asCompleted(futures)) count++;

  assertEquals(count, 20_000);
});

Deno.test("asCompleted() throws when an argument is bad", () => {
  assertThrows(() => asCompleted([1 as never]), TypeError, "not a promise");
  assertThrows(() => asCompleted(1 as never), TypeError, "not iterable");
  assertThrows(() => asCompleted([], { timeout: NaN }), RangeError, "timeout");
});
