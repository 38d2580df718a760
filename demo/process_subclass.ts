// Copyright 2026 the Weft authors. MIT license.

/**
 * Process as a class: a subclass that overrides `run`.
 *
 * The constructor runs here, `run` runs in the child. What the constructor stored in public fields
 * is there, too; the constructor itself does not run again.
 *
 * ```sh
 * deno task demo process-subclass
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/process_subclass.ts
 * ```
 *
 * @module
 */

import { currentProcess, Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** What a process of this module sent back. */
interface Report {
  readonly pid: number;
  readonly name: string;
  readonly state: unknown;
  readonly constructed: number;
}

// Counts the constructor calls of this process; each process has its own count.
let constructed = 0;

/** S0.1 and S4.3: `class MyProcess(Process)` with a name, an age and three seconds of work. */
@task(import.meta)
export class MyProcess extends Process<Report> {
  constructor(name: string, readonly age: number, readonly ms: number) {
    super({ name });
    constructed++;
  }

  override async run(): Promise<Report> {
    console.log(`running ${this.name} ${this.age}`);
    await sleep(this.ms);
    console.log(`over ${this.name} ${this.age}`);
    return { pid: Deno.pid, name: this.name, state: this.age, constructed };
  }
}

/** S1.4: `class My_Process(multiprocessing.Process)` with any arguments. */
@task(import.meta)
export class ArgsProcess extends Process<Report> {
  constructor(readonly args: readonly number[], readonly kwargs: ReadonlyMap<string, number>) {
    super();
    constructed++;
  }

  override run(): Report {
    const { pid, name } = currentProcess();
    console.log(`<${name}, pid ${pid}>`);
    console.log(this.args);
    console.log(this.kwargs);
    return { pid, name, state: { args: this.args, kwargs: this.kwargs }, constructed };
  }
}

/** The scenario. */
export const scenario: Scenario = {
  name: "process-subclass",
  module: import.meta.url,
  seeds: "S0.1 S1.4 S4.3",
  title: "A class that extends Process and overrides run, with state from its constructor.",
  claim: "the state arrived in the child and run ran there",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    const obj = new MyProcess("jia", 12, ctx.ms(3));
    obj.start();
    ctx.say("main");
    const jia = await obj.join();
    ctx.check("run() ran in another process", jia.pid === obj.pid && jia.pid !== Deno.pid, jia);
    ctx.check("the name arrived", jia.name === "jia", jia.name);
    ctx.check("the age arrived", jia.state === 12, jia.state);
    ctx.check("the constructor ran only here", constructed === 1 && jia.constructed === 0, jia);

    const p = new ArgsProcess([1, 2, 3], new Map([["a", 1], ["b", 2], ["c", 3]]));
    const { state, name, pid } = await p.start().join();
    const sent = Deno.inspect({ args: p.args, kwargs: p.kwargs });
    ctx.check("a list and a map arrived whole", Deno.inspect(state) === sent, state);
    ctx.check("the child is the current process in run()", name === p.name && pid === p.pid, name);
  },
};

if (import.meta.main) await runProgram(scenario);
