// Copyright 2026 the Weft authors. MIT license.

/*
 * Semaphore and BoundedSemaphore, by CPython's lock_tests.BaseSemaphoreTests (both), SemaphoreTests,
 * BoundedSemaphoreTests, ThreadTests, _TestSemaphore, and asyncio's SemaphoreTests.
 *
 * | CPython                                        | here                                                 |
 * | ---------------------------------------------- | ---------------------------------------------------- |
 * | test_constructor                               | in misuse_test.ts                                    |
 * | test_acquire, test_try_acquire, mp             | can be taken as often as it has permits              |
 * | test_semaphore                                 |                                                      |
 * | test_acquire_destroy                           | can be dropped                                       |
 * | test_default_value                             | has one permit by default                            |
 * | test_acquire_contended, test_multirelease      | lets through as many as permits                      |
 * | test_try_acquire_contended                     | tryAcquire() of five …                               |
 * | test_acquire_timeout, mp test_timeout          | times out; there is no blocking flag                 |
 * | test_with                                      | guards …                                             |
 * | SemaphoreTests.test_release_unacquired         | release() may go beyond the first value              |
 * | BoundedSemaphoreTests.test_release_unacquired  | refuses one too many                                 |
 * | test_BoundedSemaphore_limit                    | refuses one more after as many acquires as releases  |
 * | mp test_bounded_semaphore                      | the same tests; value is exact here                  |
 * | asyncio: initial 0, negative                   | of 0 is taken; in misuse_test.ts                     |
 * | asyncio: acquire_cancel, hang, no_hang, FIFO   | the last tests, and races_test.ts                    |
 */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { BoundedSemaphore, Semaphore, SharedValue, type SyncOptions } from "../../../sync/mod.ts";
import { comesToStay, exactly, Suite } from "./_harness.ts";

const kinds = { Semaphore, BoundedSemaphore };
const suite = new Suite((options) => ({ semaphore: new Semaphore(1, options) }));

/** Creates what a test of so many permits needs. */
function make(kind: typeof Semaphore | typeof BoundedSemaphore, permits: number) {
  return {
    make: (options: SyncOptions) => ({
      semaphore: new kind(permits, options),
      count: new SharedValue("i32", 0, options),
    }),
  };
}

