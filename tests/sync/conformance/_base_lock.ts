// Copyright 2026 the Weft authors. MIT license.

/**
 * What Lock and RLock have in common, by CPython's lock_tests.BaseLockTests.
 *
 * | CPython                                        | here                                                 |
 * | ---------------------------------------------- | ---------------------------------------------------- |
 * | test_constructor, test_acquire_release         | is free when it is created and when it was released  |
 * | test_acquire_destroy                           | can be dropped while it is held                      |
 * | test_repr, test_locked_repr                    | shows name, scope and state                          |
 * | test_try_acquire, test_try_acquire_contended   | tryAcquire() …                                       |
 * | test_acquire_contended                         | lets in one at a time                                |
 * | test_with, test_lock_context                   | is free when the scope of its guard ends             |
 * | test_thread_leak                               | leaves nothing of those who have used it             |
 * | test_timeout                                   | waits for no timeout, times out: TimeoutError in     |
 * |                                                | place of false; no blocking flag, but tryAcquire();  |
 * |                                                | its errors in misuse_test.ts                         |
 * | test_state_after_timeout                       | is free after a wait has timed out                   |
 * | test_weakref_exists, test_weakref_deleted      | X: reference counts                                  |
 * | test_at_fork_reinit                            | X: fork                                              |
 */

import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { Lock, type RLock, SharedArray, type SyncOptions } from "../../../sync/mod.ts";
import { activeCount } from "../../../thread/mod.ts";
import { aWhile, exactly, Suite } from "./_harness.ts";

