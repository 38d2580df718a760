// Copyright 2026 the Weft authors. MIT license.

/**
 * Distributed processes: a master that puts tasks into a queue on the network, and a worker that is another
 * program, on this or any other machine.
 *
 * 服务进程负责启动Queue,把Queue注册到网络上,然后往Queue里面写入任务. The two programs are those of the tutorial:
 * `cluster/task_master.ts` and `cluster/task_worker.ts`, which tell how to start them on two machines.
 * The queues are in the master; the worker has but their names, the port and the key.
 *
 * ```sh
 * deno task demo manager
 * deno run --allow-run --allow-net=127.0.0.1 demo/manager.ts
 * ```
 *
 * @module
 */

import type { Queue } from "@weft/concurrency/channel";
import { AuthenticationError, connectManager } from "@weft/concurrency/cluster";
import { Companion, denoRun } from "./_frame/companion.ts";
import { checkWork } from "./_frame/master_worker.ts";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "manager",
  module: import.meta.url,
  seeds: "S2",
  title: "A master serves two queues on the network, a worker is another program.",
  claim: "ten results n * n from another pid; a wrong authkey is refused, the others go on",
  permissions: ["run", "net=127.0.0.1"],

  async run(ctx) {
    // Port 0 is one that is free; the master tells which.
    using master = new Companion(
      denoRun("cluster/task_master.ts", ["net=127.0.0.1:0"], ["--port=0", "--key=abc"]),
    );
    const port = Number((await master.line("Serve queues at port")).match(/\d+/));
    await master.line("Try get results...");

    await showWrongKey(ctx, port);

    ctx.say("— the worker of the tutorial, 在另一台机器上启动(本机上启动也可以)");
    const args = [`--port=${port}`, "--key=abc", `--sleep=${ctx.ms(1)}`];
    using worker = new Companion(
      denoRun("cluster/task_worker.ts", [`net=127.0.0.1:${port}`], args),
    );
    await checkWork(ctx, master, worker);
    const pids = [Deno.pid, master.pid, worker.pid];
    ctx.say(`master\tpid ${master.pid}\tworker\tpid ${worker.pid}`);
    ctx.check("master and worker were processes of their own", new Set(pids).size === 3, pids);
  },
};

/** Tries a key that is not the master's while another program is connected. */
async function showWrongKey(ctx: Context, port: number): Promise<void> {
  ctx.say("— another program, whose authkey is not 'abc'");
  await using other = await connectManager({ port, authKey: "abc" });
  const task = await other.get<Queue<number>>("get_task_queue");

  const error = await connectManager({ port, authKey: "abd" }).then(
    () => "it was let in",
    (error) => error,
  );
  ctx.say(String(error));
  ctx.check("it is refused", error instanceof AuthenticationError, error);
  const size = await task.size;
  ctx.check("one that was connected before goes on", size === 10, size);
}

if (import.meta.main) await runProgram(scenario);
