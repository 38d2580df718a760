// Copyright 2026 the Weft authors. MIT license.

import { formatRatio, formatTime } from "../peers/format.ts";
import { markdownTable } from "../peers/table.ts";
import { escapeMarkdown } from "./escape.ts";
import type { BenchGroup, BenchResult } from "./report.ts";

const titles = ["bench", "average", "p75", "p99", "times/s", "speed"];

/** The table of a group; speed is beside the baseline. */
export function formatBenches({ benches }: BenchGroup): string {
  const baseline = benches.find(({ baseline }) => baseline);
  return markdownTable(titles, benches.map((bench) => formatBench(bench, baseline)));
}

function formatBench(bench: BenchResult, baseline: BenchResult | undefined): string[] {
  const { name, average, p75, p99 } = bench;
  const speed = bench === baseline
    ? "baseline"
    : baseline === undefined
    ? ""
    : formatRatio(baseline.average / average);
  return [
    escapeMarkdown(name),
    formatTime(average),
    formatTime(p75),
    formatTime(p99),
    formatRate(1e9 / average),
    speed,
  ];
}

/** Times a second, with three digits at least and commas between thousands. */
function formatRate(rate: number): string {
  if (rate < 100) return rate.toPrecision(3);
  return Math.round(rate).toLocaleString("en");
}
