// Copyright 2026 the Weft authors. MIT license.

// A queue that a manager of ours serves, used by a client of ours.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueClosedError,
  QueueEmptyError,
  QueueFullError,
} from "../../channel/mod.ts";
import { ManagerLostError, type RemoteQueue } from "../../cluster/mod.ts";
import { spawn } from "../../coroutine/mod.ts";
import { Event } from "../../sync/mod.ts";
import { connect, Pair, serve, until } from "./_manager_helpers.ts";

const numbers = (count: number) => [...Array(count).keys()];

async function pair(options: { readonly maxSize?: number } = {}) {
  const queue = new Queue<unknown>(options);
  const both = await Pair.of<RemoteQueue<unknown>>(queue);
  return { queue, remote: both.remote, both };
}

Deno.test("RemoteQueue puts and gets as the queue does", async () => {
  const { queue, remote, both } = await pair({ maxSize: 2 });
  await using _ = both;

  await remote.put("a");
  await remote.putNowait({ b: 1 });
  assertEquals([await remote.size, await remote.isFull, await remote.isEmpty], [2, true, false]);
  assertEquals(await queue.get(), "a");
  assertEquals(await remote.get(), { b: 1 });
  assertEquals([await remote.size, await remote.isFull, await remote.isEmpty], [0, false, true]);
});

Deno.test("RemoteQueue throws what the queue throws, with the item", async () => {
  const { remote, both } = await pair({ maxSize: 1 });
  await using _ = both;

  await assertRejects(() => remote.getNowait(), QueueEmptyError);
  await assertRejects(() => remote.get({ timeout: 20 }), QueueEmptyError);
  await assertRejects(() => remote.get({ timeout: 0 }), QueueEmptyError);
  await remote.put(1);
  const item = { full: true };
  assertEquals((await assertRejects(() => remote.putNowait(item), QueueFullError)).value, item);
  const late = await assertRejects(() => remote.put(item, { timeout: 20 }), QueueFullError);
  assertEquals(late.value, item);
  assertEquals((await assertRejects(() => remote.put(2, { timeout: 0 }), QueueFullError)).value, 2);
  await assertRejects(() => remote.get({ timeout: -1 }), RangeError);
  await assertRejects(() => remote.get({ timeout: NaN }), RangeError);
  await assertRejects(() => remote.put(1, { timeout: -1 }), RangeError);
  await assertRejects(() => remote.join({ timeout: -1 }), RangeError);
  assertEquals(await remote.size, 1);
});

Deno.test("RemoteQueue.put() refuses what cannot be sent, and says where it is", async () => {
  const { remote, both } = await pair();
  await using _ = both;

  const error = await assertRejects(
    () => remote.put({ user: { callback: () => 1 } }),
    DOMException,
  );
  assertEquals(error.name, "DataCloneError");
  assert(error.message.includes("$.user.callback"), error.message);
  await assertRejects(() => remote.put(Symbol("no")), DOMException);
  await assertRejects(() => remote.put(new WeakMap()), DOMException);
  assertEquals(await remote.size, 0);
});

Deno.test("RemoteQueue.put() copies the item at once", async () => {
  const { remote, both } = await pair();
  await using _ = both;
  const item = [1];

  const put = remote.put(item);
  item.push(2);
  await put;

  assertEquals(await remote.get(), [1]);
});

Deno.test("RemoteQueue keeps the order of puts that nobody waits for", async () => {
  for (const maxSize of [undefined, 3]) {
    const { remote, both } = await pair(maxSize === undefined ? {} : { maxSize });
    await using _ = both;

    const puts = numbers(500).map((n) => remote.put(n));
    const got: unknown[] = [];
    for (const _ of puts) got.push(await remote.get());
    await Promise.all(puts);

    assertEquals(got, numbers(500));
  }
});

Deno.test("RemoteQueue.put() with a shorter timeout than those before it leaves them alone", async () => {
  const { remote, both } = await pair({ maxSize: 1 });
  await using _ = both;
  await remote.put(0);

  const first = remote.put(1);
  const second = remote.put(2, { timeout: 30 });
  const third = remote.put(3);

  assertEquals((await assertRejects(() => second, QueueFullError)).value, 2);
  const got = [await remote.get(), await remote.get(), await remote.get()];
  await Promise.all([first, third]);
  assertEquals(got, [0, 1, 3]);
});

Deno.test("RemoteQueue.get() serves who waits longest first, and many at once", async () => {
  const { queue, remote, both } = await pair();
  await using _ = both;

  const waits = numbers(200).map(() => remote.get());
  await until(() => both.server.connections > 0, "the call is there");
  for (const n of numbers(200)) await queue.put(n);

  assertEquals(await Promise.all(waits), numbers(200));
});

