// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { drawChart } from "../../bench/report/chart.ts";
import { report, result } from "./fixtures/results.ts";

/*
 * Labels of 12 letters of 6.9 after a margin of 16, then 12: the plot is from 110.8 to 450.8. Ratios of 0.5 to 4
 * make it end at 0.5 and 5, so that 1× is at 110.8 + 340 × 0.30103 = 213.15, and 4× 340 × 0.60206 = 204.70
 * to the right of it.
 */
const rows = [
  result(1, 4, { aim: 2 }),
  result(2, 1, { aim: 1 }),
];

Deno.test("drawChart() draws a bar to the right where ours is faster, to the left where the peer is", () => {
  const chart = drawChart("Title", rows);

  assertStringIncludes(
    chart,
    `<rect class="faster" x="213.2" y="117" width="204.7" height="10"/>`,
  );
  assertStringIncludes(
    chart,
    `<rect class="slower" x="110.8" y="137" width="102.4" height="10"/>`,
  );
});

Deno.test("drawChart() marks aims, and those that are missed in another way", () => {
  const chart = drawChart("Title", rows);

  assertStringIncludes(chart, `<path class="aim" d="M315.5 114V130"/>`);
  assertStringIncludes(chart, `<path class="aim missed" d="M213.2 134V150"/>`);
  assertStringIncludes(chart, ">aim 2×</text>");
  assertStringIncludes(chart, ">aim 1×, missed</text>");
});

Deno.test("drawChart() draws the line of 1× and names round ratios", () => {
  const chart = drawChart("Title", rows);

  assertStringIncludes(chart, `<path class="one" d="M213.2 76V152"/>`);
  const ticks = [...chart.matchAll(/class="tick"[^>]*>([^<]*)</g)].map(([, tick]) => tick);
  assertEquals(ticks, ["0.5×", "1×", "2×", "5×"]);
});

Deno.test("drawChart() draws the quartiles as a line", () => {
  const chart = drawChart("Title", [result(1, 4, { spread: [1, 2] })]);

  assertStringIncludes(chart, `<path class="spread" d="M213.2 122H315.5"/>`);
});

Deno.test("drawChart() labels rows with both figures and groups them by measures", () => {
  const chart = drawChart("Title", [...rows, result(1, 1, { measure: "waking" })]);

  assertStringIncludes(chart, ">Lock : Other</text>");
  assertStringIncludes(chart, ">4.00×</text>");
  assertStringIncludes(chart, ">1.00 ms : 4.00 ms</text>");
  assertEquals(chart.match(/class="measure"/g)?.length, 2);
});

Deno.test("drawChart() draws no bar for a peer that is missing, and says so", () => {
  const chart = drawChart("Title", [result(1, "not installed", { aim: 4 })]);

  assertFalse(chart.includes('<rect class="faster"'));
  assertFalse(chart.includes('<rect class="slower"'));
  assertStringIncludes(chart, ">1.00 ms : not installed</text>");
  assertStringIncludes(chart, ">aim 4×, not tried</text>");
});

Deno.test("drawChart() draws no bar where there is no ratio", () => {
  const chart = drawChart("Title", [result(0, 1), result(1, 0)]);

  assertFalse(/NaN|Infinity/.test(chart), chart);
  assertFalse(chart.includes('<rect class="faster"'));
});

Deno.test("drawChart() escapes names", () => {
  const chart = drawChart(`A & "B"`, report["locks"]!.peers);

  assertStringIncludes(chart, "<title>A &amp; &quot;B&quot;</title>");
  assertStringIncludes(chart, ">a|b &lt;c&gt;</text>");
});

Deno.test("drawChart() needs nothing from elsewhere, and has colors for dark pages", () => {
  const chart = drawChart("Title", rows);

  const addresses = [...chart.matchAll(/https?:[^"]*/g)].map(([address]) => address);
  assertEquals(addresses, ["http://www.w3.org/2000/svg"]);
  assertFalse(/url\(|href|<script|@import/.test(chart));
  assertStringIncludes(chart, "@media (prefers-color-scheme: dark)");
});

Deno.test("drawChart() has room for its longest texts", () => {
  const name = "a name that is much longer than most of the others are";
  const chart = drawChart("Title", [result(1, 2, { ours: { name, value: 1 } })]);

  const width = Number(/ width="(\d+)"/.exec(chart)![1]);
  const plot = Number(/class="grid" d="M([\d.]+) /.exec(chart)![1]);
  // Labels end before the plot. A letter of 12 pixels is 6 wide on the average.
  assert(plot > `${name} : Other`.length * 6, `${plot}`);
  assert(width > plot + 340, `${width}`);
});