for (const [name, kind] of Object.entries(kinds)) {
  suite.alone(`${name} can be taken as often as it has permits`, async (scene) => {
    const { objects: { semaphore }, act } = scene;

    for (let left = 3; left > 0; left--) {
      assertEquals(semaphore.value, left);
      await act(semaphore, "acquire");
    }
    assertEquals([semaphore.value, semaphore.tryAcquire()], [0, false]);
    for (let value = 1; value <= 3; value++) {
      semaphore.release();
      assertEquals(semaphore.value, value);
    }
    for (let i = 0; i < 3; i++) assertEquals(semaphore.tryAcquire(), true);

    assertEquals([semaphore.value, semaphore.tryAcquire()], [0, false]);
  }, make(kind, 3));

  suite.alone(`${name} can be dropped while it is taken`, async ({ mode: { scope }, act }) => {
    await act(new kind(1, { scope }), "acquire");
  });

  suite.alone(`${name} of 0 permits is taken`, async ({ objects: { semaphore }, act }) => {
    assertEquals([semaphore.value, semaphore.tryAcquire()], [0, false]);
    await assertRejects(() => act(semaphore, "acquire", { timeout: 5 }), DOMException, "timed out");
  }, make(kind, 0));

  suite.alone(`${name}.acquire() times out`, async ({ objects: { semaphore }, act }) => {
    await act(semaphore, "acquire", { timeout: 0 });

    for (const timeout of [0, 1, 50]) {
      const start = performance.now();
      const error = await assertRejects(() => act(semaphore, "acquire", { timeout }), DOMException);
      assertEquals(error.name, "TimeoutError");
      assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
    }
    semaphore.release();

    assertEquals(semaphore.value, 1);
    for (const timeout of [2 ** 31, Number.MAX_VALUE, Infinity]) {
      await act(semaphore, "acquire", { timeout });
      semaphore.release();
    }
  }, make(kind, 1));

  suite.alone(`${name} guards give back one permit each, once`, async (scene) => {
    const { objects: { semaphore }, act } = scene;

    const first = await act(semaphore, "acquire") as Disposable;
    {
      using _second = await act(semaphore, "acquire") as Disposable;
      assertEquals(semaphore.value, 0);
    }
    assertEquals(semaphore.value, 1);
    first[Symbol.dispose]();
    first[Symbol.dispose]();

    assertEquals(semaphore.value, 2);
  }, make(kind, 2));

  for (const step of ["one by one", "at once"]) {
    suite.together(
      `${name}.acquire() lets through as many as permits released ${step}`,
      5,
      async (scene) => {
        const { objects: { semaphore, count }, actors } = scene;
        const release = (permits: number) => {
          if (step === "at once") semaphore.release(permits);
          else for (let i = 0; i < permits; i++) semaphore.release();
        };
        for (let i = 0; i < 9; i++) semaphore.acquireSync();
        release(6);

        const calls = actors.map((actor) => actor.run("takeEach", 4));
        await comesToStay("six through", () => count.value === 6);
        release(7);
        await comesToStay("13 through", () => count.value === 13);
        release(6);
        await comesToStay("19 through", () => count.value === 19);
        assertEquals(semaphore.tryAcquire(), false);
        release(1);
        await Promise.all(calls);

        assertEquals([count.value, semaphore.value], [20, 0]);
      },
      make(kind, 9),
    );
  }

  suite.together(
    `${name}.tryAcquire() of five twice takes three permits`,
    5,
    async ({ objects, actors }) => {
      const taken = await Promise.all(actors.map((actor) => actor.run<number>("tryEach", 2)));

      assertEquals(taken.reduce((a, b) => a + b), 3);
      assertEquals(objects.semaphore.value, 0);
    },
    make(kind, 3),
  );

  suite.together(
    `${name} lets in no more than its permits, of five`,
    5,
    async ({ objects, actors }) => {
      const { semaphore, count } = objects;

      const most = await Promise.all(actors.map((actor) => actor.run<number>("passEach", 1000)));

      assert(most.every((inside) => inside <= 2), `inside: ${most}`);
      assertEquals([count.value, semaphore.value], [0, 2]);
    },
    make(kind, 2),
  );

  for (const fails of [false, true]) {
    const end = fails ? "ends by an error" : "ends";
    suite.together(
      `${name} has its permit when the scope of its guard ${end}`,
      2,
      async (scene) => {
        const { objects: { semaphore }, actors: [one, other] } = scene;

        const scope = one!.run("scope", "semaphore", "acquire", fails);
        if (fails) await assertRejects(() => scope, Error, "thrown in the scope");
        else await scope;

        assertEquals(semaphore.value, 1);
        await other!.wait("semaphore", "acquire", { timeout: 0 });
        assertEquals(await one!.get("semaphore", "value"), 0);
      },
      make(kind, 1),
    );
  }

  suite.together(`${name}.acquire() that times out or aborts takes nothing`, 3, async (scene) => {
    const { objects: { semaphore }, actors: [late, aborted, last] } = scene;
    const isAsync = aborted!.form === "async";
    const first = late!.wait("semaphore", "acquire", { timeout: 20 });
    const options = isAsync ? { abortable: true } : { timeout: 40 };
    const second = aborted!.wait("semaphore", "acquire", options);
    const third = last!.wait("semaphore", "acquire");
    await Promise.all([first, second, third].map((call) => call.isWaiting()));

    await assertRejects(() => first, Error, "timed out");
    if (isAsync) second.abort();
    await assertRejects(() => second, Error, isAsync ? "enough" : "timed out");
    await exactly(0, [third]);
    semaphore.release();
    await third;

    assertEquals(semaphore.value, 0);
  }, {
    make: (options: SyncOptions) => {
      const semaphore = new kind(1, options);
      semaphore.acquireSync();
      return { semaphore };
    },
  });

  suite.alone(
    `${name}.acquire() serves coroutines in the order in which they asked`,
    async (scene) => {
      const { semaphore } = scene.objects;
      await semaphore.acquire();
      const order: string[] = [];
      const controller = new AbortController();
      const { signal } = controller;
      const aborted = assertRejects(() => semaphore.acquire({ signal }), Error, "enough");
      const rest = ["a", "b", "c"].map((name) =>
        semaphore.acquire().then((guard) => {
          order.push(name);
          guard[Symbol.dispose]();
        })
      );

      controller.abort(new Error("enough"));
      semaphore.release();
      // It cannot go ahead of those who were woken and have not run.
      const tried = semaphore.tryAcquire();
      await semaphore.acquire().then(() => order.push("d"));
      await Promise.all(rest);
      await aborted;

      assertEquals([order, tried, semaphore.value], [["a", "b", "c", "d"], false, 0]);
    },
    { ...make(kind, 1), forms: ["async"] },
  );
}

