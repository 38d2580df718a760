// Copyright 2026 the Weft authors. MIT license.

/*
 * The primitives of shared memory, against the same thing written with bare Atomics. The other thread and
 * the other process are started once and end with the program. `deno task bench:peers` compares with
 * other libraries and languages.
 */

import { bodies, type Body, type BodyName } from "./fixtures/sync_bodies.ts";
import { createKit } from "./fixtures/sync_kit.ts";
import { Pair } from "./fixtures/sync_pair.ts";
import { Lock, RLock, type Scope, Semaphore } from "../sync/mod.ts";

const scopes: Scope[] = ["thread", "process"];
const pairs = { thread: await Pair.start("thread"), process: await Pair.start("process") };

/** What two sides do, in this group with the baseline `bare`. */
function compare(group: string, times: number, bare: BodyName, ours: readonly BodyName[]): void {
  Deno.bench(`bare Atomics, threads (${bare})`, { group, baseline: true }, async () => {
    await pairs.thread.run(bare, times);
  });
  for (const name of ours) {
    for (const scope of scopes) {
      Deno.bench(`${name}, ${scope} scope`, { group }, async () => {
        await pairs[scope].run(name, times);
      });
    }
    if (!name.endsWith("Async")) continue;
    const kit = createKit("thread");
    const body: Body = bodies[name];
    Deno.bench(`${name}, coroutines`, { group }, async () => {
      await Promise.all([body(kit, times, 0), body(kit, times, 1)]);
    });
  }
}

const group = "acquire() and release() uncontended, 1,000 times";

Deno.bench("bare Atomics", { group, baseline: true }, () => {
  bodies.bareContended(pairs.thread.kit, 1000);
});

for (const scope of scopes) {
  for (const lock of [new Lock({ scope }), new RLock({ scope }), new Semaphore(1, { scope })]) {
    const { name } = lock.constructor;
    Deno.bench(`${name}.acquireSync(), ${scope} scope`, { group }, () => {
      for (let i = 0; i < 1000; i++) {
        lock.acquireSync();
        lock.release();
      }
    });
    Deno.bench(`${name}.acquire(), ${scope} scope`, { group }, async () => {
      for (let i = 0; i < 1000; i++) {
        await lock.acquire();
        lock.release();
      }
    });
  }
}

compare("acquire() contended by 2, 200,000 times each", 200_000, "bareContended", [
  "lockContended",
  "rlockContended",
  "semaphoreContended",
]);

compare("Event.wait() ping-pong, 500 times", 500, "barePingPong", [
  "eventPingPong",
  "eventPingPongAsync",
]);

compare("Barrier.wait() of 2, 500 times", 500, "bareBarrier", ["barrierWait", "barrierWaitAsync"]);
