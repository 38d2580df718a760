// Copyright 2026 the Weft authors. MIT license.

import type { Median, Result, Unit } from "./measure.ts";

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

function formatRow({ measure, unit, ours, peer, aim }: Result): string[] {
  const row = [measure, formatMedian(ours, unit), formatMedian(peer, unit)];
  const aimCell = aim === undefined ? "" : `${Number(aim.toPrecision(2))}×`;
  if (typeof ours.value === "string" || typeof peer.value === "string") {
    return [...row, "", aimCell, ""];
  }
  const ratio = peer.value / ours.value;
  const met = ratio >= (aim ?? 0) ? "yes" : "NO";
  const ratioCell = `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
  return [...row, ratioCell, aimCell, aim === undefined ? "" : met];
}

function formatMedian({ name, value }: Median, unit: Unit): string {
  if (typeof value === "string") return value;
  return `${name}: ${unit === "bytes" ? formatSize(value) : formatTime(value * 1e6)}`;
}

function formatTime(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds >= 1e6) return `${(nanoseconds / 1e6).toFixed(2)} ms`;
  return `${(nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 2 : 1)} µs`;
}

function formatSize(bytes: number): string {
  if (bytes < 2 ** 17) return `${bytes.toFixed(0)} B`;
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}
