// Copyright 2026 the Weft authors. MIT license.

/*
 * Counters that wrap around: each that tells one time from another is set shortly before 2^31 and 2^32, and the
 * primitive used across. The only tests here that look inside, for nobody could wait for it.
 */

import { assertEquals, assertRejects } from "@std/assert";
import {
  Barrier,
  Condition,
  Event,
  Lock,
  RWLock,
  SharedArray,
  type SyncOptions,
} from "../../../sync/mod.ts";
import { placeOf, type SharedObject } from "../../../sync/shared_object.ts";
import { type Call, comesTo, exactly, Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ lock: new Lock(options) }));

/** Sets a counter of an object; which word it is, the file of its class tells. */
function preset<T extends SharedObject>(object: T, word: number, value: number): T {
  const { memory, index } = placeOf(object);
  memory.store(index + word, value);
  return object;
}

for (const [at, start] of [["2^31", 2 ** 31 - 2], ["2^32", -2]] as const) {
  suite.together(`Event.set() and clear() wake all who wait across ${at}`, 3, async (scene) => {
    const { objects: { event }, actors } = scene;
    for (let round = 0; round < 3; round++) {
      assertEquals(event.isSet, false);
      const waits = actors.map((actor) => actor.wait("event", "wait"));
      await Promise.all(waits.map((wait) => wait.isWaiting()));
      await exactly(0, waits);
      event.set();
      assertEquals(event.isSet, true);
      event.clear();
      await Promise.all(waits);
    }
    await assertRejects(() => event.wait({ timeout: 5 }), DOMException, "timed out");
  }, { make: (options: SyncOptions) => ({ event: preset(new Event(options), 0, start) }) });

  suite.together(`Barrier keeps three in step across ${at}`, 3, async ({ objects, actors }) => {
    const { barrier, cells } = objects;

    await Promise.all(actors.map((actor) => actor.run("lockStep", 4, 3)));

    assertEquals([...cells.view], [12, 12]);
    assertEquals([barrier.waiting, barrier.broken], [0, false]);
  }, {
    make: (options: SyncOptions) => ({
      barrier: preset(new Barrier(3, options), 1, start),
      cells: new SharedArray("i32", 2, options),
    }),
  });

  suite.together(`Barrier is broken and reset across ${at}`, 2, async ({ objects, actors }) => {
    const { barrier } = objects;
    for (let round = 0; round < 4; round++) {
      const call = actors[0]!.wait("barrier", "wait");
      await comesTo("one waits", () => barrier.waiting === 1);
      await actors[1]!.invoke("barrier", "abort");
      assertEquals((await assertRejects(() => call, Error)).name, "BrokenBarrierError");
      barrier.reset();
      assertEquals([barrier.waiting, barrier.broken], [0, false]);
    }
  }, { make: (options: SyncOptions) => ({ barrier: preset(new Barrier(2, options), 1, start) }) });

  suite.together(
    `Condition.notify() wakes those first who came first across ${at}`,
    4,
    async (scene) => {
      const { objects: { condition }, actors } = scene;
      const waits: Call[] = [];
      for (const [i, actor] of actors.entries()) {
        await actor.wait("condition", "acquire");
        waits.push(actor.wait("condition", "wait"));
        await comesTo("it waits", () => condition.waiting === i + 1);
      }

      for (const [i, actor] of actors.entries()) {
        const guard = await condition.acquire();
        condition.notify();
        guard[Symbol.dispose]();
        await waits[i];
        assertEquals(condition.waiting, 3 - i);
        await actor.invoke("condition", "release");
      }
    },
    {
      make: (options: SyncOptions) => ({
        condition: preset(new Condition(new Lock(options)), 1, start),
      }),
    },
  );

  suite.together(`RWLock lets a writer in when readers leave across ${at}`, 3, async (scene) => {
    const { objects: { lock }, actors: [writer, ...readers] } = scene;
    for (let round = 0; round < 3; round++) {
      await Promise.all(readers.map((reader) => reader.wait("lock", "acquireRead")));
      const write = writer!.wait("lock", "acquireWrite");
      await write.isWaiting();
      await Promise.all(readers.map((reader) => reader.invoke("lock", "releaseRead")));
      await write;
      await writer!.invoke("lock", "releaseWrite");
    }
    assertEquals(lock.locked, false);
  }, { make: (options: SyncOptions) => ({ lock: preset(new RWLock(options), 2, start) }) });
}
