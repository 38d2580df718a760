// Copyright 2026 the Weft authors. MIT license.

/* Waiting for many coroutines at once: joinAll, cancelAll, gather, race and asCompleted. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  asCompleted,
  cancelAll,
  type Coroutine,
  gather,
  joinAll,
  race,
  shield,
  sleep,
  spawn,
} from "../../coroutine/mod.ts";
import { turns } from "./_helpers.ts";

/** Spawns coroutines that end when they are told, in any order. */
function gated(count: number) {
  const gates = Array.from({ length: count }, () => Promise.withResolvers<string>());
  return { gates, coroutines: gates.map(({ promise }) => spawn(() => promise)) };
}

/** Has something wait in each way that ends early, and checks that it ends alone. */
async function endsEarly(
  wait: (options: { timeout?: number; signal?: AbortSignal }) => Promise<unknown>,
): Promise<void> {
  const late = await assertRejects(() => wait({ timeout: 1 }), DOMException);
  assertEquals(late.name, "TimeoutError");
  const controller = new AbortController();
  const aborted = wait({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  await assertRejects(() => wait({ signal: AbortSignal.abort(new Error("no")) }), Error, "no");
  await assertRejects(() => wait({ timeout: -1 }), RangeError);
}

Deno.test("joinAll() gives the results in order, with nothing for those cancelled", async () => {
  const { gates, coroutines } = gated(3);
  const joined = joinAll(coroutines);
  gates[2]!.resolve("c");
  await turns(1);
  await coroutines[1]!.cancel();
  gates[0]!.resolve("a");

  assertEquals(await joined, ["a", undefined, "c"]);
  assertEquals(await joinAll(coroutines), ["a", undefined, "c"]);
  assertEquals(await joinAll([]), []);
});

Deno.test("joinAll() waits for all before it fails with the one error", async () => {
  const { gates, coroutines } = gated(3);
  const error = new Error("broken");
  let failed: unknown;
  const joined = joinAll(coroutines).catch((error) => failed = error);

  gates[0]!.reject(error);
  gates[1]!.resolve("");
  await turns(2);
  assertEquals(failed, undefined);

  gates[2]!.resolve("");
  await joined;
  assertStrictEquals(failed, error);
});

Deno.test("joinAll() fails with all errors if there are several", async () => {
  const { gates, coroutines } = gated(4);
  for (const i of [3, 0, 1]) gates[i]!.reject(new Error(`number ${i}`));
  gates[2]!.resolve("");

  const error = await assertRejects(() => joinAll(coroutines), AggregateError, "3 of 4 coroutines");

  assertEquals(error.errors.map(({ message }) => message), ["number 0", "number 1", "number 3"]);
});

Deno.test("joinAll() ends alone when its time is over or its signal aborts", async () => {
  const { gates, coroutines } = gated(2);
  await endsEarly((options) => joinAll(coroutines, options));

  assertEquals(coroutines.map(({ done }) => done), [false, false]);
  for (const gate of gates) gate.resolve("done");
  assertEquals(await joinAll(coroutines, { timeout: 60_000 }), ["done", "done"]);
});

Deno.test("joinAll() ends with the coroutine that waits, and the others go on", async () => {
  const { gates, coroutines } = gated(2);
  const joiner = spawn(() => joinAll(coroutines));
  await turns(1);
  await joiner.cancel();

  assertEquals([joiner.cancelled, coroutines[0]!.done], [true, false]);
  for (const gate of gates) gate.resolve("done");
  await joinAll(coroutines);
});

Deno.test("cancelAll() cancels all with the reason, and never rejects", async () => {
  const log: number[] = [];
  const reason = new Error("enough");
  const coroutines: Coroutine[] = [3, 1, 2].map((ms) =>
    spawn(async () => {
      try {
        await sleep(Infinity);
      } finally {
        await sleep(ms);
        log.push(ms);
      }
    })
  );
  const failing = spawn(async () => {
    try {
      await sleep(Infinity);
    } finally {
      // deno-lint-ignore no-unsafe-finally -- what is tested
      throw new Error("in finally");
    }
  });
  const ended = spawn(() => 1);
  await ended;
  await turns(1);

  await cancelAll([...coroutines, failing, ended], reason);

  assertEquals(log.toSorted(), [1, 2, 3]);
  assertEquals(await ended, 1);
  await assertRejects(() => failing.join(), Error, "in finally");
  for (const coroutine of coroutines) {
    assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
  }
  await cancelAll([]);
});

Deno.test("gather() gives results of coroutines, promises and values in order", async () => {
  const results = await gather([spawn(() => sleep(2).then(() => "a")), Promise.resolve(1), true]);
  assertEquals(results, ["a", 1, true]);
  assertEquals(await gather([]), []);
  assertEquals(await gather(new Set([spawn(() => 1)])), [1]);
});

Deno.test("gather() fails with the first error, and the others go on", async () => {
  const { gates, coroutines } = gated(3);
  const gathered = gather(coroutines);
  gates[1]!.reject(new Error("first"));
  await assertRejects(() => gathered, Error, "first");
  assertEquals([coroutines[0]!.done, coroutines[2]!.done], [false, false]);

  gates[2]!.reject(new Error("second"));
  gates[0]!.resolve("a");
  assertEquals(await coroutines[0], "a");
  await assertRejects(() => coroutines[2]!.join(), Error, "second");
});

Deno.test("gather() ends alone when its time is over or its signal aborts", async () => {
  const { gates, coroutines } = gated(2);
  await endsEarly((options) => gather(coroutines, options));

  assertEquals(coroutines.map(({ done }) => done), [false, false]);
  for (const gate of gates) gate.resolve("done");
  assertEquals(await gather(coroutines), ["done", "done"]);
});

Deno.test("race() gives the first, cancels the others and waits for them", async () => {
  const log: string[] = [];
  const slow = spawn(async () => {
    try {
      await sleep(Infinity);
    } finally {
      await sleep(2);
      log.push("cleaned up");
    }
  });
  const quick = spawn(() => sleep(1).then(() => "quick"));

  assertEquals(await race<unknown>([slow, quick]), "quick");
  assertEquals([log, slow.cancelled, quick.cancelled], [["cleaned up"], true, false]);
});

Deno.test("race() throws the first error, and the reason of one that is cancelled first", async () => {
  const slow = spawn(() => sleep(Infinity));
  const failing = spawn(() => Promise.reject(new Error("first")));
  await assertRejects(() => race([slow, failing]), Error, "first");
  assertEquals(slow.cancelled, true);

  const others = [spawn(() => sleep(Infinity)), spawn(() => sleep(Infinity))];
  const raced = race(others);
  await turns(1);
  others[0]!.cancel(new Error("cancelled alone"));
  await assertRejects(() => raced, Error, "cancelled alone");
  assertEquals(others[1]!.cancelled, true);
});

Deno.test("joinAll(), cancelAll() and shield() refuse what is not a coroutine", async () => {
  const coroutine = spawn(() => sleep(Infinity));
  const mixed = [coroutine, Promise.resolve()] as unknown as Coroutine[];

  await assertRejects(() => joinAll(mixed), TypeError, "not a coroutine");
  await assertRejects(() => cancelAll(mixed), TypeError, "not a coroutine");
  await assertRejects(() => shield(mixed[1]!), TypeError, "not a coroutine");

  await turns(1);
  assertEquals(coroutine.done, false);
  await coroutine.cancel();
});

Deno.test("race() and joinAll() take coroutines of different types", async () => {
  const number = spawn(async () => await Promise.resolve(1));
  const text = spawn(async () => await Promise.resolve("two"));

  const both: [number | undefined, string | undefined] = await joinAll([number, text]);
  const first: number | string = await race([number, text]);

  assertEquals(both, [1, "two"]);
  assertEquals(first, 1);
});

Deno.test("race() takes promises, and refuses an empty list", async () => {
  assertEquals(await race([new Promise<number>(() => {}), Promise.resolve(1)]), 1);
  await assertRejects(() => race([]), RangeError, "the list is empty");
});

Deno.test("race() cancels all when its time is over, its signal aborts or its coroutine is cancelled", async () => {
  const waiting = () => [1, 2].map(() => spawn(() => sleep(Infinity)));
  const controller = new AbortController();
  const all = [waiting(), waiting(), waiting(), waiting()];
  const aborted = race(all[1]!, { signal: controller.signal });
  const racer = spawn(() => race(all[2]!));
  await turns(1);
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  await assertRejects(() => race(all[3]!, { signal: controller.signal }), Error, "enough");
  await assertRejects(() => race(all[0]!, { timeout: 1 }), DOMException, "timed out");
  await racer.cancel();

  assertEquals(racer.cancelled, true);
  await turns(1);
  assert(all.flat().every(({ cancelled }) => cancelled));
});

Deno.test("asCompleted() gives coroutines in the order in which they end", async () => {
  const { gates, coroutines } = gated(3);
  const order: unknown[] = [];
  const reading = (async () => {
    for await (const coroutine of asCompleted(coroutines)) {
      order.push(await Promise.resolve(coroutine).catch((error: Error) => error.message));
    }
  })();
  gates[2]!.resolve("third");
  await turns(2);
  gates[0]!.reject(new Error("first fails"));
  await turns(2);
  gates[1]!.resolve("second");
  await reading;

  assertEquals(order, ["third", "first fails", "second"]);
});

Deno.test("asCompleted() ends when its time is over, after what is complete", async () => {
  const { gates, coroutines } = gated(2);
  gates[1]!.resolve("done");
  await coroutines[1];
  const got: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const item of asCompleted(coroutines, { timeout: 5 })) got.push(await item);
  }, DOMException);

  assertEquals([error.name, got], ["TimeoutError", ["done"]]);
  gates[0]!.resolve("late");
  assertEquals(await coroutines[0], "late");
});