suite.alone("Semaphore has one permit by default", ({ mode }) => {
  assertEquals(new Semaphore(undefined, { scope: mode.scope }).value, 1);
}, { forms: ["sync"] });

suite.alone("Semaphore.release() may go beyond the first value", ({ objects, mode: { scope } }) => {
  const { semaphore } = objects;

  semaphore.release();
  semaphore.release(2);

  assertEquals(semaphore.value, 4);
  assertEquals(Deno.inspect(semaphore), `Semaphore { scope: "${scope}", value: 4 }`);
}, { forms: ["sync"] });

suite.alone("Semaphore.release() wakes as many coroutines as it releases", async ({ objects }) => {
  const { semaphore } = objects;
  semaphore.acquireSync();
  let through = 0;
  const waits = Array.from({ length: 10 }, () => semaphore.acquire().then(() => ++through));

  semaphore.release(3);
  await Promise.all(waits.slice(0, 3));
  assertEquals([through, semaphore.value], [3, 0]);
  semaphore.release(7);
  await Promise.all(waits);

  assertEquals([through, semaphore.value], [10, 0]);
}, { forms: ["async"] });

suite.alone("BoundedSemaphore.release() refuses one too many and adds nothing", ({ objects }) => {
  const { semaphore } = objects;

  assertThrows(() => semaphore.release(), RangeError, "more than 2");
  semaphore.acquireSync();
  assertThrows(() => semaphore.release(2), RangeError, "more than 2");
  assertEquals(semaphore.value, 1);
  semaphore.release();

  assertThrows(() => semaphore.release(), RangeError, "more than 2");
  assertEquals([semaphore.value, semaphore.limit], [2, 2]);
}, {
  make: (options: SyncOptions) => ({ semaphore: new BoundedSemaphore(2, options) }),
  forms: ["sync"],
});

suite.alone("BoundedSemaphore shows value and limit in Deno.inspect", ({ mode: { scope } }) => {
  const semaphore = new BoundedSemaphore(3, { scope, name: "seats" });
  semaphore.acquireSync();

  assertEquals(
    Deno.inspect(semaphore),
    `BoundedSemaphore "seats" { scope: "${scope}", value: 2, limit: 3 }`,
  );
}, {
  forms: ["sync"],
});

for (let limit = 1; limit <= 5; limit++) {
  suite.together(
    `BoundedSemaphore.release() refuses one more after ${limit} acquires and releases`,
    limit,
    async ({ objects: { semaphore }, actors }) => {
      await Promise.all(actors.map((actor) => actor.wait("semaphore", "acquire")));
      assertEquals(semaphore.value, 0);

      await Promise.all(actors.map((actor) => actor.invoke("semaphore", "release")));

      assertThrows(() => semaphore.release(), RangeError, `more than ${limit}`);
      await assertRejects(() => actors[0]!.invoke("semaphore", "release"), Error, "more than");
      assertEquals(semaphore.value, limit);
    },
    make(BoundedSemaphore, limit),
  );
}
