// Copyright 2026 the Weft authors. MIT license.

import { isMet, ratioOf } from "../peers/format.ts";
import { formatRow, markdownTable } from "../peers/table.ts";
import type { Result } from "../peers/measure.ts";
import { escapeMarkdown } from "./escape.ts";
import type { Report, ReportTopic } from "./report.ts";

/** A result, and the topic that it is of. */
interface Entry {
  readonly topic: string;
  readonly result: Result;
}

/** What has been reached and, first of all, what has not. */
export function formatSummary(
  topics: Readonly<Record<string, ReportTopic>>,
  report: Report,
): string[] {
  const entries: Entry[] = Object.keys(topics).flatMap((topic) =>
    (report[topic]?.peers ?? []).map((result) => ({ topic, result }))
  );
  const aims = entries.filter(({ result }) => result.aim !== undefined);
  const count = (met: boolean | undefined) =>
    aims.filter(({ result }) => isMet(result) === met).length;
  const missed = aims.filter(({ result }) => isMet(result) === false);
  const slower = entries.filter(({ result }) =>
    result.aim === undefined && (ratioOf(result) ?? 1) < 1
  );
  const missing = entries.filter(({ result }) => typeof result.peer.value === "string");

  const untried = count(undefined) === 0
    ? ""
    : `; ${count(undefined)} could not be tried, as one side is not there`;

  return [
    "## Summary",
    `Aims are ratios that ours has to reach. Of ${aims.length} aims **${count(true)} are met and ` +
    `${count(false)} are missed**${untried}.`,
    formatCounts(topics, entries),
    "### Missed aims",
    formatEntries(topics, missed, "None."),
    "### Slower than the peer, with no aim",
    formatEntries(topics, slower, "None."),
    ...(missing.length === 0 ? [] : [
      "### Peers that were not there",
      [
        ...new Set(
          missing.map(({ result: { peer } }) =>
            `- ${escapeMarkdown(`${peer.name}: ${peer.value}`)}`
          ),
        ),
      ].join("\n"),
    ]),
  ];
}

function formatCounts(
  topics: Readonly<Record<string, ReportTopic>>,
  entries: readonly Entry[],
): string {
  const titles = ["topic", "compared", "ours faster", "aims", "met", "missed"];
  const rows = Object.entries(topics).map(([name, { title }]) => {
    const results = entries.filter(({ topic }) => topic === name).map(({ result }) => result);
    const count = (which: (result: Result) => boolean) => `${results.filter(which).length}`;
    return [
      escapeMarkdown(title),
      count((result) => ratioOf(result) !== undefined),
      count((result) => (ratioOf(result) ?? 0) > 1),
      count(({ aim }) => aim !== undefined),
      count((result) => isMet(result) === true),
      count((result) => isMet(result) === false),
    ];
  });
  return markdownTable(titles, rows);
}

function formatEntries(
  topics: Readonly<Record<string, ReportTopic>>,
  entries: readonly Entry[],
  none: string,
): string {
  if (entries.length === 0) return none;
  const titles = ["topic", "measure", "ours", "peer", "ratio", "quartiles", "aim"];
  const rows = entries.map(({ topic, result }) =>
    [topics[topic]!.title, ...formatRow(result).slice(0, -1)].map(escapeMarkdown)
  );
  return markdownTable(titles, rows);
}
