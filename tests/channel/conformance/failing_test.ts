// Copyright 2026 the Weft authors. MIT license.

/*
 * Items that cannot be put or got, and user code that runs in the middle of a put or get, by CPython's
 * test_queue.FailingQueueTest, multiprocessing's test_queue_feeder_… and SimpleQueue's test_reentrancy.
 *
 * | CPython                                            | here                                                |
 * | -------------------------------------------------- | --------------------------------------------------- |
 * | FailingQueueTest: put fails (blocking, timed, …)   | is as before when an item fails to be put           |
 * | FailingQueueTest: get fails                        | goes on behind an item that cannot be got           |
 * | mp test_queue_feeder_donot_stop_onexc              | has room for the next (maxSize 1)                   |
 * | mp test_queue_feeder_on_queue_feeder_error         | none: the put itself throws                         |
 * | SimpleQueue test_reentrancy (garbage collection)   | abort handlers and getters that use the same queue  |
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { QueueClosedError, QueueFullError } from "../../../channel/mod.ts";
import { Process } from "../../../process/mod.ts";
import { Event, type Lock } from "../../../sync/mod.ts";
import { putMortalLock } from "../../fixtures/queue_conformance_tasks.ts";
import { alone, drain, kinds } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const shared = { scopes: ["thread", "process"] } as const;
const onceEach = { forms: ["sync"] } as const;

class FailingError extends Error {}

// deno-lint-ignore no-explicit-any
type ErrorClass = new (...args: any[]) => Error;

/** An item whose getter throws. */
function failing(): object {
  return {
    before: "x".repeat(1000),
    get bad() {
      throw new FailingError("no such thing");
    },
  };
}

const bad: readonly (readonly [what: string, item: () => unknown, error: ErrorClass])[] = [
  ["throws in a getter", failing, FailingError],
  ["has a function", () => ({ a: [1, () => {}] }), DOMException],
  ["has a symbol", () => [Symbol("s")], DOMException],
];

for (const [what, item, error] of bad) {
  alone(` is as before when an item fails to be put that ${what}`, async ({ make, act }) => {
    const queue = make<unknown>({ maxSize: 2 });
    queue.putNowait("first");

    for (const options of [{}, { timeout: 10 }, { timeout: 0 }]) {
      await assertRejects(() => act(queue, "put", item(), options), error);
    }
    assertThrows(() => queue.putNowait(item()), error);

    assertEquals([queue.size, queue.isFull], [1, false]);
    await act(queue, "put", "second");
    // Also when it would have to wait.
    await assertRejects(() => act(queue, "put", item(), { timeout: 10 }), error);
    assertThrows(() => queue.putNowait(item()), error);
    await assertRejects(() => act(queue, "put", "third", { timeout: 0 }), QueueFullError);
    assertEquals(drain(queue).toSorted(), ["first", "second"]);
    queue.taskDone();
    queue.taskDone();
    // What has failed does not count.
    await act(queue, "join", { timeout: 0 });
    assertThrows(() => queue.taskDone(), RangeError);
  }, shared);

  alone(` has room for the next when an item fails that ${what}`, async ({ make, act }) => {
    const queue = make<unknown>({ maxSize: 1 });

    for (let i = 0; i < 20; i++) {
      await assertRejects(() => act(queue, "put", item()), error);
      await act(queue, "put", i, { timeout: 0 });
      assertEquals([queue.isFull, await act(queue, "get")], [true, i]);
    }
  }, shared);
}

alone(" that fails to put wakes nobody and stops nobody", async ({ make }) => {
  const queue = make<unknown>({ maxSize: 1 });
  const gets = [queue.get(), queue.get()];

  await assertRejects(() => queue.put(failing()), FailingError);
  const puts = [queue.put(1), queue.put(2)];

  assertEquals((await Promise.all(gets)).toSorted(), [1, 2]);
  await Promise.all(puts);
}, { ...shared, forms: ["async"] });

