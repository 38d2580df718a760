// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { LockCore } from "../../sync/lock_core.ts";
import { LockAbandonedError } from "../../sync/errors.ts";
import type { Memory } from "../../sync/memory/memory.ts";
import { ProcessMemory } from "../../sync/memory/process_memory.ts";
import { ThreadMemory } from "../../sync/memory/thread_memory.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { increment, keep, words } from "../fixtures/lock_tasks.ts";
import type { Shared } from "../fixtures/memory_tasks.ts";

const length = 4096;

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
ProcessMemory.create(length).close();

type Unit = Thread | Process;

const kinds = {
  thread: {
    create: () => new ThreadMemory(length),
    share: (memory: Memory): Shared => (memory as ThreadMemory).buffer,
    spawn: <A extends unknown[]>(task: Task<A, unknown>, ...args: A): Unit =>
      new Thread(task, { args }).start(),
  },
  process: {
    create: () => ProcessMemory.create(length),
    share: (memory: Memory): Shared => ({ path: (memory as ProcessMemory).path, length }),
    spawn: <A extends unknown[]>(task: Task<A, unknown>, ...args: A): Unit =>
      new Process(task, { args }).start(),
  },
};

for (const [name, { create, share, spawn }] of Object.entries(kinds)) {
  for (const form of ["acquire", "acquireSync"] as const) {
    Deno.test(`LockCore.${form}() excludes four of kind ${name} from each other`, async () => {
      const memory = create();

      const units = Array.from({ length: 4 }, () => {
        return spawn(increment, share(memory), 50_000, form);
      });
      await Promise.all(units.map((unit) => unit.join()));

      assertEquals(memory.words[words.counter], 200_000);
      assertEquals(memory.load(words.lock), 0);
      memory.close();
    });

    for (const recover of [false, true]) {
      const what = recover ? "takes over" : "rejects once for";
      Deno.test(`LockCore.${form}() ${what} a lock of a dead ${name}`, async () => {
        const memory = create();
        const lock = new LockCore(memory, words.lock);
        const unit = spawn(keep, share(memory));
        while (memory.load(words.held) !== 1) await memory.waitAsync(words.held, 0)?.promise;
        const waiting = form === "acquire" ? lock.acquire({ recover }) : undefined;
        // It may find out before this does.
        waiting?.catch(() => {});

        if (unit instanceof Process) unit.kill();
        else unit.terminate();
        await unit.exited;

        if (recover) {
          if (form === "acquire") await waiting;
          else lock.acquireSync({ recover });
        } else {
          if (form === "acquire") await assertRejects(() => waiting!, LockAbandonedError);
          else assertThrows(() => lock.acquireSync({}), LockAbandonedError);
          lock.acquireSync({});
        }
        lock.release();
        assertEquals(lock.locked, false);
        memory.close();
      });
    }
  }

  Deno.test(`LockCore.acquire() serves 1,000 waiters of one isolate in order (${name})`, async () => {
    const memory = create();
    const lock = new LockCore(memory, words.lock);
    await lock.acquire({});
    const order: number[] = [];
    const waiters = Array.from({ length: 1000 }, async (_, i) => {
      await lock.acquire({});
      order.push(i);
      lock.release();
    });

    lock.release();
    await Promise.all(waiters);

    assertEquals(order, Array.from({ length: 1000 }, (_, i) => i));
    memory.close();
  });

  Deno.test(`LockCore.acquire() leaves the line when it is aborted or timed out (${name})`, async () => {
    const memory = create();
    const lock = new LockCore(memory, words.lock);
    await lock.acquire({});
    const controller = new AbortController();
    const aborted = lock.acquire({ signal: controller.signal });
    const timedOut = lock.acquire({ timeout: 5 });
    const last = lock.acquire({});

    controller.abort(new Error("enough"));
    await assertRejects(() => aborted!, Error, "enough");
    await assertRejects(() => timedOut!, DOMException, "timed out");
    lock.release();
    await last;
    lock.release();

    assertEquals(lock.locked, false);
    memory.close();
  });

  Deno.test(`LockCore.release() throws when the lock is free (${name})`, () => {
    const memory = create();
    const lock = new LockCore(memory, words.lock);

    assertThrows(() => lock.release(), Error, "not held");
    assertEquals(lock.tryAcquire(), true);
    assertEquals(lock.tryAcquire(), false);
    assertEquals(lock.held, true);
    lock.release();
    assertThrows(() => lock.release(), Error, "not held");
    memory.close();
  });

  Deno.test(`LockCore.acquireSync() times out, and refuses to block itself for ever (${name})`, () => {
    const memory = create();
    const lock = new LockCore(memory, words.lock);
    lock.acquireSync({});

    assertThrows(() => lock.acquireSync({ timeout: 5 }), DOMException, "timed out");
    assertThrows(() => lock.acquireSync({}), Error, "block itself");

    lock.release();
    memory.close();
  });
}
