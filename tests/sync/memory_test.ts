// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { FutexWaiter } from "../../sync/memory/futex_waiter.ts";
import type { Memory } from "../../sync/memory/memory.ts";
import { ProcessMemory } from "../../sync/memory/process_memory.ts";
import { ThreadMemory } from "../../sync/memory/thread_memory.ts";
import { Thread } from "../../thread/mod.ts";
import { answer, count, hold, leave, refusal, type Shared } from "../fixtures/memory_tasks.ts";

const length = 4096;

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
ProcessMemory.create(length).close();

const kinds = {
  ThreadMemory: {
    create: () => new ThreadMemory(length),
    share: (memory: Memory): Shared => (memory as ThreadMemory).buffer,
    spawn: (task: typeof count, shared: Shared, n: number) => Thread.spawn(task, shared, n),
  },
  ProcessMemory: {
    create: () => ProcessMemory.create(length),
    share: (memory: Memory): Shared => ({ path: (memory as ProcessMemory).path, length }),
    spawn: (task: typeof count, shared: Shared, n: number) => Process.spawn(task, shared, n),
  },
};

/** The memories of this process that the kernel knows, by their mapping. */
function mappings(): number {
  return Deno.readTextFileSync("/proc/self/maps").split("\n")
    .filter((line) => line.includes("memfd:weft")).length;
}

for (const [name, { create, share, spawn }] of Object.entries(kinds)) {
  Deno.test(`${name} is zero at first`, () => {
    const memory = create();

    assertEquals(memory.bytes.every((byte) => byte === 0), true);
    assertEquals(memory.words.length, length / 4);
    memory.close();
  });

  Deno.test(`${name}.compareExchange(), exchange() and add() give what was there`, () => {
    const memory = create();

    assertEquals(memory.compareExchange(3, 0, 5), 0);
    assertEquals(memory.compareExchange(3, 0, 6), 5);
    assertEquals(memory.exchange(3, 0x7fffffff), 5);
    assertEquals(memory.add(3, 1), 0x7fffffff);
    assertEquals(memory.load(3), -0x80000000);
    memory.close();
  });

  Deno.test(`${name}.wait() does not wait when the word has another value`, () => {
    const memory = create();

    assertEquals(memory.wait(0, 1, 10_000), "not-equal");
    assertEquals(memory.waitAsync(0, 1), undefined);
    memory.close();
  });

  Deno.test(`${name}.wait() ends when the time is over`, () => {
    const memory = create();
    const start = performance.now();

    assertEquals(memory.wait(0, 0, 30), "timed-out");

    assert(performance.now() - start >= 25);
    memory.close();
  });

  Deno.test(`${name}.add() is exact between four`, async () => {
    const memory = create();

    const others = Array.from({ length: 4 }, () => spawn(count, share(memory), 100_000));
    await Promise.all(others.map((other) => other.join()));

    assertEquals(memory.load(0), 400_000);
    memory.close();
  });

  for (const form of ["wait", "waitAsync"] as const) {
    Deno.test(`${name}.${form}() is woken by notify() 2,000 times in a row`, async () => {
      const memory = create();
      const rounds = 2000;

      const other = spawn(answer, share(memory), rounds);
      for (let i = 0; i < rounds; i++) {
        memory.store(1, 0);
        memory.store(0, 1);
        memory.notify(0, 1);
        while (memory.load(1) !== 1) {
          if (form === "wait") memory.wait(1, 0, 1000);
          else await memory.waitAsync(1, 0)?.promise;
        }
      }
      await other.join();

      assertEquals(memory.load(0), 0);
      memory.close();
    });
  }

  Deno.test(`${name}.waitAsync() hands on a wake-up that was meant for a cancelled wait`, async () => {
    const memory = create();
    const first = memory.waitAsync(0, 0)!;
    const second = memory.waitAsync(0, 0)!;

    first.cancel();
    assertEquals(await first.promise, "timed-out");
    memory.notify(0, 1);
    // The word has changed as well, as with every primitive: a wait need not be woken then.
    memory.store(0, 1);
    memory.notify(0, 1);

    assertEquals(await second.promise, "ok");
    memory.close();
  });

  Deno.test(`${name}.waitAsync() serves 1,000 waits while files are read`, async () => {
    const memory = create();
    const waits = Array.from({ length: 1000 }, (_, i) => memory.waitAsync(i, 0)!.promise);

    await Deno.readTextFile(new URL(import.meta.url));
    for (let i = 0; i < waits.length; i++) {
      memory.store(i, 1);
      memory.notify(i, 1);
    }

    assertEquals(new Set(await Promise.all(waits)), new Set(["ok"]));
    memory.close();
  });
}

