// Copyright 2026 the Weft authors. MIT license.

// Our client at a `SyncManager` of Python, with all types that it has; and at ours with the same types.

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import {
  type ManagerClient,
  PythonError,
  RemoteEvent,
  RemoteList,
  RemoteLock,
  RemoteMap,
  RemoteNamespace,
  RemoteObject,
  RemoteQueue,
  RemoteValue,
} from "../../cluster/mod.ts";
import { spawn } from "../../coroutine/mod.ts";
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
  SharedArray,
  SharedValue,
} from "../../sync/mod.ts";
import { connect, serve } from "./_manager_helpers.ts";
import { noPython, PythonProgram, pythons } from "./_python_programs.ts";

const ignore = noPython !== undefined;

/** What a `SyncManager` has, by the same names, made of our types. */
const registry = {
  Queue: (maxSize?: number) => new Queue({ maxSize }),
  JoinableQueue: (maxSize?: number) => new Queue({ maxSize }),
  Lock: () => new Lock(),
  RLock: () => new RLock(),
  Semaphore: (n?: number) => new Semaphore(n),
  BoundedSemaphore: (n = 1) => new BoundedSemaphore(n),
  Event: () => new Event(),
  Condition: () => new Condition(),
  Barrier: (parties: number) => new Barrier(parties),
  dict: (entries: [unknown, unknown][] = []) => new Map(entries),
  list: (items: unknown[] = []) => [...items],
  Value: (_type: string, value: number) => new SharedValue("i32", value),
  Array: (_type: string, values: number[]) => new SharedArray("f64", values),
  Namespace: () => ({}),
};

function test(
  what: string,
  run: (client: ManagerClient, port: number, isOurs: boolean) => Promise<void>,
): void {
  Deno.test(`Our manager: ${what}`, async () => {
    await using server = await serve(registry);
    await using client = await connect(server);
    await run(client, server.port, true);
  });
  for (const python of pythons) {
    const name = `Python ${python.version} as the SyncManager: ${what}`;
    Deno.test({ name, ignore }, async () => {
      await using server = new PythonProgram(python, "server_sync.py");
      const port = Number(await server.line());
      await using client = await connect({ port });
      await run(client, port, false);
    });
  }
}

test("Queue and JoinableQueue", async (client) => {
  for (const name of ["Queue", "JoinableQueue"]) {
    const remote = await client.get<Queue<number>>(name, 2);
    assertInstanceOf(remote, RemoteQueue);
    await remote.put(1);
    await remote.put(2);
    assertEquals([await remote.isFull, await remote.size], [true, 2]);
    assertEquals([await remote.get(), await remote.get()], [1, 2]);
    await remote.taskDone();
    await remote.taskDone();
    await remote.join({ timeout: 30_000 });
  }
});

test("Lock", async (client, _, isOurs) => {
  const lock = await client.get<Lock>("Lock");
  assertInstanceOf(lock, RemoteLock);

  const guard = await lock.acquire();
  assertEquals(await lock.tryAcquire(), false);
  await assertRejects(() => lock.acquire({ timeout: 30 }), DOMException);
  const next = lock.acquire();
  await guard.release();
  await guard.release();
  await next;
  await lock.release();
  const error = await assertRejects(() => lock.release(), Error);
  assertEquals(error.name, isOurs ? "Error" : "RuntimeError");
  assertEquals(await lock.tryAcquire(), true);
  await lock.release();
});

test("a lock that was given up while waiting is free when it is released", async (client) => {
  const lock = await client.get<Lock>("Lock");
  for (let round = 0; round < 10; round++) {
    const guard = await lock.acquire();
    const controller = new AbortController();
    const wait = lock.acquire({ signal: controller.signal });
    const released = guard.release();
    controller.abort(new Error("enough"));
    await wait.then((late) => late.release(), () => {});
    await released;

    await (await lock.acquire({ timeout: 30_000 })).release();
  }
});

test("RLock belongs to the coroutine that has it", async (client) => {
  const lock = await client.get<RLock>("RLock");
  assertInstanceOf(lock, RemoteLock);

  await lock.acquire();
  await lock.acquire();
  assertEquals(await lock.tryAcquire(), true);
  assertEquals(await spawn(() => lock.tryAcquire()), false);
  for (let i = 0; i < 3; i++) {
    assertEquals(await spawn(() => lock.tryAcquire()), false);
    await lock.release();
  }
  const other = spawn(async () => {
    assertEquals(await lock.tryAcquire(), true);
    await lock.release();
  });
  await other;
});

test("Semaphore and BoundedSemaphore", async (client, _, isOurs) => {
  for (const name of ["Semaphore", "BoundedSemaphore"]) {
    const semaphore = await client.get<Semaphore>(name, 2);
    assertInstanceOf(semaphore, RemoteLock);
    const first = await semaphore.acquire();
    await using _second = await semaphore.acquire();
    assertEquals(await semaphore.tryAcquire(), false);
    await first.release();
    assertEquals(await semaphore.tryAcquire(), true);
    await semaphore.release();
  }
  const bounded = await client.get<Semaphore>("BoundedSemaphore", 1);
  const error = await assertRejects(() => bounded.release(), Error);
  assertEquals(error.name, isOurs ? "RangeError" : "ValueError");
});

