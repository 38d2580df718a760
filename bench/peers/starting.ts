// Copyright 2026 the Weft authors. MIT license.

import { addInDenoRun, addInNodeWorker, addInWebWorker } from "../fixtures/bare_start.ts";
import { add } from "../fixtures/tasks.ts";
import { Process } from "../../process/mod.ts";
import { Thread } from "../../thread/mod.ts";
import type { Side, Topic } from "./measure.ts";
import { Program } from "./program.ts";
import { Python } from "./python.ts";

/** Ours may take a quarter more than a bare one. */
const aim = 1 / 1.25;

/** Threads and processes from their start until they have given a result and ended. */
export function starting(): Promise<Topic> {
  const python = new Python(new URL("./starting.py", import.meta.url));
  const node = new Program("node", new URL("./starting_node.mjs", import.meta.url));
  const thread = inTurn("Thread", () => Thread.spawn(add, 1, 2).join());
  const process = inTurn("Process", () => Process.spawn(add, 1, 2).join());

  return Promise.resolve({
    measures: [
      {
        name: "a thread",
        times: 4,
        rounds: 5,
        rows: [
          [thread, inTurn("Deno node Worker", () => addInNodeWorker(1, 2)), aim],
          [thread, inTurn("Deno web Worker", () => addInWebWorker(1, 2))],
          [thread, node.side("node", "thread", "Node Worker")],
          [thread, python.side("threading", "Thread")],
        ],
      },
      {
        name: "a process",
        times: 4,
        rounds: 5,
        rows: [
          [process, inTurn("deno run", () => addInDenoRun(1, 2)), aim],
          [process, node.side("node", "process", "Node fork")],
          [process, python.side("spawn", "Process", "multiprocessing.Process, spawn")],
          [process, python.side("fork", "Process", "multiprocessing.Process, fork")],
        ],
      },
    ],
    async stop() {
      await Promise.all([python.stop(), node.stop()]);
    },
  });
}

/** One after the other. */
function inTurn(name: string, add: () => PromiseLike<number>): Side {
  return {
    name,
    async run(times) {
      const started = performance.now();
      for (let i = 0; i < times; i++) {
        if (await add() !== 3) throw new Error(`Wrong result of ${name}`);
      }
      return performance.now() - started;
    },
  };
}
