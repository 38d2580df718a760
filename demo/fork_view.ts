// Copyright 2026 the Weft authors. MIT license.

/**
 * The fork view: what `os.fork()` shows, the Deno way.
 *
 * `fork` returns twice, in the parent with the child's pid and in the child with 0. Deno, with threads
 * of its own in each process, cannot be forked, and nor can Python programs safely: here, too, a
 * child starts afresh (Python's `spawn`) and the two sides of the `if` are two functions.
 *
 * ```sh
 * deno task demo fork-view
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/fork_view.ts
 * ```
 *
 * @module
 */

import { currentProcess, parentProcess, Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** S2: the branch `if pid == 0`. */
export const child = task(import.meta, function child() {
  const { pid, ppid } = currentProcess();
  console.log(`I am child process (${pid}) and my parent is ${ppid}.`);
  return { pid, ppid, parent: parentProcess()?.pid };
});

/** The scenario. */
export const scenario: Scenario = {
  name: "fork-view",
  module: import.meta.url,
  seeds: "S2",
  title: "What os.fork() shows: own pid and the other's on both sides.",
  claim: "both sides name the same two pids",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    ctx.say(`Process (${Deno.pid}) start...`);
    ctx.check("this process was not started by Weft", parentProcess() === undefined);
    const process = new Process(child);
    process.start();
    ctx.say(`I (${Deno.pid}) just created a child process (${process.pid}).`);

    const seen = await process.join();
    ctx.say(`parent sees\tparent ${Deno.pid}\tchild ${process.pid}`);
    ctx.say(`child sees\tparent ${seen.ppid}\tchild ${seen.pid}`);
    ctx.check("both sides name the same child", seen.pid === process.pid, seen);
    ctx.check("both sides name the same parent", seen.ppid === Deno.pid, seen);
    ctx.check("parentProcess() in the child is this process", seen.parent === Deno.pid, seen);
    ctx.check("they are two processes", seen.pid !== Deno.pid, seen);
  },
};

if (import.meta.main) await runProgram(scenario);
