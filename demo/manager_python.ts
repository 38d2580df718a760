// Copyright 2026 the Weft authors. MIT license.

/**
 * Distributed processes in two languages: the programs of the tutorial in Python, and ours.
 *
 * `cluster/task_master.py` and `cluster/task_worker.py` are the tutorial's, word by word. They are run with
 * another port, the address of this machine alone, and a second that lasts as `--scale` says.
 *
 * ```sh
 * deno task demo manager-python
 * deno run --allow-run --allow-read=demo/cluster --allow-write --allow-net=127.0.0.1 demo/manager_python.ts
 * ```
 *
 * @module
 */

import { run } from "@weft/concurrency/process";
import { Companion, denoRun } from "./_frame/companion.ts";
import { checkWork } from "./_frame/master_worker.ts";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "manager-python",
  module: import.meta.url,
  seeds: "S2",
  title: "The tutorial's own worker in Python for our master, and our worker for its master.",
  claim: "the ten results, both ways",
  permissions: ["run", "read=demo/cluster", "write", "net=127.0.0.1"],

  async run(ctx) {
    const python = await run("python3", ["--version"]).catch((error) => {
      if (error instanceof Deno.errors.NotFound) ctx.skip("there is no python3");
      throw error;
    });
    if (Deno.build.os === "windows") ctx.skip("the tutorial's master needs processes that fork");
    const folder = await ctx.tempDir();
    await showPythonWorker(ctx, folder, python.stdout.trim());
    await showPythonMaster(ctx, folder, python.stdout.trim());
  },
};

async function showPythonWorker(ctx: Context, folder: string, python: string): Promise<void> {
  ctx.say(`— our master, a worker in ${python}`);
  using master = new Companion(
    denoRun("cluster/task_master.ts", ["net=127.0.0.1:0"], ["--port=0", "--key=abc"]),
  );
  const port = Number((await master.line("Serve queues at port")).match(/\d+/));
  await master.line("Try get results...");
  const file = await adapt("task_worker.py", folder, {
    "(server_addr, 5000)": `(server_addr, ${port})`,
    "time.sleep(1)": `time.sleep(${ctx.ms(1) / 1000})`,
  });
  using worker = new Companion(["python3", "-u", file]);
  await checkWork(ctx, master, worker);
}

async function showPythonMaster(ctx: Context, folder: string, python: string): Promise<void> {
  ctx.say(`— a master in ${python}, our worker`);
  const port = freePort();
  const file = await adapt("task_master.py", folder, { "('', 5000)": `('127.0.0.1', ${port})` });
  using master = new Companion(["python3", "-u", "-c", fork, file]);
  await master.line("Try get results...");
  const args = [`--port=${port}`, "--key=abc", `--sleep=${ctx.ms(1)}`];
  using worker = new Companion(denoRun("cluster/task_worker.ts", [`net=127.0.0.1:${port}`], args));
  await checkWork(ctx, master, worker);
}

/** Runs a program whose processes fork, as they did on every Unix when the tutorial was written. */
const fork = `
import multiprocessing, runpy, sys
multiprocessing.set_start_method("fork")
runpy.run_path(sys.argv[1], run_name="__main__")
`;

/**
 * Copies a program of the tutorial with other words in it.
 *
 * @returns Where it is.
 * @throws {Error} If it does not have one of the words once.
 */
async function adapt(
  name: string,
  folder: string,
  words: Readonly<Record<string, string>>,
): Promise<string> {
  let text = await Deno.readTextFile(new URL(`cluster/${name}`, import.meta.url));
  for (const [word, other] of Object.entries(words)) {
    const [before, after, ...more] = text.split(word);
    if (after === undefined || more.length > 0) {
      throw new Error(`${name} does not have ${word} once`);
    }
    text = before + other + after;
  }
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

if (import.meta.main) await runProgram(scenario);
