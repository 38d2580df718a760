// Copyright 2026 the Weft authors. MIT license.

// What processes are given and what they come to.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { activeChildren, Process } from "../../process/mod.ts";
import { importTask, type Task } from "../../task/mod.ts";
import * as tasks from "../fixtures/process_tasks.ts";
import type { Thrown } from "../fixtures/process_tasks.ts";
import { fixture } from "./_helpers.ts";

/** What the join of a process that throws rejects with. */
async function thrownBy(kind: Thrown): Promise<unknown> {
  const process = Process.spawn(tasks.fail, kind);
  const [outcome] = await Promise.allSettled([process.join()]);
  assert(outcome.status === "rejected");
  assertEquals(await process.exited, { reason: "threw", code: 1 });
  assertEquals([process.exitCode, process.exitSignal], [1, undefined]);
  return outcome.reason;
}

async function errorThrownBy(kind: Thrown): Promise<Error> {
  const error = await thrownBy(kind);
  assertInstanceOf(error, Error);
  return error;
}

function isFilled(bytes: Uint8Array, value: number): boolean {
  return bytes.every((byte) => byte === value);
}

Deno.test("Process.join() resolves with what the task returns", async () => {
  const value = { list: [1, "two", null], map: new Map([["a", new Date(0)]]), zero: -0 };

  const result = await Process.spawn(tasks.echo, value).join();

  assertEquals(result, value);
});

Deno.test("Process.join() resolves with undefined when the task returns nothing", async () => {
  assertStrictEquals(await Process.spawn(tasks.echo, undefined).join(), undefined);
});

for (const size of [0, 1, 1000, 65_535, 65_536, 65_537, 1_000_000]) {
  Deno.test(`Process.join() resolves with a copy of ${size} bytes`, async () => {
    const result = await Process.spawn(tasks.echo, new Uint8Array(size).fill(7)).join();

    assertInstanceOf(result, Uint8Array);
    assertEquals(result.length, size);
    assert(isFilled(result, 7));
  });
}

Deno.test("Process.join() resolves with a copy of 50 megabytes", async () => {
  const size = 50 * 1024 * 1024;

  const result = await Process.spawn(tasks.echo, new Uint8Array(size).fill(9)).join();

  assertInstanceOf(result, Uint8Array);
  assertEquals(result.length, size);
  assert(isFilled(result, 9));
});

Deno.test("Process hands on as many arguments as it is given", async () => {
  const args = Array.from({ length: 300 }, (_, i) => i);

  const count = await new Process(tasks.countArguments, { args }).start().join();

  assertEquals(count, 300);
});

Deno.test("Process hands on an argument that is undefined", async () => {
  assertEquals(await Process.spawn(tasks.findUndefined, 1, undefined, 2).join(), 1);
});

Deno.test("Process clones its arguments when it starts", async () => {
  const list = [1, 2];
  const process = new Process(tasks.echo, { args: [list] }).start();
  list.push(3);

  assertEquals(await process.join(), [1, 2]);
});

Deno.test("Process runs a function of a module that was not made a task", async () => {
  const join = importTask<(a: string, b: string) => string>(
    new URL("data:text/javascript,export const join = (a, b) => a + b"),
    "join",
  );

  assertEquals(await Process.spawn(join, "a", "b").join(), "ab");
});

Deno.test("Process runs the run() of a subclass with its fields", async () => {
  const greeter = new tasks.Greeter("Ada", { shout: true }).start();

  assertEquals(await greeter.join(), "HELLO ADA FROM GREETER, TRUE, TRUE");
});

Deno.test("Process.start() and join() throw within the process itself", async () => {
  const [start, join] = await new tasks.Selfish({ name: "self" }).start().join();

  assertEquals(start, 'Cannot start process "self" as it is running this code');
  assertEquals(join, 'Cannot join process "self" as it is running this code');
});

Deno.test("Process.join() rejects with an Error of the same message", async () => {
  const error = await errorThrownBy("Error");

  assertStrictEquals(error.constructor, Error);
  assertEquals(error.message, "plain");
});

Deno.test("Process.join() rejects with an error whose stack shows the remote frames", async () => {
  const { stack } = await errorThrownBy("Error");

  assertStringIncludes(stack!, "raise");
  assertStringIncludes(stack!, fixture("process_tasks.ts").href);
});

for (
  const [kind, errorClass] of [
    ["TypeError", TypeError],
    ["RangeError", RangeError],
    ["NotFound", Deno.errors.NotFound],
    ["AggregateError", AggregateError],
    ["DOMException", DOMException],
  ] as const
) {
  Deno.test(`Process.join() rejects with a ${kind} when the task throws one`, async () => {
    const error = await errorThrownBy(kind);

    assertStrictEquals(error.constructor, errorClass);
  });
}

