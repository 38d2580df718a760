// Copyright 2026 the Weft authors. MIT license.

/**
 * Measures Weft beside its peers and runs our own benches, and writes `bench/RESULTS.md` with its charts. What was
 * measured is kept in `bench/results.json`, so that it can be done in parts. `Ctrl+C` leaves the old report whole,
 * with the topics that are done.
 *
 * ```sh
 * deno task bench:report                    # all topics
 * deno task bench:report locks memory       # these; of the others the last results stay
 * deno task bench:report --rounds=3         # at most so many rounds: sooner, with more noise
 * deno task bench:report --draw             # measures nothing, writes the files anew
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { defaultRounds } from "../peers/measure.ts";
import { findEnvironment } from "./environment.ts";
import { readReport } from "./files.ts";
import { makeReport, writeReport } from "./make_report.ts";
import { topics } from "./topics.ts";

const folder = new URL("../", import.meta.url);

/** Does what the command line says; gives the exit code. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: "string" }, draw: { type: "boolean" } },
  });
  const unknown = positionals.filter((name) => topics[name] === undefined);
  if (unknown.length > 0) {
    console.error(`No topic of this name: ${unknown}; there are ${Object.keys(topics)}`);
    return 2;
  }
  const rounds = Number(values.rounds ?? defaultRounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    console.error(`Cannot measure so many rounds: ${values.rounds}`);
    return 2;
  }
  if (values.draw) {
    await writeReport(topics, await readReport(folder), folder);
    return 0;
  }

  const failed = await makeReport({
    topics,
    wanted: positionals.length > 0 ? positionals : Object.keys(topics),
    folder,
    rounds,
    environment: await findEnvironment(),
    log: (line) => console.error(line),
  });
  if (failed.length > 0) console.error(`Failed: ${failed}`);
  return failed.length > 0 ? 1 : 0;
}

// What was measured may have left timers and workers.
Deno.exit(await main(Deno.args));
