// Copyright 2026 the Weft authors. MIT license.

// Our client at managers of Python: queues and objects of a `BaseManager`.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { type Queue, QueueEmptyError, QueueFullError } from "../../channel/mod.ts";
import {
  isTuple,
  type ManagerClient,
  ManagerLostError,
  PickleError,
  PythonError,
  RemoteError,
  RemoteObject,
  RemoteQueue,
  tuple,
} from "../../cluster/mod.ts";
import { connect } from "./_manager_helpers.ts";
import { noPython, type Python, PythonProgram, pythons } from "./_python_programs.ts";

const ignore = noPython !== undefined;

/** Runs a test with a manager of Python. */
async function withServer(
  python: Python,
  run: (client: ManagerClient, server: PythonProgram) => Promise<void>,
): Promise<void> {
  await using server = new PythonProgram(python, "server_base.py");
  const port = Number(await server.line());
  await using client = await connect({ port });
  await run(client, server);
}

function test(
  what: string,
  run: (client: ManagerClient, server: PythonProgram) => Promise<void>,
): void {
  for (const python of pythons) {
    const name = `Python ${python.version} as the manager: ${what}`;
    Deno.test({ name, ignore }, () => withServer(python, run));
  }
}

test("queues work as ours", async (client) => {
  const remote = await client.get<Queue<unknown>>("new_queue", 2);
  assertInstanceOf(remote, RemoteQueue);

  await remote.put("a");
  await remote.putNowait({ b: [1, 2.5, null, true] });
  assertEquals([await remote.size, await remote.isEmpty, await remote.isFull], [2, false, true]);
  const full = await assertRejects(() => remote.putNowait("c"), QueueFullError);
  assertEquals(full.value, "c");
  const late = await assertRejects(() => remote.put("d", { timeout: 30 }), QueueFullError);
  assertEquals(late.value, "d");
  assertEquals(await remote.get(), "a");
  assertEquals(await remote.getNowait(), { b: [1, 2.5, null, true] });
  await assertRejects(() => remote.getNowait(), QueueEmptyError);
  await assertRejects(() => remote.get({ timeout: 30 }), QueueEmptyError);
  await assertRejects(() => remote.get({ timeout: 0 }), QueueEmptyError);
});

test("other kinds of queues", async (client) => {
  const lifo = await client.get<Queue<number>>("new_lifo");
  for (const n of [1, 2, 3]) await lifo.put(n);
  assertEquals([await lifo.get(), await lifo.get(), await lifo.get()], [3, 2, 1]);

  const priority = await client.get<Queue<unknown>>("new_priority");
  for (const item of [tuple(3, "c"), tuple(1, "a"), tuple(2, "b")]) await priority.put(item);
  const items = [await priority.get(), await priority.get(), await priority.get()];
  assertEquals(items.map((item) => [...item as unknown[]]), [[1, "a"], [2, "b"], [3, "c"]]);
  assert(items.every(isTuple));

  for (const name of ["new_joinable", "new_mp_queue"]) {
    const other = await client.get<Queue<number>>(name);
    assertInstanceOf(other, RemoteQueue);
    await other.put(1);
    assertEquals(await other.get({ timeout: 30_000 }), 1);
  }
});

test("join waits until the work is done", async (client) => {
  for (const name of ["new_queue", "new_joinable"]) {
    const remote = await client.get<Queue<number>>(name);
    await remote.join();
    await remote.put(1);
    await remote.put(2);
    await assertRejects(() => remote.join({ timeout: 30 }), DOMException, "30 ms");
    let isJoined = false;
    const joined = remote.join().then(() => isJoined = true);
    await remote.get();
    await remote.taskDone();
    assertEquals(isJoined, false);
    await remote.get();
    await remote.taskDone();
    await joined;
    const error = await assertRejects(() => remote.taskDone(), Error);
    assertEquals(error.name, "ValueError");
  }
});

test("the order of puts that nobody waits for is kept, and waits are served", async (client) => {
  const remote = await client.get<Queue<number>>("new_queue", 3);
  const puts = Array.from({ length: 50 }, (_, i) => remote.put(i));
  const got: number[] = [];
  for (let i = 0; i < 50; i++) got.push(await remote.get());
  await Promise.all(puts);
  assertEquals(got, Array.from({ length: 50 }, (_, i) => i));

  const waits = Array.from({ length: 20 }, () => remote.get());
  for (let i = 0; i < 20; i++) await remote.put(i);
  assertEquals((await Promise.all(waits)).sort((a, b) => a - b), [...Array(20).keys()]);
});

