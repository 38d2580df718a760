// Copyright 2026 the Weft authors. MIT license.

/**
 * Process basics: a function runs in a process of its own.
 *
 * `new Process(fn, { args })` describes a process, `start()` asks the operating system for it and
 * returns at once, `join()` waits for its end and gives what the function returned. Each process
 * imports this module again; `import.meta.main` tells the program from its children, as
 * `if __name__ == '__main__'` does in Python.
 *
 * ```sh
 * deno task demo process-basics
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/process_basics.ts
 * ```
 *
 * @module
 */

import { activeChildren, currentProcess, Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** S0.1 and S4.3: something that takes three seconds. */
export const work = task(import.meta, async function work(name: string, ms: number) {
  console.log(`${name} is running`);
  await sleep(ms);
  console.log(`${name} is done`);
});

/** S1.2 and S2: a process that tells who it is. */
export const runProc = task(import.meta, function runProc(name: string) {
  const { pid, ppid } = currentProcess();
  console.log(`Child process ${name} (${pid}) running, its parent is ${ppid}`);
  return { pid, ppid, name: currentProcess().name };
});

/** The scenario. */
export const scenario: Scenario = {
  name: "process-basics",
  module: import.meta.url,
  seeds: "S0.1 S1.1-2 S2 S4.3",
  title: "A process from a function with arguments; five of them at once.",
  claim: "each child has a pid of its own and this process as parent",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    const p = new Process(work, { args: ["egon", ctx.ms(3)] });
    p.start(); // Only sends the request to the operating system.
    ctx.say("主");
    ctx.check("start() returns while the child is running", p.isAlive);
    await p.join();
    ctx.check("join() returns when the child has ended", !p.isAlive);

    ctx.say(`Parent process ${Deno.pid} is ${currentProcess().name}`);
    const processes = [0, 1, 2, 3, 4].map((i) => {
      return new Process(runProc, { args: [String(i)], name: `子进程${i}` });
    });
    for (const process of processes) {
      ctx.say("Process will start.");
      process.start();
    }
    const alive = activeChildren().length;
    const children = await Promise.all(processes.map((process) => process.join()));

    for (const { name, pid, ppid } of children) ctx.say(`${name}\tpid ${pid}\tppid ${ppid}`);
    const pids = children.map(({ pid }) => pid);
    ctx.check("five children were alive at once", alive === 5, alive);
    ctx.check("five pids differ from each other", new Set(pids).size === 5, pids);
    ctx.check("each child's pid differs from the parent's", !pids.includes(Deno.pid), pids);
    ctx.check("each child's ppid is the parent's pid", children.every((c) => c.ppid === Deno.pid));
    ctx.check(
      "the parent knows each child by the pid and the name that it has itself",
      processes.every((p, i) => p.pid === pids[i] && p.name === children[i]!.name),
    );
    ctx.check("no child is left", activeChildren().length === 0, activeChildren());
  },
};

if (import.meta.main) await runProgram(scenario);
