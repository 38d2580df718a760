// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import { checkpoint, type Coroutine, currentCoroutine, sleep, spawn } from "../../coroutine/mod.ts";
import { Event, Lock } from "../../sync/mod.ts";
import { isSettled, microtasks, moments, turns } from "./_helpers.ts";

/** Never settles. */
const never = () => new Promise<never>(() => {});

Deno.test("Coroutine.cancel() before it has begun never runs it", async () => {
  let ran = 0;
  const run = () => ran++;
  const coroutines = [
    spawn(run),
    spawn(async () => await run()),
    spawn(function* () {
      yield run();
    }),
    spawn(async function* () {
      yield run();
    }),
  ];
  const reason = new Error("too late");

  await Promise.all(coroutines.map((coroutine) => coroutine.cancel(reason)));
  await turns(2);

  assertEquals(ran, 0);
  for (const coroutine of coroutines) {
    assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
    assertEquals([coroutine.done, coroutine.cancelled], [true, true]);
  }
});

Deno.test("Coroutine.cancel() rejects its join with an AbortError unless there is a reason", async () => {
  const coroutine = spawn(() => sleep(Infinity));
  await coroutine.cancel();

  const error = await assertRejects(() => coroutine.join(), DOMException, "was cancelled");
  assertEquals(error.name, "AbortError");
  assertStrictEquals(await assertRejects(() => coroutine.join()), error);
});

Deno.test("Coroutine.cancel() does nothing to one that has ended", async () => {
  const good = spawn(() => 1);
  const bad = spawn(() => Promise.reject(new Error("broken")));
  await bad.join().catch(() => {});
  await good;

  await good.cancel(new Error("late"));
  await bad.cancel(new Error("late"));

  assertEquals(await good, 1);
  await assertRejects(() => bad.join(), Error, "broken");
  assertEquals([good.cancelled, bad.cancelled], [false, false]);
});

Deno.test("Coroutine.cancel() again does nothing, while it cleans up and with another reason", async () => {
  const log: string[] = [];
  const bodies: (() => unknown)[] = [
    async () => {
      try {
        await sleep(Infinity);
      } finally {
        await sleep(2);
        log.push("async function");
      }
    },
    function* () {
      try {
        yield sleep(Infinity);
      } finally {
        yield sleep(2);
        yield;
        log.push("generator");
      }
    },
    async function* () {
      try {
        yield sleep(Infinity);
      } finally {
        yield sleep(2);
        await sleep(1);
        log.push("async generator");
      }
    },
  ];

  for (const body of bodies) {
    const coroutine: Coroutine = spawn(body);
    await turns(1);
    const first = new Error("first");
    const ends = [coroutine.cancel(first)];
    for (const moment of moments) {
      ends.push(coroutine.cancel(new Error("again")));
      await moment();
    }
    await Promise.all(ends);
    assertStrictEquals(await assertRejects(() => coroutine.join()), first);
  }

  assertEquals(log, ["async function", "generator", "async generator"]);
});

Deno.test("Coroutine.cancel() returns a generator at each kind of yield", async () => {
  const kinds: Record<string, () => unknown> = {
    sleep: () => sleep(Infinity),
    nothing: () => undefined,
    foreign: never,
    coroutine: () => spawn(() => sleep(Infinity)),
    queue: () => new Queue().get(),
    checkpoint,
  };

  for (const [name, wait] of Object.entries(kinds)) {
    for (const moment of [() => microtasks(3), () => turns(1), () => turns(3)]) {
      const log: string[] = [];
      const coroutine = spawn(function* () {
        try {
          for (;;) yield wait();
        } finally {
          log.push("one");
          yield sleep(1);
          log.push("two");
        }
      });
      await moment();

      await coroutine.cancel();
      assertEquals([coroutine.cancelled, log], [true, ["one", "two"]], name);
    }
  }
});

Deno.test("Coroutine.cancel() does not run what is after a yield of nothing in a generator", async () => {
  let begun = false;
  let after = false;
  const coroutine = spawn(function* () {
    begun = true;
    yield;
    after = true;
  });
  while (!begun) await undefined;

  await coroutine.cancel();
  await turns(2);

  assertEquals([after, coroutine.cancelled], [false, true]);
});

Deno.test("Coroutine.cancel() throws into an async function once, and its cleaning up can wait", async () => {
  const lock = new Lock();
  const queue = new Queue<number>();
  const event = new Event();
  const waits: Record<string, () => Promise<unknown>> = {
    sleep: () => sleep(Infinity),
    lock: () => lock.acquire(),
    queue: () => queue.get(),
    event: () => event.wait(),
    join: () => other.join(),
    checkpoint: async () => {
      for (;;) await checkpoint();
    },
  };
  const other = spawn(never);
  await lock.acquire();

  for (const [name, wait] of Object.entries(waits)) {
    const log: unknown[] = [];
    const reason = new Error(name);
    const coroutine = spawn(async () => {
      try {
        await wait();
      } catch (error) {
        log.push(error);
        await sleep(1);
        await checkpoint();
        queue.putNowait(1);
        log.push(await queue.get());
        throw error;
      }
    });
    await turns(1);

    await coroutine.cancel(reason);
    assertEquals(log, [reason, 1]);
    assertEquals(coroutine.cancelled, true);
  }
  await other.cancel();
});

