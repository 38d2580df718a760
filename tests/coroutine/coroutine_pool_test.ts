// Copyright 2026 the Weft authors. MIT license.

// What only pools of coroutines do; what all do is in tests/task/pool/coroutine_pool_test.ts.

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { QueueFullError } from "../../channel/mod.ts";
import { CoroutinePool, sleep } from "../../coroutine/mod.ts";
import { Barrier, Lock } from "../../sync/mod.ts";
import type { Future, Pool } from "../../task/mod.ts";
import { double, range, settle } from "./_pool_helpers.ts";

/** Counts how many run at once. */
class Gauge {
  running = 0;
  most = 0;
  readonly counts = new Set<number>();

  enter(): void {
    this.most = Math.max(this.most, ++this.running);
    this.counts.add(this.running);
  }

  leave(): void {
    this.running--;
  }
}

Deno.test("CoroutinePool is a Pool, runs a hundred at once, and has names", () => {
  const pool: Pool = new CoroutinePool();

  assertEquals(pool.size, 100);
  assert(/^CoroutinePool-\d+$/.test(new CoroutinePool(1).name));
  assertEquals(new CoroutinePool(1, { name: "crawlers" }).name, "crawlers");
  assertThrows(() => new CoroutinePool(0), RangeError);
  assertThrows(() => new CoroutinePool(1, 3 as never), TypeError);
});

Deno.test("CoroutinePool.submit() runs functions and generators of all kinds, typed", async () => {
  await using pool = new CoroutinePool(2);
  const sync: Future<number> = pool.submit((a: number, b: number) => a - b, 7, 2);
  const later: Future<string> = pool.submit(async (text: string) => {
    await sleep(1);
    return text.toUpperCase();
  }, "a");
  const generated: Future<number> = pool.submit(function* (n: number) {
    const doubled: number = yield double(n);
    yield;
    return doubled + 1;
  }, 4);
  const asynchronous: Future<boolean> = pool.submit(async function* () {
    yield await Promise.resolve();
    return true;
  });

  assertEquals(await Promise.all([sync, later, generated, asynchronous]), [5, "A", 9, true]);
  const mapped: number[] = await pool.map(function* (n: number) {
    return yield double(n);
  }, [1, 2]);
  assertEquals(mapped, [2, 4]);
  const star: string[] = await pool.starmap((a: string, n: number) => a.repeat(n), [["a", 2]]);
  assertEquals(star, ["aa"]);
});

Deno.test("CoroutinePool.submit() hands over arguments and results as they are", async () => {
  await using pool = new CoroutinePool(1);
  const object = { call: () => 1 };

  assertStrictEquals(await pool.submit((value: object) => value, object), object);
  assertStrictEquals((await pool.map((value) => value, [object]))[0], object);
});

Deno.test("CoroutinePool.run() takes the arguments that there are when it is called", async () => {
  await using pool = new CoroutinePool(1);
  const args: [number, number] = [1, 2];

  const future = pool.run((a: number, b: number) => a + b, args);
  args[0] = 5;

  assertEquals(await future, 3);
});

Deno.test("CoroutinePool waits for the promise that a generator returns", async () => {
  await using pool = new CoroutinePool(1);
  // deno-lint-ignore require-yield -- a generator without is one, too
  const returnLater = function* (n: number) {
    return sleep(1).then(() => n);
  };
  // deno-lint-ignore require-yield -- see above
  const returnNever = function* () {
    return new Promise<void>(() => {});
  };

  assertEquals(await pool.submit(returnLater, 3), 3);
  assertEquals(await pool.map(returnLater, [4, 5]), [4, 5]);
  // deno-lint-ignore require-yield -- see above
  const failed = pool.submit(function* () {
    return Promise.reject(new RangeError("no"));
  });
  await assertRejects(() => failed, RangeError, "no");
  const never = pool.run(returnNever, [], { timeout: 5 });
  assertEquals((await assertRejects(() => never, DOMException)).name, "TimeoutError");
  assertEquals(await pool.submit(double, 1), 2);
});

for (const size of [1, 3, 100]) {
  Deno.test(`CoroutinePool of ${size} runs exactly as many at once as there is work for`, async () => {
    await using pool = new CoroutinePool(size);
    const gauge = new Gauge();
    const work = function* (n: number) {
      gauge.enter();
      try {
        for (let i = 0; i <= n % 3; i++) yield n % 2 === 0 ? undefined : sleep(0);
        return n;
      } finally {
        gauge.leave();
      }
    };

    const futures = range(150).map((n) => pool.submit(work, n));
    const maps = [pool.map(work, range(150)), pool.map(work, range(150), { chunkSize: 7 })];
    const results = pool.imapUnordered(work, range(150));
    futures[120]!.cancel();

    assertEquals(await Promise.all(maps), [range(150), range(150)]);
    assertEquals((await Array.fromAsync(results)).sort((a, b) => a - b), range(150));
    await Promise.allSettled(futures);
    assertEquals([gauge.most, gauge.running], [size, 0]);
    assertEquals(gauge.counts, new Set(range(size).map((n) => n + 1)));
  });
}

