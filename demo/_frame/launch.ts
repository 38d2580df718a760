// Copyright 2026 the Weft authors. MIT license.

import { killTree } from "./kill_tree.ts";
import { readLines } from "./lines.ts";
import { parseRecord, type TraceEvent } from "./record.ts";
import { flagsOf, type Scenario } from "./scenario.ts";
import { traceArg } from "./trace.ts";

/** How a scenario went. */
export interface Outcome {
  /** The scenario. */
  readonly scenario: Scenario;
  /** The claims that held. */
  readonly checks: readonly string[];
  /** Why it failed; `undefined` if all of it held. */
  readonly failure: string | undefined;
  /** Why it, or a part of it, was not run; `undefined` if all of it was. */
  readonly skipped: string | undefined;
  /** Milliseconds that it took. */
  readonly elapsed: number;
  /** What it and its children printed. */
  readonly output: readonly string[];
  /** What happened in it, if that was asked for; the program's own begin and end at least. */
  readonly trace: readonly TraceEvent[];
}

/** What is called while a scenario runs. */
export interface LaunchOptions {
  /** What a second of the tutorials lasts, in seconds. */
  readonly scale: number;
  /**
   * Whether its programs are to tell what happens in them.
   *
   * @default {false}
   */
  readonly isTraced?: boolean;
  /** Called with each line that the scenario or a child of it prints. */
  onOutput(line: string): void;
  /** Called with each claim that held. */
  onCheck(claim: string): void;
}

/** Milliseconds that what a scenario started may outlive it. */
const GRACE = 5000;

/**
 * Runs a scenario in a process of its own, with the permissions that it names and no others.
 *
 * A process of its own can be ended whatever hangs in it, a blocked main thread too, and its
 * output and that of its children comes through one pipe. The pipe ends when the last of them does,
 * so a scenario that leaves a process behind is noticed.
 */
export async function launch(scenario: Scenario, options: LaunchOptions): Promise<Outcome> {
  const started = performance.now();
  const checks: string[] = [];
  const output: string[] = [];
  const trace: TraceEvent[] = [];
  const folders = new Set<string>();
  let failure: string | undefined;
  let skipped: string | undefined;
  let ended = false;

  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...flagsOf(scenario),
      scenario.module,
      `--scale=${options.scale}`,
      "--records",
      ...(options.isTraced ? [traceArg] : []),
    ],
    // Permissions such as read=. are meant from the project's folder.
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const { pid } = child;
  const now = () => ({
    time: performance.timeOrigin + performance.now(),
    pid: Deno.pid,
    thread: 0,
  });
  trace.push({ ...now(), type: "process-begin", child: pid, name: scenario.name });

  const print = (line: string) => {
    output.push(line);
    options.onOutput(line);
  };
  const stdout = readLines(child.stdout, (line) => {
    const record = parseRecord(line);
    if (record === undefined) return print(line);
    if (record.kind === "trace") trace.push(record.event);
    if (record.kind === "end") ended = true;
    if (record.kind === "skip") skipped = record.reason;
    if (record.kind === "tempDir") folders.add(record.path);
    if (record.kind === "failure") {
      failure = record.message;
      for (const line of record.stack?.split("\n").slice(1) ?? []) print(line);
    }
    if (record.kind === "check") {
      checks.push(record.claim);
      options.onCheck(record.claim);
    }
  });
  const stderr = readLines(child.stderr, print);

  const limit = scenario.limit ?? 60_000 + 100_000 * options.scale;
  let hung = false;
  const watch = setTimeout(() => {
    hung = true;
    killTree(child.pid);
  }, limit);
  const status = await child.status;
  trace.push({ ...now(), type: "process-end", child: pid, how: "ended", code: status.code });
  clearTimeout(watch);

  const drained = Promise.all([stdout.ended, stderr.ended]).then(() => true);
  const silent = await withDeadline(drained, GRACE);
  if (!silent) await Promise.all([stdout.stop(), stderr.stop()]);
  for (const folder of folders) await removeFolder(folder);

  const tooLong = `it hung: ended after ${limit / 1000} s`;
  if (hung) failure = failure === undefined ? tooLong : `${failure}; and ${tooLong}`;
  else if (!status.success) failure ??= `its program ended with ${describe(status)}`;
  else if (checks.length === 0 && skipped === undefined) failure ??= "it checked nothing";
  else if (!ended && skipped === undefined) failure ??= "its program ended before it was done";
  if (!silent) failure ??= `it left a process behind that goes on after ${GRACE / 1000} s`;
  const elapsed = performance.now() - started;
  return { scenario, checks, failure, skipped, elapsed, output, trace };
}

function describe({ code, signal }: Deno.CommandStatus): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

async function withDeadline(promise: Promise<boolean>, ms: number): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
