// Copyright 2026 the Weft authors. MIT license.

// Pools of coroutines and the coroutines that use them.

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  checkpoint,
  CoroutineLocal,
  CoroutinePool,
  currentCoroutine,
  sleep,
  spawn,
  TaskGroup,
} from "../../coroutine/mod.ts";
import { Event } from "../../sync/mod.ts";
import { currentTask, type Future } from "../../task/mod.ts";
import { ThreadPool } from "../../thread/mod.ts";
import { compareSignals } from "../fixtures/coroutine_pool_tasks.ts";
import { double, long, range, settle } from "./_pool_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

Deno.test("a task can submit to its own pool, and use another one", async () => {
  await using pool = new CoroutinePool(1);
  await using inner = new CoroutinePool(1);
  const log: string[] = [];

  const outer = pool.submit(async () => {
    pool.submit(() => log.push("submitted by a task"));
    log.push(`inner ${await inner.submit(double, 2)} ${await inner.map(double, [1, 2])}`);
  });
  await outer;
  await pool.submit(() => log.push("last"));

  assertEquals(log, ["inner 4 2,4", "submitted by a task", "last"]);
});

Deno.test("tasks have the CoroutineLocals of who submits, from when that was", async () => {
  await using pool = new CoroutinePool(1);
  const local = new CoroutineLocal(() => "none");
  const read = async () => {
    await Promise.resolve();
    return local.value;
  };
  const write = function* (value: string) {
    const before = local.value;
    local.value = value;
    yield sleep(0);
    return `${before} ${local.value}`;
  };

  const results = await spawn(async () => {
    local.value = "outer";
    const futures = [pool.submit(write, "inner"), pool.submit(read), pool.submit(write, "other")];
    const map = pool.map(write, ["x", "y", "z"]);
    const mapped = pool.map(read, range(20));
    local.value = "later";
    return [await Promise.all(futures), await map, new Set(await mapped), local.value];
  });

  assertEquals(results[0], ["outer inner", "outer", "outer other"]);
  assertEquals(results[1], ["outer x", "outer y", "outer z"]);
  assertEquals(results.slice(2), [new Set(["outer"]), "later"]);
  assertEquals(await pool.submit(read), "none");
});

Deno.test("sources and onProgress of a map are called in the context of who has called it", async () => {
  await using pool = new CoroutinePool(2);
  const local = new CoroutineLocal(() => "none");
  const seen = new Set<string | undefined>();
  const note = () => void seen.add(`${currentCoroutine()?.name} ${local.value}`);
  function* source() {
    for (const n of range(50)) {
      note();
      yield n;
    }
  }
  const work = (n: number) => {
    local.value = "set by a task";
    return n;
  };

  await spawn(async function caller() {
    local.value = "caller";
    await pool.map(work, source(), { onProgress: note });
    await pool.map(work, source(), { onProgress: note, chunkSize: 3 });
    for await (const _ of pool.imap(work, source(), { onProgress: note }));
  });

  assertEquals(seen, new Set(["caller caller"]));
});

Deno.test("an imap that its coroutine has left to others keeps its CoroutineLocals", async () => {
  await using pool = new CoroutinePool(1);
  const local = new CoroutineLocal(() => "none");
  const results = await spawn(async () => {
    local.value = "set in a coroutine that has ended";
    await Promise.resolve();
    return [await spawn(async () => await Promise.resolve(pool.imap(() => local.value, range(9))))];
  });

  assertEquals(
    new Set(await Array.fromAsync(results[0]!)),
    new Set(["set in a coroutine that has ended"]),
  );
});

Deno.test("currentTask() has the signal of the coroutine, also in what that spawns", async () => {
  await using pool = new CoroutinePool(2);
  const never = currentTask().signal;

  const [own, child, chunk] = await pool.submit(async () => {
    const { signal } = currentCoroutine()!;
    return [
      currentTask().signal === signal,
      await spawn(() => currentTask().signal === signal),
      (await pool.map(() => currentTask().signal, [1, 2], { chunkSize: 2 })).includes(never),
    ];
  });

  assertEquals([own, child, chunk], [true, true, false]);
  assertStrictEquals(await spawn(() => currentTask().signal), never);
});

Deno.test("currentTask() tells of the innermost pool, in a worker of another one", async () => {
  await using pool = new ThreadPool(1);

  assertEquals(await pool.submit(compareSignals), [true, true]);
});

Deno.test("a coroutine that is cancelled leaves what it has submitted to the pool", async () => {
  await using pool = new CoroutinePool(1);
  const gate = Promise.withResolvers<number>();
  const futures: Future<number>[] = [];
  const client = spawn(async () => {
    futures.push(pool.submit(() => gate.promise), pool.submit(double, 2));
    await futures[1];
  });
  await settle();

  await client.cancel();
  gate.resolve(1);

  assertEquals(await Promise.all(futures), [1, 4]);
});

Deno.test("a coroutine that is cancelled while it waits for a map takes back what has begun", async () => {
  await using pool = new CoroutinePool(2);
  let cleaned = 0;
  let begun = 0;
  const work = function* () {
    begun++;
    try {
      yield sleep(long);
    } finally {
      cleaned++;
    }
  };
  const client = spawn(async () => await pool.map(work, range(50)));
  await settle();

  await client.cancel();
  await pool.submit(double, 1);

  assertEquals([client.cancelled, begun, cleaned, pool.stats.queued], [true, 2, 2, 0]);
});

