// Copyright 2026 the Weft authors. MIT license.

/*
 * RWLock. CPython has none, so there are no lines of CONFORMANCE.md; by the promises of its documentation:
 * many read at once or one writes, a writer that waits keeps new readers out, neither side is starved, a wait
 * that ends otherwise leaves no trace, the wrong side cannot release, a dead reader is forgotten and a dead
 * writer told of once.
 */

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Event, RWLock, SharedArray, type SyncOptions } from "../../../sync/mod.ts";
import { aWhile, comesTo, exactly, Suite, tryRead } from "./_harness.ts";

const suite = new Suite((options) => ({ lock: new RWLock(options) }));
const others = ["threads", "processes", "mixed"] as const;
// Coroutines share their thread, and one that never waits would let nobody else run.
const mortals = ["threads", "processes"] as const;

function guarded(options: SyncOptions) {
  return {
    lock: new RWLock(options),
    cells: new SharedArray("i32", 4, options),
    stop: new Event(options),
  };
}

suite.alone("RWLock counts its readers, and lets one writer in alone", async ({ objects, act }) => {
  const { lock } = objects;
  const state = () => [lock.locked, lock.writeLocked, lock.readers];

  assertEquals(state(), [false, false, 0]);
  for (let round = 0; round < 2; round++) {
    await act(lock, "acquireRead");
    await act(lock, "acquireRead");
    assertEquals([lock.tryAcquireRead(), ...state()], [true, true, false, 3]);
    assertEquals(lock.tryAcquireWrite(), false);
    lock.releaseRead();
    lock.release();
    lock.releaseRead();
    assertEquals(state(), [false, false, 0]);
    await act(lock, "acquireWrite");
    assertEquals([lock.tryAcquireRead(), lock.tryAcquireWrite(), ...state()], [
      false,
      false,
      true,
      true,
      0,
    ]);
    if (round === 0) lock.releaseWrite();
    else lock.release();
    assertEquals(state(), [false, false, 0]);
  }
});

suite.alone("RWLock shows name, scope and state in Deno.inspect", async ({ mode, act }) => {
  const lock = new RWLock({ scope: mode.scope, name: "table" });
  const head = `RWLock "table" { scope: "${mode.scope}", `;

  assertEquals(Deno.inspect(lock), `${head}unlocked }`);
  {
    using _one = await act(lock, "acquireRead") as Disposable;
    using _two = await act(lock, "acquireRead") as Disposable;
    assertEquals(Deno.inspect(lock), `${head}locked for reading, readers: 2 }`);
  }
  using _write = await act(lock, "acquireWrite") as Disposable;
  assertEquals(Deno.inspect(lock), `${head}locked for writing }`);
});

suite.alone("RWLock guards release once", async ({ objects: { lock }, act }) => {
  const read = await act(lock, "acquireRead") as Disposable;
  const other = await act(lock, "acquireRead") as Disposable;
  read[Symbol.dispose]();
  read[Symbol.dispose]();
  assertEquals(lock.readers, 1);
  other[Symbol.dispose]();

  const write = await act(lock, "acquireWrite") as Disposable;
  write[Symbol.dispose]();
  await act(lock, "acquireWrite");
  write[Symbol.dispose]();

  assertEquals(lock.writeLocked, true);
});

suite.alone("RWLock.release() by the wrong side throws and changes nothing", async (scene) => {
  const { objects: { lock }, act } = scene;

  await act(lock, "acquireRead");
  assertThrows(() => lock.releaseWrite(), Error, "not held for writing");
  assertEquals(lock.readers, 1);
  lock.releaseRead();
  await act(lock, "acquireWrite");
  assertThrows(() => lock.releaseRead(), Error, "does not hold it for reading");
  assertEquals(lock.writeLocked, true);
  lock.releaseWrite();

  assertThrows(() => lock.release(), Error, "does not hold");
  assertEquals(lock.locked, false);
});

