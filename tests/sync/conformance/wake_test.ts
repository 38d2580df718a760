// Copyright 2026 the Weft authors. MIT license.

/*
 * Lost wake-ups. Every wait looks now and then whether it could go on, about every 100 ms, so that a wake-up
 * that is lost only makes it slow; this looks that each kind of wait is really woken, in every mode.
 */

import { assert } from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type SyncOptions,
} from "../../../sync/mod.ts";
import { type Actor, type Call, comesTo, Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ lock: new Lock(options) }));
const rounds = 11;

/** How somebody comes to wait, and what lets it go on. */
interface Case<T> {
  readonly make: (options: SyncOptions) => T;
  /** Makes all ready, and gives the wait; within an array, lest it be waited for. */
  readonly begin: (objects: T, actor: Actor) => Promise<[Call]>;
  readonly wake: (objects: T) => unknown;
  readonly end?: (objects: T, actor: Actor) => unknown;
}

function register<T extends object>(title: string, { make, begin, wake, end }: Case<T>): void {
  suite.together(`${title} wakes who waits at once`, 1, async ({ objects, actors: [actor] }) => {
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const [call] = await begin(objects, actor!);
      const start = performance.now();
      const woken = wake(objects);
      await call;
      times.push(performance.now() - start);
      await woken;
      await end?.(objects, actor!);
    }

    // Most of them; a busy machine makes some slow.
    assert(times.toSorted((a, b) => a - b)[6]! < 40, `milliseconds: ${times}`);
  }, { make });
}

const acquirables = {
  Lock: (options: SyncOptions) => ({ object: new Lock(options) }),
  RLock: (options: SyncOptions) => ({ object: new RLock(options) }),
  Semaphore: (options: SyncOptions) => ({ object: new Semaphore(1, options) }),
  BoundedSemaphore: (options: SyncOptions) => ({ object: new BoundedSemaphore(1, options) }),
};

for (const [name, make] of Object.entries(acquirables)) {
  register<{ object: Lock | RLock | Semaphore }>(`${name}.release()`, {
    make,
    async begin({ object }, actor) {
      object.acquireSync();
      const call = actor.wait("object", "acquire");
      await call.isWaiting();
      return [call];
    },
    wake: ({ object }) => object.release(),
    end: (_, actor) => actor.invoke("object", "release"),
  });
}

for (const [held, wanted] of [["Read", "Write"], ["Write", "Read"], ["Write", "Write"]] as const) {
  register(`RWLock.release${held}() before acquire${wanted}()`, {
    make: (options) => ({ lock: new RWLock(options) }),
    async begin({ lock }, actor) {
      lock[`acquire${held}Sync`]();
      const call = actor.wait("lock", `acquire${wanted}`);
      await call.isWaiting();
      return [call];
    },
    wake: ({ lock }) => lock[`release${held}`](),
    end: (_, actor) => actor.invoke("lock", `release${wanted}`),
  });
}

register("Event.set()", {
  make: (options) => ({ event: new Event(options) }),
  async begin({ event }, actor) {
    event.clear();
    const call = actor.wait("event", "wait");
    await call.isWaiting();
    return [call];
  },
  wake: ({ event }) => event.set(),
});

for (const method of ["notify", "notifyAll"] as const) {
  register(`Condition.${method}()`, {
    make: (options) => ({ condition: new Condition(new Lock(options)) }),
    async begin({ condition }, actor) {
      await actor.wait("condition", "acquire");
      const call = actor.wait("condition", "wait");
      await comesTo("it waits", () => condition.waiting === 1);
      await call.isWaiting();
      return [call];
    },
    async wake({ condition }) {
      using _guard = await condition.acquire();
      condition[method]();
    },
    end: (_, actor) => actor.invoke("condition", "release"),
  });
}

register("Barrier.wait() of the last", {
  make: (options) => ({ barrier: new Barrier(2, options) }),
  async begin({ barrier }, actor) {
    const call = actor.wait("barrier", "wait");
    await comesTo("it waits", () => barrier.waiting === 1);
    await call.isWaiting();
    return [call];
  },
  wake: ({ barrier }) => barrier.wait(),
});
