// Copyright 2026 the Weft authors. MIT license.

/*
 * The races of all that is acquired, by asyncio's tests and by what is known of other libraries.
 *
 * | race                                             | here                                               |
 * | ------------------------------------------------ | -------------------------------------------------- |
 * | lost wake-up                                     | hand over …                                        |
 * | timeout vs grant                                 | timeouts about as long as it is held               |
 * | abort vs grant: cancel_race,                     | aborted any number of turns after a release;       |
 * | cancel_release_race, finished_waiter_cancelled,  | aborted while it is released                       |
 * | acquire_cancel_before_awoken, acquire_hang       |                                                    |
 * | hand-off to self                                 | acquired again by who released it                  |
 * | reentrancy                                       | its abort handler                                  |
 * | thundering herd                                  | 1,000 permits; Event: in event_test.ts             |
 * | starvation                                       | a hog                                              |
 * | event loop vs block                              | in misuse_test.ts                                  |
 * | death vs grant                                   | in death_test.ts                                   |
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  BoundedSemaphore,
  Event,
  Lock,
  RLock,
  Semaphore,
  SharedArray,
  type SyncOptions,
} from "../../../sync/mod.ts";
import { comesTo, Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ lock: new Lock(options) }));

/** All that is acquired and released, made so that one at a time has it. */
const kinds = {
  Lock: (options: SyncOptions) => new Lock(options),
  RLock: (options: SyncOptions) => new RLock(options),
  Semaphore: (options: SyncOptions) => new Semaphore(1, options),
  BoundedSemaphore: (options: SyncOptions) => new BoundedSemaphore(1, options),
};

for (const [name, create] of Object.entries(kinds)) {
  const make = (options: SyncOptions) => ({
    lock: create(options),
    cells: new SharedArray("i32", 2, options),
    stop: new Event(options),
  });

  suite.together(
    `${name} is lost to nobody by timeouts about as long as it is held`,
    4,
    async (scene) => {
      const { objects: { lock, cells, stop: _ }, actors } = scene;
      const timeouts = [0.1, 0.3, 0.5, 1, 0.2, 2];

      const inside = await Promise.all(
        actors.map((actor) => actor.run<number>("excludeTimed", 200, timeouts)),
      );

      const total = inside.reduce((a, b) => a + b);
      assert(total > 0, "nobody was inside");
      assertEquals(cells.view[0], total);
      assertEquals([lock.tryAcquire(), cells.view[1]], [true, 0]);
    },
    { make },
  );

  suite.together(
    `${name} is lost to nobody when a wait is aborted while it is released`,
    3,
    async (scene) => {
      const [holder, aborted, next] = scene.actors;
      let granted = 0;

      for (let i = 0; i < 60; i++) {
        await holder!.wait("lock", "acquire");
        const first = aborted!.wait("lock", "acquire", { abortable: true });
        const second = next!.wait("lock", "acquire");
        await Promise.all([first.isWaiting(), second.isWaiting()]);

        const release = holder!.invoke("lock", "release");
        for (let turns = i % 12; turns > 0; turns--) await Promise.resolve();
        first.abort();
        await release;
        const got = await first.then(() => true, () => false);
        if (got) granted++, await aborted!.invoke("lock", "release");
        await second;
        await next!.invoke("lock", "release");
      }

      assert(granted <= 60);
      await holder!.wait("lock", "acquire", { timeout: 0 });
    },
    { make, forms: ["async"] },
  );

  suite.together(`${name} is not kept from another by a hog`, 2, async ({ objects, actors }) => {
    const [hog, other] = actors;
    const rounds = hog!.run<number>("hog");
    await comesTo("the hog runs", () => objects.cells.view[0]! > 10);

    try {
      await other!.wait("lock", "acquire", { timeout: 50_000 });
      await other!.invoke("lock", "release");
    } finally {
      objects.stop.set();
      await rounds;
    }
  }, {
    make,
    // A coroutine that never waits lets no other run; see acquired again by who released it.
    places: ["threads", "processes", "mixed"],
  });
}

