// Copyright 2026 the Weft authors. MIT license.

/*
 * Measures the pools of Node. Its argument is a path beside the packages. Reads lines of JSON, [pool, measure, times],
 * and answers each with a line of JSON: the milliseconds. A measure is "HOW TASK". Each pool has 2 workers.
 */

import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const size = 2;
/** How often each task is run before it is measured. */
const warmUp = 500;
const values = { increment: 1, echo: new Uint8Array(65_536).fill(7) };

// Workers find the packages by it, too.
process.env.PEER_PACKAGES = process.argv[2];
const load = createRequire(process.env.PEER_PACKAGES);
const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

// What makes each pool; it gives what runs a task by its name.

function piscina(options) {
  const { Piscina } = load("piscina");
  const filename = pathOf("./pools_node_tasks.mjs");
  const pool = new Piscina({ filename, minThreads: size, maxThreads: size, ...options });
  return (name, value) => pool.run(value, { name });
}

function tinypool(options) {
  const { Tinypool } = load("tinypool");
  const filename = new URL("./pools_node_tasks.mjs", import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: size, maxThreads: size, ...options });
  return (name, value) => pool.run(value, { name });
}

function workerpool(options) {
  const limits = { minWorkers: size, maxWorkers: size };
  const pool = load("workerpool").pool(pathOf("./pools_node_workerpool.mjs"), {
    ...limits,
    ...options,
  });
  return (name, value) => pool.exec(name, [value]);
}

function poolifier() {
  const { FixedThreadPool } = load("poolifier");
  const pool = new FixedThreadPool(size, pathOf("./pools_node_poolifier.mjs"));
  return (name, value) => pool.execute(value, name);
}

const advanced = { serialization: "advanced" };
const pools = {
  "piscina": () => piscina(),
  "piscina, 64 at once": () => piscina({ concurrentTasksPerWorker: 64 }),
  "piscina, 64 at once, no Atomics": () => {
    return piscina({ concurrentTasksPerWorker: 64, atomics: "disabled" });
  },
  "tinypool": () => tinypool(),
  "tinypool, 64 at once": () => tinypool({ concurrentTasksPerWorker: 64 }),
  "tinypool child_process": () => tinypool({ runtime: "child_process" }),
  "tinypool child_process, advanced": () => tinypool({ runtime: "child_process", ...advanced }),
  "workerpool thread": () => workerpool({ workerType: "thread" }),
  "workerpool process": () => workerpool({ workerType: "process" }),
  "workerpool process, advanced": () => {
    return workerpool({ workerType: "process", forkOpts: advanced });
  },
  "poolifier": () => poolifier(),
};

async function atOnce(run, task, times) {
  const value = values[task];
  const started = performance.now();
  const results = [];
  for (let i = 0; i < times; i++) results.push(run(task, value));
  check(task, (await Promise.all(results)).at(-1));
  return performance.now() - started;
}

async function inTurn(run, task, times) {
  const value = values[task];
  let result;
  const started = performance.now();
  for (let i = 0; i < times; i++) result = await run(task, value);
  const taken = performance.now() - started;
  check(task, result);
  return taken;
}

function check(task, result) {
  if (task === "increment" ? result === 2 : result.byteLength === values.echo.byteLength) return;
  throw new Error(`${task} gave ${result}`);
}

const runs = {};
for await (const line of createInterface({ input: process.stdin })) {
  const [pool, measure, times] = JSON.parse(line);
  const [how, task] = measure.split(" ");
  const key = `${pool} ${task}`;
  if (runs[key] === undefined) {
    runs[key] = runs[pool] ??= pools[pool]();
    await atOnce(runs[key], task, warmUp);
  }
  console.log(JSON.stringify(await (how === "atOnce" ? atOnce : inTurn)(runs[key], task, times)));
}
// The pools would take their time.
process.exit();
