// Copyright 2026 the Weft authors. MIT license.

import { launch, type Outcome } from "./launch.ts";
import { type DemoOptions, HELP, parseOptions, UsageError } from "./options.ts";
import { reportPage } from "./report/page.ts";
import type { Scenario } from "./scenario.ts";
import { Screen, stdoutTerminal, type Terminal } from "./screen.ts";
import { type Column, formatTable } from "./table.ts";
import { expandTabs } from "./text.ts";

/**
 * Runs the demo.
 *
 * @param args The command line.
 * @param scenarios All scenarios, in order.
 * @param terminal Where to print.
 * @returns The exit code: 0 if every scenario held or was skipped, 1 if one did not, 2 if there is no such thing.
 */
export async function demo(
  args: readonly string[],
  scenarios: readonly Scenario[],
  terminal: Terminal = stdoutTerminal(),
): Promise<number> {
  try {
    const options = parseOptions(args, scenarios.map(({ name }) => name));
    using screen = new Screen(terminal);
    if (options.help) {
      printLines(screen, HELP.split("\n"));
      return 0;
    }
    if (options.list) {
      printList(screen, scenarios);
      return 0;
    }
    const chosen = options.names.length === 0
      ? scenarios
      : options.names.map((name) => scenarios.find((each) => each.name === name)!);
    return await runAll(screen, chosen, options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\nSee deno task demo --help and --list.`);
    return 2;
  }
}

async function runAll(
  screen: Screen,
  scenarios: readonly Scenario[],
  { scale, report }: DemoOptions,
): Promise<number> {
  const { bold, dim } = screen.palette;
  // What cannot be written is better known before all of it has run.
  if (report !== undefined) await writeReport(report, "");
  const unit = `a second of the tutorials lasts ${formatTime(scale * 1000)}`;
  screen.print(`${bold("Weft demo")} ${dim(`· ${count(scenarios.length, "scenario")}, ${unit}`)}`);

  const started = performance.now();
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const position = `${outcomes.length + 1}/${scenarios.length}`;
    outcomes.push(await runOne(screen, scenario, position, scale, report !== undefined));
  }
  const elapsed = performance.now() - started;
  printSummary(screen, outcomes, elapsed);
  if (report !== undefined) {
    await writeReport(report, await reportPage(outcomes, { scale, date: new Date(), elapsed }));
    screen.print(`The report is in ${report}`);
  }
  return outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

async function runOne(
  screen: Screen,
  scenario: Scenario,
  position: string,
  scale: number,
  isTraced: boolean,
): Promise<Outcome> {
  const { bold, cyan, dim, green, yellow, red } = screen.palette;
  screen.print();
  screen.print(`${dim(position)} ${bold(cyan(scenario.name))} ${dim(scenario.seeds)}`);
  screen.print(`  ${scenario.title}`);

  using _ = screen.progress(`${position} ${scenario.name}`);
  const outcome = await launch(scenario, {
    scale,
    isTraced,
    onOutput: (line) => screen.print(`  ${dim("│")} ${expandTabs(line)}`),
    onCheck: (claim) => screen.print(`  ${green("✓")} ${claim}`),
  });
  for (const [i, line] of outcome.failure?.split("\n").entries() ?? []) {
    screen.print(i === 0 ? `  ${red("✗")} ${line}` : `    ${line}`);
  }
  const result = resultOf(outcome);
  if (result === "skipped") screen.print(`  ${yellow("–")} ${outcome.skipped}`);
  screen.print(`  ${screen.palette[styles[result]](result)} ${dim(formatTime(outcome.elapsed))}`);
  return outcome;
}

function printSummary(screen: Screen, outcomes: readonly Outcome[], elapsed: number): void {
  const { bold, cyan, dim, green, red } = screen.palette;
  const results = outcomes.map(resultOf);
  const [ok, failed, skipped] = (["ok", "failed", "skipped"] as const).map((kind) => {
    return results.filter((result) => result === kind).length;
  });
  const columns: Column[] = [
    { heading: "scenario", style: () => cyan },
    { heading: "seeds", style: () => dim },
    { heading: "what was checked", shrinks: true },
    { heading: "checks", align: "right" },
    { heading: "time", align: "right" },
    { heading: "result", style: (cell) => screen.palette[styles[cell as Result]] },
  ];
  const rows = outcomes.map(({ scenario, checks, failure, skipped, elapsed }, i) => [
    scenario.name,
    scenario.seeds,
    failure?.split("\n")[0] ?? skipped ?? scenario.claim,
    `${checks.length}`,
    formatTime(elapsed),
    results[i]!,
  ]);
  screen.print();
  printLines(screen, formatTable(columns, rows, { columns: screen.columns, headingStyle: dim }));
  screen.print();
  const others = skipped === 0 ? "" : `, ${skipped} skipped`;
  const summary = `${count(outcomes.length, "scenario")}, ${ok} ok, ${failed} failed${others}`;
  screen.print(`${bold((failed === 0 ? green : red)(summary))} ${dim(formatTime(elapsed))}`);
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    throw new UsageError(`Cannot write the report: ${(error as Error).message}`);
  }
}

type Result = "ok" | "failed" | "skipped";

const styles = { ok: "green", failed: "red", skipped: "yellow" } as const;

function resultOf({ failure, skipped }: Outcome): Result {
  if (failure !== undefined) return "failed";
  return skipped === undefined ? "ok" : "skipped";
}

function printList(screen: Screen, scenarios: readonly Scenario[]): void {
  const columns: Column[] = [
    { heading: "scenario", style: () => screen.palette.cyan },
    { heading: "seeds", style: () => screen.palette.dim },
    { heading: "what it shows", shrinks: true },
  ];
  const rows = scenarios.map(({ name, seeds, title }) => [name, seeds, title]);
  const options = { columns: screen.columns, headingStyle: screen.palette.dim };
  printLines(screen, formatTable(columns, rows, options));
}

function printLines(screen: Screen, lines: readonly string[]): void {
  for (const line of lines) screen.print(line);
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}

function formatTime(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
