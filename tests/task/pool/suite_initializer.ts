// Copyright 2026 the Weft authors. MIT license.

// What workers run before their first task.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { BrokenPoolError, importTask } from "../../../task/mod.ts";
import { runOn } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import { exitDeno } from "../../fixtures/thread_ends.ts";
import {
  makeGate,
  makeNumbers,
  type MakePool,
  outcomeOf,
  type PoolKind,
  poolNames,
  range,
  soon,
  usePool,
} from "./_helpers.ts";

/** Tests the initializer. */
export function testInitializer(make: MakePool, kind: PoolKind): void {
  const name = `${poolNames[kind]} with an initializer`;

  Deno.test(`${name} runs it once in each worker, before the tasks`, async () => {
    const runs = makeNumbers(1);
    const initializerArgs = [runs, { greeting: "Hello" }];
    await usePool(make(2, { initializer: tasks.configure, initializerArgs }), async (pool) => {
      const gates = [makeGate(), makeGate()];
      const held = gates.map((gate) => pool.submit(tasks.hold, gate));
      for (const gate of gates) await gate.reached.wait();
      for (const gate of gates) gate.open.set();
      await Promise.all(held);

      const settings = await Promise.all(range(20).map(() => pool.submit(tasks.readSetting)));

      assertEquals(settings, range(20).map(() => ({ greeting: "Hello" })));
      assertEquals([runs.view[0], pool.stats.workers, pool.stats.completed], [2, 2, 22]);
    });
  });

  Deno.test(`${name} waits for it, and runs it in the workers that replace others`, async () => {
    const options = { initializer: tasks.configureLater, initializerArgs: ["set"] };
    await usePool(make(1, { ...options, maxTasksPerWorker: 2 }), async (pool) => {
      assertEquals(await pool.submit(tasks.readSetting), "set");
      assertEquals(await outcomeOf(pool.submit(exitDeno, 0)), "WorkerLostError");
      assertEquals(await pool.submit(tasks.readSetting), "set");
      assertEquals(await pool.submit(tasks.readSetting), "set");
      assertEquals(await pool.submit(tasks.readSetting), "set");
    });
  });

  Deno.test(`${name} clones its arguments when it is created`, async () => {
    const list = [1, 2];
    const options = { initializer: tasks.configureLater, initializerArgs: [list] };
    await usePool(make(1, options), async (pool) => {
      list.push(3);

      assertEquals(await pool.submit(tasks.readSetting), [1, 2]);
    });
  });

  Deno.test(`${name} throws when an argument of it cannot be cloned`, () => {
    const options = { initializer: tasks.configureLater, initializerArgs: [() => {}] };

    const error = assertThrows(() => make(1, options), DOMException);

    assertEquals(error.name, "DataCloneError");
  });

  Deno.test(`${name} is broken when that throws: all tasks and later calls fail`, async () => {
    const runs = makeNumbers(1);
    const pool = make(2, { initializer: tasks.configureBadly, initializerArgs: [runs] });
    const futures = range(20).map((n) => pool.submit(tasks.square, n));
    const map = pool.map(tasks.square, range(20));
    map.catch(() => {});

    for (const future of futures) {
      const error = await assertRejects(() => future, BrokenPoolError, "no such setting");
      assertInstanceOf(error.cause, TypeError);
      assertEquals(error.cause.message, "no such setting");
      assert(error.cause.stack!.includes("pool_tasks.ts"), error.cause.stack);
    }
    await assertRejects(() => map, BrokenPoolError);
    const later = assertThrows(() => pool.submit(tasks.square, 3), BrokenPoolError);
    assertInstanceOf(later.cause, TypeError);
    assertThrows(() => pool.run(tasks.square, [3]), BrokenPoolError);
    await assertRejects(() => pool.map(tasks.square, [3]), BrokenPoolError);
    await assertRejects(
      async () => await pool.imap(tasks.square, [3]).next(),
      BrokenPoolError,
    );

    pool.close();
    await soon(pool.join(), "join()", pool);
    await soon(pool.terminate(), "terminate()", pool);
    assert(runs.view[0]! <= 6, `${runs.view[0]} runs`);
    assertEquals(pool.stats.workers, 0);
  });

  Deno.test(`${name} is broken when that ends the worker`, async () => {
    const runs = makeNumbers(1);
    const pool = make(1, { initializer: tasks.configureAndExit, initializerArgs: [runs] });

    const outcomes = range(5).map((n) => outcomeOf(pool.submit(tasks.square, n)));

    assertEquals(new Set(await soon(Promise.all(outcomes), "the tasks", pool)).size, 1);
    assertEquals(await outcomes[0], "BrokenPoolError");
    assertThrows(() => pool.submit(tasks.square, 3), BrokenPoolError);
    await soon(pool[Symbol.asyncDispose](), "the end of the scope", pool);
    assert(runs.view[0]! <= 6, `${runs.view[0]} runs`);
  });

  Deno.test(`${name} is broken when its module cannot be loaded`, async () => {
    const initializer = importTask<() => void>(new URL("data:text/javascript,const ="), "setUp");
    const pool = make(1, { initializer });

    const error = await assertRejects(
      () => soon(pool.submit(tasks.square, 3), "the task", pool),
      BrokenPoolError,
    );

    assertInstanceOf(error.cause, Error);
    await soon(pool[Symbol.asyncDispose](), "the end of the scope", pool);
  });

  Deno.test(`${name} that does not end can be terminated`, async () => {
    const { reached } = makeGate();
    const pool = make(1, { initializer: runOn, initializerArgs: ["loop", reached] });
    const outcome = outcomeOf(pool.submit(tasks.square, 3));

    await reached.wait();
    await soon(pool.terminate(), "terminate()", pool);

    assertEquals(await outcome, "PoolClosedError");
  });
}
