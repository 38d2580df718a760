// Copyright 2026 the Weft authors. MIT license.

import { markdownTable } from "../peers/table.ts";
import { escapeMarkdown } from "./escape.ts";
import type { Environment, Report } from "./report.ts";

/** A machine with the versions on it, and what has been measured there. */
export interface Place {
  readonly environment: Environment;
  readonly names: readonly string[];
}

/** Where the topics of a report have been measured; commits make no difference. */
export function listEnvironments(report: Report): Place[] {
  const places = new Map<string, { environment: Environment; names: string[] }>();
  for (const [name, { environment }] of Object.entries(report)) {
    const key = JSON.stringify([environment.machine, environment.versions]);
    if (!places.has(key)) places.set(key, { environment, names: [] });
    places.get(key)!.names.push(name);
  }
  return [...places.values()];
}

/** A table for each place. */
export function formatEnvironments(places: readonly Place[]): string[] {
  return [
    "## Machine and versions",
    ...places.flatMap(({ environment: { machine, versions }, names }, i) => [
      `**Machine ${i + 1}**: ${names.join(", ")}`,
      markdownTable(
        ["what", "which"],
        Object.entries({ ...machine, ...versions }).map((row) => row.map(escapeMarkdown)),
      ),
    ]),
  ];
}
