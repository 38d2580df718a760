// Copyright 2026 the Weft authors. MIT license.

/*
 * From start to result: a thread, against a bare worker of the kind that it uses. Both are awaited
 * until the worker has ended.
 */

import { Worker } from "node:worker_threads";
import { Thread } from "../thread/mod.ts";
import { add } from "./fixtures/tasks.ts";

const group = "Thread start to result";

Deno.bench("bare node:worker_threads Worker", { group, baseline: true }, async () => {
  const worker = new Worker(new URL("./fixtures/bare_worker.ts", import.meta.url), {
    workerData: [1, 2],
  });
  const result = new Promise((resolve) => worker.once("message", resolve));
  await new Promise((resolve) => worker.once("exit", resolve));
  if (await result !== 3) throw new Error("Wrong result");
});

Deno.bench("Thread.spawn().join()", { group }, async () => {
  if (await Thread.spawn(add, 1, 2).join() !== 3) throw new Error("Wrong result");
});

Deno.bench("bare web Worker, which cannot be stopped", { group }, async () => {
  const source = "data:text/javascript,onmessage = ({ data: [a, b] }) => postMessage(a + b)";
  const worker = new globalThis.Worker(source, { type: "module" });
  const result = new Promise<number>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.postMessage([1, 2]);
  if (await result !== 3) throw new Error("Wrong result");
  worker.terminate();
});
