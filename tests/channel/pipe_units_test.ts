// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Connection, ConnectionClosedError, pipe, Queue } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event, SharedArray } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import {
  answerThrough,
  countRight,
  echo,
  echoSync,
  exchange,
  giveEnd,
  numbered,
  receiveAll,
  receiveOne,
  sendAll,
  tally,
} from "../fixtures/pipe_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

Deno.test("Connection of scope thread cannot be sent to a process", () => {
  const [a, b] = pipe<unknown>({ name: "talk" });

  assertThrows(() => Process.spawn(echo, a), DOMException, "connection talk");

  a.close();
  assertEquals(b.pollSync(), true);
});

// deno-lint-ignore no-explicit-any -- any task
type AnyTask = Task<any[], unknown>;

const sides = [
  {
    kind: "thread",
    scope: "thread",
    spawn: (fn: AnyTask, ...args: unknown[]) => Thread.spawn(fn, ...args),
  },
  {
    kind: "thread",
    scope: "process",
    spawn: (fn: AnyTask, ...args: unknown[]) => Thread.spawn(fn, ...args),
  },
  {
    kind: "process",
    scope: "process",
    spawn: (fn: AnyTask, ...args: unknown[]) => Process.spawn(fn, ...args),
  },
] as const;

for (const { kind, scope, spawn } of sides) {
  const where = `${kind}, scope ${scope}`;

  Deno.test(`Connection talks to another side (${where})`, async () => {
    for (const fn of [echo, echoSync]) {
      const [here, there] = pipe<unknown>({ scope });
      const other = spawn(fn, there);
      there.close();

      for (const message of [1, "two", { three: [3] }]) {
        await here.send(message);
        assertEquals(await here.receive(), message);
        here.sendSync(message);
        assertEquals(here.receiveSync(), message);
      }
      here.close();

      await other.join();
    }
  });

  Deno.test(`Connection tells another side that this one has closed (${where})`, async () => {
    const [here, there] = pipe<unknown>({ scope });
    const ready = new Event({ scope });
    const other = spawn(receiveOne, there, ready);
    await ready.wait();

    here.close();

    assertEquals(await other.join(), "ConnectionClosedError");
  });

  Deno.test(`Connection ends when its last holder has ended (${where})`, async () => {
    const [here, there] = pipe<string>({ scope });
    const ready = new Event({ scope });
    const other = spawn(receiveOne, there, ready);
    there.close();
    await ready.wait();
    assertEquals(here.pollSync(), false);

    await here.send("bye");
    await other.join();

    await assertRejects(() => here.receive(), ConnectionClosedError, "other end");
    assertThrows(() => here.sendSync("one more"), ConnectionClosedError, "other end");
  });

  Deno.test(`Connection can be what a task gives (${where})`, async () => {
    const end = await spawn(giveEnd, scope).join() as Connection<string>;

    assertEquals(await end.receive(), "from the maker");
    await assertRejects(() => end.receive(), ConnectionClosedError);
  });

  for (const form of ["sync", "async", "mixed"]) {
    Deno.test(`Connection keeps order and boundaries (${where}, ${form})`, async () => {
      const lengths = randomLengths(300);
      const [here, there] = pipe<Uint8Array>({ scope });
      const [to, from] = pipe<Uint8Array>({ scope });
      const sender = spawn(sendAll, there, lengths, form);
      const receiver = spawn(receiveAll, from, lengths, form);
      there.close();
      from.close();

      const right = await countRight(here, lengths, "async");
      for (const [i, length] of lengths.entries()) await to.send(numbered(i, length));
      to.close();

      assertEquals(right, lengths.length);
      assertEquals(await receiver.join(), lengths.length);
      await sender.join();
    });
  }

  Deno.test(`Connection carries messages both ways at once (${where})`, async () => {
    const lengths = randomLengths(300);
    const [here, there] = pipe<Uint8Array>({ scope });
    const other = spawn(exchange, there, lengths);
    there.close();

    const [right] = await Promise.all([
      countRight(here, lengths, "async"),
      (async () => {
        for (const [i, length] of lengths.entries()) await here.send(numbered(i, length));
        await here.writable.close();
      })(),
    ]);

    assertEquals([right, await other.join()], [lengths.length, lengths.length]);
  });

  Deno.test(`Connection gives each message to one of those who hold the end (${where})`, async () => {
    const count = 2000;
    const [receiver, sender] = pipe<number>({ scope, duplex: false });
    const counts = new SharedArray("i32", count, { scope });
    const others = [spawn(tally, receiver, counts), spawn(tally, receiver, counts)];
    receiver.close();

    for (let i = 0; i < count; i++) await sender.send(i);
    sender.close();

    for (const other of others) assertEquals(await other.join(), "ConnectionClosedError");
    assertEquals([...counts.view], new Array(count).fill(1));
  });
}

Deno.test("Connection can be sent through a connection", async () => {
  const [here, there] = pipe<Connection, never>({ scope: "process" });
  const [inner, sent] = pipe<string>({ scope: "process" });
  const other = Process.spawn(answerThrough, there as unknown as Connection<never, Connection>);
  there.close();

  await here.send(sent as Connection);
  sent.close();

  assertEquals(await inner.receive(), "through");
  await assertRejects(() => inner.receive(), ConnectionClosedError);
  await other.join();
});

Deno.test("Connection that was sent in a message which nobody could clone is not held by it", () => {
  const [here, there] = pipe<unknown>({ scope: "process" });
  const queue = new Queue({ scope: "process" });
  assertThrows(() => queue.putSync([there, () => {}]), DOMException);
  queue.close();
  assertThrows(() => queue.putSync([there]));

  there.close();

  assertEquals(here.pollSync(), true);
});

/** Many small lengths and some large ones. */
function randomLengths(count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 100) return 2 ** 24;
    return Math.floor(2 ** (Math.random() * (i % 50 === 0 ? 23 : 14))) - 1;
  });
}
