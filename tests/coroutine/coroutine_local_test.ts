// Copyright 2026 the Weft authors. MIT license.

import { AsyncLocalStorage } from "node:async_hooks";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import {
  checkpoint,
  type Coroutine,
  CoroutineLocal,
  currentCoroutine,
  sleep,
  spawn,
} from "../../coroutine/mod.ts";
import { RLock } from "../../sync/mod.ts";
import { ThreadLocal } from "../../thread/mod.ts";
import { turns } from "./_helpers.ts";

/** What code waits for, and after which it must still be in its coroutine. */
const waits: Record<string, () => unknown> = {
  "a promise": () => Promise.resolve(),
  "a timer": () => new Promise<void>((resolve) => setTimeout(resolve, 1)),
  "an immediate": () => turns(1),
  "a sleep": () => sleep(1),
  "a checkpoint": () => checkpoint(),
  "a coroutine": () => spawn(() => sleep(1)),
  "a lock": async () => {
    const lock = new RLock();
    using _guard = await lock.acquire();
    await sleep(0);
  },
  "a queue": () => {
    const queue = new Queue<number>();
    sleep(1).then(() => queue.put(1));
    return queue.get();
  },
  "a file": () => Deno.stat(new URL(import.meta.url)),
  "a rejection": () => Promise.reject(new Error("x")).catch(() => {}),
};

Deno.test("currentCoroutine() is the one that runs, after all that it waits for", async () => {
  assertEquals(currentCoroutine(), undefined);
  for (const [name, wait] of Object.entries(waits)) {
    const seen: (Coroutine | undefined)[] = [];
    const one = spawn(async () => {
      await wait();
      seen.push(currentCoroutine());
    });
    const two = spawn(function* () {
      yield wait();
      seen.push(currentCoroutine());
    });
    const three = spawn(async function* () {
      yield wait();
      seen.push(currentCoroutine());
    });
    await Promise.all([one, two, three]);

    assertEquals(new Set(seen), new Set<Coroutine | undefined>([one, two, three]), name);
    assertEquals(currentCoroutine(), undefined, name);
  }
});

Deno.test("currentCoroutine() is that of its spawn in callbacks of timers, promises and events", async () => {
  const seen: (Coroutine | undefined)[] = [];
  const target = new EventTarget();
  const coroutine = spawn(async () => {
    const note = () => void seen.push(currentCoroutine());
    setTimeout(note, 0);
    queueMicrotask(note);
    Promise.resolve().then(note);
    target.addEventListener("note", note, { once: true });
    target.dispatchEvent(new globalThis.Event("note"));
    await sleep(2);
    const inner = spawn(() => currentCoroutine()!.id);
    assertEquals(await inner, inner.id);
    note();
  });
  await coroutine;

  assertEquals(seen.length, 5);
  for (const item of seen) assertStrictEquals(item, coroutine);
});

Deno.test("CoroutineLocal has its own value in each coroutine, after all that it waits for", async () => {
  const local = new CoroutineLocal(() => 0);
  local.value = 7;
  try {
    for (const [name, wait] of Object.entries(waits)) {
      const run = async (n: number) => {
        const before = local.value;
        local.value = n;
        await wait();
        return [before, local.value];
      };

      const values = await Promise.all([spawn(run, 1), spawn(run, 2)]);
      assertEquals(values, [[7, 1], [7, 2]], name);
      assertEquals(local.value, 7, name);
    }
  } finally {
    local.clear();
  }
});

Deno.test("CoroutineLocal is inherited as it is at the spawn, and changes stay apart", async () => {
  const local = new CoroutineLocal<string>();
  const values = await spawn(async () => {
    local.value = "first";
    const child = spawn(async () => {
      const inherited = local.value;
      await sleep(1);
      local.value = "of child";
      return [inherited, local.value, await spawn(() => local.value)];
    });
    local.value = "second";
    return [await child, local.value];
  });

  assertEquals(values, [["first", "of child", "of child"], "second"]);
  assertEquals([local.isSet, local.value], [false, undefined]);
});

Deno.test("CoroutineLocal has its value in timers that are left when the coroutine has ended", async () => {
  const request = new CoroutineLocal(() => "none");
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    if (seen.push(request.value) === 2) resolve();
  };

  await spawn(async () => {
    request.value = "first";
    await spawn(() => void setTimeout(look, 1));
    setTimeout(look, 2);
  });
  await promise;

  assertEquals(seen, ["first", "first"]);
});

Deno.test("CoroutineLocal calls its initializer once in each coroutine that has no value", async () => {
  let calls = 0;
  const local = new CoroutineLocal(() => ++calls);
  const read = () => [local.isSet, local.value, local.value, local.isSet];

  const values = await Promise.all([spawn(read), spawn(read)]);

  assertEquals(values, [[false, 1, 1, true], [false, 2, 2, true]]);
  const cleared = await spawn(async () => {
    local.value = 10;
    local.clear();
    await sleep(0);
    return [local.isSet, local.value];
  });
  assertEquals(cleared, [false, 3]);
  assertEquals(local.isSet, false);
});

Deno.test("CoroutineLocals of one coroutine are independent of each other", async () => {
  const one = new CoroutineLocal<number>();
  const two = new CoroutineLocal<number>();
  const values = await spawn(function* () {
    one.value = 1;
    yield sleep(0);
    two.value = 2;
    one.clear();
    return [one.value, two.value, one.isSet, two.isSet];
  });

  assertEquals(values, [undefined, 2, false, true]);
});

Deno.test("ThreadLocal is shared by the coroutines of a thread", async () => {
  const local = new ThreadLocal<number>();
  await spawn(() => local.value = 1);
  assertEquals(await spawn(() => local.value), 1);
  assertEquals(local.value, 1);
});

Deno.test("spawn() keeps an AsyncLocalStorage of the program across all that is waited for", async () => {
  const storage = new AsyncLocalStorage<string>();
  const bodies = (wait: () => unknown) => [
    async () => {
      await wait();
      return storage.getStore();
    },
    function* () {
      yield wait();
      yield;
      return storage.getStore();
    },
    async function* () {
      yield wait();
      yield;
      return storage.getStore();
    },
  ];
  for (const [name, wait] of Object.entries(waits)) {
    for (const body of bodies(wait)) {
      const one = storage.run("one", () => spawn(body as () => unknown));
      const two = storage.run("two", () => spawn(body as () => unknown));
      const none = spawn(body as () => unknown);
      assertEquals(await Promise.all([one, two, none]), ["one", "two", undefined], name);
    }
  }
});

Deno.test("spawn() lets a coroutine have what it runs with an AsyncLocalStorage for itself", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen = await storage.run("outer", () =>
    spawn(async () => {
      const inner = storage.run("inner", () => spawn(() => storage.getStore()));
      await sleep(1);
      return [await inner, storage.getStore(), currentCoroutine() !== undefined];
    }));

  assertEquals(seen, ["inner", "outer", true]);
});

Deno.test("spawn() keeps an AsyncLocalStorage while a coroutine is cancelled", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const one = storage.run("one", () =>
    spawn(function* () {
      try {
        yield new Promise(() => {});
      } finally {
        seen.push(storage.getStore(), currentCoroutine() === one);
        yield sleep(1);
        seen.push(storage.getStore(), currentCoroutine() === one);
      }
    }));
  await turns(1);

  await storage.run("who cancels", () => one.cancel());

  assertEquals(seen.length, 4);
  assertEquals([seen[1], seen[3]], [true, true]);
});
