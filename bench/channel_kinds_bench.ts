// Copyright 2026 the Weft authors. MIT license.

/*
 * The other kinds of queues, channels and pipes, in one thread: what one item costs besides waiting.
 * `channel_bench.ts` has items that go from one thread or process to another.
 */

import { Channel, LifoQueue, pipe, PriorityQueue, type QueueScope } from "../channel/mod.ts";

const count = 1000;
const item = { id: 1, name: "abc", tags: ["a", "b"] };
const scopes: QueueScope[] = ["local", "thread", "process"];
/** Priorities in no order, the same each time. */
const priorities = Array.from({ length: count }, (_, i) => (i * 7919) % count);

const lifo = { group: "LifoQueue.putSync() 1,000 times, then getSync()" };

Deno.bench("array, push() and pop()", { ...lifo, baseline: true }, () => {
  const array: unknown[] = [];
  for (let i = 0; i < count; i++) array.push(item);
  for (let i = 0; i < count; i++) array.pop();
});

for (const scope of scopes) {
  const queue = new LifoQueue<unknown>({ scope });
  Deno.bench(`LifoQueue, ${scope} scope`, lifo, () => {
    for (let i = 0; i < count; i++) queue.putSync(item);
    for (let i = 0; i < count; i++) queue.getSync();
  });
}

const sorted = { group: "PriorityQueue.putSync() 1,000 times, then getSync()" };

Deno.bench("array, push(), sort() and pop()", { ...sorted, baseline: true }, () => {
  const array: { priority: number; item: unknown }[] = [];
  for (const priority of priorities) array.push({ priority, item });
  array.sort((a, b) => b.priority - a.priority);
  for (let i = 0; i < count; i++) array.pop();
});

for (const scope of scopes) {
  const queue = new PriorityQueue<unknown>({ scope });
  Deno.bench(`PriorityQueue, ${scope} scope`, sorted, () => {
    for (const priority of priorities) queue.putSync(item, { priority });
    for (let i = 0; i < count; i++) queue.getSync();
  });
}

const handed = { group: "Channel.send() of one coroutine to another, 1,000 times" };

Deno.bench("promises, one for each item", { ...handed, baseline: true }, async () => {
  let next = Promise.withResolvers<unknown>();
  const received = (async () => {
    for (let i = 0; i < count; i++) {
      await next.promise;
      next = Promise.withResolvers();
    }
  })();
  for (let i = 0; i < count; i++) {
    const { promise, resolve } = next;
    resolve(item);
    // The receiver goes on, and makes the next one.
    while (next.promise === promise && i < count - 1) await null;
  }
  await received;
});

for (const scope of scopes) {
  for (const capacity of [0, 64]) {
    Deno.bench(`Channel of ${capacity}, ${scope} scope`, handed, async () => {
      const channel = new Channel<unknown>({ capacity, scope });
      const received = (async () => {
        for (let i = 0; i < count; i++) await channel.receive();
      })();
      for (let i = 0; i < count; i++) await channel.send(item);
      await received;
    });
  }
}

const piped = { group: "Connection.send() and receive() within one thread, 100 times" };
const messages = 100;

Deno.bench("MessageChannel", { ...piped, baseline: true }, async () => {
  const { port1, port2 } = new MessageChannel();
  for (let i = 0; i < messages; i++) {
    const received = new Promise((resolve) => port2.onmessage = resolve);
    port1.postMessage(item);
    await received;
  }
  port1.close();
  port2.close();
});

for (const scope of ["thread", "process"] as const) {
  const [here, there] = pipe<unknown>({ scope });
  Deno.bench(`pipe(), ${scope} scope`, piped, async () => {
    for (let i = 0; i < messages; i++) {
      await here.send(item);
      await there.receive();
    }
  });
  Deno.bench(`pipe(), sendSync() and receiveSync(), ${scope} scope`, piped, () => {
    for (let i = 0; i < messages; i++) {
      here.sendSync(item);
      there.receiveSync();
    }
  });
}
