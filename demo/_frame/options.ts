// Copyright 2026 the Weft authors. MIT license.

import { parseArgs } from "node:util";
import { closest } from "./closest.ts";

/** What the command line asks for. */
export interface DemoOptions {
  /** Whether to list the scenarios instead of running them. */
  readonly list: boolean;
  /** Whether to print the help instead. */
  readonly help: boolean;
  /** What a second of the tutorials lasts, in seconds. */
  readonly scale: number;
  /** The file to write the report to. */
  readonly report: string | undefined;
  /** The scenarios to run, in this order; empty for all. */
  readonly names: readonly string[];
}

/** Thrown when the command line asks for something that does not exist. */
export class UsageError extends Error {
  /** Always `"UsageError"`. */
  override readonly name = "UsageError";
}

/** What `--help` prints. */
export const HELP = `Usage: deno task demo [options] [scenario …]

Runs the examples of the tutorials, all or the named ones, and checks each.

Options:
  --list       List the scenarios.
  --scale N    What a second of the tutorials lasts, in seconds (default: 0.1).
  --report F   Write a page to the file F that shows what ran when, and who waited for what.
  --help       Print this.`;

/**
 * Reads the command line.
 *
 * @param args The arguments.
 * @param known The names of all scenarios.
 * @throws {UsageError} If an option or a name is unknown, or a value is out of range.
 */
export function parseOptions(args: readonly string[], known: readonly string[]): DemoOptions {
  const { values, positionals: names } = parse(args);
  for (const name of names) {
    if (known.includes(name)) continue;
    const match = closest(name, known);
    throw new UsageError(
      `There is no scenario ${JSON.stringify(name)}` +
        (match === undefined ? "" : `: did you mean ${JSON.stringify(match)}?`),
    );
  }
  const scale = Number(values.scale);
  if (!(scale >= 0.01 && scale <= 100)) {
    throw new UsageError(
      `Cannot scale the time as --scale is not a number from 0.01 to 100: current value is ` +
        JSON.stringify(values.scale),
    );
  }
  const { list, help, report } = values;
  if (report === "") throw new UsageError("Cannot write a report as --report names no file");
  return { list, help, scale, report, names: [...new Set(names)] };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        list: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        report: { type: "string" },
        scale: { type: "string", default: "0.1" },
      },
    });
  } catch (error) {
    // The first sentence of Node's message names the option; the rest is about "--".
    throw new UsageError((error as Error).message.replace(/\. To specify.*$/s, ""));
  }
}