Deno.test("RemoteQueue.get() that is aborted while its item comes loses nothing", async () => {
  const { queue, remote, both } = await pair();
  await using _ = both;
  const seen: unknown[] = [];
  const rounds = 200;

  for (let i = 0; i < rounds; i++) {
    const controller = new AbortController();
    const wait = remote.get({ signal: controller.signal });
    if (i % 4 > 1) await remote.size;
    queue.putNowait(i);
    if (i % 2 === 1) await remote.isFull;
    controller.abort(new Error("enough"));
    await wait.then((item) => seen.push(item), (error) => assertEquals(error.message, "enough"));
  }
  while (seen.length < rounds) seen.push(await remote.get({ timeout: 10_000 }));

  assertEquals(seen.toSorted((a, b) => Number(a) - Number(b)), numbers(rounds));
  assertEquals(queue.size, 0);
});

Deno.test("RemoteQueue.get() of one that gives up leaves its item to the others who wait", async () => {
  const { queue, remote, both } = await pair();
  await using _ = both;
  const controller = new AbortController();
  const first = remote.get({ signal: controller.signal });
  const second = remote.get();
  const failure = assertRejects(() => first, Error, "enough");

  controller.abort(new Error("enough"));
  await queue.put("item");

  assertEquals(await second, "item");
  await failure;
  assertEquals(queue.size, 0);
});

Deno.test("RemoteQueue.put() that is aborted was put or not, and says which", async () => {
  const { queue, remote, both } = await pair({ maxSize: 1 });
  await using _ = both;
  const expected: number[] = [];
  const got: unknown[] = [];

  for (let i = 0; i < 100; i++) {
    const controller = new AbortController();
    const put = remote.put(i, { signal: controller.signal });
    if (i % 3 === 1) await remote.size;
    if (i % 3 === 2 && queue.size > 0) got.push(queue.getNowait());
    controller.abort(new Error("enough"));
    await put.then(() => expected.push(i), (error) => assertEquals(error.message, "enough"));
    while (queue.size > 0) got.push(queue.getNowait());
  }

  assertEquals(got, expected);
});

Deno.test("RemoteQueue waits end with the coroutine that waits, and lose nothing", async () => {
  const { queue, remote, both } = await pair({ maxSize: 1 });
  await using _ = both;
  const entered = Promise.withResolvers<void>();
  const waiter = spawn(async () => {
    entered.resolve();
    await remote.get();
  });
  await entered.promise;

  waiter.cancel();
  await waiter.join().catch(() => {});
  await queue.put("kept");
  assertEquals(await remote.get(), "kept");

  await queue.put("full");
  const putter = spawn(() => remote.put("never"));
  const joiner = spawn(() => remote.join());
  await remote.size;
  putter.cancel();
  joiner.cancel();
  await Promise.allSettled([putter.join(), joiner.join()]);
  assertEquals([await remote.get(), await remote.isEmpty], ["full", true]);
});

Deno.test("RemoteQueue.join() waits until the work is done", async () => {
  const { queue, remote, both } = await pair();
  await using _ = both;
  await remote.join();
  await remote.put(1);
  await queue.put(2);

  await assertRejects(() => remote.join({ timeout: 20 }), DOMException);
  await assertRejects(
    () => remote.join({ signal: AbortSignal.abort(new Error("no")) }),
    Error,
    "no",
  );
  let isJoined = false;
  const joined = remote.join().then(() => isJoined = true);
  await remote.get();
  await remote.taskDone();
  await remote.get();
  assertEquals(isJoined, false);
  await remote.taskDone();
  await joined;

  await assertRejects(() => remote.taskDone(), RangeError);
});

Deno.test("RemoteQueue of a closed queue drains, and then says so", async () => {
  const { queue, remote, both } = await pair();
  await using _ = both;
  await remote.put(1);
  await remote.put(2);

  await remote.close();

  assertEquals(queue.closed, true);
  const error = await assertRejects(() => remote.put("late"), QueueClosedError);
  assertEquals(error.value, "late");
  await assertRejects(() => remote.putNowait("late"), QueueClosedError);
  assertEquals(await Array.fromAsync(remote), [1, 2]);
  await assertRejects(() => remote.get(), QueueClosedError);
  await assertRejects(() => remote.getNowait(), QueueClosedError);
});

Deno.test("RemoteQueue.close() wakes who waits, and drops the items if it is to be at once", async () => {
  const { queue, remote, both } = await pair();
  await using _ = both;
  const waits = [remote.get(), remote.get(), Array.fromAsync(remote)];
  const ends = Promise.allSettled(waits);
  await until(() => both.server.connections > 0, "the call is there");

  await remote.close({ immediate: true });

  const reasons = (await ends).map((end) =>
    end.status === "rejected" ? end.reason.name : end.value
  );
  assertEquals(reasons, ["QueueClosedError", "QueueClosedError", []]);
  assertEquals(queue.closed, true);
});

