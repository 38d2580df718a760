// Copyright 2026 the Weft authors. MIT license.

import type { Companion } from "./companion.ts";
import { eventually } from "./ps.ts";
import type { Context } from "./scenario.ts";

/** Finds the tasks that a master has printed: `Put task 7...` */
function tasksPut({ lines }: Companion): number[] {
  return numbers(lines, /^Put task (\d+)\.\.\.$/);
}

/** Finds the tasks that a worker has printed: `run task 7 * 7...` */
export function tasksRun({ lines }: Companion): number[] {
  return numbers(lines, /^run task (\d+) \* \1\.\.\.$/);
}

/** Waits for a master and its only worker, and checks that they have done what the tutorial's do. */
export async function checkWork(ctx: Context, master: Companion, worker: Companion): Promise<void> {
  const { success } = await worker.status;
  ctx.check("the worker came to its end", success && await isSeen(worker, "worker exit."));
  // It waits for results that do not come for longer than this.
  ctx.check("the master has all its results", await isSeen(master, "master exit."), master.lines);
  const status = await master.status;
  ctx.check("and came to its end", status.success, status);

  const tasks = tasksPut(master);
  const run = tasksRun(worker);
  ctx.check("the worker ran the ten tasks", tasks.length === 10 && `${run}` === `${tasks}`, run);
  const results = master.lines.filter((line) => line.startsWith("Result: "));
  const right = tasks.map((n) => `Result: ${n} * ${n} = ${n * n}`);
  ctx.check("ten right results came back", `${results}` === `${right}`, results);
}

function isSeen({ lines }: Companion, line: string): Promise<boolean> {
  return eventually(() => lines.includes(line), 10_000);
}

function numbers(lines: readonly string[], pattern: RegExp): number[] {
  return lines.flatMap((line) => {
    const match = pattern.exec(line);
    return match === null ? [] : [Number(match[1])];
  });
}
