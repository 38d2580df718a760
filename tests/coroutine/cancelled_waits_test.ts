// Copyright 2026 the Weft authors. MIT license.

/*
 * A coroutine is cancelled any number of microtasks or turns before or after it is granted what it waits for: in the
 * end all is as if it had never waited, or as if it had got it and used it.
 *
 * By asyncio's tests: cancel_race, cancel_release_race, finished_waiter_cancelled, acquire_cancel_before_awoken,
 * acquire_hang, get_cancel_drop, put_cancel_drop, and those of many readers.
 */

import { assert, assertEquals } from "@std/assert";
import { Channel, pipe, Queue } from "../../channel/mod.ts";
import { sleep, spawn } from "../../coroutine/mod.ts";
import { BoundedSemaphore, Event, Lock, RLock, RWLock, Semaphore } from "../../sync/mod.ts";
import { forms, microtasks, moments, spawnForm, turns } from "./_helpers.ts";

// The C library stays open from its first use on.
new Event({ scope: "process" });

/** Whether it is cancelled before it is granted what it waits for. */
const orders = [true, false];
/** How long it has waited: a short wait sleeps otherwise than a long one. */
const ages = [() => microtasks(3), () => turns(2)];

/** Calls `check` for each way in which a coroutine is cancelled about when it is granted something. */
async function eachRace(
  check: (
    race: (grant: () => void, cancel: () => Promise<void>) => Promise<void>,
    form: typeof forms[number],
  ) => Promise<void>,
): Promise<void> {
  for (const form of forms) {
    for (const cancelFirst of orders) {
      for (const age of ages) {
        for (const moment of moments) {
          await check(async (grant, cancel) => {
            await age();
            let cancelled: Promise<void> | undefined;
            if (cancelFirst) cancelled = cancel();
            else grant();
            await moment();
            if (cancelFirst) grant();
            else cancelled = cancel();
            await cancelled;
          }, form);
        }
      }
    }
  }
}

interface Permits {
  acquire(): Promise<unknown>;
  tryAcquire(): boolean;
  release(): void;
}

const permits: Record<string, (scope: "thread" | "process") => Permits> = {
  Lock: (scope) => new Lock({ scope }),
  RLock: (scope) => new RLock({ scope }),
  Semaphore: (scope) => new Semaphore(1, { scope }),
  BoundedSemaphore: (scope) => new BoundedSemaphore(1, { scope }),
  "RWLock for writers": (scope) => {
    const lock = new RWLock({ scope });
    return {
      acquire: () => lock.acquireWrite(),
      tryAcquire: () => lock.tryAcquireWrite(),
      release: () => lock.releaseWrite(),
    };
  },
};

for (const scope of ["thread", "process"] as const) {
  for (const [name, create] of Object.entries(permits)) {
    Deno.test(`${name} of scope ${scope} is lost to nobody when the first in line is cancelled about when it is released`, async () => {
      const outcomes = new Set<boolean>();

      await eachRace(async (race, form) => {
        const lock = create(scope);
        assert(lock.tryAcquire());
        let inside = 0;
        const use = () => {
          assertEquals(++inside, 1);
          inside--;
          lock.release();
        };
        let granted = false;
        const first = spawnForm(form, () => lock.acquire(), () => {
          granted = true;
          use();
        });
        const second = spawnForm(form, () => lock.acquire(), use);

        await race(() => lock.release(), () => first.cancel());
        await second;

        outcomes.add(granted);
        assert(first.done);
        assert(lock.tryAcquire(), "it is held by nobody and yet cannot be had");
        lock.release();
      });

      assertEquals(outcomes.size, 2, "there was no race");
    });
  }
}

Deno.test("Semaphore that is granted about when an async function is cancelled leaves that to its next wait", async () => {
  for (const moment of [undefined, ...moments]) {
    const semaphore = new Semaphore(0);
    const log: string[] = [];
    const before = semaphore.acquire();
    const coroutine = spawn(async () => {
      await semaphore.acquire();
      log.push("granted");
      await sleep(Infinity);
    });
    await turns(1);

    semaphore.release();
    // The second within a millisecond is handed over at once.
    semaphore.release();
    await moment?.();
    const cancelled = coroutine.cancel();
    await before;
    await turns(3);

    assertEquals(coroutine.cancelled, true, "it waits on though it is cancelled");
    await cancelled;
    assertEquals(log.length + semaphore.value, 1);
  }
});

Deno.test("Semaphore hands on what a cancelled one in the middle of the line does not take", async () => {
  await eachRace(async (race, form) => {
    const semaphore = new Semaphore(0);
    const log: number[] = [];
    const line = [0, 1, 2, 3].map((n) =>
      spawnForm(form, () => semaphore.acquire(), () => log.push(n))
    );

    await race(() => semaphore.release(2), () => line[1]!.cancel());
    semaphore.release(2);
    await line[2];
    await line[3];

    const left = 4 - log.length;
    assertEquals(semaphore.value, left);
    assertEquals(log, left === 0 ? [0, 1, 2, 3] : [0, 2, 3]);
  });
});

