// Copyright 2026 the Weft authors. MIT license.

/*
 * Measures how long threads and processes of Node take from their start until they have given a result and ended.
 * Reads lines of JSON, [module, measure, times], and answers each with a line of JSON: the milliseconds. The measure is
 * "thread" or "process".
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const script = new URL("./starting_node_add.mjs", import.meta.url);

const start = {
  thread: () => new Worker(script, { workerData: [1, 2] }),
  process: () => fork(fileURLToPath(script), ["1", "2"]),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [, measure, times] = JSON.parse(line);
  const started = performance.now();
  for (let i = 0; i < times; i++) {
    const unit = start[measure]();
    const [[sum]] = await Promise.all([once(unit, "message"), once(unit, "exit")]);
    if (sum !== 3) throw new Error("Wrong result");
  }
  console.log(JSON.stringify(performance.now() - started));
}
