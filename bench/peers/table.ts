// Copyright 2026 the Weft authors. MIT license.

import { formatAim, formatRatio, formatValue, isMet, ratioOf } from "./format.ts";
import type { Median, Result, Unit } from "./measure.ts";

/** The titles of the columns of results. */
export const resultTitles = ["measure", "ours", "peer", "ratio", "quartiles", "aim", "met"];

/** Makes one table of results, in Markdown. */
export function formatTable(results: readonly Result[]): string {
  return markdownTable(resultTitles, results.map(formatRow));
}

/** Makes a table in Markdown; its cells are Markdown. */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, i) => Math.max(3, ...all.map((row) => row[i]!.length)));
  const lines = all.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  );
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

/** The cells of a result. */
export function formatRow(result: Result): string[] {
  const { measure, unit, ours, peer, aim, spread } = result;
  const ratio = ratioOf(result);
  const met = isMet(result);
  return [
    measure,
    formatMedian(ours, unit),
    formatMedian(peer, unit),
    ratio === undefined ? "" : formatRatio(ratio),
    spread === undefined ? "" : `${formatRatio(spread[0])} to ${formatRatio(spread[1])}`,
    aim === undefined ? "" : formatAim(aim),
    met === undefined ? "" : met ? "yes" : "NO",
  ];
}

function formatMedian(median: Median, unit: Unit): string {
  return `${median.name}: ${formatValue(median, unit)}`;
}
