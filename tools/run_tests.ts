// Copyright 2026 the Weft authors. MIT license.

/**
 * Runs the tests in several `deno test` side by side, as one of them leaves most cores idle. Each
 * has a part of the files; what it prints comes when it has ended. The last line sums all of them
 * as `deno test` would.
 *
 * ```sh
 * deno task test                           # all tests and examples
 * DENO_JOBS=1 deno task test               # one after the other
 * deno task test tests/sync --filter Lock  # arguments go to a single deno test
 * ```
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { readCounts, readFailures, showCounts, sum, type TestCounts } from "./test_counts.ts";

const COMMAND = [
  "test",
  "-A",
  "--shuffle",
  "--sanitize-ops",
  "--sanitize-resources",
  "--trace-leaks",
];

/** Least number of files that is worth a `deno test`. */
const LEAST_FILES = 3;

/** One `deno test` that has ended. */
interface Run {
  readonly args: readonly string[];
  readonly output: string;
  /** Undefined if it did not get to its end. */
  readonly counts: TestCounts | undefined;
  readonly passed: boolean;
}

/** Runs one `deno test` as the user asks for it. */
async function runAsked(args: readonly string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), { args: [...COMMAND, "--doc", ...args] }).spawn();
  return (await child.status).success;
}

/** Runs everything. */
async function runAll(): Promise<boolean> {
  const started = performance.now();
  const jobs = Number(Deno.env.get("DENO_JOBS")) || Math.min(navigator.hardwareConcurrency, 4);
  const files = await Array.fromAsync(glob("tests/**/*_test.ts"));
  const queue = parts(shuffled(files), jobs);
  const children = new Set<ChildProcess>();
  const runs: Run[] = [];
  let stopped = false;

  const stop = () => {
    stopped = true;
    // On SIGINT, `deno test` names the tests that go on.
    for (const child of children) child.kill("SIGINT");
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (const args of queue) {
      const run = await runPart(args, children);
      runs.push(run);
      console.log(run.output);
      if (stopped) break;
    }
  }));
  for (const signal of signals) Deno.removeSignalListener(signal, stop);

  const passed = !stopped && runs.every((run) => run.passed);
  for (const run of runs) {
    if (!run.passed) console.log(complaint(run));
  }
  const counts = sum(runs.flatMap((run) => run.counts ?? []));
  console.log(`\n${showCounts(passed, counts, performance.now() - started)}`);
  return passed;
}

/**
 * Gives the arguments of each `deno test`: those of the examples, then the files, fewer and fewer at
 * a time so that all jobs end at about the same time.
 */
function* parts(files: string[], jobs: number): Generator<readonly string[]> {
  yield ["--doc", "--ignore=tests"];
  while (files.length > 0) {
    yield files.splice(0, Math.max(LEAST_FILES, Math.ceil(files.length / (3 * jobs))));
  }
}

/** Runs one `deno test` to its end. */
async function runPart(args: readonly string[], children: Set<ChildProcess>): Promise<Run> {
  // Not a pipe: what a test has left running would keep that open.
  const file = await Deno.makeTempFile();
  const output = openSync(file, "w");
  const child = spawn(Deno.execPath(), [...COMMAND, "--permit-no-files", ...args], {
    stdio: ["ignore", output, output],
  });
  children.add(child);
  try {
    const [code] = await once(child, "exit");
    const text = stripVTControlCharacters(readFileSync(file, "utf8"));
    const counts = readCounts(text);
    return { args, output: text, counts, passed: code === 0 && counts !== undefined };
  } finally {
    children.delete(child);
    closeSync(output);
    await Deno.remove(file);
  }
}

/** What to say about a run that has not passed. */
function complaint({ args, output, counts }: Run): string {
  if (counts === undefined) return `\nNot run to the end: deno test ${args.join(" ")}`;
  return ["", ...readFailures(output)].join("\n");
}

function shuffled<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

if (import.meta.main) {
  Deno.exitCode = await (Deno.args.length > 0 ? runAsked(Deno.args) : runAll()) ? 0 : 1;
}
