// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Coroutine, currentCoroutine, sleep, spawn } from "../../coroutine/mod.ts";
import { isSettled, turns } from "./_helpers.ts";

Deno.test("Coroutine.join() gives the result to all who join, before and after the end", async () => {
  const result = { n: 1 };
  const coroutine = spawn(async () => {
    await sleep(1);
    return result;
  });

  const before = Array.from({ length: 100 }, () => coroutine.join());
  await coroutine;
  const after = Array.from({ length: 100 }, () => coroutine.join());

  for (const joined of [...before, ...after]) assertStrictEquals(await joined, result);
});

Deno.test("Coroutine.join() ends alone when its time is over or its signal aborts", async () => {
  const go = Promise.withResolvers<string>();
  const coroutine = spawn(() => go.promise);
  const controller = new AbortController();

  const aborted = coroutine.join({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  const late = await assertRejects(() => coroutine.join({ timeout: 1 }), DOMException);
  assertEquals(late.name, "TimeoutError");
  const never = await assertRejects(() => coroutine.join({ timeout: 0 }), DOMException);
  assertEquals(never.name, "TimeoutError");
  await assertRejects(() => coroutine.join({ timeout: -1 }), RangeError);
  await assertRejects(() => coroutine.join({ signal: AbortSignal.abort(new Error("no")) }), Error);
  assertEquals(coroutine.done, false);

  go.resolve("done");
  assertEquals(
    await coroutine.join({ timeout: 60_000, signal: new AbortController().signal }),
    "done",
  );
});

Deno.test("Coroutine.join() of itself is an error, also after an await", async () => {
  const coroutine: Coroutine<string[]> = spawn(async function narcissus() {
    const messages: string[] = [];
    for (let i = 0; i < 2; i++) {
      await coroutine.join().catch((error) => messages.push(error.message));
      await sleep(1);
    }
    return messages;
  });

  const message = "Cannot join coroutine narcissus as it would wait for itself";
  assertEquals(await coroutine, [message, message]);
});

Deno.test("Coroutine.join() ends when the coroutine that joins is cancelled, and the other goes on", async () => {
  const go = Promise.withResolvers<number>();
  const other = spawn(() => go.promise);
  const joiner = spawn(() => other.join());
  await turns(1);

  await joiner.cancel();
  assertEquals([joiner.cancelled, other.done], [true, false]);

  go.resolve(1);
  assertEquals(await other, 1);
});

Deno.test("Coroutine is a promise: then, await and Promise.all give its result", async () => {
  const coroutine = spawn(() => 2);
  const failed = spawn(() => Promise.reject(new Error("broken")));

  assertEquals(await coroutine.then((n) => n + 1), 3);
  assertEquals(await coroutine, 2);
  assertEquals(await Promise.all([coroutine, 1]), [2, 1]);
  assertEquals(await failed.then(() => "", (error) => error.message), "broken");
  await assertRejects(() => Promise.resolve(failed), Error, "broken");
});

Deno.test("Coroutine has a number that no other has, and the name of its function", async () => {
  const named = spawn(function* worker() {});
  const nameless = spawn((() => () => {})());

  assertNotEquals(named.id, nameless.id);
  assertEquals(named.name, "worker");
  assertEquals(nameless.name, `coroutine-${nameless.id}`);
  await Promise.all([named, nameless]);
});

Deno.test("Coroutine says whether it is done and cancelled, and shows its state", async () => {
  const shown: string[] = [];
  const show = (coroutine: Coroutine) => shown.push(Deno.inspect(coroutine));
  const good: Coroutine = spawn(function* good() {
    show(currentCoroutine()!);
    yield;
  });
  show(good);
  assertEquals([good.done, good.cancelled], [false, false]);
  await good;
  show(good);
  assertEquals([good.done, good.cancelled], [true, false]);
  const bad = spawn(function* bad() {
    yield Promise.reject(new Error("broken"));
  });
  await bad.join().catch(() => {});
  show(bad);
  assertEquals([bad.done, bad.cancelled], [true, false]);
  const stopped = spawn(function* stopped() {
    yield sleep(Infinity);
  });
  await turns(1);
  await stopped.cancel();
  show(stopped);
  assertEquals([stopped.done, stopped.cancelled], [true, true]);

  assertEquals(shown, [
    "Coroutine { good, pending }",
    "Coroutine { good, running }",
    "Coroutine { good, fulfilled }",
    "Coroutine { bad, rejected }",
    "Coroutine { stopped, cancelled }",
  ]);
});

Deno.test("Coroutine.signal aborts with the reason, whenever it is first asked for", async () => {
  const reason = new Error("enough");
  const seen: unknown[] = [];
  const early = spawn(async () => {
    const { signal } = currentCoroutine()!;
    signal.addEventListener("abort", () => seen.push(signal.reason));
    await sleep(Infinity);
  });
  const late = spawn(async () => {
    await sleep(Infinity).catch(() => seen.push(currentCoroutine()!.signal.reason));
  });
  await turns(1);
  assertEquals(early.signal.aborted, false);

  await early.cancel(reason);
  await late.cancel(reason);

  assertEquals(seen.length, 2);
  for (const item of seen) assertStrictEquals(item, reason);
  assertStrictEquals(early.signal, early.signal);
  const ended = spawn(() => 1);
  await ended;
  await ended.cancel();
  assertEquals(ended.signal.aborted, false);
});

Deno.test("Coroutine is cancelled and waited for at the end of an await using block", async () => {
  const log: string[] = [];
  let kept: Coroutine;
  {
    await using coroutine = spawn(function* () {
      try {
        yield sleep(Infinity);
      } finally {
        yield sleep(1);
        log.push("cleaned up");
      }
    });
    kept = coroutine;
    await turns(1);
  }

  assertEquals(log, ["cleaned up"]);
  assert(kept.cancelled);
  await kept[Symbol.asyncDispose]();
  assertEquals(await isSettled(kept.join()), true);
});

Deno.test("Coroutine is an instance of its class and cannot be constructed", () => {
  const coroutine = spawn(() => {});
  assert(coroutine instanceof Coroutine);
  return coroutine.join();
});
