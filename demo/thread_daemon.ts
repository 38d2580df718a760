// Copyright 2026 the Weft authors. MIT license.

/**
 * Daemon threads: threads that do not keep the program alive.
 *
 * A program ends when its main thread and all its threads have ended, but for daemons: they are
 * dropped. The programs are runs of `programs/daemon_threads.ts`.
 *
 * ```sh
 * deno task demo thread-daemon
 * deno run --allow-run demo/thread_daemon.ts
 * ```
 *
 * @module
 */

import { Companion, denoRun } from "./_frame/companion.ts";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "thread-daemon",
  module: import.meta.url,
  seeds: "S0.二.2 S3.2.4",
  title: "A daemon thread does not keep the program alive.",
  claim: "the program ends before its daemons would, and after its other threads",
  permissions: ["run"],

  async run(ctx) {
    const long = ctx.ms(100, 10_000);
    ctx.say("— five daemons that would take 100 s");
    const daemons = await runProgramOf(ctx, "daemon", long);
    ctx.check("the program ended by itself", daemons.success);
    ctx.check("before its daemons would", daemons.elapsed < long, daemons.elapsed);
    ctx.check("none of them came to its end", daemons.done === 0, daemons.done);

    ctx.say("— five other threads that take 3 s");
    const others = await runProgramOf(ctx, "thread", ctx.ms(3));
    ctx.check("the program ended by itself", others.success);
    ctx.check("after all five had come to their end", others.done === 5, others.done);
    ctx.check("the last of them after its main thread", others.mainFirst);
  },
};

async function runProgramOf(ctx: Context, kind: string, ms: number) {
  const start = performance.now();
  const program = new Companion(denoRun("programs/daemon_threads.ts", ["read=."], [kind, ms]));
  const { success } = await program.status;
  const elapsed = performance.now() - start;
  await program.silent;
  const { lines } = program;
  const done = lines.filter((line) => line.endsWith("is done"));
  ctx.say(`${kind}\t${elapsed.toFixed(0)} ms\t${done.length} done`);
  const mainFirst = lines.indexOf("主") < lines.indexOf(done.at(-1) ?? "");
  return { success, elapsed, done: done.length, mainFirst };
}

if (import.meta.main) await runProgram(scenario);
