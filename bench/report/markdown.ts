// Copyright 2026 the Weft authors. MIT license.

import { formatRow, markdownTable, resultTitles } from "../peers/table.ts";
import { formatBenches } from "./bench_table.ts";
import { formatEnvironments, listEnvironments } from "./environments.ts";
import { escapeMarkdown } from "./escape.ts";
import type { BenchGroup, Report, ReportTopic, TopicResult } from "./report.ts";
import { formatSummary } from "./summary.ts";

const intro = [
  "# Results",
  "What Weft takes beside what its peers take for the same. `deno task bench:report` measures it and " +
  "writes this file; `deno task bench:report locks` measures one topic anew and keeps the others.",
  "## How it is measured",
  "- Both sides of a row run in turn, in rounds, after both have warmed up: whatever slows the machine " +
  "down for a while slows both. Each side has as many repetitions in a round as take some 40 ms, or " +
  "as many as the measure says.\n" +
  "- Figures are medians of up to 9 rounds, fewer where one takes long. The **ratio** is the peer's " +
  "median divided by ours: above 1× ours is faster, or smaller.\n" +
  "- **Quartiles** are those of the ratios of single rounds. Where they lie far apart, or on both sides of an " +
  "aim or of 1×, the noise is larger than what is measured; the ratio of the medians may even be outside of them.\n" +
  "- Machines drift, shared ones by a factor of two: ratios of different runs compare, figures do not. " +
  "The load before a topic tells whether the machine did something else.\n" +
  "- The start of workers does not count, unless the measure is about it.",
].join("\n\n");

/** The report as one file in Markdown. */
export function formatReport(
  topics: Readonly<Record<string, ReportTopic>>,
  report: Report,
): string {
  const environments = listEnvironments(report);
  const sections = [
    intro,
    ...formatEnvironments(environments),
    ...formatSummary(topics, report),
    ...Object.entries(topics).flatMap(([name, topic]) => {
      const result = report[name];
      return [
        `## ${escapeMarkdown(topic.title)}`,
        topic.about,
        ...(result === undefined ? ["Not measured yet."] : [
          formatWhen(result, environments.findIndex(({ names }) => names.includes(name))),
          ...formatPeers(name, topic, result),
          ...formatOwn(result.benches),
        ]),
      ];
    }),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** When and where it was measured. */
function formatWhen({ at, seconds, load, environment }: TopicResult, machine: number): string {
  const time = `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
  return `Measured on ${time} at commit ${escapeMarkdown(environment.commit)}, on machine ${
    machine + 1
  }, in ${seconds} s, with a load of ${load.toFixed(1)} before.`;
}

function formatPeers(name: string, { title }: ReportTopic, { peers }: TopicResult): string[] {
  if (peers.length === 0) return [];
  const rows = peers.map((result) => formatRow(result).map(escapeMarkdown));
  return [
    `![${escapeMarkdown(`${title}: ratios of the peers to ours`)}](charts/${name}.svg)`,
    markdownTable(resultTitles, rows),
  ];
}

/** Our own benches, which one opens, as they are many. */
function formatOwn(groups: readonly BenchGroup[]): string[] {
  if (groups.length === 0) return [];
  return [
    `<details>\n<summary>Own benches: ${groups.length} groups</summary>`,
    ...groups.flatMap((group) => [
      `**${escapeMarkdown(group.group || group.file)}** (${escapeMarkdown(group.file)})`,
      formatBenches(group),
    ]),
    "</details>",
  ];
}
