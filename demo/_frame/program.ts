// Copyright 2026 the Weft authors. MIT license.

import { CheckError, type Context, type Scenario, SkipError } from "./scenario.ts";
import { type DemoRecord, formatRecord } from "./record.ts";
import { traced } from "./trace.ts";

/**
 * Runs a scenario as the program that its file is, with the exit code 0 if its claims hold or if it is
 * skipped.
 *
 * This module is imported again by each thread and process of a scenario, so it imports nothing
 * but what it needs; with it each of them tells what happens in it, if the demo draws that.
 *
 * @param scenario The scenario of the main module.
 * @param args `--scale=N`, and `--records` when the demo reads the output.
 */
export async function runProgram(
  scenario: Scenario,
  args: readonly string[] = Deno.args,
): Promise<void> {
  const scale = Number(args.find((arg) => arg.startsWith("--scale="))?.slice(8) ?? 0.1);
  const tell = args.includes("--records")
    ? (record: DemoRecord) => console.log(formatRecord(record))
    : tellReader;
  const folders: string[] = [];
  let checks = 0;

  const ctx: Context = {
    ms: (units, atLeast = 0) => Math.max(atLeast, Math.round(units * scale * 1000)),
    sleep: (units) => sleep(ctx.ms(units)),
    say: (line) => console.log(line),
    check(claim, holds, found) {
      checks++;
      verify(claim, holds, found);
      tell({ kind: "check", claim });
    },
    skip(reason) {
      throw new SkipError(reason);
    },
    async tempDir() {
      const path = await Deno.makeTempDir({ prefix: "weft-demo-" });
      folders.push(path);
      tell({ kind: "tempDir", path });
      return path;
    },
  };

  try {
    await scenario.run(ctx);
    if (checks === 0) throw new CheckError(`${scenario.name} checked nothing`);
    tell({ kind: "end" });
  } catch (error) {
    if (error instanceof SkipError) return tell({ kind: "skip", reason: error.message });
    tell(failureOf(error));
    Deno.exitCode = 1;
  } finally {
    for (const folder of folders) await Deno.remove(folder, { recursive: true });
  }
}

/** Waits as `time.sleep` does in the tutorials, but by milliseconds. */
export function sleep(ms: number): Promise<void> {
  return traced("sleep", new Promise((resolve) => setTimeout(resolve, ms)));
}

function verify(claim: string, holds: boolean | (() => void), found: unknown): void {
  if (typeof holds === "boolean") {
    if (holds) return;
    const what = found === undefined ? "" : `: found ${Deno.inspect(found)}`;
    throw new CheckError(claim + what);
  }
  try {
    holds();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CheckError(`${claim}: ${reason}`, { cause });
  }
}

function failureOf(error: unknown): DemoRecord {
  if (error instanceof CheckError) return { kind: "failure", message: error.message };
  if (!(error instanceof Error)) return { kind: "failure", message: Deno.inspect(error) };
  const message = `${error.name}: ${error.message}`;
  return { kind: "failure", message, stack: error.stack };
}

function tellReader(record: DemoRecord): void {
  if (record.kind === "check") console.log(`✓ ${record.claim}`);
  if (record.kind === "skip") console.log(`– skipped: ${record.reason}`);
  if (record.kind === "failure") console.error(`✗ ${record.stack ?? record.message}`);
}
