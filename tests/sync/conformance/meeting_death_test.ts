// Copyright 2026 the Weft authors. MIT license.

/*
 * What becomes of readers, writers and those who wait for each other when a thread or process dies.
 *
 * | fault                                  | promise                                                             |
 * | -------------------------------------- | ------------------------------------------------------------------- |
 * | reader of an RWLock killed             | is forgotten                                                        |
 * | its writer killed                      | the next one is told by a LockAbandonedError, or takes over         |
 * | a writer killed that waits             | readers get in again                                                |
 * | one killed that waits for a Condition  | what it was told goes to another one                                |
 * | holder of its lock killed              | a wait tells so, and has the lock                                   |
 * | party of a Barrier killed              | it is broken                                                        |
 */

import { assertEquals, assertRejects } from "@std/assert";
import {
  Barrier,
  Condition,
  Lock,
  RLock,
  RWLock,
  SharedValue,
  type SyncOptions,
} from "../../../sync/mod.ts";
import { comesTo, exactly, reasons, Suite, tryRead } from "./_harness.ts";

const places = ["threads", "processes"] as const;
const suite = new Suite((options) => ({ lock: new Lock(options) }));

const makeRWLock = (options: SyncOptions) => ({ lock: new RWLock(options) });
const makeBarrier = (options: SyncOptions) => ({ barrier: new Barrier(3, options) });

suite.together("RWLock forgets a reader that was killed", 1, async (scene) => {
  const { objects: { lock }, actors: [writer], mortal } = scene;
  const { actor: reader, kill } = await mortal();
  await reader.wait("lock", "acquireRead");
  const write = writer!.wait("lock", "acquireWrite");
  await write.isWaiting();
  await exactly(0, [write]);

  await kill();
  await write;

  assertEquals([lock.writeLocked, lock.readers], [true, 0]);
}, { make: makeRWLock, places });

suite.together(
  "RWLock tells one that its writer was killed, and is free then",
  2,
  async (scene) => {
    const { objects: { lock }, actors: [one, other], mortal } = scene;
    for (const [first, then] of [["Read", "Write"], ["Write", "Read"]]) {
      const { actor: writer, kill } = await mortal();
      await writer.wait("lock", "acquireWrite");
      const waiting = one!.wait("lock", `acquire${first}`);
      await waiting.isWaiting();

      await kill();

      const error = await assertRejects(() => waiting, Error);
      assertEquals([error.name, lock.locked], ["LockAbandonedError", false]);
      await other!.wait("lock", `acquire${then}`);
      await other!.invoke("lock", "release");
    }
  },
  { make: makeRWLock, places },
);

suite.together(
  "RWLock is taken over silently from a killed writer if asked to",
  1,
  async (scene) => {
    const { objects: { lock }, actors: [one], mortal } = scene;
    for (const side of ["Read", "Write"]) {
      const { actor: writer, kill } = await mortal();
      await writer.wait("lock", "acquireWrite");
      await kill();

      await one!.wait("lock", `acquire${side}`, { recover: true });

      assertEquals([lock.locked, lock.writeLocked], [true, side === "Write"]);
      await one!.invoke("lock", "release");
      assertEquals(lock.locked, false);
    }
  },
  { make: makeRWLock, places },
);

suite.together("RWLock goes to the next when a waiting writer was killed", 2, async (scene) => {
  const { objects: { lock }, actors: [reader, late], mortal } = scene;
  const { actor: writer, kill } = await mortal();
  await reader!.wait("lock", "acquireRead");
  const write = writer.wait("lock", "acquireWrite").catch(() => {});
  await comesTo("the writer is in line", () => !tryRead(lock));
  const read = late!.wait("lock", "acquireRead");
  await read.isWaiting();

  await kill();
  await write;
  await read;

  assertEquals([lock.readers, lock.writeLocked], [2, false]);
}, { make: makeRWLock, places });

suite.together("Barrier is broken when one who waits is killed", 2, async (scene) => {
  const { objects: { barrier }, actors, mortal } = scene;
  const { actor: doomed, kill } = await mortal();
  const lost = doomed.wait("barrier", "wait").catch(() => {});
  await comesTo("it waits", () => barrier.waiting === 1);
  const call = actors[0]!.wait("barrier", "wait");
  await comesTo("two wait", () => barrier.waiting === 2);

  await kill();
  await lost;

  assertEquals(await reasons([call]), ["BrokenBarrierError"]);
  assertEquals(barrier.broken, true);
  assertEquals(await reasons([actors[1]!.wait("barrier", "wait")]), ["BrokenBarrierError"]);
  barrier.reset();
  assertEquals([barrier.broken, barrier.waiting], [false, 0]);
}, { make: makeBarrier, places });

suite.together(
  "Barrier does not let the last one pass with one who was killed",
  2,
  async (scene) => {
    const { objects: { barrier }, actors, mortal } = scene;
    const { actor: doomed, kill } = await mortal();
    const lost = doomed.wait("barrier", "wait").catch(() => {});
    await comesTo("it waits", () => barrier.waiting === 1);

    await kill();
    await lost;
    const calls = actors.map((actor) => actor.wait("barrier", "wait"));

    assertEquals(await reasons(calls), ["BrokenBarrierError", "BrokenBarrierError"]);
  },
  {
    make: makeBarrier,
    places,
    // The kernel keeps a thread for some milliseconds after the library has told that it has ended.
    known: ({ place, scope }) => place === "threads" && scope === "process",
  },
);

for (const [name, kind] of Object.entries({ Lock, RLock })) {
  const title = (text: string) => `Condition with ${name}: ${text}`;
  const make = (options: SyncOptions) => ({
    condition: new Condition(new kind(options)),
    count: new SharedValue("i32", 0, options),
  });

  suite.together(title("goes to another when one who waits is killed"), 2, async (scene) => {
    const { objects: { condition, count }, actors, mortal } = scene;
    const { actor: doomed, kill } = await mortal();
    const lost = doomed.run("waitEach", 1).catch(() => {});
    await comesTo("one waits", () => condition.waiting === 1);
    const calls = actors.map((actor) => actor.run("waitEach", 1));
    await comesTo("three wait", () => condition.waiting === 3);

    condition.acquireSync();
    condition.notify(2);
    await kill();
    await lost;
    condition.release();
    await Promise.all(calls);

    assertEquals([count.value, condition.waiting, condition.locked], [2, 0, false]);
  }, { make, places });

  suite.together(
    title("wait() tells when a holder has died meanwhile, and has the lock"),
    1,
    async (scene) => {
      const { objects: { condition }, actors: [one], mortal } = scene;
      const { actor: doomed, kill } = await mortal();
      await one!.wait("condition", "acquire");
      const call = one!.wait("condition", "wait");
      await comesTo("it waits", () => condition.waiting === 1);
      await doomed.wait("condition", "acquire");
      await doomed.invoke("condition", "notify");

      await kill();

      const error = await assertRejects(() => call, Error);
      assertEquals([error.name, condition.locked], ["LockAbandonedError", true]);
      await one!.invoke("condition", "release");
      assertEquals([condition.waiting, condition.locked], [0, false]);
    },
    { make, places },
  );
}
