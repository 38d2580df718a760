// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { BootstrapError, importTask } from "../../task/mod.ts";
import { activeCount, Thread } from "../../thread/mod.ts";
import { work as exitsAtImport } from "../fixtures/thread_import_exits.ts";
import { makeInner, makeUnnamedInner } from "../fixtures/thread_import_inner.ts";
import { work as startsAtImport } from "../fixtures/thread_import_starts.ts";
import { work as throwsAtImport } from "../fixtures/thread_import_throws.ts";
import type { plain, plainLater } from "../fixtures/thread_values.ts";
import { endOf } from "./_helpers.ts";

const values = new URL("../fixtures/thread_values.ts", import.meta.url);

Deno.test("Thread.join() delivers what an imported function returned", async () => {
  const shout = importTask<typeof plain>(values, "plain");

  assertEquals(await Thread.spawn(shout, "hello").join(), "HELLO");
});

Deno.test("Thread.join() delivers what an imported async function resolved with", async () => {
  const shout = importTask<typeof plainLater>(values.href, "plainLater");

  assertEquals(await Thread.spawn(shout, "hello").join(), "HELLO");
});

Deno.test("Thread.join() rejects with the loader's error when the module does not exist", async () => {
  const missing = importTask<() => void>(new URL("./no_such_module.ts", import.meta.url), "run");

  const { error, status } = await endOf(Thread.spawn(missing));

  assertInstanceOf(error, TypeError);
  assertStringIncludes(error.message, "no_such_module.ts");
  assertEquals(status, { reason: "threw", code: 1 });
});

Deno.test("Thread.join() rejects with the loader's error when the module cannot be parsed", async () => {
  const url = new URL("data:text/javascript,export function broken( {");

  const { error } = await endOf(Thread.spawn(importTask<() => void>(url, "broken")));

  assertInstanceOf(error, Error);
  assertStringIncludes(error.message, "data:text/javascript");
});

Deno.test("Thread.join() rejects with a ReferenceError when the module has no such export", async () => {
  const { error } = await endOf(Thread.spawn(importTask<() => void>(values, "missing")));

  assertInstanceOf(error, ReferenceError);
  assertStringIncludes(error.message, "Cannot find function missing among the exports of");
  assertStringIncludes(error.message, "thread_values.ts");
});

Deno.test("Thread.join() rejects with a ReferenceError when the export is no function", async () => {
  const { error } = await endOf(Thread.spawn(importTask<() => void>(values, "notCallable")));

  assertInstanceOf(error, ReferenceError);
  assertStringIncludes(error.message, "Cannot find function notCallable");
});

Deno.test("Thread.join() rejects with what the module throws while it is imported", async () => {
  const { error, status } = await endOf(Thread.spawn(throwsAtImport));

  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "thrown at import time");
  assertStringIncludes(error.stack!, "thread_import_throws.ts");
  assertEquals(status, { reason: "threw", code: 1 });
});

Deno.test("Thread.join() rejects with the code when the module exits while it is imported", async () => {
  const { error, status } = await endOf(Thread.spawn(exitsAtImport));

  assertEquals((error as Error).name, "ThreadExitedError");
  assertEquals(status, { reason: "exited", code: 6 });
});

Deno.test("Thread.join() rejects with advice when the task is not made at the top level", async () => {
  const { error } = await endOf(Thread.spawn(makeInner()));

  assertInstanceOf(error, ReferenceError);
  assertStringIncludes(error.message, "Cannot find task inner in");
  assertStringIncludes(error.message, "at the top level of the module");
});

Deno.test("Thread.join() rejects with advice when a task without a name is not made at the top level", async () => {
  const { error } = await endOf(Thread.spawn(makeUnnamedInner()));

  assertInstanceOf(error, ReferenceError);
  assertStringIncludes(error.message, "Cannot find an unnamed task in");
});

Deno.test("Thread.start() throws a BootstrapError while a thread imports its module", async () => {
  const before = activeCount();

  const { error } = await endOf(Thread.spawn(startsAtImport));

  assertInstanceOf(error, Error);
  assertEquals(error.name, new BootstrapError("").name);
  assertStringIncludes(error.message, "if (import.meta.main)");
  assertStringIncludes(error.message, "thread_import_starts.ts");
  assertEquals(activeCount(), before);
});
