// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { activeCount, Thread } from "../../thread/mod.ts";
import {
  add,
  addLater,
  change,
  countArguments,
  echo,
  fillBytes,
  fillText,
  increment,
  makeShared,
  nothing,
  plain,
  returnFunction,
  unnamed,
} from "../fixtures/thread_values.ts";
import { Undecorated, Workless } from "../fixtures/thread_classes.ts";
import { endOf } from "./_helpers.ts";

Deno.test("Thread.join() delivers what a synchronous task returned", async () => {
  const thread = new Thread(add, { args: [2, 3] }).start();

  assertEquals(await thread.join(), 5);
});

Deno.test("Thread.join() delivers what an async task resolved with", async () => {
  const thread = new Thread(addLater, { args: [2, 3] }).start();

  assertEquals(await thread.join(), 5);
});

Deno.test("Thread.join() delivers undefined when the task returns nothing", async () => {
  assertStrictEquals(await Thread.spawn(nothing).join(), undefined);
});

Deno.test("Thread.join() delivers the same result again when it is called again", async () => {
  const thread = Thread.spawn(add, 1, 1);

  const results = [await thread.join(), await thread.join()];

  assertEquals(results, [2, 2]);
});

Deno.test("Thread.exited tells that the task returned", async () => {
  const thread = Thread.spawn(add, 1, 1);

  assertEquals(await thread.exited, { reason: "returned", code: 0 });
});

Deno.test("Thread.join() delivers a text of 5 million characters", async () => {
  const text = await Thread.spawn(fillText, 5_000_000).join();

  assertEquals(text.length, 5_000_000);
  assertEquals(text.at(-1), "é");
});

Deno.test("Thread.join() delivers 64 MiB of bytes", async () => {
  const bytes = await Thread.spawn(fillBytes, 64 * 2 ** 20).join();

  assertEquals(bytes.length, 64 * 2 ** 20);
  assertEquals(bytes.at(-1), 7);
});

Deno.test("Thread.start() clones every kind of value in its arguments", async () => {
  const cyclic: Record<string, unknown> = { list: [1, , 3] };
  cyclic["self"] = cyclic;
  const value = {
    map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1n, "x"])]]),
    date: new Date(0),
    pattern: /a+/gi,
    bytes: new Uint8Array([1, 2, 3]),
    odd: [-0, NaN, Infinity, undefined, null, 2n ** 70n],
    error: new RangeError("carried", { cause: "why" }),
    cyclic,
  };

  const copy = await Thread.spawn(echo, value).join();

  assertEquals(copy, value);
  assertNotStrictEquals(copy, value);
});

Deno.test("Thread.start() takes the arguments as they are then, not as they become", async () => {
  const list = [1, 2, 3];

  const thread = new Thread(change, { args: [list] }).start();
  list.length = 0;

  assertEquals(await thread.join(), [1, 2, 3, 4]);
  assertEquals(list, []);
});

Deno.test("Thread.start() passes as many arguments as were given", async () => {
  const counts = [
    await Thread.spawn(countArguments).join(),
    await Thread.spawn(countArguments, undefined, undefined).join(),
    await new Thread(addLater, { args: [1] }).start().join(),
  ];

  assertEquals(counts, [0, 2, 11]);
});

Deno.test("Thread.start() shares a SharedArrayBuffer among the arguments", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));

  await Thread.spawn(increment, words).join();
  await Thread.spawn(increment, words).join();

  assertEquals(words[0], 2);
});

Deno.test("Thread.join() shares a SharedArrayBuffer in the result", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));

  const returned = await Thread.spawn(increment, words).join();
  returned[0] = 77;

  assertEquals(words[0], 77);
});

Deno.test("Thread.join() shares a SharedArrayBuffer that the thread made", async () => {
  const { first, second } = await Thread.spawn(makeShared).join();

  assertInstanceOf(first, SharedArrayBuffer);
  assertStrictEquals(first, second);
  assertEquals(new Int32Array(first)[0], 42);
});

Deno.test("Thread.spawn() tells tasks without a name apart", async () => {
  const results = await Promise.all(unnamed.map((task) => Thread.spawn(task).join()));

  assertEquals(results, ["first", "second"]);
});

