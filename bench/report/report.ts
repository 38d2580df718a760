// Copyright 2026 the Weft authors. MIT license.

import type { Result, Topic } from "../peers/measure.ts";

/** A topic of the report: what is measured beside peers, and our own benches. */
export interface ReportTopic {
  readonly title: string;
  /** What the reader has to know, in a sentence or two. */
  readonly about: string;
  readonly peers: () => Promise<Topic>;
  /** Files for `deno bench`. */
  readonly benches: readonly URL[];
}

/** What has been measured, by the names of topics: the newest of each. */
export type Report = Readonly<Record<string, TopicResult>>;

/** What has been measured of a topic, when and where. */
export interface TopicResult {
  /** When it began, as ISO 8601. */
  readonly at: string;
  /** How long it took. */
  readonly seconds: number;
  /** Processes that wanted a core in the minute before, on the average. */
  readonly load: number;
  readonly environment: Environment;
  readonly peers: readonly Result[];
  readonly benches: readonly BenchGroup[];
}

/** Where it was measured. */
export interface Environment {
  readonly commit: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** Benches that compare. */
export interface BenchGroup {
  /** The file. */
  readonly file: string;
  readonly group: string;
  readonly benches: readonly BenchResult[];
}

/** What a bench takes, in nanoseconds each time. */
export interface BenchResult {
  readonly name: string;
  readonly baseline: boolean;
  readonly average: number;
  /** Three of four take no longer. */
  readonly p75: number;
  /** 99 of 100 take no longer. */
  readonly p99: number;
}