Deno.test("Process.join() rejects with the name and message of a DOMException", async () => {
  const { name, message } = await errorThrownBy("DOMException");

  assertEquals([name, message], ["InvalidStateError", "dom"]);
});

Deno.test("Process.join() rejects with the parts of an AggregateError", async () => {
  const { errors } = await errorThrownBy("AggregateError") as AggregateError;

  assertEquals(errors.map(({ name, message }) => [name, message]), [
    ["TypeError", "first"],
    ["Error", "second"],
  ]);
});

Deno.test("Process.join() rejects with an Error of the same name for a class of the program", async () => {
  const error = await errorThrownBy("QuotaError");

  assertEquals(error.name, "QuotaError");
  assertEquals(Reflect.get(error, "limit"), 3);
});

Deno.test("Process.join() rejects with the cause of an error", async () => {
  const { cause } = await errorThrownBy("cause");

  assertInstanceOf(cause, RangeError);
  assertEquals(cause.message, "inner");
});

Deno.test("Process.join() rejects with the own properties of an error", async () => {
  const error = await errorThrownBy("properties") as Error & { code: string; at: number[] };

  assertEquals([error.code, error.at], ["E_EXTRA", [1, 2]]);
});

for (const [kind, value] of [["string", "text"], ["null", null], ["undefined", undefined]]) {
  Deno.test(`Process.join() rejects with what is thrown when that is ${kind}`, async () => {
    assertStrictEquals(await thrownBy(kind as Thrown), value);
  });
}

Deno.test("Process.join() rejects with a DataCloneError when the task throws a function", async () => {
  const error = await errorThrownBy("function");

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "a function");
});

Deno.test("Process.join() rejects with a DataCloneError when the task returns a function", async () => {
  const process = Process.spawn(tasks.returnFunction);

  const error = await assertRejects(() => process.join(), DOMException);

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "$.callback");
  assertEquals((await process.exited).reason, "threw");
});

Deno.test("Process.start() throws a DataCloneError when an argument is a function", () => {
  const process = new Process(tasks.echo, { args: [{ user: { callback: () => {} } }] });

  const error = assertThrows(() => process.start(), DOMException);

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "$[0].user.callback");
});

Deno.test("Process.start() leaves nothing when an argument cannot be cloned", () => {
  const process = new Process(tasks.echo, { args: [Symbol("s")] });

  assertThrows(() => process.start(), DOMException);

  assertEquals(process.isAlive, false);
  assertEquals(activeChildren(), []);
  assertThrows(() => process.pid, Error, "was not started");
});

Deno.test("Process.start() tells what to do when an argument is a SharedArrayBuffer", () => {
  const process = new Process(tasks.echo, { args: [new SharedArrayBuffer(8)] });

  const error = assertThrows(() => process.start(), DOMException);

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "SharedArrayBuffer");
  assertStringIncludes(error.message, "process");
});

Deno.test("Process.start() throws a DataCloneError when a field of an instance is a function", () => {
  const process = new tasks.Greeter("Ada", { shout: (() => {}) as unknown as boolean });

  const error = assertThrows(() => process.start(), DOMException);

  assertEquals(error.name, "DataCloneError");
  assertStringIncludes(error.message, "$.options.shout");
});

Deno.test("Process refuses a plain function and shows the line to write", () => {
  function plain() {}

  const start = () => new Process(plain as unknown as Task<[]>).start();

  assertThrows(start, TypeError, "const plainTask = task(import.meta, plain)");
});

Deno.test("Process.start() throws when there is neither task nor run()", () => {
  assertThrows(() => new Process().start(), TypeError, "it has no task");
});

Deno.test("Process.join() rejects when the module of the task does not exist", async () => {
  const missing = importTask(new URL("./does_not_exist.ts", import.meta.url), "work");

  const error = await assertRejects(() => Process.spawn(missing).join(), Error);

  assertStringIncludes(error.message, "does_not_exist.ts");
});

Deno.test("Process.join() rejects when the module has no such function", async () => {
  const missing = importTask(fixture("process_tasks.ts"), "noSuchTask");

  await assertRejects(() => Process.spawn(missing).join(), ReferenceError, "noSuchTask");
});

Deno.test("Process.join() rejects with what the module throws while it is imported", async () => {
  const broken = importTask(
    new URL("data:text/javascript,throw new RangeError('at import')"),
    "work",
  );

  await assertRejects(() => Process.spawn(broken).join(), RangeError, "at import");
});

Deno.test("Process.join() rejects when the module has a syntax error", async () => {
  const broken = importTask(new URL("data:text/javascript,const ="), "work");

  await assertRejects(() => Process.spawn(broken).join(), Error, "Unexpected token");
});
