// Copyright 2026 the Weft authors. MIT license.

import { assertEquals } from "@std/assert";
import { closest, editDistance } from "../../demo/_frame/closest.ts";

Deno.test("editDistance() counts insertions, deletions and replacements", () => {
  assertEquals(editDistance("kitten", "sitting"), 3);
  assertEquals(editDistance("", "abc"), 3);
  assertEquals(editDistance("abc", ""), 3);
  assertEquals(editDistance("进程", "线程"), 1);
  assertEquals(editDistance("same", "same"), 0);
});

Deno.test("closest() finds the name that was meant", () => {
  const names = ["process-join", "process-daemon", "thread-daemon", "command"];

  assertEquals(closest("proces-join", names), "process-join");
  assertEquals(closest("THREAD-DEAMON", names), "thread-daemon");
  assertEquals(closest("comand", names), "command");
});

Deno.test("closest() finds nothing when there are no names", () => {
  assertEquals(closest("command", []), undefined);
});
