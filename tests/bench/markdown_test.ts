// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { formatReport } from "../../bench/report/markdown.ts";
import { report, result, topicResult, topics } from "./fixtures/results.ts";

/** The report without the spaces that align tables. */
function formatted(): string {
  return formatReport(topics, report).replace(/ +/g, " ");
}

/** What is from one heading to the next one. */
function section(text: string, heading: string): string {
  const [, rest] = text.split(`${heading}\n`);
  return rest!.split(/^##/m)[0]!.trim();
}

Deno.test("formatReport() counts aims that are met, missed and not tried", () => {
  assertStringIncludes(
    section(formatted(), "## Summary"),
    "Of 3 aims **1 are met and 1 are missed**; 1 could not be tried",
  );
  const rows = section(formatted(), "## Summary").split("\n").slice(-3);
  assertEquals(rows, [
    "| Locks & &lt;more> | 3 | 1 | 3 | 1 | 1 |".replace("&", "&amp;"),
    "| Memory | 1 | 1 | 0 | 0 | 0 |",
    "| Later | 0 | 0 | 0 | 0 | 0 |",
  ]);
});

Deno.test("formatReport() names the aims that are missed, and where the peer is faster", () => {
  const missed = section(formatted(), "### Missed aims").split("\n").slice(2);
  const slower = section(formatted(), "### Slower than the peer, with no aim").split("\n").slice(2);

  assertEquals(missed, [
    "| Locks &amp; &lt;more> | a\\|b &lt;c> | Lock: 2.00 ms | Other: 1.00 ms | 0.50× | | 1× |",
  ]);
  assertEquals(slower, [
    "| Locks &amp; &lt;more> | passing | Lock: 2.00 ms | Other: 1.50 ms | 0.75× | | |",
  ]);
});

Deno.test("formatReport() names peers that are not there", () => {
  assertEquals(
    section(formatted(), "### Peers that were not there"),
    "- Other: not installed",
  );
  const all = { locks: topicResult({ peers: [result(1, 2)] }) };
  assertFalse(formatReport(topics, all).includes("### Peers that were not there"));
});

Deno.test("formatReport() says for each topic when and where it was measured", () => {
  const text = formatted();

  assertStringIncludes(
    section(text, "## Locks &amp; &lt;more>"),
    "Measured on 2026-03-04 05:06 UTC at commit abc1234, on machine 1, in 12 s, with a load of 0.3 before.",
  );
  assertStringIncludes(
    section(text, "## Memory"),
    "at commit def5678, with changes, on machine 2,",
  );
  const machines = section(text, "## Machine and versions");
  assertStringIncludes(machines, "**Machine 1**: locks\n");
  assertStringIncludes(machines, "| CPU | Best CPU |");
  assertStringIncludes(machines, "| piscina | not installed |");
  assertStringIncludes(machines, "**Machine 2**: memory\n");
});

Deno.test("formatReport() does not take another commit for another machine", () => {
  const { environment } = topicResult();
  const twice = {
    locks: topicResult(),
    memory: topicResult({ environment: { ...environment, commit: "other" } }),
  };

  const machines = section(formatReport(topics, twice), "## Machine and versions");

  assertStringIncludes(machines, "**Machine 1**: locks, memory\n");
  assertFalse(machines.includes("Machine 2"));
});

Deno.test("formatReport() shows chart, table and own benches of a topic, in this order", () => {
  const locks = section(formatted(), "## Locks &amp; &lt;more>");

  const chart = locks.indexOf("](charts/locks.svg)");
  const table = locks.indexOf(
    "| passing | Lock: 500.0 µs | Other: 2.00 ms | 4.00× | 3.50× to 12× | 2× | yes |",
  );
  const own = locks.indexOf("<summary>Own benches: 1 groups</summary>");
  const group = locks.indexOf("**Lock, 10 times** (lock_bench.ts)");
  assert(chart > 0 && table > chart && own > table && group > own, locks);
});

Deno.test("formatReport() says of a topic that it was not measured yet", () => {
  assertEquals(section(formatted(), "## Later"), "What nobody has measured.\n\nNot measured yet.");
});
