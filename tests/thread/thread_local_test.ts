// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Thread, ThreadLocal } from "../../thread/mod.ts";
import { local, useLocal } from "../fixtures/thread_identity.ts";

Deno.test("ThreadLocal.value is each thread's own", async () => {
  local.value = "main";

  const seen = await Promise.all([
    Thread.spawn(useLocal, "first").join(),
    Thread.spawn(useLocal, "second").join(),
  ]);

  const before = { isSet: false, value: undefined };
  assertEquals(seen, [
    { before, isSet: true, value: "first", calls: 1 },
    { before, isSet: true, value: "second", calls: 1 },
  ]);
  assertEquals(local.value, "main");
  local.clear();
});

Deno.test("ThreadLocal.value is undefined before it is set", () => {
  const own = new ThreadLocal<number>();

  assertEquals([own.value, own.isSet], [undefined, false]);
});

Deno.test("ThreadLocal.value comes from the initializer, once", () => {
  let calls = 0;
  const own = new ThreadLocal(() => ++calls);

  assertEquals([own.isSet, own.value, own.value, own.isSet, calls], [false, 1, 1, true, 1]);
});

Deno.test("ThreadLocal.value has no undefined in its type when there is an initializer", () => {
  const made = new ThreadLocal(() => 0);
  const value: number = made.value;
  const named: string | undefined = new ThreadLocal<string>().value;
  const wider: ThreadLocal<number> = made;
  // @ts-expect-error May be undefined.
  const unset: number = new ThreadLocal<number>().value;
  // @ts-expect-error Would not be a number any more.
  made.value = undefined;

  assertEquals([value, named, wider.value, unset], [0, undefined, undefined, undefined]);
});

Deno.test("ThreadLocal.value does not come from the initializer when it is set before", () => {
  const own = new ThreadLocal<string>(() => {
    throw new Error("not reached");
  });

  own.value = "set";

  assertEquals(own.value, "set");
});

Deno.test("ThreadLocal.value can be set to undefined", () => {
  const own = new ThreadLocal<string | undefined>(() => "initial");

  own.value = undefined;

  assertEquals([own.value, own.isSet], [undefined, true]);
});

Deno.test("ThreadLocal.value throws what the initializer throws, and asks it again", () => {
  let calls = 0;
  const own = new ThreadLocal(() => {
    if (calls++ === 0) throw new RangeError("first");
    return "second";
  });

  assertThrows(() => own.value, RangeError, "first");
  assertEquals(own.isSet, false);
  assertEquals(own.value, "second");
});

Deno.test("ThreadLocal.clear() takes the value away, and the initializer makes another", () => {
  const own = new ThreadLocal(() => ({}));
  const first = own.value;

  own.clear();

  assertEquals(own.isSet, false);
  assertStrictEquals(own.value === first, false);
});
