// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PoolClosedError } from "@weft/concurrency/task";
import { ThreadPool } from "@weft/concurrency/thread";
import { identity, increment, list, stay } from "../../fixtures/pool_reentry_tasks.ts";

/* Code of the user that a pool calls while it is at something: getters, sources of items, and onProgress. */

Deno.test("ThreadPool.submit() throws when a getter in its arguments terminates the pool", async () => {
  const pool = new ThreadPool(1);
  let terminated: Promise<void> | undefined;
  const argument = {
    get value() {
      terminated = pool.terminate();
      return 1;
    },
  };

  assertThrows(() => pool.submit(identity, argument), PoolClosedError);

  await terminated;
  assertEquals(pool.stats.queued, 0);
});

Deno.test("ThreadPool.map() rejects when a getter in an item terminates the pool", async () => {
  const pool = new ThreadPool(1);
  let terminated: Promise<void> | undefined;
  const item = {
    get value() {
      terminated = pool.terminate();
      return 1;
    },
  };

  await assertRejects(() => pool.map(identity, [item]), PoolClosedError);

  await terminated;
});

Deno.test("ThreadPool.submit() throws in onProgress while the pool is terminated", async () => {
  const pool = new ThreadPool(1);
  const errors: unknown[] = [];
  const mapped = pool.map(stay, [1, 2, 3], {
    chunkSize: 1,
    onProgress: () => {
      try {
        pool.submit(increment, 1);
      } catch (error) {
        errors.push(error);
      }
    },
  });

  await Promise.all([assertRejects(() => mapped, PoolClosedError), pool.terminate()]);

  assert(errors.length > 0);
  assert(errors.every((error) => error instanceof PoolClosedError));
});

Deno.test("ThreadPool.run() rejects when a getter in its arguments aborts its signal", async () => {
  await using pool = new ThreadPool(1);
  const controller = new AbortController();
  const argument = {
    get value() {
      controller.abort(new Error("enough"));
      return 1;
    },
  };

  const future = pool.run(identity, [argument], { signal: controller.signal });

  await assertRejects(() => future, Error, "enough");
});

Deno.test("ThreadPool.run() takes its task back when what is to be transferred cannot be detached", async () => {
  await using pool = new ThreadPool(1);
  const { buffer } = new WebAssembly.Memory({ initial: 1 });

  assertThrows(
    () => pool.run(identity, [1], { transfer: [buffer as ArrayBuffer] }),
    DOMException,
    "cannot be detached",
  );

  assertEquals(await pool.submit(increment, 1), 2);
  assertEquals(pool.stats.completed, 1);
});

Deno.test("ThreadPool.map() begins nothing more when its source aborts it", async () => {
  await using pool = new ThreadPool(1);
  const controller = new AbortController();
  const source = function* () {
    yield 1;
    controller.abort(new Error("enough"));
    yield 2;
  };

  await assertRejects(
    () => pool.map(increment, source(), { chunkSize: 1, signal: controller.signal }),
    Error,
    "enough",
  );

  assertEquals(await pool.submit(increment, 1), 2);
  assertEquals(pool.stats.completed, 1);
});

Deno.test("ThreadPool.imap() closes its source when an item cannot be cloned", async () => {
  await using pool = new ThreadPool(1);
  let closed = false;
  const source = function* (): Generator<unknown> {
    try {
      yield 1;
      yield () => {};
      yield 2;
    } finally {
      closed = true;
    }
  };

  const results = pool.imap(identity, source(), { chunkSize: 1 });

  await assertRejects(() => Array.fromAsync(results), DOMException);
  assert(closed);
});

Deno.test("ThreadPool.imap() does not close a source that has thrown", async () => {
  await using pool = new ThreadPool(1);
  let closed = false;
  const source: Iterable<number> = {
    [Symbol.iterator]: () => ({
      next: () => {
        throw new Error("no items");
      },
      return: () => {
        closed = true;
        return { value: undefined, done: true };
      },
    }),
  };

  const results = pool.imap(increment, source);

  await assertRejects(() => Array.fromAsync(results), Error, "no items");
  assert(!closed);
});

Deno.test("ThreadPool.imap() does not run what its source gives after an abort", async () => {
  await using pool = new ThreadPool(1);
  const controller = new AbortController();
  const gate = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const source = async function* () {
    try {
      yield 1;
      await gate.promise;
      yield 2;
    } finally {
      closed.resolve();
    }
  };
  const results = pool.imap(increment, source(), { signal: controller.signal });
  assertEquals(await results.next(), { value: 2, done: false });

  controller.abort(new Error("enough"));
  gate.resolve();

  await closed.promise;
  // Comes behind what was handed in before.
  assertEquals(await pool.submit(increment, 1), 2);
  assertEquals(pool.stats.completed, 2);
  await assertRejects(() => results.next(), Error, "enough");
});

Deno.test("ThreadPool lets the event loop turn while results come without a break", async () => {
  await using pool = new ThreadPool(2);
  await pool.submit(increment, 1);
  let turns = 0;
  let timer = setTimeout(function turn() {
    turns++;
    timer = setTimeout(turn);
  });

  await Promise.all(Array.from({ length: 3000 }, () => pool.submit(list, 600)));

  clearTimeout(timer);
  assert(turns >= 8, `it has turned ${turns} times`);
});
