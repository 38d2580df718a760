// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Queue } from "../../channel/mod.ts";
import { sleep, spawn, withTimeout } from "../../coroutine/mod.ts";
import { Event } from "../../sync/mod.ts";
import { turns } from "./_helpers.ts";

new Event({ scope: "process" });

Deno.test("withTimeout() gives the result of each form of function", async () => {
  assertEquals(await withTimeout(60_000, () => 1), 1);
  assertEquals(await withTimeout(60_000, async () => await Promise.resolve(2)), 2);
  const three = await withTimeout(Infinity, function* () {
    return (yield Promise.resolve(3)) as number;
  });
  assertEquals(three, 3);
  await assertRejects(
    () => withTimeout(60_000, () => Promise.reject(new Error("own"))),
    Error,
    "own",
  );
});

Deno.test("withTimeout() cancels when the time is over, and waits for the cleaning up", async () => {
  const log: string[] = [];
  const error = await assertRejects(
    () =>
      withTimeout(1, function* () {
        try {
          yield sleep(Infinity);
        } finally {
          yield sleep(2);
          log.push("cleaned up");
        }
      }),
    DOMException,
    "timed out after 1 ms",
  );

  assertEquals(error.name, "TimeoutError");
  assertEquals(log, ["cleaned up"]);
});

Deno.test("withTimeout() gives a result or an error that the function comes to all the same", async () => {
  const result = await withTimeout(1, async () => {
    await sleep(Infinity).catch(() => {});
    return "rescued";
  });
  assertEquals(result, "rescued");
  await assertRejects(
    () =>
      withTimeout(1, async () => {
        await sleep(Infinity).catch(() => {});
        throw new Error("in cleaning up");
      }),
    Error,
    "in cleaning up",
  );
});

Deno.test("withTimeout() refuses a time that is none and what is no function", async () => {
  await assertRejects(() => withTimeout(-1, () => {}), RangeError);
  await assertRejects(() => withTimeout(NaN, () => {}), RangeError);
  await assertRejects(() => withTimeout(1, 1 as never), TypeError, "needs a function");
});

Deno.test("withTimeout() within another is ended by the shorter, and each has its own error", async () => {
  const inner = await assertRejects(
    () => withTimeout(60_000, () => withTimeout(1, () => sleep(Infinity))),
    DOMException,
  );
  assertEquals(inner.message, "The wait timed out after 1 ms");
  const outer = await assertRejects(
    () => withTimeout(1, () => withTimeout(60_000, () => sleep(Infinity))),
    DOMException,
  );
  assertEquals(outer.message, "The wait timed out after 1 ms");
});

Deno.test("withTimeout() is cancelled with the coroutine that waits, after its cleaning up", async () => {
  const log: string[] = [];
  const reason = new Error("enough");
  const outer = spawn(async () => {
    try {
      await withTimeout(60_000, async () => {
        try {
          await sleep(Infinity);
        } finally {
          await sleep(1);
          log.push("inner");
        }
      });
    } finally {
      log.push("outer");
    }
  });
  await turns(2);

  await outer.cancel(reason);

  assertEquals(log, ["inner", "outer"]);
  assertStrictEquals(await assertRejects(() => outer.join()), reason);
});

Deno.test("withTimeout() 0 cancels what does not end at once", async () => {
  await assertRejects(() => withTimeout(0, () => sleep(Infinity)), DOMException, "timed out");
});

Deno.test("withTimeout() when it is over as the function ends gives the result or the error, not both", async () => {
  using time = new FakeTime();
  const outcomes: string[] = [];

  // What is set first is called first, in the same tick of the clock.
  for (const completesFirst of [true, false]) {
    const done = Promise.withResolvers<string>();
    const queue = new Queue<string>({ scope: "local" });
    queue.putNowait("item");
    if (completesFirst) setTimeout(() => done.resolve("item"), 10);
    const result = withTimeout(10, async () => {
      if (!completesFirst) setTimeout(() => done.resolve("item"), 10);
      return await done.promise;
    }).catch((error) => error.name as string);
    await time.tickAsync(10);
    outcomes.push(await result);
  }

  assert(outcomes.every((outcome) => outcome === "item" || outcome === "TimeoutError"));
  assertEquals(outcomes[0], "item");
});

for (const scope of ["local", "thread"] as const) {
  Deno.test(`withTimeout() about when an item of scope ${scope} is put neither loses nor doubles it, 1,000 times`, async () => {
    const outcomes = { got: 0, late: 0 };
    let seed = 1;
    const random = (limit: number) => (seed = seed * 48271 % 0x7fffffff) % limit;

    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(Array.from({ length: 10 }, async (_, i) => {
        const queue = new Queue<number>({ scope });
        const [pause, limit, isGenerator] = [random(4), random(4), random(2) === 0];
        const put = async () => {
          if (pause > 0) await sleep(pause);
          queue.putNowait(i);
        };
        const putting = random(2) === 0 ? put() : undefined;
        const taking = isGenerator
          ? withTimeout(limit, function* () {
            return (yield queue.get()) as number;
          })
          : withTimeout(limit, async () => await queue.get());
        const [result] = await Promise.all([taking.catch((error) => error.name), putting ?? put()]);

        if (result === "TimeoutError") {
          outcomes.late++;
          assertEquals([queue.size, queue.getNowait()], [1, i]);
        } else {
          outcomes.got++;
          assertEquals([result, queue.size], [i, 0]);
        }
      }));
    }

    assert(outcomes.got > 0 && outcomes.late > 0, "there was no race");
  });
}
