// Copyright 2026 the Weft authors. MIT license.

/*
 * Event, by CPython's lock_tests.EventTests, _TestEvent and asyncio's EventTests.
 *
 * | CPython                            | here                                                             |
 * | ---------------------------------- | ---------------------------------------------------------------- |
 * | test_is_set                        | set() and clear() twice are as once                              |
 * | test_notify                        | wakes all five, again after it was cleared                       |
 * | test_timeout, mp test_event        | times out: TimeoutError in place of false                        |
 * | test_set_and_clear                 | wakes all who wait, also if it is cleared at once                |
 * | test_repr                          | shows name, scope and state                                      |
 * | test_at_fork_reinit                | X: fork                                                          |
 * | asyncio: wait order                | wakes coroutines in the order in which they began to wait        |
 * | asyncio: wait on set, cancel       | set() and clear() …, leaves no trace                             |
 * | asyncio: clear_with_waiters        | as test_set_and_clear                                            |
 */

import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { Event } from "../../../sync/mod.ts";
import { exactly, Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ event: new Event(options) }));

suite.alone("Event.set() and clear() twice are as once", async ({ objects: { event }, act }) => {
  assertEquals(event.isSet, false);

  for (let round = 0; round < 2; round++) {
    event.set();
    event.set();
    assertEquals(event.isSet, true);
    await act(event, "wait");
    await act(event, "wait", { timeout: 0 });
    event.clear();
    event.clear();
    assertEquals(event.isSet, false);
    await assertRejects(() => act(event, "wait", { timeout: 0 }), DOMException, "timed out");
  }
});

suite.alone("Event.wait() times out", async ({ objects: { event }, act }) => {
  for (const timeout of [0, 1, 50]) {
    const start = performance.now();
    const error = await assertRejects(() => act(event, "wait", { timeout }), DOMException);
    assertEquals(error.name, "TimeoutError");
    assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
  }
  event.set();
  for (const timeout of [0, 2 ** 31, Number.MAX_VALUE, Infinity]) {
    await act(event, "wait", { timeout });
  }
});

suite.alone("Event shows name, scope and state in Deno.inspect", ({ mode: { scope } }) => {
  const event = new Event({ scope, name: "start" });

  assertEquals(Deno.inspect(event), `Event "start" { scope: "${scope}", not set }`);
  event.set();
  assertEquals(Deno.inspect(event), `Event "start" { scope: "${scope}", set }`);
}, { forms: ["sync"] });

suite.alone(
  "Event.wait() rejects when its signal has aborted, also if it is set",
  async (scene) => {
    const { event } = scene.objects;
    event.set();
    const signal = AbortSignal.abort(new Error("enough"));

    await assertRejects(() => event.wait({ signal }), Error, "enough");
  },
  { forms: ["async"] },
);

suite.alone(
  "Event.set() wakes coroutines in the order in which they began to wait",
  async (scene) => {
    const { event } = scene.objects;
    const order: number[] = [];
    const waits = Array.from({ length: 5 }, (_, i) => event.wait().then(() => order.push(i)));

    event.set();
    await Promise.all(waits);

    assertEquals(order, [0, 1, 2, 3, 4]);
  },
  { forms: ["async"] },
);

suite.alone("Event.set() wakes each of 1,000 coroutines once", async ({ objects: { event } }) => {
  let woken = 0;
  const waits = Array.from({ length: 1000 }, () => event.wait().then(() => woken++));

  event.set();
  await Promise.all(waits);

  assertEquals(woken, 1000);
}, { forms: ["async"] });

suite.together("Event.set() wakes all five, again after it was cleared", 5, async (scene) => {
  const { objects: { event }, actors } = scene;

  for (let round = 0; round < 2; round++) {
    const waits = actors.map((actor) => actor.wait("event", "wait"));
    await Promise.all(waits.map((wait) => wait.isWaiting()));
    await exactly(0, waits);
    event.set();
    await Promise.all(waits);
    await Promise.all(actors.map((actor) => actor.wait("event", "wait", { timeout: 0 })));
    event.clear();
  }
});

suite.together(
  "Event.set() wakes all who wait, also if it is cleared at once",
  5,
  async (scene) => {
    const { objects: { event }, actors } = scene;

    for (let round = 0; round < 3; round++) {
      const waits = actors.map((actor) => actor.wait("event", "wait"));
      await Promise.all(waits.map((wait) => wait.isWaiting()));
      event.set();
      event.clear();
      await Promise.all(waits);
    }

    assertEquals(event.isSet, false);
  },
);

suite.together("Event is set and cleared by any for all", 3, async ({ objects, actors }) => {
  const { event } = objects;
  const [one, ...others] = actors;
  const seen = () => Promise.all(others.map((other) => other.get("event", "isSet")));
  const wait = event.wait();

  await one!.invoke("event", "set");
  await wait;
  assertEquals([event.isSet, ...await seen()], [true, true, true]);
  await one!.invoke("event", "clear");

  assertEquals([event.isSet, ...await seen()], [false, false, false]);
  await assertRejects(() => others[0]!.wait("event", "wait", { timeout: 10 }), Error, "timed out");
});

suite.together("Event.wait() that times out or aborts leaves no trace", 3, async (scene) => {
  const { objects: { event }, actors: [late, aborted, last] } = scene;
  const isAsync = aborted!.form === "async";
  const first = late!.wait("event", "wait", { timeout: 20 });
  const second = aborted!.wait("event", "wait", isAsync ? { abortable: true } : { timeout: 40 });
  const third = last!.wait("event", "wait");
  await Promise.all([first, second, third].map((call) => call.isWaiting()));

  const error = await assertRejects(() => first, Error);
  assertEquals(error.name, "TimeoutError");
  if (isAsync) second.abort();
  await assertRejects(() => second, Error, isAsync ? "enough" : "timed out");
  await exactly(0, [third]);
  event.set();
  await third;
});
