// Copyright 2026 the Weft authors. MIT license.

import { type Result, type RoundsOptions, runRounds } from "../peers/measure.ts";
import { runBenches } from "./own_benches.ts";
import type { Environment, ReportTopic, TopicResult } from "./report.ts";

/** How a topic is measured. */
export interface MeasureOptions extends RoundsOptions {
  readonly environment: Environment;
  /** Is told what is measured next. */
  readonly log: (line: string) => void;
}

/** Measures all of a topic: first beside the peers, then our own benches. */
export async function measureTopic(
  topic: ReportTopic,
  { environment, log, ...rounds }: MeasureOptions,
): Promise<TopicResult> {
  const at = new Date();
  const [load] = Deno.loadavg();
  const peers = await measurePeers(topic, rounds, log);
  const benches = [];
  for (const file of topic.benches) {
    log(file.pathname.split("/").at(-1)!);
    benches.push(...await runBenches(file));
  }
  const seconds = Math.round((Date.now() - at.getTime()) / 1000);
  return { at: at.toISOString(), seconds, load: load!, environment, peers, benches };
}

async function measurePeers(
  { peers }: ReportTopic,
  rounds: RoundsOptions,
  log: (line: string) => void,
): Promise<Result[]> {
  const { measures, stop } = await peers();
  const results: Result[] = [];
  try {
    for (const measure of measures) {
      log(measure.name);
      results.push(...await runRounds(measure, rounds));
    }
  } finally {
    await stop();
  }
  return results;
}