for (const scope of ["local", "thread", "process"] as const) {
  Deno.test(`Queue.get() of scope ${scope} drops no item when it is cancelled about when one is put`, async () => {
    const outcomes = new Set<boolean>();

    await eachRace(async (race, form) => {
      const queue = new Queue<number>({ scope });
      const got: number[] = [];
      const first = spawnForm(form, () => queue.get(), (item) => got.push(item));
      const second = spawnForm(form, () => queue.get(), (item) => got.push(item));

      await race(() => queue.putNowait(1), () => first.cancel());
      queue.putNowait(2);
      await second;

      const left = queue.size;
      outcomes.add(left === 0);
      while (!queue.isEmpty) got.push(queue.getNowait());
      assertEquals(got, [1, 2]);
      queue.close();
    });

    assertEquals(outcomes.size, 2, "there was no race");
  });

  Deno.test(`Queue.put() of scope ${scope} puts the item once or never when it is cancelled about when there is room`, async () => {
    const outcomes = new Set<boolean>();

    await eachRace(async (race, form) => {
      const queue = new Queue<number>({ scope, maxSize: 1 });
      queue.putNowait(0);
      let put = false;
      const first = spawnForm(form, () => queue.put(1), () => put = true);
      const second = spawnForm(form, () => queue.put(2));
      const got: number[] = [];

      await race(() => got.push(queue.getNowait()), () => first.cancel());
      while (got.at(-1) !== 2) got.push(await queue.get());
      await second;

      outcomes.add(put);
      assertEquals(got, put ? [0, 1, 2] : [0, 2], form);
      queue.close();
    });

    assertEquals(outcomes.size, 2, "there was no race");
  });
}

for (const scope of ["local", "thread"] as const) {
  for (const capacity of [0, 1]) {
    Deno.test(`Channel.receive() of scope ${scope} and capacity ${capacity} drops no value when it is cancelled about when one is sent`, async () => {
      const outcomes = new Set<boolean>();

      await eachRace(async (race, form) => {
        const channel = new Channel<number>({ scope, capacity });
        const got: number[] = [];
        let isFirst = false;
        const first = spawnForm(form, () => channel.receive(), (value) => {
          isFirst = true;
          got.push(value);
        });

        let sent: Promise<void> | undefined;
        await race(() => sent = channel.send(1), () => first.cancel());
        if (!isFirst) got.push(await channel.receive());
        await sent;

        outcomes.add(isFirst);
        assertEquals(got, [1]);
        channel.close();
      });

      assertEquals(outcomes.size, 2, "there was no race");
    });

    Deno.test(`Channel.send() of scope ${scope} and capacity ${capacity} sends once or never when it is cancelled about when there is room`, async () => {
      const outcomes = new Set<boolean>();

      await eachRace(async (race, form) => {
        const channel = new Channel<number>({ scope, capacity });
        for (let i = 0; i < capacity; i++) channel.trySend(0);
        let sent = false;
        const first = spawnForm(form, () => channel.send(1), () => sent = true);
        const got: number[] = [];

        let received: Promise<unknown> | undefined;
        await race(
          () => received = channel.receive().then((value) => got.push(value)),
          () => first.cancel(),
        );
        const last = channel.send(2);
        await received;
        while (got.at(-1) !== 2) got.push(await channel.receive());
        await last;

        outcomes.add(sent);
        assertEquals(got.filter((value) => value > 0), sent ? [1, 2] : [2], form);
        channel.close();
      });

      assertEquals(outcomes.size, 2, "there was no race");
    });
  }
}

Deno.test("Connection.receive() drops no message when it is cancelled about when one is sent", async () => {
  const outcomes = new Set<boolean>();

  await eachRace(async (race, form) => {
    const [here, there] = pipe<number>({ scope: "thread" });
    const got: number[] = [];
    const first = spawnForm(form, () => here.receive(), (value) => got.push(value));

    let sent: Promise<void> | undefined;
    await race(() => sent = there.send(1), () => first.cancel());
    await sent;
    await there.send(2);
    outcomes.add(got.length === 1);
    while (got.at(-1) !== 2) got.push(await here.receive());

    assertEquals(got, [1, 2]);
    here.close();
    there.close();
  });

  assertEquals(outcomes.size, 2, "there was no race");
});

for (const form of forms) {
  Deno.test(`Queue loses and doubles nothing when readers that are each an ${form} are cancelled all the time`, async () => {
    const count = 50;
    const queue = new Queue<number>({ scope: "thread", maxSize: 3 });
    const got: number[] = [];
    const writer = spawn(async () => {
      for (let i = 0; i < count * 4; i++) await queue.put(i);
    });

    for (let round = 0; round < count; round++) {
      const readers = [1, 2, 3].map(() => {
        return spawnForm(form, () => queue.get(), (item) => got.push(item));
      });
      await moments[round % moments.length]!();
      await Promise.all(readers.map((reader) => reader.cancel()));
    }
    while (got.at(-1) !== count * 4 - 1) got.push(await queue.get());
    await writer;

    assertEquals(got, Array.from({ length: count * 4 }, (_, i) => i));
  });
}