for (const kind of kinds) {
  Deno.test(`${kind.name} goes on behind an item that cannot be got`, async () => {
    const queue = kind.create<{ lock: Lock } | number>({ scope: "process" });
    const unit = new Process(putMortalLock, { args: [queue] }).start();
    await unit.join();
    await unit.exited;
    assertEquals(queue.size, 2);

    const outcomes: unknown[] = [];
    while (!queue.isEmpty) {
      outcomes.push(await queue.get().catch((error) => (error as Error).name));
    }

    assertEquals(outcomes.toSorted(), [1, "NotFound"]);
    await queue.put(2);
    assertEquals(queue.getSync(), 2);
  });
}

alone(" can be put to by an abort handler during a get", async ({ make }) => {
  for (const first of [true, false]) {
    const queue = make();
    const controller = new AbortController();
    const { signal } = controller;
    const onAbort = () => queue.putNowait(1);
    // Once before the handler of the get, once after.
    if (first) signal.addEventListener("abort", onAbort);
    const gets = [queue.get({ signal }), queue.get()];
    if (!first) signal.addEventListener("abort", onAbort);

    controller.abort(new Error("enough"));
    const [aborted] = await Promise.allSettled([gets[0]!]);
    if (aborted!.status === "fulfilled") await queue.put(2);

    const got = aborted!.status === "fulfilled" ? [aborted!.value, await gets[1]] : [await gets[1]];
    assertEquals(got.toSorted(), aborted!.status === "fulfilled" ? [1, 2] : [1]);
    assertEquals(queue.size, 0);
  }
}, { forms: ["async"] });

alone(" can be got from and closed by an abort handler during a put", async ({ make }) => {
  const queue = make({ maxSize: 1 });
  queue.putNowait(0);
  const controller = new AbortController();
  const { signal } = controller;
  const got: number[] = [];
  const put = queue.put(1, { signal });
  const other = queue.put(2);
  const join = queue.join();
  signal.addEventListener("abort", () => {
    got.push(queue.getNowait());
    queue.taskDone();
    queue.close();
  });

  controller.abort(new Error("enough"));
  const outcomes = await Promise.allSettled([put, other]);

  assertEquals(outcomes[0]!.status, "rejected");
  got.push(...drain(queue));
  assertEquals(got, outcomes[1]!.status === "fulfilled" ? [0, 2] : [0]);
  for (let i = 1; i < got.length; i++) queue.taskDone();
  await join;
}, { forms: ["async"] });

alone(" can be used by the getters of an item that is put", async ({ make, act, kind }) => {
  const queue = make<unknown>();
  const outer = {
    get inner() {
      queue.putSync("a");
      queue.putNowait("b");
      return queue.getSync();
    },
  };

  await act(queue, "put", outer);

  const inner = kind.order([0, 1])[0] === 0 ? "a" : "b";
  const other = inner === "a" ? "b" : "a";
  assertEquals(queue.size, 2);
  assertEquals(drain(queue).toSorted(), [{ inner }, other].toSorted());
}, shared);

alone(" lets a getter of an item take the last room", async ({ make, act }) => {
  const queue = make<unknown>({ maxSize: 1 });
  const outer = {
    get inner() {
      queue.putSync("inner");
      return 1;
    },
  };

  const error = await assertRejects(() => act(queue, "put", outer, { timeout: 5 }), QueueFullError);

  assert(error.value === outer);
  assertEquals(drain(queue), ["inner"]);
}, shared);

alone(" lets a getter of an item close it", async ({ make, act }) => {
  const queue = make<unknown>();
  const outer = {
    get inner() {
      queue.close();
      return 1;
    },
  };

  const error = await assertRejects(() => act(queue, "put", outer), QueueClosedError);

  assert(error.value === outer);
  assertEquals(queue.size, 0);
}, shared);

alone(" that is local runs no getter", ({ make }) => {
  const queue = make<unknown>();
  const item = failing();

  queue.putSync(item);

  assert(queue.getSync() === item);
}, { ...onceEach, scopes: ["local"] });

alone(" has the item as it was when it was put", async ({ make }) => {
  const queue = make<number[]>({ maxSize: 1 });
  const [one, other] = [[1], [2]];
  await queue.put(one);
  const put = queue.put(other);
  one.push(10);
  other.push(20);

  assertEquals([await queue.get(), await queue.get()], [[1], [2]]);
  await put;
}, { ...shared, forms: ["async"] });
