// Copyright 2026 the Weft authors. MIT license.

/**
 * Process attributes: what the parent knows of a child, and how it ends it.
 *
 * ```sh
 * deno task demo process-attributes
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/process_attributes.ts
 * ```
 *
 * @module
 */

import { currentProcess, Process, ProcessExitedError } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import { hasEnded } from "./_frame/ps.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** S0.4: a child that would take thirty seconds. */
export const work = task(import.meta, async function work(ms: number) {
  const { pid, ppid } = currentProcess();
  console.log(`${pid} is running 爹是:${ppid}`);
  await sleep(ms);
  console.log(`${pid} is done 爹是:${ppid}`);
});

/** A child that ends itself, as `sys.exit(code)` does. */
export const leave = task(import.meta, function leave(code: number): void {
  Deno.exit(code);
});

/** The scenario. */
export const scenario: Scenario = {
  name: "process-attributes",
  module: import.meta.url,
  seeds: "S0.4 S4.7",
  title: "Name, pid, isAlive, terminate; exit code and signal.",
  claim: "alive before terminate, not alive after it, ended by SIGTERM",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    const long = ctx.ms(30, 10_000);
    const p = new Process(work, { args: [long], name: "子进程1" });
    ctx.check("a process that is not started is not alive", !p.isAlive);
    const start = performance.now();
    p.start();
    const { pid } = p;
    ctx.say(`${p.name}\tpid ${pid}\talive ${p.isAlive}`);
    ctx.check("it has the name that it was given", p.name === "子进程1", p.name);
    ctx.check("it is alive after start()", p.isAlive);
    ctx.check("its pid is in the process table", pid !== undefined && !hasEnded(pid), pid);

    await ctx.sleep(1);
    p.terminate(); // 杀死进程
    const error = await p.join().then(() => undefined, (error) => error);
    ctx.say(`${p.name}\tsignal ${p.exitSignal}\talive ${p.isAlive}`);
    ctx.check(
      "join() rejects with how it ended",
      error instanceof ProcessExitedError && error.exitSignal === "SIGTERM",
      error,
    );
    ctx.check("it is not alive after terminate()", !p.isAlive);
    ctx.check("its signal is SIGTERM", p.exitSignal === "SIGTERM", p.exitSignal);
    ctx.check("its pid is gone", hasEnded(pid!));
    ctx.check("it did not take its 30 s", performance.now() - start < long);
    ctx.say(`主:${Deno.pid} 主他爹:${Deno.ppid}`);

    const returned = new Process(work, { args: [0] });
    await returned.start().join();
    ctx.check("one that returns has exit code 0", returned.exitCode === 0, returned.exitCode);
    const left = new Process(leave, { args: [3] });
    await left.start().join().catch(() => {});
    ctx.check("one that calls Deno.exit(3) has exit code 3", left.exitCode === 3, left.exitCode);
  },
};

if (import.meta.main) await runProgram(scenario);
