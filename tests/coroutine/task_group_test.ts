// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Coroutine,
  currentCoroutine,
  shield,
  sleep,
  spawn,
  TaskGroup,
} from "../../coroutine/mod.ts";
import { isSettled, microtasks, turns } from "./_helpers.ts";

/** Spawns a coroutine of a group that waits until it is cancelled, and takes a while to clean up. */
function spawnWaiting(group: TaskGroup, log: string[], name: string): Coroutine<void> {
  return group.spawn(async () => {
    try {
      await sleep(Infinity);
    } finally {
      await sleep(1);
      log.push(name);
    }
  });
}

Deno.test("TaskGroup waits for all at the end of its block, also for those spawned late", async () => {
  const log: string[] = [];
  let kept: TaskGroup;
  {
    await using group = new TaskGroup();
    kept = group;
    group.spawn(async () => {
      await sleep(1);
      group.spawn(function* () {
        yield sleep(2);
        log.push("late");
      });
      log.push("first");
    });
    group.spawn(() => log.push("plain"));
    assertEquals(group.size, 2);
  }

  assertEquals(log, ["plain", "first", "late"]);
  assertEquals(kept.size, 0);
});

Deno.test("TaskGroup waits for all at the end of its block when its coroutine was cancelled in that", async () => {
  const log: string[] = [];
  const owner = spawn(async () => {
    try {
      await using group = new TaskGroup();
      spawnWaiting(group, log, "child");
      await sleep(1);
      currentCoroutine()!.cancel();
    } finally {
      log.push("block left");
    }
  });
  await assertRejects(() => owner.join(), DOMException, "cancelled");

  assertEquals(owner.cancelled, true);
  assertEquals(log, ["child", "block left"]);
});

Deno.test("TaskGroup.spawn() passes arguments and gives a coroutine with the result", async () => {
  await using group = new TaskGroup();
  const coroutine = group.spawn((a: number, b: number) => a * b, 6, 7);

  assertEquals(await coroutine, 42);
});

Deno.test("TaskGroup fails with the first error first, and cancels the others", async () => {
  const log: string[] = [];
  const first = new Error("first");
  const second = new Error("second");
  const group = new TaskGroup();
  const waiting = spawnWaiting(group, log, "waiting");
  group.spawn(async () => {
    await sleep(1);
    throw first;
  });
  group.spawn(async () => {
    try {
      await sleep(Infinity);
    } finally {
      // deno-lint-ignore no-unsafe-finally -- what is tested
      throw second;
    }
  });

  const error = await assertRejects(() => group.join(), AggregateError, "first");

  assertEquals(error.errors.length, 2);
  assertStrictEquals(error.errors[0], first);
  assertStrictEquals(error.errors[1], second);
  assertStrictEquals(error.cause, first);
  assertEquals([log, waiting.cancelled, group.size], [["waiting"], true, 0]);
  assert(group.signal.aborted);
});

Deno.test("TaskGroup has exactly one first error and all others when many fail at once", async () => {
  const group = new TaskGroup();
  const go = Promise.withResolvers<void>();
  for (let i = 0; i < 50; i++) {
    group.spawn(async () => {
      await go.promise;
      throw new Error(`number ${i}`);
    });
  }
  await turns(1);

  go.resolve();
  const error = await assertRejects(() => group.join(), AggregateError);

  assertEquals(
    error.errors.map(({ message }) => message),
    Array.from({ length: 50 }, (_, i) => `number ${i}`),
  );
  assertStrictEquals(error.cause, error.errors[0]);
});

Deno.test("TaskGroup goes on when one is cancelled by itself", async () => {
  const group = new TaskGroup();
  const one = group.spawn(() => sleep(Infinity));
  const two = group.spawn(async () => {
    await sleep(2);
    return 2;
  });
  await turns(1);

  await one.cancel();
  await group.join();

  assertEquals([one.cancelled, await two], [true, 2]);
});

