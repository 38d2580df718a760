// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { BootstrapError, importTask, task } from "../../task/mod.ts";
import { makeInner } from "../fixtures/thread_import_inner.ts";
import type { plain } from "../fixtures/thread_values.ts";

const values = new URL("../fixtures/thread_values.ts", import.meta.url);

Deno.test("task() returns the very function, which can be called here", () => {
  function double(n: number): number {
    return n * 2;
  }

  const doubleTask = task(import.meta, double);

  assertStrictEquals<unknown>(doubleTask, double);
  assertEquals(doubleTask(21), 42);
});

Deno.test("task() throws a TypeError when the module has a task of this name already", () => {
  task(import.meta, function twice() {});

  const error = assertThrows(() => task(import.meta, function twice() {}), TypeError);

  assertStringIncludes(error.message, "Cannot make a task of twice");
  assertStringIncludes(error.message, "at the top level of the module");
});

Deno.test("task() throws a TypeError when it is called twice within a function", () => {
  makeInner();

  assertThrows(() => makeInner(), TypeError, "has one of this name");
});

Deno.test("task() takes any number of functions without a name", () => {
  const tasks = [task(import.meta, () => 1), task(import.meta, () => 2)];

  assertEquals(tasks.map((one) => one()), [1, 2]);
});

for (const meta of [undefined, null, {}, "file:///module.ts", { url: 5 }]) {
  Deno.test(`task() throws a TypeError when meta is ${Deno.inspect(meta)}`, () => {
    // deno-lint-ignore no-explicit-any -- what a caller without types can pass
    const call = () => task(meta as any, () => 1);

    assertThrows(call, TypeError, "the first argument is not import.meta");
  });
}

Deno.test("task() throws a TypeError when it gets no function", () => {
  for (const fn of [undefined, "text", 5, {}]) {
    // @ts-expect-error Not a function.
    assertThrows(() => task(import.meta, fn), TypeError, "not a function");
  }
});

Deno.test("task() as a decorator throws a TypeError when the module has a task of this name", () => {
  function define(): void {
    @task(import.meta)
    class Repeated {
      run(): void {}
    }
    void Repeated;
  }
  define();

  assertThrows(define, TypeError, "Cannot make a task of Repeated");
});

Deno.test("importTask() makes a task that imports the module when it is called here", async () => {
  const shout = importTask<typeof plain>(values, "plain");

  assertEquals(await shout("hello"), "HELLO");
});

Deno.test("importTask() takes the module as a text", async () => {
  assertEquals(await importTask<typeof plain>(values.href, "plain")("hello"), "HELLO");
});

Deno.test("importTask() makes a task that rejects when the module has no such export", async () => {
  const missing = importTask<() => void>(values, "missing");

  await assertRejects(async () => await missing(), ReferenceError, "Cannot find function missing");
});

Deno.test("importTask() throws a TypeError when the module is no absolute URL", () => {
  assertThrows(() => importTask("./lib.ts", "run"), TypeError, 'current value is "./lib.ts"');
});

Deno.test("importTask() throws a TypeError when the name is empty", () => {
  assertThrows(() => importTask(values, ""), TypeError, "not a non-empty string");
});

Deno.test("BootstrapError is an Error of its own name", () => {
  const error = new BootstrapError("why");

  assert(error instanceof Error);
  assertEquals([error.name, error.message], ["BootstrapError", "why"]);
});
