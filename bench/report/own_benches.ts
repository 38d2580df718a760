// Copyright 2026 the Weft authors. MIT license.

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchGroup, BenchResult } from "./report.ts";

/** What `deno bench --json` prints, as far as it is read here. */
interface Printed {
  readonly benches: readonly {
    readonly group: string | null;
    readonly name: string;
    readonly baseline: boolean;
    readonly results: readonly {
      readonly ok?: { readonly avg: number; readonly p75: number; readonly p99: number };
      readonly failed?: unknown;
    }[];
  }[];
}

/**
 * Runs the benches of a file.
 *
 * @throws {Error} If one of them fails, with their names, or the file does not run.
 */
export async function runBenches(file: URL): Promise<BenchGroup[]> {
  const path = fileURLToPath(file);
  const { success, code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", "--allow-all", "--quiet", "--json", path],
    stderr: "inherit",
  }).output();
  const printed = parse(new TextDecoder().decode(stdout));
  const failed = (printed?.benches ?? [])
    .filter(({ results }) => results.some(({ ok }) => ok === undefined))
    .map(({ name }) => name);
  if (failed.length > 0) throw new Error(`Benches of ${path} have failed: ${failed.join(", ")}`);
  if (!success || printed === undefined) {
    throw new Error(`Cannot run the benches of ${path}: deno bench has ended with code ${code}`);
  }
  return groupBenches(basename(path), printed);
}

/** Gathers the benches of each group, in the order of the file. */
export function groupBenches(file: string, { benches }: Printed): BenchGroup[] {
  const groups = new Map<string, BenchResult[]>();
  for (const { group, name, baseline, results } of benches) {
    const [{ ok } = {}] = results;
    if (ok === undefined) continue;
    const key = group ?? "";
    if (!groups.has(key)) groups.set(key, []);
    const { avg: average, p75, p99 } = ok;
    groups.get(key)!.push({ name, baseline, average, p75, p99 });
  }
  return [...groups].map(([group, benches]) => ({ file, group, benches }));
}

function parse(text: string): Printed | undefined {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