Deno.test("Coroutine.cancel() of an async function that waits for something else gives it up after a turn", async () => {
  const go = Promise.withResolvers<void>();
  const log: unknown[] = [];
  const reason = new Error("enough");
  const coroutine = spawn(async () => {
    await go.promise;
    log.push("goes on");
    await sleep(0).catch((error) => log.push(error));
    await sleep(0);
    log.push("slept");
    return "dropped";
  });
  await turns(1);

  await coroutine.cancel(reason);
  assertEquals([coroutine.done, coroutine.cancelled, log.length], [true, true, 0]);

  go.resolve();
  while (log.length < 3) await sleep(1);
  assertEquals(log, ["goes on", reason, "slept"]);
  assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
});

Deno.test("Coroutine.cancel() does not give up a function that is about to end", async () => {
  for (let count = 0; count < 10; count++) {
    const go = Promise.withResolvers<void>();
    const coroutine = spawn(async () => {
      await go.promise;
      await microtasks(count);
      return "result";
    });
    await turns(1);

    go.resolve();
    await coroutine.cancel();
    assertEquals(await coroutine, "result");
    assertEquals(coroutine.cancelled, false);
  }
});

Deno.test("Coroutine.cancel() leaves the result of a function that returns all the same", async () => {
  const one = spawn(async () => {
    await sleep(Infinity).catch(() => {});
    return 1;
  });
  const two = spawn(function* () {
    try {
      yield sleep(Infinity);
    } catch {
      // It returns, so there is nothing to catch.
    }
    return 2;
  });
  await turns(1);

  await Promise.all([one.cancel(), two.cancel()]);

  assertEquals([one.cancelled, await one], [false, 1]);
  assertEquals(two.cancelled, true);
});

Deno.test("Coroutine.cancel() has a finally that throws replace the reason", async () => {
  const bodies: (() => unknown)[] = [
    async () => {
      try {
        await sleep(Infinity);
      } finally {
        await sleep(1);
        // deno-lint-ignore no-unsafe-finally -- what is tested
        throw new Error("in finally");
      }
    },
    function* () {
      try {
        yield sleep(Infinity);
      } finally {
        yield sleep(1);
        // deno-lint-ignore no-unsafe-finally -- what is tested
        throw new Error("in finally");
      }
    },
    async function* () {
      try {
        yield sleep(Infinity);
      } finally {
        yield sleep(1);
        // deno-lint-ignore no-unsafe-finally -- what is tested
        throw new Error("in finally");
      }
    },
  ];

  for (const body of bodies) {
    const coroutine: Coroutine = spawn(body);
    await turns(1);
    await coroutine.cancel();

    await assertRejects(() => coroutine.join(), Error, "in finally");
    assertEquals([coroutine.done, coroutine.cancelled], [true, false]);
  }
});

Deno.test("Coroutine.cancel() of itself returns at once, and the next wait throws", async () => {
  const log: unknown[] = [];
  const reason = new Error("enough");
  const one = spawn(async () => {
    const self = currentCoroutine()!;
    await self.cancel(reason);
    log.push(self.done ? "has ended" : "goes on");
    await sleep(60_000);
  });
  const two = spawn(function* () {
    currentCoroutine()!.cancel(reason);
    log.push("goes on");
    yield sleep(60_000);
    log.push("never");
  });

  for (const coroutine of [one, two]) {
    assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
    assertEquals(coroutine.cancelled, true);
  }
  assertEquals(log, ["goes on", "goes on"]);
});

Deno.test("Coroutine.cancel() of a generator that is about to get an item drops none", async () => {
  for (let count = 0; count < 12; count++) {
    const queue = new Queue<number>({ scope: "local" });
    const got: number[] = [];
    let rest = "never ran";
    const coroutine = spawn(function* () {
      try {
        got.push(yield queue.get());
        yield;
        rest = "ran";
      } finally {
        yield sleep(0);
      }
    });
    await turns(1);

    queue.putNowait(1);
    await microtasks(count);
    await coroutine.cancel();

    if (rest === "never ran") assertEquals(coroutine.cancelled, true);
    assertEquals(got.length + queue.size, 1);
  }
});

Deno.test("Coroutine.cancel() when nobody waits for its end prints nothing and rejects nothing", async () => {
  const coroutine = spawn(() => sleep(Infinity));
  await turns(1);

  coroutine.cancel(new Error("enough"));
  await turns(2);

  assert(coroutine.cancelled);
  assertEquals(await isSettled(coroutine.cancel()), true);
});
