// Copyright 2026 the Weft authors. MIT license.

/*
 * The other primitives in one thread: what they cost when nobody has to wait, and between two coroutines.
 * `sync_bench.ts` has those that threads and processes compete for.
 */

import { BoundedSemaphore, Condition, Event, Lock, RWLock, type Scope } from "../sync/mod.ts";

const count = 1000;
const scopes: Scope[] = ["thread", "process"];

const held = { group: "acquire and release uncontended, 1,000 times" };
const word = new Int32Array(new SharedArrayBuffer(4));

Deno.bench("bare Atomics", { ...held, baseline: true }, () => {
  for (let i = 0; i < count; i++) {
    Atomics.compareExchange(word, 0, 0, 1);
    if (Atomics.exchange(word, 0, 0) === 2) Atomics.notify(word, 0, 1);
  }
});

for (const scope of scopes) {
  const lock = new RWLock({ scope });
  const semaphore = new BoundedSemaphore(1, { scope });
  Deno.bench(`RWLock.acquireReadSync(), ${scope} scope`, held, () => {
    for (let i = 0; i < count; i++) {
      lock.acquireReadSync();
      lock.releaseRead();
    }
  });
  Deno.bench(`RWLock.acquireWriteSync(), ${scope} scope`, held, () => {
    for (let i = 0; i < count; i++) {
      lock.acquireWriteSync();
      lock.releaseWrite();
    }
  });
  Deno.bench(`RWLock.acquireRead(), ${scope} scope`, held, async () => {
    for (let i = 0; i < count; i++) {
      await lock.acquireRead();
      lock.releaseRead();
    }
  });
  Deno.bench(`BoundedSemaphore.acquireSync(), ${scope} scope`, held, () => {
    for (let i = 0; i < count; i++) {
      semaphore.acquireSync();
      semaphore.release();
    }
  });
}

const told = { group: "Event.set(), wait() and clear(), 1,000 times" };

Deno.bench("promise, resolved and awaited", { ...told, baseline: true }, async () => {
  for (let i = 0; i < count; i++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    resolve();
    await promise;
  }
});

for (const scope of scopes) {
  const event = new Event({ scope });
  Deno.bench(`Event, ${scope} scope`, told, async () => {
    for (let i = 0; i < count; i++) {
      event.set();
      await event.wait();
      event.clear();
    }
  });
}

const notified = { group: "Condition.notify() of one coroutine that waits, 1,000 times" };

Deno.bench("promise that another resolves", { ...notified, baseline: true }, async () => {
  for (let i = 0; i < count; i++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = (async () => await promise)();
    resolve();
    await waiting;
  }
});

for (const scope of scopes) {
  const condition = new Condition(new Lock({ scope }));
  const wait = async () => {
    using _held = await condition.acquire();
    await condition.wait();
  };
  Deno.bench(`Condition, ${scope} scope`, notified, async () => {
    for (let i = 0; i < count; i++) {
      const waiting = wait();
      // It gives the lock up when it waits.
      await condition.acquire();
      condition.notify();
      condition.release();
      await waiting;
    }
  });
}
