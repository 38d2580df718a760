// Copyright 2026 the Weft authors. MIT license.

/** S0.二.2 and S3.2.4: a main thread that ends before its threads; run by `thread_daemon.ts`. */

import { task } from "@weft/concurrency/task";
import { Thread } from "@weft/concurrency/thread";
import { sleep } from "../_frame/program.ts";

/** A thread that takes long. */
export const work = task(import.meta, async function work(name: string, ms: number) {
  console.log(`${name} is running`);
  await sleep(ms);
  console.log(`${name} is done`);
});

if (import.meta.main) {
  const [kind, ms] = Deno.args;
  for (let i = 1; i <= 5; i++) {
    const t = new Thread(work, { args: [`线程${i}`, Number(ms)], daemon: kind === "daemon" });
    t.start();
  }
  console.log("主");
}