for (const form of ["imap", "imapUnordered"] as const) {
  Deno.test(`a coroutine that is cancelled while it waits for ${form}() takes back what has begun`, async () => {
    await using pool = new CoroutinePool(2);
    let cleaned = 0;
    let closed = false;
    const taken: number[] = [];
    const log: string[] = [];
    function* source() {
      try {
        for (let n = 0;; n++) yield n;
      } finally {
        closed = true;
      }
    }
    const work = function* (n: number) {
      if (n < 3) return n;
      try {
        yield sleep(long);
        return n;
      } finally {
        cleaned++;
      }
    };
    const client = spawn(async () => {
      try {
        for await (const n of pool[form](work, source())) taken.push(n);
      } finally {
        await sleep(0);
        log.push("cleaned up");
      }
    });
    await settle();

    await client.cancel(new Error("enough"));
    await pool.submit(double, 1);

    assertEquals([taken, cleaned, closed, log], [[0, 1, 2], 2, true, ["cleaned up"]]);
    await assertRejects(() => client.join(), Error, "enough");
    assertEquals([pool.stats.running, pool.stats.queued], [0, 0]);
  });

  Deno.test(`${form}() whose loop is left early cancels coroutines and closes its source`, async () => {
    await using pool = new CoroutinePool(3);
    let cleaned = 0;
    let closed = false;
    async function* source() {
      try {
        for (let n = 0;; n++) yield await Promise.resolve(n);
      } finally {
        closed = true;
      }
    }
    const work = async (n: number) => {
      try {
        if (n > 0) await sleep(long);
      } finally {
        cleaned++;
      }
      return n;
    };

    for await (const n of pool[form](work, source())) {
      assertEquals(n, 0);
      await settle();
      break;
    }
    await pool.submit(double, 1);

    assertEquals([cleaned, closed], [4, true]);
  });
}

Deno.test("a pool in a coroutine that is cancelled waits for its work", async () => {
  const log: string[] = [];
  const begun = new Event();
  const mayEnd = new Event();
  const client = spawn(async () => {
    await using pool = new CoroutinePool(1);
    pool.submit(async () => {
      begun.set();
      await mayEnd.wait();
      log.push("first");
    });
    pool.submit(() => log.push("second"));
    await sleep(long);
  });
  await begun.wait();

  const cancelled = client.cancel();
  await settle();
  assertEquals([log, client.done], [[], false]);
  mayEnd.set();
  await cancelled;

  assertEquals([log, client.cancelled], [["first", "second"], true]);
});

Deno.test("a coroutine that is cancelled while its pool is disposed of waits for it", async () => {
  const log: string[] = [];
  const mayEnd = new Event();
  const begun = new Event();
  const client = spawn(async () => {
    await using pool = new CoroutinePool(1);
    pool.submit(async () => {
      begun.set();
      await mayEnd.wait();
      log.push("done");
    });
    return "returned";
  });
  await begun.wait();

  const cancelled = client.cancel();
  await settle();
  assertEquals(client.done, false);
  mayEnd.set();
  await cancelled;

  assertEquals([log, await client], [["done"], "returned"]);
});

Deno.test("a pool works for the coroutines of a TaskGroup, also when one of them fails", async () => {
  await using pool = new CoroutinePool(2);
  const results: number[] = [];

  const error = await assertRejects(() =>
    TaskGroup.run(async (group) => {
      for (const n of range(10)) {
        group.spawn(async () => {
          results.push(await pool.submit(double, n));
        });
      }
      group.spawn(async () => {
        await pool.submit(() => Promise.reject(new RangeError("no")));
      });
      await sleep(long);
    }), AggregateError);

  assertEquals(error.errors.map(String), ["RangeError: no"]);
  assertEquals(results, range(10).map((n) => 2 * n));
  assertEquals(await pool.submit(double, 4), 8);
});

Deno.test("errors of tasks reach their futures alone", async () => {
  await using pool = new CoroutinePool(1);
  const printed: unknown[] = [];
  const { error: print } = console;
  console.error = (...parts: unknown[]) => printed.push(parts);
  try {
    const failing = pool.submit(() => Promise.reject(new RangeError("no")));
    const cancelled = pool.submit(async () => {
      try {
        await sleep(long);
      } finally {
        // deno-lint-ignore no-unsafe-finally -- that is the point
        throw new TypeError("in the finally block");
      }
    });
    await assertRejects(() => failing, RangeError);
    await settle();
    cancelled.cancel();
    await pool.submit(checkpoint);
    await sleep(1100);
  } finally {
    console.error = print;
  }

  assertEquals(printed, []);
  assertEquals([pool.stats.completed, pool.stats.failed], [1, 2]);
});

Deno.test("onProgress of a map is called in the context of its coroutine, also when that has ended", async () => {
  await using pool = new CoroutinePool(1);
  const local = new CoroutineLocal(() => "none");
  const seen = new Set<string>();
  const gate = Promise.withResolvers<void>();

  const [map] = await spawn(async () => {
    local.value = "inherited";
    return await spawn(() => [
      pool.map(() => gate.promise, range(3), { onProgress: () => void seen.add(local.value) }),
    ]);
  });
  gate.resolve();
  await map;

  assertEquals(seen, new Set(["inherited"]));
});
