// Copyright 2026 the Weft authors. MIT license.

/**
 * Zombies and orphans: a child that nobody has asked for, and a child whose parent is gone.
 *
 * A process that has ended stays in the process table, as `Z` (defunct), until its parent asks how
 * it ended. Deno's event loop asks by itself, so a zombie is seen only while the main thread is
 * blocked. A process whose parent ends lives on and is adopted by another, as a rule by pid 1.
 *
 * ```sh
 * deno task demo zombie-orphan
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/zombie_orphan.ts
 * ```
 *
 * @module
 */

import { Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { Companion, denoRun } from "./_frame/companion.ts";
import { runProgram, sleep } from "./_frame/program.ts";
import { eventually, hasEnded, ps } from "./_frame/ps.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** S3.1.4: a child that ends while its parent sleeps. */
export const defunct = task(import.meta, async function defunct(ms: number): Promise<void> {
  console.log(`child ${Deno.pid} begins`);
  await sleep(ms);
  Deno.exit(0);
});

/** The scenario. */
export const scenario: Scenario = {
  name: "zombie-orphan",
  module: import.meta.url,
  seeds: "S0.6 S3.1.4 S4.10",
  title: "A child that ended but was not reaped is Z; a child whose parent is killed is adopted.",
  claim: "Z while the parent sleeps, gone after join; another ppid after the parent's death",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    await showZombie(ctx);
    await showOrphan(ctx);
  },
};

async function showZombie(ctx: Context): Promise<void> {
  ctx.say("— 僵尸进程: the child ends, the parent sleeps and does not ask");
  const child = new Process(defunct, { args: [ctx.ms(3, 300)], stdout: "piped" });
  const { pid } = child.start();
  ctx.say(await firstText(child.stdout));

  // `time.sleep` of Python: from here to join() the event loop has no turn.
  sleepUntil(() => isZombie(pid), ctx.ms(3) + 5000);
  const row = ps(pid);
  ctx.say(`pid ${pid}\tppid ${row?.ppid}\t${row?.state}\t${row?.command}`);
  ctx.check("the child that ended is Z in the process table", isZombie(pid), row);
  ctx.check("still a child of this process", row?.ppid === Deno.pid, row);
  sleepUntil(() => false, ctx.ms(1));
  ctx.check("and stays so while the parent sleeps", isZombie(pid), ps(pid));

  await child.join().catch(() => {}); // It called Deno.exit(), so it has no result.
  ctx.say(`joined\texit code ${child.exitCode}`);
  ctx.check("join() has reaped it: its pid is gone", ps(pid) === undefined, ps(pid));
  ctx.check("and learned its exit code", child.exitCode === 0, child.exitCode);
}

function isZombie(pid: number): boolean {
  return ps(pid)?.state.startsWith("Z") ?? false;
}

/** Blocks this thread until something holds, at most so many milliseconds. */
function sleepUntil(holds: () => boolean, ms: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + ms;
  while (performance.now() < deadline && !holds()) Atomics.wait(never, 0, 0, 20);
}

/** Reads what a process writes first. */
async function firstText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.cancel();
  return new TextDecoder().decode(value).trimEnd();
}

async function showOrphan(ctx: Context): Promise<void> {
  ctx.say("— 孤儿进程: the parent is killed, the child goes on");
  const parent = new Companion(
    denoRun("programs/orphan_parent.ts", scenario.permissions, [ctx.ms(10, 1000)]),
  );
  const orphan = await parent.number("孤儿");
  const before = ps(orphan);
  ctx.say(`pid ${orphan}\tppid ${before?.ppid}\t${before?.state}`);
  ctx.check("the child's parent is the program", before?.ppid === parent.pid, before);

  parent.kill();
  await parent.status;
  ctx.check(
    "another process has adopted it",
    await eventually(() => ps(orphan)?.ppid !== parent.pid) && !hasEnded(orphan),
    ps(orphan),
  );
  const after = ps(orphan)!;
  ctx.say(`pid ${orphan}\tppid ${after.ppid}\t${after.state}`);
  await parent.silent;
  ctx.check("it came to its end", parent.lines.includes("孤儿进程结束"), parent.lines);
  ctx.check("and is gone", await eventually(() => hasEnded(orphan)), ps(orphan));
}

if (import.meta.main) await runProgram(scenario);
