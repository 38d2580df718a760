// Copyright 2026 the Weft authors. MIT license.

/* Who runs when: coroutines in turn, timers and events beside them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { checkpoint, joinAll, sleep, spawn } from "../../coroutine/mod.ts";
import { Event } from "../../sync/mod.ts";
import { turns } from "./_helpers.ts";

new Event({ scope: "process" });

const pauses: Record<string, (log: string[], name: string, count: number) => () => unknown> = {
  "a yield of nothing": (log, name, count) =>
    function* () {
      for (let i = 0; i < count; i++) {
        log.push(name);
        yield;
      }
    },
  "a yield of a plain value": (log, name, count) =>
    function* () {
      for (let i = 0; i < count; i++) {
        log.push(name);
        yield i;
      }
    },
  "a yield of nothing in an async generator": (log, name, count) =>
    async function* () {
      for (let i = 0; i < count; i++) {
        log.push(name);
        yield;
      }
    },
  "a checkpoint": (log, name, count) => async () => {
    for (let i = 0; i < count; i++) {
      log.push(name);
      await checkpoint();
    }
  },
};

for (const [name, body] of Object.entries(pauses)) {
  Deno.test(`spawn() has coroutines that are ready run in turn at ${name}`, async () => {
    const log: string[] = [];
    await joinAll(["a", "b", "c"].map((name) => spawn(body(log, name, 200))));

    assertEquals(log.join(""), "abc".repeat(200));
  });

  Deno.test(`spawn() lets timers and events have their turn beside a loop with ${name}`, async () => {
    let rounds = 0;
    const log = { push: () => ++rounds } as unknown as string[];
    const loops = [1, 2].map(() => spawn(body(log, "", Infinity)));
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr as Deno.NetAddr;

    const served = spawn(async () => {
      using connection = await listener.accept();
      const bytes = new Uint8Array(1);
      while (await connection.read(bytes) !== null) await connection.write(bytes);
    });
    const start = performance.now();
    {
      using client = await Deno.connect({ port, hostname: "127.0.0.1" });
      const bytes = new Uint8Array(1);
      for (let i = 0; i < 8; i++) {
        await client.write(new Uint8Array([i]));
        await client.read(bytes);
        assertEquals(bytes[0], i);
      }
    }
    await served;
    const elapsed = performance.now() - start;
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    await sleep(5);
    for (let i = 0; i < 5; i++) await turns(1);
    const during = rounds;
    await Promise.all(loops.map((loop) => loop.cancel()));
    listener.close();

    assert(during > 0);
    // It takes a tenth of that; and several times as long if the network is looked at now and then only.
    assert(elapsed < 4000, `8 answers took ${elapsed} ms`);
  });
}

Deno.test("sleep() ends in the order of the times, and of the calls where they are the same", async () => {
  const log: string[] = [];
  using time = new FakeTime();
  const sleeps = [300, 100, 200, 100, 300, 0, 200, 100].map((ms, i) =>
    sleep(ms).then(() => log.push(`${ms}.${i}`))
  );

  await time.tickAsync(400);
  await Promise.all(sleeps);

  assertEquals(log, ["0.5", "100.1", "100.3", "100.7", "200.2", "200.6", "300.0", "300.4"]);
});

Deno.test("sleep() follows a clock that is turned by hand", async () => {
  using time = new FakeTime();
  const log: string[] = [];
  const coroutine = spawn(function* () {
    yield sleep(1000);
    log.push("a second");
    yield sleep(3_600_000);
    log.push("an hour");
  });
  await time.tickAsync(0);

  await time.tickAsync(999);
  assertEquals(log, []);
  await time.tickAsync(1);
  assertEquals(log, ["a second"]);
  await time.tickAsync(3_599_999);
  assertEquals(log, ["a second"]);
  await time.tickAsync(1);
  assertEquals(log, ["a second", "an hour"]);
  await coroutine;
});

Deno.test("sleep() takes at least its time", async () => {
  const times = await Promise.all([1, 5, 20].map(async (ms) => {
    const start = performance.now();
    await sleep(ms);
    return performance.now() - start - ms;
  }));

  for (const late of times) assert(late > -1, `it was ${-late} ms early`);
});

Deno.test("sleep() is ended by its timeout and its signal, and takes its timer back", async () => {
  const controller = new AbortController();
  const aborted = sleep(Infinity, { signal: controller.signal });
  controller.abort(new Error("enough"));

  await assertRejects(() => aborted, Error, "enough");
  await assertRejects(() => sleep(60_000, { timeout: 1 }), DOMException, "timed out");
  await assertRejects(
    () => sleep(60_000, { signal: AbortSignal.abort(new Error("no")) }),
    Error,
    "no",
  );
  for (const ms of [-1, NaN, "1" as never]) await assertRejects(() => sleep(ms), RangeError);
  await assertRejects(() => sleep(1, { timeout: -1 }), RangeError);
});

Deno.test("sleep() of many that are taken back in any order leaves the others in theirs", async () => {
  using time = new FakeTime();
  const log: number[] = [];
  const left: number[] = [];
  let seed = 1;
  const random = (limit: number) => (seed = seed * 48271 % 0x7fffffff) % limit;
  const sleeps = Array.from({ length: 1000 }, (_, i) => {
    const controller = new AbortController();
    // A second apart, as the clock goes on beside that which is turned by hand.
    const ms = (i * 619 % 1000) * 1000;
    sleep(ms, { signal: controller.signal }).then(() => log.push(ms), () => {});
    return { controller, ms };
  });
  while (sleeps.length > 0) {
    const [{ controller, ms }] = sleeps.splice(random(sleeps.length), 1) as [typeof sleeps[0]];
    if (random(2) === 0) controller.abort();
    else left.push(ms);
  }

  await time.tickAsync(1_100_000);

  assertEquals(log, left.toSorted((a, b) => a - b));
});

Deno.test("sleep() ends in the order of the calls where the clock reads the same", async () => {
  const { now } = performance;
  const time = performance.now();
  const log: number[] = [];
  performance.now = () => time;
  let sleeps: Promise<number>[];
  try {
    sleeps = Array.from({ length: 20 }, (_, i) => sleep(2).then(() => log.push(i)));
  } finally {
    performance.now = now;
  }
  await Promise.all(sleeps);

  assertEquals(log, Array.from({ length: 20 }, (_, i) => i));
});

Deno.test("sleep() longer than a timer of the platform keeps does not end at once", async () => {
  const coroutine = spawn(() => sleep(2 ** 40));
  await turns(5);
  assertEquals(coroutine.done, false);
  await coroutine.cancel();
});

Deno.test("checkpoint() outside of any coroutine lets others run", async () => {
  const log: string[] = [];
  const coroutine = spawn(() => log.push("coroutine"));

  await checkpoint();
  await checkpoint();
  log.push("here");
  await coroutine;

  assertEquals(log, ["coroutine", "here"]);
});
