// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Future, wait } from "../../task/mod.ts";

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

function names<F>(set: Set<F>, ...futures: F[]): number[] {
  return [...set].map((future) => futures.indexOf(future));
}

Deno.test("wait() resolves when all futures are done, in the order they were done", async () => {
  const [a, b, c] = [produce(), produce(), produce()];
  const waiting = wait([a.promise, b.promise, c.promise]);

  c.resolve(1);
  a.reject(new Error("no"));
  b.promise.cancel();
  const { done, pending } = await waiting;

  assertEquals(names(done, a.promise, b.promise, c.promise), [2, 0, 1]);
  assertEquals(pending.size, 0);
});

Deno.test("wait() resolves with the first future that is done in whichever way", async () => {
  for (const end of ["resolve", "reject", "cancel"] as const) {
    const [a, b] = [produce(), produce()];
    const waiting = wait([a.promise, b.promise], { until: "first" });

    if (end === "resolve") b.resolve(1);
    if (end === "reject") b.reject(new Error("no"));
    if (end === "cancel") b.promise.cancel();
    const { done, pending } = await waiting;

    assertEquals([...done], [b.promise]);
    assertEquals([...pending], [a.promise]);
  }
});

Deno.test("wait() until first gives all that are done already", async () => {
  const pendingOnes = [produce().promise, new Promise<number>(() => {})];
  const doneOnes = [
    Future.resolve(1),
    fail(),
    Promise.resolve(2),
    Promise.reject(new Error("no")),
  ];

  const { done, pending } = await wait([...pendingOnes, ...doneOnes], { until: "first" });

  assertEquals(done, new Set(doneOnes));
  assertEquals([...pending], pendingOnes);
});

Deno.test("wait() until firstError resolves at the first failure", async () => {
  const [a, b, c] = [produce(), produce(), produce()];
  const waiting = wait([a.promise, b.promise, c.promise], { until: "firstError" });

  a.resolve(1);
  b.reject(new Error("no"));
  const { done, pending } = await waiting;

  assertEquals(names(done, a.promise, b.promise, c.promise), [0, 1]);
  assertEquals([...pending], [c.promise]);
});

Deno.test("wait() until firstError ends at once when one has failed already", async () => {
  const failed = fail();
  const { promise } = produce();

  const { done, pending } = await wait<Promise<unknown>>([promise, failed], {
    until: "firstError",
  });

  assertEquals([...done], [failed]);
  assertEquals([...pending], [promise]);
});

Deno.test("wait() until firstError does not count a cancellation", async () => {
  const [a, b] = [produce(), produce()];
  let over = false;
  const waiting = wait([a.promise, b.promise], { until: "firstError" });
  waiting.then(() => over = true);

  a.promise.cancel();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(over, false);

  b.resolve(1);
  const { done } = await waiting;
  assertEquals([...done], [a.promise, b.promise]);
});

Deno.test("wait() resolves with what is done when the time is over", async () => {
  const [a, b] = [produce(), produce()];
  const plain = Promise.resolve(3);
  a.resolve(1);

  const { done, pending } = await wait([b.promise, a.promise, plain], { timeout: 5 });

  assertEquals(done, new Set([a.promise, plain]));
  assertEquals([...pending], [b.promise]);
});

Deno.test("wait() with a timeout of 0 tells what is done already", async () => {
  const [a, b] = [produce(), produce()];
  const plain = Promise.reject(new Error("no"));
  a.resolve(1);

  const { done, pending } = await wait([b.promise, a.promise, plain], { timeout: 0 });

  assertEquals(done, new Set<unknown>([a.promise, plain]));
  assertEquals([...pending], [b.promise]);
});

Deno.test("wait() rejects with the reason when its signal aborts", async () => {
  const { promise, resolve } = produce();
  const controller = new AbortController();
  const waiting = wait([promise], { signal: controller.signal });

  controller.abort(new Error("enough"));

  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => wait([], { signal: controller.signal }), Error, "enough");
  resolve(1);
  assertEquals((await wait([promise])).done.size, 1);
});

