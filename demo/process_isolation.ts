// Copyright 2026 the Weft authors. MIT license.

/**
 * Process isolation: processes share no variables.
 *
 * A child imports the module again and so has a variable of its own; what it assigns stays there.
 *
 * ```sh
 * deno task demo process-isolation
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/process_isolation.ts
 * ```
 *
 * @module
 */

import { Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

// S0.2 and S4.5: the global variables of the tutorials.
let n = 100;
let money = 1000;

/** S0.2: sets the number to 0. */
export const setNumber = task(import.meta, function setNumber() {
  const before = n;
  n = 0;
  return { before, after: n };
});

/** S4.5: spends the money. */
export const setMoney = task(import.meta, function setMoney() {
  money = 99;
  console.log(`子进程的task函数查看money ${money}`);
  return money;
});

/** The scenario. */
export const scenario: Scenario = {
  name: "process-isolation",
  module: import.meta.url,
  seeds: "S0.2 S4.5",
  title: "A variable of the module changed in a child stays as it is in the parent.",
  claim: "0 and 99 in the children, 100 and 1000 in the parent",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    const p = new Process(setNumber);
    p.start();
    const child = await p.join();
    ctx.say(`n\tparent ${n}\tchild ${child.after}`);
    ctx.check("the child began with 100", child.before === 100, child.before);
    ctx.check("the child has 0", child.after === 0, child.after);
    ctx.check("the parent still has 100", n === 100, n);

    const p1 = new Process(setMoney);
    p1.start();
    const spent = await p1.join();
    ctx.say(`money\tparent ${money}\tchild ${spent}`);
    ctx.check("the child has 99", spent === 99, spent);
    ctx.check("the parent still has 1000", money === 1000, money);

    // The same function called here changes the variable here.
    n = 7;
    const again = await Process.spawn(setNumber).join();
    ctx.check("a change in the parent does not reach a child", again.before === 100, again.before);
    ctx.check("setNumber() called as a function does change it", setNumber().after === n, n);
  },
};

if (import.meta.main) await runProgram(scenario);