for (const [held, wanted] of [["Read", "Write"], ["Write", "Read"], ["Write", "Write"]] as const) {
  suite.alone(
    `RWLock.acquire${wanted}() times out while somebody has it to ${held.toLowerCase()}`,
    async (scene) => {
      const { objects: { lock }, act } = scene;
      await act(lock, `acquire${held}`);

      for (const timeout of [0, 1, 50]) {
        const start = performance.now();
        const error = await assertRejects(() => act(lock, `acquire${wanted}`, { timeout }));
        assertEquals((error as Error).name, "TimeoutError");
        assertGreaterOrEqual(performance.now() - start, timeout * 0.6);
      }
      lock.release();

      assertEquals(lock.locked, false);
      await act(lock, `acquire${wanted}`, { timeout: Infinity });
    },
  );

  suite.together(
    `RWLock.acquire${wanted}() waits for one who has it to ${held.toLowerCase()}`,
    2,
    async (scene) => {
      const { objects: { lock }, actors: [one, other] } = scene;
      await one!.wait("lock", `acquire${held}`);
      assertEquals(await other!.invoke("lock", `tryAcquire${wanted}`), false);
      const waiting = other!.wait("lock", `acquire${wanted}`);
      await waiting.isWaiting();
      await exactly(0, [waiting]);

      await one!.invoke("lock", `release${held}`);
      await waiting;

      assertEquals([lock.writeLocked, lock.readers], wanted === "Write" ? [true, 0] : [false, 1]);
      await other!.invoke("lock", "release");
      assertEquals(lock.locked, false);
    },
  );
}

suite.alone(
  "RWLock.acquireRead() and acquireWrite() reject when their signal has aborted",
  async (scene) => {
    const { lock } = scene.objects;
    const signal = AbortSignal.abort(new Error("enough"));

    await assertRejects(() => lock.acquireRead({ signal }), Error, "enough");
    await assertRejects(() => lock.acquireWrite({ signal }), Error, "enough");

    assertEquals(lock.locked, false);
  },
  { forms: ["async"] },
);

suite.together("RWLock lets five read at once", 5, async ({ objects: { lock }, actors }) => {
  await Promise.all(actors.map((actor) => actor.wait("lock", "acquireRead")));

  assertEquals([lock.readers, lock.writeLocked, lock.tryAcquireWrite()], [5, false, false]);
  assertEquals(await actors[0]!.get("lock", "readers"), 5);

  await Promise.all(actors.map((actor) => actor.invoke("lock", "releaseRead")));
  assertEquals([lock.readers, lock.tryAcquireWrite()], [0, true]);
});

suite.together("RWLock lets readers and writers in by turns, and never both", 5, async (scene) => {
  const { objects: { lock, cells: { view } }, actors } = scene;

  await Promise.all(actors.map((actor, i) => actor.run("readAndWrite", 400, [2, 3, 5, 8, 1][i])));

  assertEquals(view[2], [2, 3, 5, 8, 1].reduce((sum, n) => sum + Math.ceil(400 / n), 0));
  assertEquals(lock.locked, false);
}, { make: guarded });

suite.together("RWLock.releaseRead() by another than the reader throws", 2, async ({ actors }) => {
  const [one, other] = actors;
  await one!.wait("lock", "acquireRead");

  await assertRejects(() => other!.invoke("lock", "releaseRead"), Error, "this thread does not");

  assertEquals(await one!.get("lock", "readers"), 1);
  await one!.invoke("lock", "releaseRead");
}, { places: others });

suite.together("RWLock keeps new readers out while a writer waits", 3, async (scene) => {
  const { objects: { lock }, actors: [reader, writer, late] } = scene;
  await reader!.wait("lock", "acquireRead");
  const write = writer!.wait("lock", "acquireWrite");
  await write.isWaiting();
  await comesTo("the writer is in line", () => !tryRead(lock));
  const read = late!.wait("lock", "acquireRead");
  await read.isWaiting();
  assertEquals(await reader!.get("lock", "readers"), 1);
  await exactly(0, [write, read]);

  await reader!.invoke("lock", "releaseRead");
  await write;
  await exactly(0, [read]);
  assertEquals([lock.writeLocked, lock.readers], [true, 0]);
  await writer!.invoke("lock", "releaseWrite");
  await read;

  assertEquals([lock.writeLocked, lock.readers], [false, 1]);
});