Deno.test("wait() counts a future given twice once", async () => {
  const { promise, resolve } = produce();
  const plain = Promise.resolve();
  const waiting = wait<Promise<unknown>>([promise, plain, promise, plain]);

  resolve(1);
  const { done } = await waiting;

  assertEquals(done.size, 2);
});

Deno.test("wait() resolves at once when there is nothing to wait for", async () => {
  for (const until of ["all", "first", "firstError"] as const) {
    const { done, pending } = await wait([], { until });

    assertEquals([done.size, pending.size], [0, 0]);
  }
});

Deno.test("wait() takes any iterable", async () => {
  const futures = new Set([Future.resolve(1), Future.resolve(2)]);

  const { done } = await wait(futures.values());

  assertEquals(done, futures);
});

Deno.test("wait() takes thenables, also ones that answer at once or throw", async () => {
  const thenables = [
    { then: (resolve: (value: number) => void) => resolve(1) },
    {
      then: () => {
        throw new Error("no");
      },
    },
  ] as unknown as PromiseLike<number>[];

  const { done } = await wait(thenables);

  assertEquals([...done], thenables);
});

Deno.test("wait() asks a promise-like for its own state", async () => {
  const cancelled = Object.assign(Promise.reject(new Error("stopped")), {
    done: true,
    cancelled: true,
  });
  const { promise } = produce();

  const { done, pending } = await wait<Promise<number>>([cancelled, promise], {
    until: "firstError",
    timeout: 0,
  });

  assertEquals([...done], [cancelled]);
  assertEquals([...pending], [promise]);
});

Deno.test("wait() rejects when an argument is bad", async () => {
  await assertRejects(() => wait([1 as never]), TypeError, "not a promise");
  await assertRejects(() => wait([undefined as never]), TypeError, "not a promise");
  await assertRejects(() => wait(undefined as never), TypeError, "not iterable");
  await assertRejects(() => wait([], { until: "some" as never }), TypeError, '"until"');
  await assertRejects(() => wait([], { timeout: -1 }), RangeError, "timeout");
});

Deno.test("wait() may be repeated over the same futures", async () => {
  const producers = Array.from({ length: 20 }, produce);
  let pending = new Set<Promise<number>>(producers.map(({ promise }) => promise));
  const order: Promise<number>[] = [];

  for (const { resolve } of producers.toReversed()) {
    resolve(1);
    const result = await wait(pending, { until: "first" });
    order.push(...result.done);
    pending = result.pending;
  }

  assertEquals(pending.size, 0);
  assertStrictEquals(order[0], producers.at(-1)!.promise);
  assertEquals(order.length, 20);
});

Deno.test("wait() adds one reaction to a promise however often it waits", async () => {
  let reactions = 0;
  const never = new Promise<number>(() => {});
  const promise: PromiseLike<number> = {
    then(...args) {
      reactions++;
      return never.then(...args);
    },
  };

  for (let i = 0; i < 5; i++) await wait([promise], { timeout: 0 });

  assertEquals(reactions, 1);
});

Deno.test("wait() does not miss one of 100 futures that are done at the same time", async () => {
  const producers = Array.from({ length: 100 }, produce);
  const waiting = wait(producers.map(({ promise }) => promise), { timeout: 10_000 });

  for (const { resolve } of producers) setTimeout(() => resolve(1));
  const { done, pending } = await waiting;

  assertEquals([done.size, pending.size], [100, 0]);
});

Deno.test("wait() leaves no unhandled rejection and leaves futures to others", async () => {
  const reason = new Error("no");
  const failed = Promise.reject(reason);
  const { promise, reject } = produce();
  const waiting = wait([failed, promise]);

  reject(reason);
  await waiting;
  await new Promise((resolve) => setTimeout(resolve));

  assertStrictEquals(await failed.catch((error) => error), reason);
  assertStrictEquals(await promise.catch((error) => error), reason);
});