test("Event", async (client) => {
  const event = await client.get<Event>("Event");
  assertInstanceOf(event, RemoteEvent);

  assertEquals(await event.isSet, false);
  await assertRejects(() => event.wait({ timeout: 30 }), DOMException, "30 ms");
  await assertRejects(() => event.wait({ signal: AbortSignal.abort("no") }));
  const waits = [event.wait(), event.wait(), event.wait()];
  await event.set();
  await Promise.all(waits);
  await event.wait();
  assertEquals(await event.isSet, true);
  await event.clear();
  assertEquals(await event.isSet, false);
});

test("Condition and Barrier by the names of their methods", async (client, port, isOurs) => {
  const condition = await client.get("Condition");
  assertInstanceOf(condition, RemoteObject);
  await assertRejects(() => condition.call("notify"), Error, isOurs ? "hold" : "un-acquired");
  // All calls of one object come from one thread over there.
  assertEquals(await condition.call("acquire"), true);
  await condition.call("notify", [2]);
  assertEquals(await condition.call("wait", [0.02]), false);
  await condition.call("release");

  const barrier = await client.get("Barrier", 2);
  assertEquals(await barrier.call("__getattribute__", ["parties"]), 2);
  const error = await assertRejects(() => barrier.call("wait", [0.02]), Error);
  assertEquals(error.name, "BrokenBarrierError");
  await barrier.call("reset");
  // Of another client, as this object makes one call after the other.
  await using other = await connect({ port });
  const solo = await other.get("Barrier", 1);
  assertEquals(await solo.call("wait"), 0);
});

test("dict", async (client) => {
  const map = await client.get<Map<unknown, unknown>>("dict", [["a", 1], ["b", [2]]]);
  assertInstanceOf(map, RemoteMap);

  await map.set("c", { d: null });
  await map.set(3, "three");
  assertEquals(await map.size, 4);
  assertEquals([await map.get("a"), await map.get("c"), await map.get("z")], [
    1,
    { d: null },
    undefined,
  ]);
  assertEquals([await map.has("a"), await map.has("z")], [true, false]);
  assertEquals([await map.delete("a"), await map.delete("a")], [true, false]);
  assertEquals(await map.keys(), ["b", "c", 3]);
  assertEquals(await map.values(), [[2], { d: null }, "three"]);
  const entries = await Array.fromAsync(map);
  assertEquals(entries, [["b", [2]], ["c", { d: null }], [3, "three"]]);
  assertEquals(entries, await map.entries());
  await map.set("none", null);
  assertEquals([await map.get("none"), await map.has("none")], [null, true]);
  await map.set("__proto__", 1);
  assertEquals([await map.get("__proto__"), await map.get("constructor")], [1, undefined]);
  await map.clear();
  assertEquals(await map.size, 0);
});

test("list", async (client, _, isOurs) => {
  const list = await client.get<unknown[]>("list", [1, "two"]);
  assertInstanceOf(list, RemoteList);

  await list.push(3, [4]);
  await list.push();
  assertEquals([await list.length, await list.at(0), await list.at(-1)], [4, 1, [4]]);
  await list.set(1, "TWO");
  await list.set(-1, "end");
  assertEquals(await list.toArray(), [1, "TWO", 3, "end"]);
  assertEquals(await Array.fromAsync(list), [1, "TWO", 3, "end"]);
  assertEquals(await list.pop(), "end");
  const error = await assertRejects(() => list.at(10), PythonError);
  assertEquals(error.name, "IndexError");
  await assertRejects(() => list.set(10, 1), PythonError);
  for (let i = 0; i < 3; i++) await list.pop();
  await assertRejects(() => list.pop(), PythonError, isOurs ? "range" : "empty list");
});

test("Value", async (client) => {
  const value = await client.get<SharedValue>("Value", "i", 7);
  assertInstanceOf(value, RemoteValue);

  assertEquals(await value.value, 7);
  await value.set(8);
  assertEquals(await value.value, 8);
});

test("Array", async (client) => {
  const array = await client.get<SharedArray>("Array", "d", [1.5, 2.5]);
  assertInstanceOf(array, RemoteList);

  assertEquals([await array.length, await array.at(1)], [2, 2.5]);
  await array.set(1, 9);
  assertEquals(await array.at(1), 9);
  assertEquals(await array.at(-1), 9);
  await assertRejects(() => array.at(2), PythonError, "index");
});

test("Namespace", async (client) => {
  const space = await client.get<{ name: string; more?: number[] }>("Namespace");
  assertInstanceOf(space, RemoteNamespace);

  await space.set("name", "egon");
  await space.set("more", [1]);
  assertEquals([await space.get("name"), await space.get("more")], ["egon", [1]]);
  await space.delete("more");
  const error = await assertRejects(() => space.get("more"), PythonError);
  assertEquals(error.name, "AttributeError");
});