test("a get that is given up while an item comes loses nothing", async (client) => {
  const other = await client.get<Queue<number>>("get_queue");
  const remote = await client.get<Queue<number>>("get_queue");
  const rounds = 200;
  const seen: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const controller = new AbortController();
    const wait = remote.get({ signal: controller.signal });
    const put = other.put(i);
    // Before, while and after the item goes.
    if (i % 3 === 1) await other.isFull;
    if (i % 3 === 2) await put;
    controller.abort(new Error("enough"));
    try {
      seen.push(await wait);
    } catch (error) {
      assertEquals((error as Error).message, "enough");
    }
    await put;
  }
  while (seen.length < rounds) seen.push(await remote.get({ timeout: 10_000 }));

  assertEquals(seen.sort((a, b) => a - b), [...Array(rounds).keys()]);
  assertEquals(await remote.isEmpty, true);
});

test("an item that only Python has is an error, and the queue goes on", async (client) => {
  const remote = await client.get<Queue<unknown>>("new_poison");

  assertEquals(await remote.get(), "before");
  await assertRejects(() => remote.get({ timeout: 10_000 }), PickleError, "datetime");
  assertEquals(await remote.getNowait(), "between");
  await assertRejects(() => remote.getNowait(), PickleError, "Poison");
  assertEquals(await remote.get(), "after");
});

test("an item that Python cannot send is an error, and the queue goes on", async (client) => {
  const remote = await client.get<Queue<unknown>>("new_unserialisable");
  await remote.put("unserialisable");
  await remote.put("after");

  await assertRejects(() => remote.get(), RemoteError);
  assertEquals(await remote.get(), "after");
});

interface Thing {
  add(n: number, times?: number): number;
  echo(value: unknown): unknown;
  throw(name: string, ...args: unknown[]): never;
  unpicklable(): unknown;
  foreign(): unknown;
}

test("an object's methods", async (client) => {
  const thing = await client.get<Thing>("new_thing", 10);
  assertInstanceOf(thing, RemoteObject);

  assertEquals(await thing.add(1), 11);
  assertEquals(await thing.add(2, 3), 17);
  assertEquals(await thing.call("add", [1], { times: 5 }), 22);
  assertEquals(await thing.call("constructor", ["x"]), "x");
  assertEquals(await thing.call("then", ["y"]), "y");
  await assertRejects(() => thing.call("_hidden"), RemoteError, "_hidden");
  await assertRejects(() => thing.call("no_such_method"), RemoteError, "no_such_method");
  await assertRejects(() => thing.unpicklable(), RemoteError);
  await assertRejects(() => thing.foreign(), PickleError, "datetime");
  await assertRejects(() => client.get("no_such_thing"), RemoteError, "no_such_thing");
  await assertRejects(() => client.get("new_thing", 1, 2, 3), RemoteError);
  assertEquals(await thing.echo([1n << 70n, "\ud800", -0.5]), [1n << 70n, "\ud800", -0.5]);
});

test("what is raised there is thrown here", async (client) => {
  const thing = await client.get<Thing>("new_thing");
  const raised = async (name: string, ...args: unknown[]) => {
    const error = await assertRejects(() => thing.throw(name, ...args), Error);
    return error;
  };

  const key = await raised("KeyError", "name");
  assertInstanceOf(key, PythonError);
  assertEquals([key.name, key.message, [...key.args]], ["KeyError", "'name'", ["name"]]);
  const zero = await raised("ZeroDivisionError", "division by zero", 7);
  assertInstanceOf(zero, PythonError);
  assertEquals([zero.name, [...zero.args]], ["ZeroDivisionError", ["division by zero", 7]]);
  assertEquals((await raised("ValueError", "boom")).message, "boom");
  assertInstanceOf(await raised("Full"), QueueFullError);
  assertInstanceOf(await raised("Empty"), QueueEmptyError);
  // A class of the program's own.
  assertInstanceOf(await raised("Special", "x"), PickleError);
  assertEquals(await thing.add(1), 1);
});

test("its end rejects what waits, and what is called then", async (client, server) => {
  const remote = await client.get<Queue<number>>("new_queue");
  const bounded = await client.get<Queue<number>>("new_queue", 1);
  await bounded.put(1);
  const waits = [remote.get(), bounded.put(2), bounded.join()];
  const errors = Promise.all(waits.map((wait) => assertRejects(() => wait, ManagerLostError)));
  // A call that is answered has come after those.
  await remote.size;

  await server.kill();

  await errors;
  await assertRejects(() => remote.size, ManagerLostError);
  await assertRejects(() => remote.put(1), ManagerLostError);
  await assertRejects(() => client.get("new_queue"), ManagerLostError);
});
