// Copyright 2026 the Weft authors. MIT license.

/** S0.7: a parent that ends before its child; run by `process_daemon.ts`. */

import { Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { sleep } from "../_frame/program.ts";

/** A child that takes long. */
export const work = task(import.meta, async function work(name: string, ms: number) {
  console.log(`start...${name}`);
  await sleep(ms);
  console.log(`end...${name}`);
});

if (import.meta.main) {
  const [kind, childMs, parentMs] = Deno.args;
  const p1 = new Process(work, { args: ["子进程1", Number(childMs)], daemon: kind === "daemon" });
  p1.start();
  console.log(`子进程编号=${p1.pid}`);
  await sleep(Number(parentMs));
  console.log("主进程结束");
  console.log(`主进程编号=${Deno.pid}`);
}
