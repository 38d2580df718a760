// Copyright 2026 the Weft authors. MIT license.

/** A parent that is killed while its child works; run by `zombie_orphan.ts`. */

import { Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { sleep } from "../_frame/program.ts";

/** A child that goes on without its parent. */
export const work = task(import.meta, async function work(ms: number) {
  console.log(`孤儿=${Deno.pid}`);
  await sleep(ms);
  console.log("孤儿进程结束");
});

if (import.meta.main) {
  await Process.spawn(work, Number(Deno.args[0])).join();
}
