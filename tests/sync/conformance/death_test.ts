// Copyright 2026 the Weft authors. MIT license.

/*
 * What becomes of locks and semaphores when a thread or process dies that holds them or waits for them.
 *
 * | fault                                  | promise                                                             |
 * | -------------------------------------- | ------------------------------------------------------------------- |
 * | holder of a Lock or RLock killed       | one waiter is told by a LockAbandonedError, or takes over           |
 * | waiter killed                          | the next one gets what is released                                  |
 * | death vs grant: killed while released  | recovered by the next one, whether the dead one had it or not       |
 * | holder of a permit killed              | its permit is lost, and nothing else                                |
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Event, Lock, RLock, Semaphore, type SyncOptions } from "../../../sync/mod.ts";
import { exactly, settled, Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ lock: new Lock(options) as Lock | RLock }));
const places = ["threads", "processes"] as const;

for (const kind of [Lock, RLock]) {
  const make = (options: SyncOptions) => ({ lock: new kind(options) as Lock | RLock });
  const { name } = kind;

  suite.together(
    `${name}.acquire() of one tells that its holder was killed, others get it`,
    3,
    async (scene) => {
      const { objects: { lock }, actors, mortal } = scene;
      const { actor: holder, kill } = await mortal();
      await holder.wait("lock", "acquire");
      const calls = actors.map((actor) => actor.wait("lock", "acquire"));
      const names: Promise<string>[] = calls.map((call) =>
        call.then(() => "granted", (e) => e.name)
      );
      await Promise.all(calls.map((call) => call.isWaiting()));
      await exactly(0, calls);

      await kill();

      const left = new Set(actors);
      for (let ended = 1; ended <= 3; ended++) {
        while (settled(calls).length < ended) {
          await Promise.race(
            calls.filter((call) => !call.settled).map((call) => call.catch(() => {})),
          );
        }
        for (const [i, actor] of actors.entries()) {
          if (!calls[i]!.settled || !left.delete(actor)) continue;
          if (await names[i] === "granted") await actor.invoke("lock", "release");
        }
      }
      assertEquals((await Promise.all(names)).sort(), ["LockAbandonedError", "granted", "granted"]);
      assertEquals(lock.locked, false);
    },
    { make, places },
  );

  suite.together(
    `${name}.acquire() takes over silently from a killed holder if asked to`,
    1,
    async (scene) => {
      const { objects: { lock }, actors: [other], mortal } = scene;
      const { actor: holder, kill } = await mortal();
      await holder.wait("lock", "acquire");
      const waiting = other!.wait("lock", "acquire", { recover: true });
      await waiting.isWaiting();

      await kill();
      await waiting;

      assertEquals(lock.locked, true);
      if (kind === RLock) assertEquals(await other!.get("lock", "depth"), 1);
      await other!.invoke("lock", "release");
      assertEquals(lock.locked, false);
    },
    { make, places },
  );

  suite.together(
    `${name}.acquire() after its holder was killed tells so once`,
    2,
    async (scene) => {
      const { actors: [one, other], mortal } = scene;
      const { actor: holder, kill } = await mortal();
      await holder.wait("lock", "acquire");

      await kill();

      const error = await assertRejects(() => one!.wait("lock", "acquire"), Error);
      assertEquals(error.name, "LockAbandonedError");
      await other!.wait("lock", "acquire");
      await other!.invoke("lock", "release");
      await one!.wait("lock", "acquire");
    },
    { make, places },
  );

  suite.together(`${name} goes to the next one when a waiter was killed`, 2, async (scene) => {
    const { actors: [holder, other], mortal } = scene;
    const { actor: waiter, kill } = await mortal();
    await holder!.wait("lock", "acquire");
    await waiter.wait("lock", "acquire", { timeout: 10 }).catch(() => {});
    const lost = waiter.wait("lock", "acquire").catch(() => {});
    const waiting = other!.wait("lock", "acquire");
    await waiting.isWaiting();

    await kill();
    await lost;
    await holder!.invoke("lock", "release");

    await waiting;
  }, { make, places });

  suite.together(
    `${name} is recovered when a waiter is killed while it is released`,
    2,
    async (scene) => {
      const { actors: [holder, other], mortal } = scene;
      for (let i = 0; i < 4; i++) {
        const { actor: waiter, kill } = await mortal();
        await holder!.wait("lock", "acquire");
        const lost = waiter.wait("lock", "acquire");
        await lost.isWaiting();

        const release = holder!.invoke("lock", "release");
        if (i % 2 === 1) await lost;
        await Promise.all([release, kill()]);

        await other!.wait("lock", "acquire", { recover: true, timeout: 50_000 });
        await other!.invoke("lock", "release");
      }
    },
    { make, places },
  );
}

suite.together(
  "Semaphore.release() goes to the next one when a waiter was killed",
  1,
  async (scene) => {
    const { objects: { semaphore }, actors: [other], mortal } = scene;
    const { actor: waiter, kill } = await mortal();
    const lost = waiter.wait("semaphore", "acquire");
    await lost.isWaiting();
    const waiting = other!.wait("semaphore", "acquire");
    await waiting.isWaiting();

    await kill();
    await lost.catch(() => {});
    semaphore.release();
    await waiting;

    assertEquals(semaphore.value, 0);
  },
  { make: (options: SyncOptions) => ({ semaphore: new Semaphore(0, options) }), places },
);

suite.together(
  "Semaphore loses the permit of one that was killed, and nothing else",
  1,
  async (scene) => {
    const { objects: { semaphore }, actors: [other], mortal } = scene;
    const { actor: holder, kill } = await mortal();
    await holder.wait("semaphore", "acquire");

    await kill();

    assertEquals(semaphore.value, 1);
    await other!.wait("semaphore", "acquire", { timeout: 0 });
    await assertRejects(() => other!.wait("semaphore", "acquire", { timeout: 10 }), Error, "timed");
    await other!.invoke("semaphore", "release");
    assertEquals(semaphore.value, 1);
  },
  { make: (options: SyncOptions) => ({ semaphore: new Semaphore(2, options) }), places },
);

suite.together("Event wakes all others when a waiter was killed", 2, async (scene) => {
  const { objects: { event }, actors, mortal } = scene;
  const { actor: waiter, kill } = await mortal();
  const lost = waiter.wait("event", "wait");
  const waits = actors.map((actor) => actor.wait("event", "wait"));
  await Promise.all([lost, ...waits].map((call) => call.isWaiting()));

  await kill();
  await lost.catch(() => {});
  event.set();

  await Promise.all(waits);
  assert(event.isSet);
}, { make: (options: SyncOptions) => ({ event: new Event(options) }), places });