Deno.test("TaskGroup.spawn() is refused after a failure, after the end, and for what is no function", async () => {
  const failed = new TaskGroup();
  const errors: unknown[] = [];
  failed.spawn(async () => {
    try {
      await sleep(Infinity);
    } finally {
      try {
        failed.spawn(() => errors.push("ran"));
      } catch (error) {
        errors.push((error as Error).message);
      }
    }
  });
  failed.spawn(() => Promise.reject(new Error("broken")));
  await assertRejects(() => failed.join(), AggregateError);
  const ended = new TaskGroup();
  await ended.join();

  assertEquals(errors, ["Cannot spawn a coroutine in the group as it is cancelled"]);
  assertThrows(() => failed.spawn(() => {}), Error, "as it has ended");
  assertThrows(() => ended.spawn(() => {}), Error, "as it has ended");
  assertThrows(() => new TaskGroup().spawn(1 as never), TypeError, "needs a function");
});

Deno.test("TaskGroup.join() lets none be spawned once the last has ended", async () => {
  for (let count = 0; count < 12; count++) {
    const group = new TaskGroup();
    let late: Coroutine | undefined;
    group.spawn(async () => {
      await sleep(0);
      microtasks(count).then(() => late = group.spawn(() => sleep(5))).catch(() => {});
    });

    await group.join();

    assertEquals([group.size, late?.done ?? true], [0, true]);
    await turns(1);
    assertEquals([group.size, late?.done ?? true], [0, true]);
    await late?.cancel();
  }
});

Deno.test("TaskGroup ends when each cancelled coroutine of it tries to spawn two others", async () => {
  const group = new TaskGroup();
  const all: Coroutine[] = [];
  let refused = 0;
  const head = async () => {
    try {
      await sleep(Infinity);
    } finally {
      for (let i = 0; i < 2; i++) {
        try {
          all.push(group.spawn(head));
        } catch {
          refused++;
        }
        // A coroutine of one that is cancelled, of no group: it is cancelled as well.
        if (all.length < 100) all.push(spawn(head));
      }
    }
  };
  for (let i = 0; i < 10; i++) all.push(group.spawn(head));
  await turns(1);
  group.spawn(() => Promise.reject(new Error("broken")));

  const error = await assertRejects(() => group.join(), AggregateError, "broken");

  assertEquals(error.errors.length, 1);
  assert(refused >= 20);
  const count = all.length;
  assert(all.every(({ done }) => done));
  await turns(3);
  assertEquals(all.length, count);
});

Deno.test("TaskGroup is cancelled with the coroutine that waits for it, which gets its reason", async () => {
  const log: string[] = [];
  const reason = new Error("enough");
  const outer = spawn(async () => {
    await using group = new TaskGroup();
    spawnWaiting(group, log, "one");
    spawnWaiting(group, log, "two");
  });
  await turns(2);

  await outer.cancel(reason);

  assertEquals(log, ["one", "two"]);
  assertStrictEquals(await assertRejects(() => outer.join()), reason);
  assertEquals(outer.cancelled, true);
});

Deno.test("TaskGroup that fails while it is cancelled gives its errors", async () => {
  const outer = spawn(async () => {
    await using group = new TaskGroup();
    group.spawn(async () => {
      try {
        await sleep(Infinity);
      } finally {
        // deno-lint-ignore no-unsafe-finally -- what is tested
        throw new Error("in finally");
      }
    });
  });
  await turns(2);

  await outer.cancel();

  const error = await assertRejects(() => outer.join(), AggregateError, "in finally");
  assertEquals([error.errors.length, outer.cancelled], [1, false]);
});

Deno.test("TaskGroup within a cancelled one ends before it", async () => {
  const log: string[] = [];
  const outer = new TaskGroup();
  outer.spawn(async () => {
    try {
      await using inner = new TaskGroup();
      spawnWaiting(inner, log, "innermost");
    } finally {
      log.push("inner");
    }
  });
  await turns(2);

  await outer.cancel();

  assertEquals(log, ["innermost", "inner"]);
  await outer.join();
});

Deno.test("TaskGroups in one another hand errors up, one group at a time", async () => {
  const error = await assertRejects(async () => {
    await using outer = new TaskGroup();
    outer.spawn(async () => {
      await using inner = new TaskGroup();
      inner.spawn(() => Promise.reject(new Error("deep")));
    });
  }, AggregateError);

  const [inner] = error.errors;
  assertInstanceOf(inner, AggregateError);
  assertEquals(inner.errors.map(({ message }) => message), ["deep"]);
});

