// Copyright 2026 the Weft authors. MIT license.

/**
 * Commands: programs that are not ours.
 *
 * The tutorials look at processes with `ps`. `run` starts such a command, gives it input, collects
 * its output and ends it in time, with all that it started.
 *
 * ```sh
 * deno task demo command
 * deno run --allow-run demo/command.ts
 * ```
 *
 * @module
 */

import {
  CalledProcessError,
  type CommandOutput,
  CommandTimeoutError,
  run,
} from "@weft/concurrency/process";
import { runProgram } from "./_frame/program.ts";
import { eventually, hasEnded } from "./_frame/ps.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "command",
  module: import.meta.url,
  seeds: "S0.6 S3.1.4 S4.7",
  title: "An external program with input, timeout and check.",
  claim: "output seen; a timeout ends the whole group; a failure carries code and stderr",
  // All of it: Deno signals a process group only with the whole permission.
  permissions: ["run"],

  async run(ctx) {
    const { stdout, success } = await run("ps", ["-o", "pid=,ppid=,comm=", "-p", `${Deno.pid}`]);
    ctx.say(`ps says\t${stdout.trim()}`);
    const [pid, ppid] = stdout.trim().split(/\s+/).map(Number);
    ctx.check("ps lists this process", success && pid === Deno.pid, stdout);
    ctx.check("with its parent", ppid === Deno.ppid, stdout);

    const sorted = await run("sort", [], { input: "仙女\negon\njia\n", env: { LC_ALL: "C" } });
    ctx.check(
      "input arrives, output comes back",
      sorted.stdout === "egon\njia\n仙女\n",
      sorted.stdout,
    );

    const failed = await run("sh", ["-c", "exit 3"]);
    ctx.check("a failure is a code", failed.code === 3 && !failed.success, failed.code);

    ctx.say("— with check: true a failure is an error");
    const broken = "echo begun; echo '没有 data.json' >&2; exit 3";
    const error = await errorOf(run("sh", ["-c", broken], { check: true }));
    ctx.say(String(error));
    ctx.check("it is a CalledProcessError", error instanceof CalledProcessError, error);
    const { code, stderr, stdout: begun } = error as CalledProcessError;
    ctx.check("that carries the code", code === 3, code);
    ctx.check("and the error output", stderr === "没有 data.json\n", stderr);
    ctx.check("and the output", begun === "begun\n", begun);

    ctx.say("— a command that starts another one and takes too long");
    const slow = "sleep 300 & echo $$ $!; wait";
    const late = await errorOf(run("sh", ["-c", slow], { timeout: ctx.ms(10) }));
    ctx.say(String(late));
    ctx.check("it is a TimeoutError", late instanceof CommandTimeoutError, late);
    const pids = (late as CommandOutput).stdout.trim().split(" ").map(Number);
    ctx.check("that carries the output so far", pids.length === 2 && pids.every(Boolean), pids);
    const gone = await eventually(() => pids.every(hasEnded));
    ctx.check("the whole process group is gone", gone, pids);
  },
};

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => undefined, (error) => error);
}

if (import.meta.main) await runProgram(scenario);
