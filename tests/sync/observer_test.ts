// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import { currentCoroutine, Greenlet, sleep, spawn } from "../../coroutine/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event, Lock, RLock, SharedArray } from "../../sync/mod.ts";
import type { ObserverEvent } from "../../sync/observer.ts";
import type { Task } from "../../task/mod.ts";
import { Thread, ThreadPool } from "../../thread/mod.ts";
import { contend, observe, stay, told } from "../fixtures/observer_tasks.ts";

// The C library stays open.
new Event({ scope: "process" });

type Of<T extends string> = ObserverEvent & { readonly type: T };

function only<T extends ObserverEvent["type"]>(events: readonly ObserverEvent[], type: T): Of<T>[] {
  return events.filter((event) => event.type === type) as Of<T>[];
}

/** Waits until the other side says that it waits. */
async function untilSet(word: SharedArray<"i32">): Promise<void> {
  while (Atomics.load(word.view, 0) === 0) await sleep(1);
}

function start<Args extends unknown[], R>(
  scope: "thread" | "process",
  task: Task<Args, R>,
  ...args: NoInfer<Args>
): Thread<Awaited<R>, Args> | Process<Awaited<R>, Args> {
  return scope === "thread" ? Thread.spawn(task, ...args) : Process.spawn(task, ...args);
}

for (const scope of ["thread", "process"] as const) {
  const name = `a ${scope}`;

  for (const blocks of [false, true]) {
    const verb = blocks ? "acquireSync" : "acquire";

    Deno.test(`an observer in ${name} is told of Lock.${verb}() by the id that its holder has`, async () => {
      const lock = new Lock({ scope, name: "till" });
      const other = new Lock({ scope });
      const waits = new SharedArray("i32", 1, { scope });
      const here: ObserverEvent[] = [];
      using _ = observe((event) => here.push(event));
      await lock.acquire();
      await other.acquire();

      const far = start(scope, contend, lock, waits, blocks);
      await untilSet(waits);
      lock.release();
      const there = await far.join();

      const [held, heldOther] = only(here, "hold-begin");
      const [wait] = only(there, "wait-begin");
      assertEquals([wait!.what, wait!.name, wait!.blocks], ["Lock", "till", blocks]);
      assertEquals(wait!.object, held!.object);
      assertNotEquals(wait!.object, heldOther!.object);
      const [end] = only(there, "wait-end");
      assertEquals([end!.wait, end!.error], [wait!.wait, undefined]);
      assert(end!.time >= wait!.time);
      const [taken] = only(there, "hold-begin");
      const [released] = only(there, "hold-end");
      assertEquals([taken!.object, released!.object], [held!.object, held!.object]);
      assertEquals(only(here, "hold-end").map(({ object }) => object), [held!.object]);
      // One clock: the lock was taken there after it was taken here.
      assert(taken!.time > held!.time);
    });
  }

  Deno.test(`an observer is told of the begin and the end of ${name}`, async () => {
    const here: ObserverEvent[] = [];
    using _ = observe((event) => here.push(event));

    const far = start(scope, told, 0);
    const there = await far.join();
    await far.exited;

    const id = far instanceof Process ? far.pid : far.id;
    const kind = scope;
    const [begin] = only(here, `${kind}-begin`);
    const [end] = only(here, `${kind}-end`);
    assertEquals([begin!.child, begin!.name, begin!.pid], [id, far.name, Deno.pid]);
    assertEquals([end!.child, end!.how, end!.code], [id, "returned", 0]);
    const joins = only(here, "wait-begin").filter(({ what }) => what.endsWith(".join"));
    assertEquals(joins.map(({ what, name }) => [what.toLowerCase(), name]), [
      [`${kind}.join`, far.name],
    ]);
    const [task] = only(there, "task-begin");
    assertEquals(task!.name, "told");
    assertEquals([task!.pid, task!.thread], kind === "process" ? [id, 0] : [Deno.pid, id]);
  });
}

Deno.test("an observer is told how a process ended that was killed", async () => {
  const here: ObserverEvent[] = [];
  using _ = observe((event) => here.push(event));

  const far = Process.spawn(stay);
  far.kill();
  await far.exited;

  const [end] = only(here, "process-end");
  assertEquals([end!.child, end!.how, end!.code], [far.pid, "terminated", 137]);
});

