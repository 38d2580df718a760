// Copyright 2026 the Weft authors. MIT license.

// Tasks that fail, and what is left of that.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { importTask, type Task } from "../../../task/mod.ts";
import * as faults from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import { overflowStack } from "../../fixtures/thread_ends.ts";
import { throwDeep, throwKind, throwLater } from "../../fixtures/thread_errors.ts";
import {
  defineTests,
  makeGate,
  type MakePool,
  outcomeOf,
  type PoolKind,
  range,
} from "./_helpers.ts";

const errorClasses = {
  Error,
  RangeError,
  TypeError,
  SyntaxError,
  "Deno.errors.NotFound": Deno.errors.NotFound,
  "Deno.errors.PermissionDenied": Deno.errors.PermissionDenied,
};

/** Tests tasks that throw, and modules that cannot be loaded. */
export function testFaults(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  test("tasks that throw reject with what was thrown, and the worker goes on", {}, async (pool) => {
    const worker = await pool.submit(tasks.identify);
    const thrown = async (what: string): Promise<Error> => {
      const error = await assertRejects(() => pool.submit(throwKind, what));
      assertInstanceOf(error, Error);
      return error;
    };

    for (const [name, errorClass] of Object.entries(errorClasses)) {
      const error = await thrown(name);
      assertStrictEquals(error.constructor, errorClass);
      assertEquals(error.message, "bad");
    }
    const exception = await thrown("DOMException");
    assertInstanceOf(exception, DOMException);
    assertEquals([exception.name, exception.message], ["InvalidStateError", "bad"]);
    const aggregate = await thrown("aggregate") as AggregateError;
    assertInstanceOf(aggregate.errors[0], RangeError);
    assertEquals(aggregate.errors[1], "two");
    const custom = await thrown("custom") as Error & { temperature: number };
    assertEquals([custom.name, custom.message], ["TeapotError", "short and stout"]);
    assertEquals([custom instanceof TypeError, custom.temperature], [true, 90]);
    const { cause } = await thrown("cause");
    assertInstanceOf(cause, RangeError);
    assertEquals([cause.message, cause.cause], ["inner", "deep"]);
    const cyclic = await thrown("cyclic");
    assertStrictEquals((cyclic.cause as Error).cause, cyclic);
    const extra = await thrown("properties") as Error & { code: string; detail: unknown };
    assertEquals([extra.code, extra.detail], ["E_BAD", { size: 3n }]);
    assertEquals((await thrown("frozen")).message, "frozen");
    assertEquals(Reflect.get(await thrown("function property"), "code"), 7);
    for (const what of ["function", "symbol"]) {
      const error = await thrown(what);
      assertEquals(error.name, "DataCloneError");
      assertStringIncludes(error.message, `a ${what}`);
    }

    assertEquals(await pool.submit(tasks.identify), worker);
  });

  test("tasks that throw what is no error reject with just that", {}, async (pool) => {
    const values = { string: "just text", null: null, undefined, number: 42, object: { code: 7 } };
    for (const [what, value] of Object.entries(values)) {
      const [outcome] = await Promise.allSettled([pool.submit(throwKind, what)]);
      assertEquals(outcome, { status: "rejected", reason: value });
      const [map] = await Promise.allSettled([pool.map(throwKind, [what])]);
      assertEquals(map, { status: "rejected", reason: value });
    }
  });

  test("tasks that throw reject with a stack that shows where", {}, async (pool) => {
    for (const future of [pool.submit(throwDeep), pool.map(throwDeep as Task<[number]>, [1])]) {
      const { stack } = await assertRejects(() => future, Error, "from within");

      assertStringIncludes(stack!, "innermost");
      assertStringIncludes(stack!, "thread_errors.ts");
    }
    const late = await assertRejects(() => pool.submit(throwLater, "RangeError"), RangeError);
    assertStringIncludes(late.stack!, "thread_errors.ts");
  });

  test("tasks that throw again and again do not lose their worker", {}, async (pool) => {
    const worker = await pool.submit(tasks.identify);

    const outcomes = await Promise.all(
      range(500).map((n) => outcomeOf(pool.submit(tasks.throwAt, { item: n, bad: n - n % 2 }))),
    );

    assertEquals(outcomes, range(500).map((n) => n % 2 === 0 ? "RangeError" : n));
    assertEquals(await pool.submit(tasks.identify), worker);
    assertEquals([pool.stats.completed, pool.stats.failed], [252, 250]);
  });

  test(
    "a stack that overflows is an error of the task, and the worker goes on",
    {},
    async (pool) => {
      const worker = await pool.submit(tasks.identify);

      for (let i = 0; i < 5; i++) {
        await assertRejects(() => pool.submit(overflowStack), RangeError, "call stack");
      }

      assertEquals(await pool.submit(tasks.identify), worker);
    },
  );

  test(
    "values nested 100,000 deep come back or reject, and the worker goes on",
    {},
    async (pool) => {
      const worker = await pool.submit(tasks.identify);

      const deep = await pool.submit(faults.makeDeep, 100_000).catch((error) => error);
      const echoed = deep instanceof Error
        ? deep
        : await pool.submit(tasks.echo, deep).catch((error) => error);

      for (const value of [deep, echoed]) {
        if (value instanceof Error) {
          assert(["RangeError", "DataCloneError"].includes(value.name), `${value}`);
        } else assert(Array.isArray(value));
      }
      assertEquals(await pool.submit(tasks.identify), worker);
    },
  );

  const modules: Record<string, [URL, RegExp]> = {
    "has a syntax error": [new URL("data:text/javascript,const ="), /Unexpected token/],
    "throws when it is imported": [
      new URL("data:text/javascript,throw new RangeError('at import')"),
      /RangeError: at import/,
    ],
    "does not exist": [new URL("./does_not_exist.ts", import.meta.url), /does_not_exist\.ts/],
    "has no such function": [new URL("data:text/javascript,export {}"), /noSuchTask/],
  };
  for (const [what, [url, message]] of Object.entries(modules)) {
    test(`a task whose module ${what} rejects, and the others do not`, {}, async (pool) => {
      const bad = importTask<() => void>(url, "noSuchTask");
      const gate = makeGate();
      const held = pool.submit(tasks.hold, gate, "held");
      await gate.reached.wait();
      const futures = [
        pool.submit(tasks.square, 1),
        pool.submit(bad),
        pool.submit(tasks.square, 2),
        pool.submit(bad),
        pool.map(bad as Task<[number]>, [1, 2]),
        pool.submit(tasks.square, 3),
      ];
      gate.open.set();

      const outcomes = await Promise.all(
        futures.map((future) => future.catch((error: unknown) => String(error))),
      );

      assertEquals([outcomes[0], outcomes[2], outcomes[5]], [1, 4, 9]);
      for (const i of [1, 3, 4]) {
        const text = String(outcomes[i]);
        assert(message.test(text) && !text.startsWith("BrokenPoolError"), text);
      }
      assertEquals(await held, "held");
      assertEquals([pool.stats.workers, await pool.submit(tasks.square, 4)], [1, 16]);
    });
  }

  test("a task whose module is never loaded ends by its timeout", {}, async (pool) => {
    const url = new URL(
      "data:text/javascript,setInterval(() => {}, 1e6); await new Promise(() => {})",
    );
    const stuck = importTask<() => void>(url, "stuck");

    const future = pool.run(stuck, [], { timeout: 100 });
    const next = pool.submit(tasks.square, 3);

    assertEquals(await outcomeOf(future), "TimeoutError");
    assertEquals(await next, 9);
  });
}
