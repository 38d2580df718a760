// Copyright 2026 the Weft authors. MIT license.

// What stands for something of this thread is refused as an item, instead of arriving as an empty object.

import { assertThrows } from "@std/assert";
import { Queue } from "../channel/mod.ts";
import { AmqpQueue, connectManager, RedisQueue, serveManager } from "../cluster/mod.ts";
import { CoroutineLocal, CoroutinePool, Greenlet, spawn, TaskGroup } from "../coroutine/mod.ts";
import { Lock, RWLock } from "../sync/mod.ts";
import { ThreadLocal, ThreadPool, Timer } from "../thread/mod.ts";

const nothing = (): void => {};

const things: Record<string, () => unknown> = {
  Coroutine: () => spawn(nothing as () => Promise<void>),
  CoroutineLocal: () => new CoroutineLocal(),
  CoroutinePool: () => new CoroutinePool(1),
  Greenlet: () => new Greenlet(function* () {}),
  Guard: () => new Lock().acquireSync(),
  RedisQueue: () => new RedisQueue("a", { url: "redis://127.0.0.1" }),
  AmqpQueue: () => new AmqpQueue("a", { url: "amqp://127.0.0.1" }),
  TaskGroup: () => new TaskGroup(),
  ThreadLocal: () => new ThreadLocal(),
  ThreadPool: () => new ThreadPool(1),
  Timer: () => new Timer(1, nothing),
};

for (const [name, make] of Object.entries(things)) {
  Deno.test(`A ${name} cannot be put into a queue`, async () => {
    const queue = new Queue<unknown>();
    const thing = make();

    const error = assertThrows(() => queue.putNowait({ thing }), DOMException);

    assertRefused(error, name);
    await (thing as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
  });
}

Deno.test("What belongs to a manager cannot be put into a queue", async () => {
  const queue = new Queue<unknown>();
  const authKey = "not for a queue's items";
  const registry = { get_queue: () => new Queue(), get_lock: () => new RWLock() };
  await using server = await serveManager({ port: 0, authKey, registry });
  await using client = await connectManager({ port: server.port, authKey });
  const remote = await client.get<Queue<number>>("get_queue");

  for (const thing of [server, client, remote]) {
    const error = assertThrows(() => queue.putNowait([thing]), DOMException);

    assertRefused(error, thing.constructor.name);
  }
});

function assertRefused(error: DOMException, name: string): void {
  const pattern = new RegExp(`^Cannot clone \\$(\\.thing|\\[0\\]) as it is an? ${name}$`);
  if (error.name !== "DataCloneError" || !pattern.test(error.message)) throw error;
}