/** Makes the suite of a kind of lock, with the tests that all kinds have. */
export function baseLockSuite<L extends Lock | RLock>(
  kind: new (options: SyncOptions) => L,
): Suite<{ lock: L }> {
  const { name } = kind;
  const suite = new Suite((options) => ({ lock: new kind(options) }));
  const guarded = (options: SyncOptions) => {
    return { lock: new kind(options), cells: new SharedArray("i32", 2, options) };
  };

  suite.alone(`${name} is free when it is created and when it was released`, async (scene) => {
    const { objects: { lock }, act } = scene;

    assertEquals(lock.locked, false);
    for (let i = 0; i < 3; i++) {
      await act(lock, "acquire");
      assertEquals(lock.locked, true);
      lock.release();
      assertEquals(lock.locked, false);
    }
  });

  suite.alone(`${name} can be dropped while it is held`, async ({ mode: { scope }, act }) => {
    await act(new kind({ scope }), "acquire");
  });

  suite.alone(`${name} shows name, scope and state in Deno.inspect`, async ({ mode, act }) => {
    const lock = new kind({ scope: mode.scope, name: "tickets" });
    const head = `${name} "tickets" { scope: "${mode.scope}", `;
    const depth = lock instanceof Lock ? "" : ", depth: 1";

    assertEquals(Deno.inspect(lock), `${head}unlocked }`);
    await act(lock, "acquire");
    assertEquals(Deno.inspect(lock), `${head}locked${depth} }`);
  });

  suite.together(`${name} looks the same to all`, 2, async ({ mode, actors }) => {
    const head = `${name} "tickets" { scope: "${mode.scope}", `;
    const [one, other] = actors;

    assertEquals(await other!.run("inspect", "lock"), `${head}unlocked }`);
    await one!.wait("lock", "acquire");
    assertEquals(await other!.run("inspect", "lock"), await one!.run("inspect", "lock"));
    await one!.invoke("lock", "release");
    assertEquals(await one!.run("inspect", "lock"), `${head}unlocked }`);
  }, { make: (options: SyncOptions) => ({ lock: new kind({ ...options, name: "tickets" }) }) });

  suite.alone(`${name}.acquire() of a free lock waits for no timeout`, async (scene) => {
    const { objects: { lock }, act } = scene;

    for (const timeout of [0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Infinity]) {
      await act(lock, "acquire", { timeout });
      lock.release();
    }

    assertEquals(lock.locked, false);
  });

  suite.alone(
    `${name}.acquire() rejects when its signal has aborted, also if it is free`,
    async (scene) => {
      const { lock } = scene.objects;
      const signal = AbortSignal.abort(new Error("enough"));

      await assertRejects(() => lock.acquire({ signal }), Error, "enough");

      assertEquals(lock.locked, false);
    },
    { forms: ["async"] },
  );

  suite.together(
    `${name}.tryAcquire() gives true if it is free and false if another holds it`,
    2,
    async (scene) => {
      const { actors: [one, other] } = scene;

      assertEquals(await one!.invoke("lock", "tryAcquire"), true);
      assertEquals(await other!.invoke("lock", "tryAcquire"), false);
      assertEquals(await other!.get("lock", "locked"), true);
      await one!.invoke("lock", "release");

      assertEquals(await other!.get("lock", "locked"), false);
      assertEquals(await other!.invoke("lock", "tryAcquire"), true);
      assertEquals(await one!.invoke("lock", "tryAcquire"), false);
    },
  );

  suite.together(
    `${name}.acquire() lets in one at a time, of five`,
    5,
    async ({ objects, actors }) => {
      const { lock } = objects;
      lock.acquireSync();
      const calls = actors.map((actor) => actor.wait("lock", "acquire"));
      await Promise.all(calls.map((call) => call.isWaiting()));
      await exactly(0, calls);

      lock.release();
      const left = new Set(actors);
      for (let inside = 1; inside <= actors.length; inside++) {
        await exactly(inside, calls);
        assertEquals(lock.locked, true);
        const holder = actors.find((actor, i) => calls[i]!.settled && left.has(actor))!;
        left.delete(holder);
        await holder.invoke("lock", "release");
      }

      assertEquals(lock.locked, false);
    },
  );

  for (const fails of [false, true]) {
    const end = fails ? "ends by an error" : "ends";
    suite.together(
      `${name} is free for others when the scope of its guard ${end}`,
      2,
      async (scene) => {
        const { objects: { lock }, actors: [one, other] } = scene;

        const scope = one!.run("scope", "lock", "acquire", fails);
        if (fails) await assertRejects(() => scope, Error, "thrown in the scope");
        else await scope;

        assertEquals(lock.locked, false);
        await other!.wait("lock", "acquire");
        assertEquals(await one!.invoke("lock", "tryAcquire"), false);
      },
    );
  }

  suite.together(`${name}.acquire() times out while another holds it`, 2, async ({ actors }) => {
    const [one, other] = actors;
    await one!.wait("lock", "acquire");

    for (const timeout of [0, 50]) {
      const start = performance.now();
      const error = await assertRejects(() => other!.wait("lock", "acquire", { timeout }), Error);
      assertEquals(error.name, "TimeoutError");
      assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
    }
  });

  suite.together(
    `${name} is free after a wait has timed out and its holder has released it`,
    2,
    async (scene) => {
      const { objects: { lock }, actors: [one, other] } = scene;
      await one!.wait("lock", "acquire");
      await assertRejects(
        () => other!.wait("lock", "acquire", { timeout: 10 }),
        Error,
        "timed out",
      );

      await one!.invoke("lock", "release");

      await aWhile();
      assertEquals(lock.locked, false);
      await other!.wait("lock", "acquire", { timeout: 0 });
      await other!.invoke("lock", "release");
      assertEquals(lock.locked, false);
    },
  );

  suite.together(`${name}.acquire() that was aborted leaves no trace`, 2, async (scene) => {
    const { objects: { lock }, actors: [one, other] } = scene;
    await one!.wait("lock", "acquire");
    const waiting = other!.wait("lock", "acquire", { abortable: true });
    await waiting.isWaiting();

    waiting.abort();
    await assertRejects(() => waiting, Error, "enough");
    await one!.invoke("lock", "release");

    await aWhile();
    assertEquals(lock.locked, false);
    await other!.wait("lock", "acquire", { timeout: 0 });
  }, { forms: ["async"] });

  suite.together(`${name} excludes five from each other`, 5, async ({ objects, actors }) => {
    const { lock, cells } = objects;

    await Promise.all(actors.map((actor) => actor.run("exclude", 2000)));

    assertEquals([cells.view[0], lock.locked], [10_000, false]);
  }, { make: guarded });

  suite.together(`${name} leaves nothing of those who have used it`, 1, async (scene) => {
    const { objects: { lock }, actors: [one], mortal } = scene;
    const before = [activeCount(), openFiles(), Deno.inspect(lock)];

    for (let i = 0; i < 5; i++) {
      const { actor, kill } = await mortal();
      await actor.run("scope", "lock", "acquire", false);
      await kill();
    }

    await one!.run("scope", "lock", "acquire", false);
    assertEquals([activeCount(), openFiles(), Deno.inspect(lock)], before);
  }, {
    places: ["threads", "processes"],
  });

  return suite;
}

/** Files and mappings of shared memory that this process has, where the kernel tells. */
function openFiles(): number {
  if (Deno.build.os !== "linux") return 0;
  return Deno.readTextFileSync("/proc/self/maps").split("memfd:weft").length;
}
