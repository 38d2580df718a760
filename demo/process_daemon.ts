// Copyright 2026 the Weft authors. MIT license.

/**
 * Daemon processes: a child that guards its parent and ends when the parent does.
 *
 * The parent is `programs/daemon_parent.ts`, a program of its own, so that it can be killed. However
 * it ends, its daemon child is gone; a child that is no daemon is waited for at the parent's end.
 *
 * ```sh
 * deno task demo process-daemon
 * deno run --allow-run demo/process_daemon.ts
 * ```
 *
 * @module
 */

import { Companion, denoRun } from "./_frame/companion.ts";
import { runProgram } from "./_frame/program.ts";
import { eventually, hasEnded, ps } from "./_frame/ps.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "process-daemon",
  module: import.meta.url,
  seeds: "S0.7 S1.1 S4.9",
  title: "A daemon child ends with its parent, also when the parent is killed.",
  claim: "the daemon is gone after exit and after SIGKILL; another child is waited for",
  permissions: ["run"],

  async run(ctx) {
    await showExit(ctx);
    await showKill(ctx);
    await showWait(ctx);
  },
};

async function showExit(ctx: Context): Promise<void> {
  ctx.say("— the parent of a daemon comes to its end after 3 s, the daemon would take 100 s");
  const parent = startParent("daemon", ctx.ms(100, 10_000), ctx.ms(3));
  const pid = await parent.number("子进程编号");
  const status = await parent.status;
  ctx.check("the parent ended by itself", status.success, status);
  ctx.check(`its daemon ${pid} is gone`, await eventually(() => hasEnded(pid)), ps(pid));
  await parent.silent;
  ctx.check("the daemon never came to its end", !parent.lines.includes("end...子进程1"));
}

async function showKill(ctx: Context): Promise<void> {
  ctx.say("— the parent of a daemon is killed");
  const parent = startParent("daemon", ctx.ms(100, 10_000), ctx.ms(100, 10_000));
  const pid = await parent.number("子进程编号");
  await parent.line("start...");
  ctx.check(`its daemon ${pid} is alive`, !hasEnded(pid), ps(pid));
  parent.kill();
  const { signal } = await parent.status;
  ctx.check("the parent ended by SIGKILL", signal === "SIGKILL", signal);
  ctx.check(`its daemon ${pid} is gone`, await eventually(() => hasEnded(pid)), ps(pid));
  await parent.silent;
  ctx.check("the daemon never came to its end", !parent.lines.includes("end...子进程1"));
}

async function showWait(ctx: Context): Promise<void> {
  ctx.say("— a parent comes to its end before its child, which is no daemon");
  const parent = startParent("child", ctx.ms(3), ctx.ms(1));
  const pid = await parent.number("子进程编号");
  const { success } = await parent.status;
  ctx.check("the parent's program ended by itself", success);
  ctx.check("after its child", hasEnded(pid), ps(pid));
  await parent.silent;
  const { lines } = parent;
  ctx.check("which came to its end", lines.includes("end...子进程1"), lines);
  const order = lines.indexOf("主进程结束") < lines.indexOf("end...子进程1");
  ctx.check("after the parent's last line", order, lines);
}

/** Starts a parent whose child takes `childMs` and that comes to its own end after `parentMs`. */
function startParent(kind: "daemon" | "child", childMs: number, parentMs: number): Companion {
  const permissions = ["run", "read=.", "net=127.0.0.1"] as const;
  return new Companion(
    denoRun("programs/daemon_parent.ts", permissions, [kind, childMs, parentMs]),
  );
}

if (import.meta.main) await runProgram(scenario);