Deno.test("FutexWaiter.wait() ends when the word has changed, on a kernel without futex_waitv", async () => {
  const memory = ProcessMemory.create(length);
  const waiter = new FutexWaiter(undefined);
  const wait = (index: number) => waiter.wait(memory, index, 0, memory.address(index))!;

  const [first, second] = [wait(1), wait(2)];
  memory.store(2, 1);

  assertEquals(await second.promise, "ok");
  first.cancel();
  assertEquals(await first.promise, "timed-out");
  assertEquals(waiter.wait(memory, 2, 0, memory.address(2)), undefined);
  memory.close();
});

Deno.test("FutexWaiter waits for more words than one call can", async () => {
  const memory = ProcessMemory.create(length);
  const waits = Array.from({ length: 300 }, (_, i) => memory.waitAsync(i, 0)!);

  for (let i = 0; i < 300; i++) {
    memory.store(i, 1);
    memory.notify(i, 1);
  }

  assertEquals(await Promise.all(waits.map((wait) => wait.promise)), waits.map(() => "ok"));
  memory.close();
});

Deno.test("ProcessMemory.close() gives the memory back and makes its arrays unusable", () => {
  const before = mappings();
  const memory = ProcessMemory.create(length);
  const other = ProcessMemory.open(memory.path, length);
  other.store(0, 7);
  assertEquals(memory.load(0), 7);
  assertEquals(mappings(), before + 2);

  memory.close();
  memory.close();
  other.close();

  assertEquals(mappings(), before);
  assertEquals(memory.words.length, 0);
  assertThrows(() => memory.load(0), TypeError, "detached");
});

Deno.test("ProcessMemory.open() fails when the memory was closed", () => {
  const memory = ProcessMemory.create(length);
  memory.close();

  assertThrows(() => ProcessMemory.open(memory.path, length), Deno.errors.NotFound, "closed it");
});

Deno.test("ProcessMemory.create() fails when there is no such amount of memory", () => {
  assertThrows(() => ProcessMemory.create(2 ** 52), RangeError, "bytes");
});

Deno.test("ProcessMemory outlives the process that created it and goes with the last one", async () => {
  const before = mappings();
  const memory = ProcessMemory.create(length);
  const other = Process.spawn(hold, { path: memory.path, length });
  while (memory.load(0) !== 1) await memory.waitAsync(0, 0)?.promise;

  const again = ProcessMemory.open(`/proc/${other.pid}/fd/${await weftFile(other.pid)}`, length);
  memory.close();
  assertEquals(again.load(0), 1);
  other.kill();
  await other.exited;
  assertEquals(again.load(0), 1);
  again.close();

  assertEquals(mappings(), before);
});

Deno.test("ProcessMemory.create() names the flag when ffi access is missing", async () => {
  const process = new Process(refusal, { permissions: "none" }).start();

  const error = await process.join();

  assertInstanceOf(error, Deno.errors.NotCapable);
  assert(error.message.includes("--allow-ffi"), error.message);
});

/** Finds the file of the memory that a process has open. */
async function weftFile(pid: number): Promise<string> {
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    if (target.startsWith("/memfd:weft")) return name;
  }
  throw new Error("There is none");
}

Deno.test("ProcessMemory of a thread goes with the thread", async () => {
  const memory = ProcessMemory.create(length);
  const before = mappings();

  for (let i = 0; i < 3; i++) {
    await Thread.spawn(leave, { path: memory.path, length }).exited;
  }

  assertEquals([memory.words[0], mappings()], [3, before]);
  memory.close();
});