Deno.test("CoroutinePool begins tasks in the order of calls, and a place goes to the next at once", async () => {
  await using pool = new CoroutinePool(2);
  const begun: number[] = [];
  const gates = range(6).map(() => Promise.withResolvers<void>());
  const futures = gates.map((gate, n) =>
    pool.submit(async () => {
      begun.push(n);
      await gate.promise;
    })
  );

  await settle();
  assertEquals(begun, [0, 1]);
  gates[1]!.resolve();
  await settle();
  assertEquals(begun, [0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.all(futures);
  assertEquals(begun, range(6));
});

Deno.test("CoroutinePool gives a free place to what waits, not to what a source brings then", async () => {
  await using pool = new CoroutinePool(1);
  const begun: string[] = [];
  const note = (what: string) => void begun.push(what);
  const first = pool.submit(double, 1);
  const waiting = pool.submit(note, "waited");
  first.then(() => pool.submit(note, "came late"));

  await waiting;
  await pool.submit(note, "last");

  assertEquals(begun, ["waited", "came late", "last"]);
});

Deno.test("CoroutinePool lets timers have their turn while trivial tasks run", async () => {
  await using pool = new CoroutinePool(10);
  let turns = 0;
  const timer = setInterval(() => turns++);

  const start = performance.now();
  while (performance.now() - start < 200) await pool.map(double, range(2000));

  clearInterval(timer);
  assert(turns >= 3, `${turns} turns`);
});

Deno.test("CoroutinePool.submit() has as much room as ever when tasks that have waited are done", async () => {
  await using pool = new CoroutinePool(1, { maxQueue: 2 });

  for (let round = 0; round < 3; round++) {
    const futures = range(3).map((n) => pool.submit(double, n));
    assertThrows(() => pool.submit(double, 3), QueueFullError);
    assertThrows(() => pool.run(double, [3]), QueueFullError);
    if (round === 1) assertEquals(futures[1]!.cancel(), true);
    await Promise.allSettled(futures);
  }

  assertEquals([pool.stats.completed, pool.stats.failed], [8, 1]);
});

Deno.test("run() moves buffers that are transferred, wherever they are in its arguments", async () => {
  await using pool = new CoroutinePool(1);
  const { buffer } = new Uint8Array([1, 2, 3, 4]);
  const cyclic: { self?: unknown; view: Uint8Array } = { view: new Uint8Array(buffer, 1, 2) };
  cyclic.self = cyclic;
  const kept = { lock: new Lock(), bytes: new Uint8Array([9]) };

  const [same, view, list, still] = await pool.run(
    (a: ArrayBuffer, b: typeof cyclic, c: DataView[], d: typeof kept) => {
      return [a === b.view.buffer && b.self === b, [...b.view], c[0]!.getUint8(0), d];
    },
    [buffer, cyclic, [new DataView(buffer, 3)], kept],
    { transfer: [buffer] },
  );

  assertEquals([buffer.detached, same, view, list], [true, true, [2, 3], 4]);
  assertEquals((still as typeof kept).lock, kept.lock);
  assertEquals(kept.bytes.length, 1);
});

Deno.test("run() takes no buffer when one of them cannot be moved", async () => {
  await using pool = new CoroutinePool(1);
  const { buffer } = new Uint8Array(3);
  const memory = new WebAssembly.Memory({ initial: 1 }).buffer as ArrayBuffer;

  const error = assertThrows(
    () => pool.run(() => {}, [], { transfer: [buffer, memory] }),
    DOMException,
    "cannot be detached",
  );

  assertEquals([error.name, buffer.detached, pool.stats.running], ["DataCloneError", false, 0]);
});

Deno.test("stats of a pool tell what waits, runs and is done", async () => {
  const pool = new CoroutinePool(2);
  const figures = () => {
    const { workers, queued, running, completed, failed } = pool.stats;
    return [workers, queued, running, completed, failed];
  };
  const gate = Promise.withResolvers<void>();
  const held = range(2).map(() => pool.submit(() => gate.promise));
  const waiting = range(3).map((n) => pool.submit(double, n));
  assertEquals(figures(), [2, 3, 2, 0, 0]);

  waiting[0]!.cancel();
  assertEquals(figures(), [2, 2, 2, 0, 1]);
  gate.resolve();
  await Promise.all([...held, waiting[1]!, waiting[2]!]);
  await assertRejects(() =>
    pool.map((n) => n === 3 ? Promise.reject(n) : n, range(5), { chunkSize: 5 })
  );

  // A chunk that fails counts its calls up to there.
  assertEquals(figures(), [0, 0, 0, 7, 3]);
  await pool.terminate();
});

for (const form of ["map", "imap", "imapUnordered"] as const) {
  Deno.test(`CoroutinePool.${form}() calls its function for as many items at once as there are places`, async () => {
    await using pool = new CoroutinePool(4);
    const barrier = new Barrier(4);
    const meet = async (n: number) => {
      await barrier.wait({ timeout: 20_000 });
      return n;
    };

    const results = form === "map"
      ? await pool.map(meet, range(400))
      : await Array.fromAsync(pool[form](meet, range(400)));

    assertEquals(results.sort((a, b) => a - b), range(400));
  });
}

Deno.test("CoroutinePool.imap() takes two items for each place ahead, however many were taken", async () => {
  await using pool = new CoroutinePool(3);
  let taken = 0;
  let consumed = 0;
  function* source() {
    for (;;) yield taken++;
  }

  for await (const _ of pool.imap(double, source())) {
    consumed++;
    assert(taken - consumed <= 6, `${taken} taken after ${consumed}`);
    if (consumed === 1000) break;
  }
});

Deno.test("CoroutinePool.map() tells no progress when it has been aborted", async () => {
  await using pool = new CoroutinePool(2);
  const controller = new AbortController();
  const reports: number[] = [];
  const work = async (n: number) => {
    if (n === 0) return;
    // The other one has ended by then.
    await Promise.resolve();
    controller.abort(new Error("enough"));
  };
  const map = pool.map((n: number) => n === 0 ? n : work(n), [0, 1, 2], {
    signal: controller.signal,
    onProgress: ({ completed }) => reports.push(completed),
  });

  await assertRejects(() => map, Error, "enough");
  await settle();
  assertEquals(reports, []);
});
