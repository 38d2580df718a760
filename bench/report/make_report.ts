// Copyright 2026 the Weft authors. MIT license.

import { type MeasureOptions, measureTopic } from "./measure_topic.ts";
import { formatReport } from "./markdown.ts";
import { drawChart } from "./chart.ts";
import type { Report, ReportTopic } from "./report.ts";
import { readReport, replaceFiles } from "./files.ts";

/** What a report is made of, and where. */
export interface ReportOptions extends MeasureOptions {
  readonly topics: Readonly<Record<string, ReportTopic>>;
  /** The names of the topics to measure; of the others the last results stay. */
  readonly wanted: readonly string[];
  /** Where the files are: `RESULTS.md`, `results.json` and `charts`. */
  readonly folder: URL;
}

/**
 * Measures topics and writes the report anew after each. The report of one that fails stays as it was.
 *
 * @returns The names of the topics that have failed.
 */
export async function makeReport(
  { topics, wanted, folder, log, ...measuring }: ReportOptions,
): Promise<string[]> {
  let report = await readReport(folder);
  const failed: string[] = [];
  for (const name of wanted) {
    try {
      const result = await measureTopic(topics[name]!, {
        ...measuring,
        log: (line) => log(`${name}: ${line}`),
      });
      report = { ...report, [name]: result };
      await writeReport(topics, report, folder);
    } catch (error) {
      log(`${name} has failed, its results stay as they were: ${Deno.inspect(error)}`);
      failed.push(name);
    }
  }
  return failed;
}

/** Writes all files of a report. */
export async function writeReport(
  topics: Readonly<Record<string, ReportTopic>>,
  report: Report,
  folder: URL,
): Promise<void> {
  const files = new Map([
    ["results.json", `${JSON.stringify(report, null, 2)}\n`],
    ["RESULTS.md", formatReport(topics, report)],
  ]);
  for (const [name, { title }] of Object.entries(topics)) {
    const peers = report[name]?.peers ?? [];
    if (peers.length > 0) files.set(`charts/${name}.svg`, drawChart(title, peers));
  }
  await replaceFiles(folder, files);
}
