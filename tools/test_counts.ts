// Copyright 2026 the Weft authors. MIT license.

/**
 * Reads what `deno test` prints at its end, and sums it.
 *
 * @module
 */

/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/**
 * Reads the counts of a `deno test`.
 *
 * @param output All that it printed, without colors.
 * @returns The counts, or undefined if it did not get to the end.
 */
export function readCounts(output: string): TestCounts | undefined {
  const line = [...output.matchAll(/^(?:ok|FAILED) \| \d+ passed.*$/gm)].at(-1)?.[0];
  if (line === undefined) return undefined;
  const count = (what: string) => Number(line.match(`(\\d+) ${what}`)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}

/**
 * Reads which tests a `deno test` says have failed.
 *
 * @param output All that it printed, without colors.
 * @returns A line for each, with its file and line.
 */
export function readFailures(output: string): string[] {
  const list = output.match(/\n FAILURES \n\n([^]*?)\n\nFAILED \|/)?.[1];
  return list?.split("\n") ?? [];
}

/** Adds up counts. */
export function sum(all: readonly TestCounts[]): TestCounts {
  return all.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    ignored: a.ignored + b.ignored,
  }), { passed: 0, failed: 0, ignored: 0 });
}

/**
 * Shows counts as `deno test` does, such as `ok | 12 passed | 0 failed | 1 ignored (1m4s)`.
 *
 * @param ok Whether there is nothing to complain of.
 * @param counts What to show.
 * @param milliseconds How long it took.
 */
export function showCounts(ok: boolean, counts: TestCounts, milliseconds: number): string {
  const { passed, failed, ignored } = counts;
  const seconds = Math.round(milliseconds / 1000);
  const minutes = seconds < 60 ? "" : `${Math.floor(seconds / 60)}m`;
  const parts = [ok ? "ok" : "FAILED", `${passed} passed`, `${failed} failed`];
  if (ignored > 0) parts.push(`${ignored} ignored`);
  return `${parts.join(" | ")} (${minutes}${seconds % 60}s)`;
}