Deno.test("Thread.start() throws a DataCloneError that names the argument that cannot be cloned", () => {
  const thread = new Thread(echo, { args: [{ user: { callback: () => 1 } }] });

  const error = assertThrows(() => thread.start(), DOMException);

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "$[0].user.callback");
});

Deno.test("Thread.start() leaves nothing behind when an argument cannot be cloned", async () => {
  const before = activeCount();
  const args: [unknown] = [Symbol("no")];
  const thread = new Thread(echo, { args });

  assertThrows(() => thread.start(), DOMException);

  assertEquals(thread.isAlive, false);
  assertEquals(activeCount(), before);
  args[0] = "mended";
  assertEquals(await thread.start().join(), "mended");
});

Deno.test("Thread.spawn() throws a DataCloneError when an argument cannot be cloned", () => {
  assertThrows(() => Thread.spawn(echo, new WeakMap()), DOMException, "WeakMap");
});

Deno.test("Thread.join() rejects with a DataCloneError when the result cannot be cloned", async () => {
  const { error, status } = await endOf(Thread.spawn(returnFunction));

  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "$.user.callback");
  assertEquals(status, { reason: "threw", code: 1 });
});

Deno.test("Thread.start() throws when the thread was started before", async () => {
  const thread = Thread.spawn(nothing);

  assertThrows(() => thread.start(), Error, "as it was started before");
  await thread.join();
  assertThrows(() => thread.start(), Error, "as it was started before");
});

Deno.test("new Thread() refuses a plain function and shows the line to write", () => {
  // @ts-expect-error A plain function is no task.
  const error = assertThrows(() => new Thread(plain, { args: ["x"] }), TypeError);

  assertStringIncludes(error.message, "plain is a plain function");
  assertStringIncludes(error.message, "const plainTask = task(import.meta, plain)");
});

Deno.test("Thread.spawn() refuses an arrow function and shows the line to write", () => {
  // @ts-expect-error A plain function is no task.
  const error = assertThrows(() => Thread.spawn(() => 1), TypeError);

  assertStringIncludes(error.message, "what it got is a plain function");
  assertStringIncludes(error.message, "const work = task(import.meta, …)");
});

Deno.test("Thread.start() refuses a subclass without decorator and shows the line to write", () => {
  const thread = new Undecorated();

  assertThrows(() => thread.start(), TypeError, "write @task(import.meta) before it");
  assertEquals(thread.isAlive, false);
});

Deno.test("Thread.start() refuses a subclass that does not override run()", () => {
  assertThrows(() => new Workless().start(), TypeError, "extend the class and override run()");
});

Deno.test("Thread.start() refuses a thread without a task", () => {
  assertThrows(() => new Thread().start(), TypeError, "as it has no task");
});

Deno.test("Thread.start() refuses args that are no array", () => {
  // @ts-expect-error Not an array.
  const thread = new Thread(add, { args: 5 });

  assertThrows(() => thread.start(), TypeError, "args is not an array");
});

Deno.test("Thread.isAlive is true from start to end", async () => {
  const thread = new Thread(nothing);
  const before = thread.isAlive;

  thread.start();
  const during = thread.isAlive;
  await thread.join();

  assertEquals([before, during, thread.isAlive], [false, true, false]);
});

Deno.test("Thread[Symbol.asyncDispose]() does nothing when the thread has ended", async () => {
  await using thread = Thread.spawn(nothing);

  await thread.join();

  assert(!thread.isAlive);
});

Deno.test("Thread[Symbol.asyncDispose]() does nothing when the thread was not started", async () => {
  await assertNothing(new Thread(nothing)[Symbol.asyncDispose]());
});

Deno.test("Thread.exited never settles before the thread was started", async () => {
  const thread = new Thread(nothing);
  const first = await Promise.race([thread.exited, Promise.resolve("pending")]);

  assertEquals(first, "pending");
  await assertRejects(() => thread.join(), Error, "as it was not started");
});

async function assertNothing(promise: Promise<void>): Promise<void> {
  assertStrictEquals(await promise, undefined);
}
