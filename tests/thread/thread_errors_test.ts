// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { Thread } from "../../thread/mod.ts";
import { throwDeep, throwKind, throwLater } from "../fixtures/thread_errors.ts";
import { endOf } from "./_helpers.ts";

async function thrownBy(kind: string): Promise<unknown> {
  return (await endOf(Thread.spawn(throwKind, kind))).error;
}

const builtIns = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  "Deno.errors.NotFound": Deno.errors.NotFound,
  "Deno.errors.PermissionDenied": Deno.errors.PermissionDenied,
};

for (const [name, errorClass] of Object.entries(builtIns)) {
  Deno.test(`Thread.join() rejects with a ${name} when the task throws one`, async () => {
    const error = await thrownBy(name);

    assertInstanceOf(error, errorClass);
    assertStrictEquals(error.constructor, errorClass);
    assertEquals(error.message, "bad");
  });
}

Deno.test("Thread.join() rejects with the task's error when it throws after an await", async () => {
  const thread = Thread.spawn(throwLater, "RangeError");

  await assertRejects(() => thread.join(), RangeError, "bad");
  assertEquals(await thread.exited, { reason: "threw", code: 1 });
});

Deno.test("Thread.join() rejects with the same error each time", async () => {
  const thread = Thread.spawn(throwKind, "TypeError");

  const [first, second] = [await endOf(thread), await endOf(thread)];

  assertStrictEquals(first.error, second.error);
});

Deno.test("Thread.join() rejects with a DOMException of the same name", async () => {
  const error = await thrownBy("DOMException");

  assertInstanceOf(error, DOMException);
  assertEquals([error.name, error.message, error.code], ["InvalidStateError", "bad", 11]);
});

Deno.test("Thread.join() rejects with an AggregateError and its errors", async () => {
  const error = await thrownBy("aggregate");

  assertInstanceOf(error, AggregateError);
  assertEquals(error.message, "both");
  assertInstanceOf(error.errors[0], RangeError);
  assertEquals(error.errors[1], "two");
});

Deno.test("Thread.join() rejects with the nearest built-in class for a custom one", async () => {
  const error = await thrownBy("custom") as TypeError & { temperature: number };

  assertStrictEquals(error.constructor, TypeError);
  assertEquals(error.name, "TeapotError");
  assertEquals(error.message, "short and stout");
  assertEquals(error.temperature, 90);
});

Deno.test("Thread.join() rejects with the causes of an error", async () => {
  const error = await thrownBy("cause") as Error;

  assertInstanceOf(error.cause, RangeError);
  assertEquals(error.cause.message, "inner");
  assertEquals(error.cause.cause, "deep");
});

Deno.test("Thread.join() rejects with a cause that leads back to the error", async () => {
  const error = await thrownBy("cyclic") as Error;

  assertInstanceOf(error.cause, RangeError);
  assertStrictEquals(error.cause.cause, error);
});

Deno.test("Thread.join() rejects with the own properties of an error", async () => {
  const error = await thrownBy("properties") as Error & { code: string; detail: unknown };

  assertEquals(error.code, "E_BAD");
  assertEquals(error.detail, { size: 3n });
});

Deno.test("Thread.join() rejects with the error when it was frozen", async () => {
  const error = await thrownBy("frozen");

  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "frozen");
});

Deno.test("Thread.join() rejects with the error and the text of a function in it", async () => {
  const error = await thrownBy("function property") as RangeError & Record<string, unknown>;

  assertInstanceOf(error, RangeError);
  assertEquals(error["code"], 7);
  assertMatch(String(error["retry"]), /Function/);
});

for (
  const [kind, expected] of Object.entries({
    string: "just text",
    null: null,
    undefined: undefined,
    number: 42,
    object: { code: 7 },
  })
) {
  Deno.test(`Thread.join() rejects with what is no error when the task throws it: ${kind}`, async () => {
    const outcome = await Thread.spawn(throwKind, kind).join().then(
      () => "resolved",
      (error) => ({ error }),
    );

    assertEquals(outcome, { error: expected });
  });
}

for (const kind of ["function", "symbol"]) {
  Deno.test(`Thread.join() rejects with a DataCloneError when the task throws a ${kind}`, async () => {
    const error = await thrownBy(kind);

    assertInstanceOf(error, DOMException);
    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, `a ${kind}`);
    assertStringIncludes(error.message, "thrown");
  });
}

Deno.test("Thread.join() rejects with a stack that shows the frames of the thread", async () => {
  const { error } = await endOf(Thread.spawn(throwDeep));

  assert(error instanceof Error);
  assertMatch(error.stack!, /Error: from within\n\s+at innermost \(.*thread_errors\.ts:\d+:\d+\)/);
  assertStringIncludes(error.stack!, "at throwDeep");
});
