// Copyright 2026 the Weft authors. MIT license.

/*
 * select() of one that is ready, and of one that another coroutine makes ready. A race of promises cannot take
 * from queues: those that lose would have taken an item. It is the least that waiting for several takes.
 */

import { Queue, type QueueScope, select } from "../channel/mod.ts";
import { Event } from "../sync/mod.ts";

const count = 1000;
const scopes: QueueScope[] = ["local", "thread"];

const ready = { group: "select() of 2 queues, one has an item, 1,000 times" };

Deno.bench("Promise.race() of 2, one settled", { ...ready, baseline: true }, async () => {
  for (let i = 0; i < count; i++) {
    await Promise.race([new Promise(() => {}), Promise.resolve(i)]);
  }
});

for (const scope of scopes) {
  const queues = [new Queue<number>({ scope }), new Queue<number>({ scope })] as const;
  Deno.bench(`select(), ${scope} scope`, ready, async () => {
    for (let i = 0; i < count; i++) {
      queues[1].putNowait(i);
      await select(queues);
    }
  });
}

const waiting = { group: "select() of 2 queues and an event that waits for an item, 1,000 times" };

Deno.bench("Promise.race() of 3, one settles later", { ...waiting, baseline: true }, async () => {
  for (let i = 0; i < count; i++) {
    const { promise, resolve } = Promise.withResolvers<number>();
    const winner = Promise.race([new Promise(() => {}), promise, new Promise(() => {})]);
    resolve(i);
    await winner;
  }
});

for (const scope of scopes) {
  const queues = [new Queue<number>({ scope }), new Queue<number>({ scope })] as const;
  const stop = new Event();
  Deno.bench(`select() that waits, ${scope} scope`, waiting, async () => {
    for (let i = 0; i < count; i++) {
      const selected = select([...queues, stop]);
      queues[1].putNowait(i);
      await selected;
    }
  });
}
