// Copyright 2026 the Weft authors. MIT license.

import { assertEquals } from "@std/assert";
import { formatTable } from "../../bench/peers/table.ts";
import { formatBenches } from "../../bench/report/bench_table.ts";
import { escapeMarkdown } from "../../bench/report/escape.ts";
import { report, result } from "./fixtures/results.ts";

Deno.test("formatTable() shows medians, ratio, quartiles, and whether the aim is met", () => {
  const table = formatTable([
    result(0.5, 2, { aim: 2, spread: [3.5, 12.25] }),
    result(0.002, 0.001, { aim: 1 }),
    result(1, "not installed", { aim: 1 / 3 }),
    result(1000, 2 ** 20, { unit: "bytes" }),
  ]);

  assertEquals(table.split("\n").map((line) => line.replace(/ +/g, " ")), [
    "| measure | ours | peer | ratio | quartiles | aim | met |",
    "| ------- | -------------- | -------------------- | ----- | ------------ | ----- | --- |",
    "| passing | Lock: 500.0 µs | Other: 2.00 ms | 4.00× | 3.50× to 12× | 2× | yes |",
    "| passing | Lock: 2.00 µs | Other: 1.00 µs | 0.50× | | 1× | NO |",
    "| passing | Lock: 1.00 ms | Other: not installed | | | 0.33× | |",
    "| passing | Lock: 1000 B | Other: 1.00 MiB | 1049× | | | |",
  ]);
});

Deno.test("formatBenches() compares with the baseline", () => {
  const [group] = report["locks"]!.benches;

  const lines = formatBenches(group!).split("\n").map((line) => line.replace(/ +/g, " "));

  assertEquals(lines[0], "| bench | average | p75 | p99 | times/s | speed |");
  // A second has 2,000,000 times 500 ns, and 500 times 2 ms.
  assertEquals(lines.slice(2), [
    "| plain | 500 ns | 600 ns | 1.25 µs | 2,000,000 | baseline |",
    "| Lock | 2.00 ms | 3.00 ms | 4.00 ms | 500 | 0.00025× |",
  ]);
});

Deno.test("escapeMarkdown() makes of a text what shows it", () => {
  assertEquals(
    escapeMarkdown("a|b *c* [d] `e` <f> & \\"),
    "a\\|b \\*c\\* \\[d\\] \\`e\\` &lt;f> &amp; \\\\",
  );
  assertEquals(escapeMarkdown("child_process _x_"), "child_process \\_x\\_");
});
