// Copyright 2026 the Weft authors. MIT license.

import type { Median, Result } from "./measure.ts";

const titles = ["measure", "ours", "peer", "ratio", "aim", "met"];

/** Makes one table of results, in Markdown. */
export function formatTable(results: readonly Result[]): string {
  const rows = [titles, ...results.map(formatRow)];
  const widths = titles.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  );
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

function formatRow({ measure, ours, peer, aim }: Result): string[] {
  const row = [measure, formatMedian(ours), formatMedian(peer)];
  const aimCell = aim === undefined ? "" : `${aim}×`;
  if (typeof ours.time === "string" || typeof peer.time === "string") {
    return [...row, "", aimCell, ""];
  }
  const ratio = peer.time / ours.time;
  const met = ratio >= (aim ?? 0) ? "yes" : "NO";
  const ratioCell = `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
  return [...row, ratioCell, aimCell, aim === undefined ? "" : met];
}

function formatMedian({ name, time }: Median): string {
  return typeof time === "string" ? time : `${name}: ${formatTime(time)}`;
}

function formatTime(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`;
  return `${(nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 2 : 1)} µs`;
}