for (const name of ["Lock", "Semaphore"] as const) {
  const make = (options: SyncOptions) => ({ lock: kinds[name](options) });

  for (const abortFirst of [true, false]) {
    const when = abortFirst ? "any number of turns before" : "any number of turns after";
    suite.alone(
      `${name}.acquire() aborted ${when} a release leaves it to the next`,
      async (scene) => {
        const { lock } = scene.objects;
        const outcomes = new Set<string>();

        for (let turns = 0; turns < 30; turns++) {
          await lock.acquire();
          const controller = new AbortController();
          const first = lock.acquire({ signal: controller.signal })
            .then(() => "granted", (error: Error) => error.message);
          const second = lock.acquire();

          const abort = () => controller.abort(new Error("enough"));
          if (abortFirst) abort();
          else lock.release();
          for (let i = 0; i < turns % 15; i++) await Promise.resolve();
          if (turns >= 15) await new Promise((resolve) => setTimeout(resolve));
          if (abortFirst) lock.release();
          else abort();
          const outcome = await first;
          outcomes.add(outcome);
          if (outcome === "granted") lock.release();
          await second;
          lock.release();
          assertEquals([lock.tryAcquire(), lock.tryAcquire()], [true, false]);
          lock.release();
        }

        assertEquals([...outcomes].sort(), abortFirst ? ["enough"] : ["enough", "granted"]);
      },
      { make, forms: ["async"] },
    );
  }

  suite.alone(
    `${name}.acquire() aborted one after the other leaves it to the last`,
    async (scene) => {
      const { lock } = scene.objects;
      await lock.acquire();
      const controllers = Array.from({ length: 5 }, () => new AbortController());
      const waits = controllers.map(({ signal }) =>
        assertRejects(() => lock.acquire({ signal }), Error, "enough")
      );
      const last = lock.acquire();

      for (const i of [0, 2, 1]) controllers[i]!.abort(new Error("enough"));
      lock.release();
      for (const i of [3, 4]) controllers[i]!.abort(new Error("enough"));
      await Promise.all(waits);
      await last;

      assertEquals(lock.tryAcquire(), false);
    },
    { make, forms: ["async"] },
  );

  suite.alone(
    `${name} acquired again by who released it goes to those in line first`,
    async (scene) => {
      const { lock } = scene.objects;
      const order: string[] = [];
      await lock.acquire();
      const waits = ["a", "b"].map(async (who) => {
        await lock.acquire();
        order.push(who);
        lock.release();
      });

      lock.release();
      const tried = lock.tryAcquire();
      await lock.acquire();
      order.push("self");
      await Promise.all(waits);

      assertEquals([tried, order], [false, ["a", "b", "self"]]);
    },
    { make, forms: ["async"] },
  );

  for (const end of ["is aborted", "times out"]) {
    suite.alone(
      `${name}.acquire() behind one that ${end} is woken at once by a release`,
      async (scene) => {
        const { lock } = scene.objects;
        const times: number[] = [];

        for (let i = 0; i < 15; i++) {
          await lock.acquire();
          const controller = new AbortController();
          const options = end === "times out" ? { timeout: 1 } : { signal: controller.signal };
          const first = assertRejects(() => lock.acquire(options));
          const second = lock.acquire();
          controller.abort();
          await first;

          const start = performance.now();
          lock.release();
          await second;
          times.push(performance.now() - start);
          lock.release();
        }

        // Waits look at their word every 100 ms whatever happens, which hides a wake-up that is lost.
        const median = times.toSorted((a, b) => a - b)[7]!;
        assert(median < 50, `milliseconds: ${times}`);
      },
      { make, forms: ["async"] },
    );
  }

  for (const order of ["before", "after"] as const) {
    suite.alone(
      `${name} can be used by an abort handler that runs ${order} its own`,
      async (scene) => {
        const { lock } = scene.objects;
        await lock.acquire();
        const controller = new AbortController();
        const seen: unknown[] = [];
        let inner: Promise<unknown> | undefined;
        const handler = () => {
          lock.release();
          seen.push(lock.tryAcquire());
          inner = lock.acquire();
          controller.abort(new Error("again"));
        };

        if (order === "before") controller.signal.addEventListener("abort", handler);
        const waiting = assertRejects(
          () => lock.acquire({ signal: controller.signal }),
          Error,
          "enough",
        );
        if (order === "after") controller.signal.addEventListener("abort", handler);
        controller.abort(new Error("enough"));
        await waiting;
        // Taken by the handler, or left as somebody was in line.
        if (seen[0] === true) lock.release();
        await inner;

        assertEquals(lock.tryAcquire(), false);
        lock.release();
        assertEquals(lock.tryAcquire(), true);
      },
      { make, forms: ["async"] },
    );
  }
}

suite.together("Semaphores hand over 2,000 times between two", 2, async ({ objects, actors }) => {
  await Promise.all(actors.map((actor, i) => actor.run("answer", 2000, i === 0)));

  assertEquals([objects.one.value, objects.other.value], [0, 0]);
}, {
  make: (options: SyncOptions) => ({
    one: new Semaphore(0, options),
    other: new Semaphore(0, options),
  }),
});

suite.alone(
  "Semaphore.release() of 1,000 wakes each of 1,000 coroutines once",
  async ({ objects }) => {
    const { semaphore } = objects;
    let woken = 0;
    const waits = Array.from({ length: 1000 }, () => semaphore.acquire().then(() => woken++));

    semaphore.release(1000);
    await Promise.all(waits);

    assertEquals([woken, semaphore.value], [1000, 0]);
  },
  { make: (options: SyncOptions) => ({ semaphore: new Semaphore(0, options) }), forms: ["async"] },
);
