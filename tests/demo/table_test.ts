// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { type Column, formatTable } from "../../demo/_frame/table.ts";
import { createPalette, width } from "../../demo/_frame/text.ts";

const columns: Column[] = [
  { heading: "scenario" },
  { heading: "what was checked", shrinks: true },
  { heading: "time", align: "right" },
];
const headingStyle = (text: string) => text;

Deno.test("formatTable() aligns wide characters", () => {
  const lines = formatTable(columns, [
    ["process-join", "子进程 is running", "1 ms"],
    ["进程", "done", "12.00 s"],
  ], { headingStyle });

  assertEquals(lines, [
    "scenario      what was checked      time",
    "────────────  ─────────────────  ───────",
    "process-join  子进程 is running     1 ms",
    "进程          done               12.00 s",
  ]);
});

Deno.test("formatTable() shortens the column that gives way to the terminal's columns", () => {
  const rows = [["process-join", "the children sleep 仙女姐姐 for three seconds", "1 ms"]];

  const lines = formatTable(columns, rows, { columns: 40, headingStyle });

  for (const line of lines) assert(width(line) <= 40, line);
  assertEquals(lines[2], "process-join  the children sleep…   1 ms");
});

Deno.test("formatTable() aligns styled cells as if they were not", () => {
  const { red } = createPalette(true);
  const styled = [{ heading: "a", style: () => red }, { heading: "b" }];

  const [, , line] = formatTable(styled, [["x", "y"]], { headingStyle });

  assertEquals(line, "\x1b[31mx\x1b[39m  y");
});