Deno.test("TaskGroup has those cancelled that are not waited for when its maker is cancelled", async () => {
  const log: string[] = [];
  const maker = spawn(async () => {
    const group = new TaskGroup();
    spawnWaiting(group, log, "child");
    await sleep(Infinity);
  });
  await turns(2);

  await maker.cancel();

  assertEquals(log, ["child"]);
});

Deno.test("TaskGroup.cancel() cancels all with the reason, and join does not fail", async () => {
  const log: string[] = [];
  const reason = new Error("enough");
  const group = new TaskGroup();
  const coroutines = [spawnWaiting(group, log, "one"), spawnWaiting(group, log, "two")];
  await turns(1);

  await Promise.all([group.cancel(reason), group.cancel(new Error("again"))]);

  assertEquals(log, ["one", "two"]);
  for (const coroutine of coroutines) {
    assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
  }
  assertStrictEquals(group.signal.reason, reason);
  await group.join();
});

Deno.test("TaskGroup.cancel() by a coroutine of it does not wait for that", async () => {
  const log: string[] = [];
  const group = new TaskGroup();
  group.spawn(async () => {
    group.cancel();
    log.push("goes on");
    await sleep(60_000);
  });

  await group.join();
  assertEquals(log, ["goes on"]);
});

Deno.test("TaskGroup.join() ends alone when its time is over or its signal aborts", async () => {
  const group = new TaskGroup();
  const child = group.spawn(() => sleep(Infinity));
  const controller = new AbortController();

  await assertRejects(() => group.join({ timeout: 1 }), DOMException, "timed out");
  const aborted = group.join({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  assertEquals([child.done, group.size], [false, 1]);

  const other = group.spawn(() => 1);
  await child.cancel();
  await group.join();
  assertEquals(await other, 1);
});

Deno.test("TaskGroup.run() gives what its body returns when all have ended", async () => {
  const log: string[] = [];
  const result = await TaskGroup.run(function* (group) {
    group.spawn(async () => {
      await sleep(2);
      log.push("child");
    });
    yield;
    log.push("body");
    return 1;
  });

  assertEquals([result, log], [1, ["body", "child"]]);
});

Deno.test("TaskGroup.run() interrupts its body when one fails", async () => {
  const log: string[] = [];
  const error = await assertRejects(
    () =>
      TaskGroup.run(async (group) => {
        group.spawn(() => Promise.reject(new Error("broken")));
        try {
          await sleep(Infinity);
        } finally {
          log.push("body");
        }
      }),
    AggregateError,
    "broken",
  );

  assertEquals([error.errors.length, log], [1, ["body"]]);
});

Deno.test("TaskGroup.run() cancels all when its body fails", async () => {
  const log: string[] = [];
  const broken = new Error("broken");
  const error = await assertRejects(() =>
    TaskGroup.run(async (group) => {
      spawnWaiting(group, log, "child");
      await sleep(1);
      throw broken;
    }), AggregateError);

  assertEquals([error.errors.length, log], [1, ["child"]]);
  assertStrictEquals(error.errors[0], broken);
  await assertRejects(() => TaskGroup.run(1 as never), TypeError, "needs a function");
});

Deno.test("TaskGroup.run() whose body is cancelled cancels all, and throws the reason", async () => {
  const log: string[] = [];
  const reason = new Error("enough");
  let body: Coroutine | undefined;
  const run = TaskGroup.run(async (group) => {
    body = currentCoroutine();
    spawnWaiting(group, log, "child");
    await sleep(Infinity);
  });
  await turns(2);

  body!.cancel(reason);

  assertStrictEquals(await assertRejects(() => run), reason);
  assertEquals(log, ["child"]);
});

Deno.test("TaskGroup waits for one that is shielded", async () => {
  const go = Promise.withResolvers<void>();
  const group = new TaskGroup();
  const child = group.spawn(() => go.promise);
  const shielded = spawn(() => shield(child));
  await turns(1);
  await shielded.cancel();

  const joined = group.join();
  assertEquals([await isSettled(joined), child.done], [false, false]);

  go.resolve();
  await joined;
  assertEquals(child.done, true);
});