for (const end of ["times out", "is aborted"]) {
  suite.together(`RWLock lets readers in again when a waiting writer ${end}`, 3, async (scene) => {
    const { objects: { lock }, actors: [reader, writer, late] } = scene;
    const aborts = end === "is aborted";
    await reader!.wait("lock", "acquireRead");
    const options = aborts ? { abortable: true } : { timeout: 100 };
    const write = writer!.wait("lock", "acquireWrite", options);
    await write.isWaiting();
    const read = late!.wait("lock", "acquireRead");
    await read.isWaiting();

    if (aborts) write.abort();
    await assertRejects(() => write, Error, aborts ? "enough" : "timed out");
    await read;

    assertEquals([lock.readers, lock.writeLocked], [2, false]);
    assertEquals(tryRead(lock), true);
    await late!.invoke("lock", "releaseRead");
    await reader!.invoke("lock", "releaseRead");
    await writer!.wait("lock", "acquireWrite", { timeout: 0 });
  }, { forms: end === "is aborted" ? ["async"] : ["async", "sync", "both"] });
}

suite.together("RWLock.acquireRead() that times out leaves no trace", 2, async (scene) => {
  const { objects: { lock }, actors: [writer, reader] } = scene;
  await writer!.wait("lock", "acquireWrite");
  const read = () => reader!.wait("lock", "acquireRead", { timeout: 10 });
  await assertRejects(read, Error, "timed out");

  await writer!.invoke("lock", "releaseWrite");

  await aWhile();
  assertEquals([lock.locked, lock.readers], [false, 0]);
  await writer!.wait("lock", "acquireWrite", { timeout: 0 });
});

suite.together("RWLock does not starve a writer by readers who come and go", 5, async (scene) => {
  const { objects: { stop, cells }, actors: [writer, ...readers] } = scene;
  const hogs = readers.map((reader) => reader.run("hogSide", "Read"));
  await comesTo("the readers run", () => cells.view[0]! > 20);

  try {
    await writer!.wait("lock", "acquireWrite", { timeout: 50_000 });
    await writer!.invoke("lock", "releaseWrite");
  } finally {
    stop.set();
    await Promise.all(hogs);
  }
}, { make: guarded, places: mortals });

suite.together("RWLock does not starve a reader by writers who come and go", 3, async (scene) => {
  const { objects: { stop, cells }, actors: [reader, ...writers] } = scene;
  const hogs = writers.map((writer) => writer.run("hogSide", "Write"));
  await comesTo("the writers run", () => cells.view[0]! > 20);

  try {
    await reader!.wait("lock", "acquireRead", { timeout: 50_000 });
    await reader!.invoke("lock", "releaseRead");
  } finally {
    stop.set();
    await Promise.all(hogs);
  }
}, { make: guarded, places: mortals });

suite.alone("RWLock lets coroutines in in the order in which they asked", async ({ objects }) => {
  const { lock } = objects;
  const order: string[] = [];
  const ask = async (side: "Read" | "Write", name: string) => {
    using _guard = await lock[`acquire${side}`]();
    order.push(name);
    await Promise.resolve();
  };
  await lock.acquireWrite();
  const asked = [ask("Read", "r1"), ask("Read", "r2"), ask("Write", "w1"), ask("Read", "r3")];
  const tried = [lock.tryAcquireRead(), lock.tryAcquireWrite()];

  lock.releaseWrite();
  asked.push(ask("Write", "w2"));
  await Promise.all(asked);

  assertEquals(tried, [false, false]);
  assertEquals(order, ["r1", "r2", "w1", "r3", "w2"]);
}, { forms: ["async"] });

suite.alone(
  "RWLock.acquireRead() behind a writer that is aborted is woken at once",
  async (scene) => {
    const { lock } = scene.objects;
    const times: number[] = [];

    for (let i = 0; i < 15; i++) {
      await lock.acquireRead();
      const controller = new AbortController();
      const first = assertRejects(() => lock.acquireWrite({ signal: controller.signal }));
      const second = lock.acquireRead();
      await Promise.resolve();
      const start = performance.now();
      controller.abort();
      await first;
      await second;
      times.push(performance.now() - start);
      lock.releaseRead();
      lock.releaseRead();
    }

    const median = times.toSorted((a, b) => a - b)[7]!;
    assert(median < 50, `milliseconds: ${times}`);
  },
  { forms: ["async"] },
);
