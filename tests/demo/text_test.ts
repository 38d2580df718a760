// Copyright 2026 the Weft authors. MIT license.

import { assertEquals } from "@std/assert";
import { createPalette, expandTabs, pad, truncate, width } from "../../demo/_frame/text.ts";

Deno.test("width() counts a wide character as two columns", () => {
  assertEquals(width("egon"), 4);
  assertEquals(width("子进程1"), 7);
});

Deno.test("pad() fills up to columns, not characters", () => {
  assertEquals(pad("子进程", 8), "子进程  ");
  assertEquals(pad("12", 5, "start"), "   12");
  assertEquals(pad("子进程", 2), "子进程");
});

Deno.test("truncate() never takes more columns than it may", () => {
  assertEquals(truncate("仙女姐姐", 8), "仙女姐姐");
  assertEquals(truncate("仙女姐姐", 7), "仙女姐…");
  assertEquals(truncate("仙女姐姐", 6), "仙女…");
  assertEquals(truncate("a process", 3), "a…");
});

Deno.test("expandTabs() aligns what follows wide and narrow text", () => {
  const wide = expandTabs("名字\tegon");
  const narrow = expandTabs("name\tegon");

  assertEquals(width(wide), width(narrow));
  assertEquals(expandTabs("no tab"), "no tab");
});

Deno.test("createPalette() leaves text as it is without colour", () => {
  assertEquals(createPalette(false).red("failed"), "failed");
  assertEquals(createPalette(true).red("failed"), "\x1b[31mfailed\x1b[39m");
});