Deno.test("RemoteQueue of the other kinds keeps their order", async () => {
  await using lifo = await Pair.of<RemoteQueue<number>>(new LifoQueue());
  for (const n of numbers(4)) await lifo.remote.put(n);
  const got: number[] = [];
  for (const _ of numbers(4)) got.push(await lifo.remote.get());
  assertEquals(got, [3, 2, 1, 0]);

  await using priority = await Pair.of<RemoteQueue<string>>(new PriorityQueue());
  const puts = [["c", 3], ["a", 1], ["b", 2]] as const;
  await Promise.all(puts.map(([item, n]) => priority.remote.put(item, { priority: n })));
  await priority.remote.putNowait("first", { priority: 0 });
  const { remote } = priority;
  assertEquals(
    [await remote.get(), await remote.get(), await remote.get(), await remote.get()],
    ["first", "a", "b", "c"],
  );
});

Deno.test("What a client has got is not put back when it ends", async () => {
  const queue = new Queue<number>();
  await using server = await serve({ get_target: () => queue });
  for (let round = 0; round < 20; round++) {
    const client = await connect(server);
    const remote = await client.get<Queue<number>>("get_target");
    const wait = remote.get();
    await remote.size;
    await queue.put(round);
    assertEquals(await wait, round);
    await client.close();
  }
  await until(() => server.connections === 0, "the connections have ended");

  assertEquals(queue.size, 0);
});

Deno.test("What a client waits for when it is closed rejects, and takes nothing", async () => {
  const { queue, remote, both } = await pair({ maxSize: 1 });
  await using _ = both;
  const gets = [remote.get(), remote.get()];
  const ends = Promise.all(gets.map((get) => assertRejects(() => get, ManagerLostError, "closed")));
  await remote.size;

  await both.client.close();
  await ends;
  await until(() => both.server.connections === 0, "the connections have ended");

  await queue.put(1);
  assertEquals(queue.size, 1);
  await assertRejects(() => remote.get(), ManagerLostError, "closed");
  await assertRejects(() => remote.put(1), ManagerLostError, "closed");
  await assertRejects(() => remote.join(), ManagerLostError, "closed");
  await assertRejects(() => remote.size, ManagerLostError, "closed");
});

Deno.test("Many clients share a queue, each item goes to one of them", async () => {
  const queue = new Queue<number>({ maxSize: 10 });
  await using server = await serve({ get_target: () => queue });
  const clients = await Promise.all(numbers(4).map(() => connect(server)));
  const remotes = await Promise.all(
    clients.map((client) => client.get<Queue<number>>("get_target")),
  );
  const got: number[] = [];
  const consumers = remotes.map(async (remote) => {
    for await (const n of remote) {
      got.push(n);
      await remote.taskDone();
    }
  });

  await Promise.all(remotes.map(async (remote, i) => {
    await Promise.all(numbers(100).map((n) => remote.put(100 * i + n)));
  }));
  await remotes[0]!.join();
  await remotes[0]!.close();
  await Promise.all(consumers);

  assertEquals(got.toSorted((a, b) => a - b), numbers(400));
  await Promise.all(clients.map((client) => client.close()));
});

Deno.test("RemoteQueue serves 150,000 gets that wait at once, and as many puts", async () => {
  const { remote, both } = await pair();
  await using _ = both;
  const count = 150_000;

  const gets = numbers(count).map(() => remote.get());
  const puts = numbers(count).map((n) => remote.put(n));

  const got = await Promise.all(gets);
  await Promise.all(puts);
  assert(got.every((item, i) => item === i));
  assertEquals(await remote.size, 0);
});

Deno.test("RemoteQueue.get() of others outlives the coroutine that was the first to wait", async () => {
  const queue = new Queue<number>();
  const event = new Event();
  await using server = await serve({ get_queue: () => queue, get_event: () => event });
  await using client = await connect(server);
  const remote = await client.get<Queue<number>>("get_queue");
  const busy = await client.get<Event>("get_event");
  // As many as wait over there at once, so that the gets wait for their turn here.
  const waits = numbers(64).map(() => busy.wait());
  await until(() => server.connections >= 64, "all wait");

  const first = spawn(() => remote.get());
  const other = Promise.resolve().then(() => remote.get());
  await new Promise((resolve) => setTimeout(resolve));
  const cancelled = first.cancel();
  await queue.put(1);

  assertEquals(await other, 1);
  await cancelled;
  event.set();
  await Promise.all(waits);
});