Deno.test("an observer is told of Queue.get() of a coroutine, and that its time was over", async () => {
  const queue = new Queue<number>();
  const here: ObserverEvent[] = [];
  using _ = observe((event) => here.push(event));

  const coroutine = spawn(async function getter() {
    return await queue.get();
  });
  await assertRejects(() => queue.get({ timeout: 1 }));
  queue.putNowait(7);
  assertEquals(await coroutine, 7);

  const waits = only(here, "wait-begin").filter(({ what }) => what === "Queue.get");
  assertEquals(waits.length, 2);
  assertEquals(waits[0]!.object, waits[1]!.object);
  const own = waits.find((wait) => wait.coroutine === coroutine.id)!;
  const late = waits.find((wait) => wait.coroutine === 0)!;
  const ends = only(here, "wait-end");
  assertEquals(ends.find(({ wait }) => wait === own.wait)!.error, undefined);
  assertEquals(ends.find(({ wait }) => wait === late.wait)!.error, "TimeoutError");
});

Deno.test("an observer is told of coroutines: who spawned them, and how they ended", async () => {
  const here: ObserverEvent[] = [];
  using _ = observe((event) => here.push(event));

  const outer = spawn(async function outer() {
    const inner = spawn(async function inner() {
      await sleep(Infinity);
    });
    await sleep(1);
    await inner.cancel();
    return [currentCoroutine()!.id, inner.id];
  });
  const [outerId, innerId] = await outer;

  const begins = only(here, "coroutine-begin");
  assertEquals(begins.map(({ child, name, parent }) => [child, name, parent]), [
    [outerId, "outer", 0],
    [innerId, "inner", outerId],
  ]);
  const ends = only(here, "coroutine-end");
  assertEquals(ends.map(({ child, how }) => [child, how]), [
    [innerId, "cancelled"],
    [outerId, "fulfilled"],
  ]);
  const sleeps = only(here, "wait-begin").filter(({ what }) => what === "sleep");
  assertEquals(sleeps.map(({ coroutine }) => coroutine), [outerId, innerId]);
});

Deno.test("an observer is told of a lock by the coroutine that gets it, whoever hands it over", async () => {
  const lock = new Lock();
  const here: ObserverEvent[] = [];
  using _ = observe((event) => here.push(event));

  const holders = ["a", "b", "c"].map(() =>
    spawn(async () => {
      using _guard = await lock.acquire();
      await sleep(1);
    })
  );
  for (const holder of holders) await holder;

  const ids = holders.map(({ id }) => id);
  assertEquals(only(here, "hold-begin").map(({ coroutine }) => coroutine), ids);
  assertEquals(only(here, "hold-end").map(({ coroutine }) => coroutine), ids);
});

Deno.test("an observer is told once of an RLock that is taken twice", () => {
  const lock = new RLock();
  const here: ObserverEvent[] = [];
  using _ = observe((event) => here.push(event));

  lock.acquireSync();
  lock.acquireSync();
  lock.release();
  lock.release();

  assertEquals(here.map(({ type }) => type), ["hold-begin", "hold-end"]);
});

Deno.test("an observer in a worker of a pool is told of each task", async () => {
  await using pool = new ThreadPool(1);

  await pool.submit(told, 1);
  const there = await pool.submit(told, 2);

  const tasks = there.filter(({ type }) => type.startsWith("task-"));
  assertEquals(tasks.map((event) => event.type), ["task-begin", "task-end", "task-begin"]);
  assertEquals(only(tasks, "task-begin").map(({ name }) => name), ["told", "told"]);
});

Deno.test("nothing is told once there is no observer, also of what goes on", async () => {
  const lock = new Lock();
  const queue = new Queue<number>();
  const here: ObserverEvent[] = [];
  let item: Promise<number>;
  {
    using _ = observe((event) => here.push(event));
    await lock.acquire();
    item = queue.get();
  }
  const before = here.length;

  lock.release();
  queue.putNowait(1);
  assertEquals(await item, 1);
  await spawn(async () => await sleep(1));

  assertEquals(before, 2);
  assertEquals(here.length, before);
});

Deno.test("an observer is told which greenlet runs", () => {
  const here: ObserverEvent[] = [];
  using _ = observe((event) => here.push(event));

  const first: Greenlet = new Greenlet(function* first() {
    yield second.switch();
  });
  const second: Greenlet = new Greenlet(function* second() {
    yield first.switch();
  });
  first.switch();

  const turns = here as (ObserverEvent & { readonly type: `greenlet-${string}` })[];
  assertEquals(turns.map(({ type, name, dead }) => [type, name, dead]), [
    ["greenlet-begin", "first", false],
    ["greenlet-end", "first", false],
    ["greenlet-begin", "second", false],
    ["greenlet-end", "second", false],
    ["greenlet-begin", "first", false],
    ["greenlet-end", "first", true],
  ]);
});
