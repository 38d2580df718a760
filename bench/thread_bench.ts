// Copyright 2026 the Weft authors. MIT license.

/*
 * From start to result: a thread, against a bare worker of the kind that it uses. Both are awaited
 * until the worker has ended. And a timer. `deno task bench:peers starting` compares with other languages.
 */

import { Thread, Timer } from "../thread/mod.ts";
import { addInNodeWorker, addInWebWorker } from "./fixtures/bare_start.ts";
import { add } from "./fixtures/tasks.ts";

const group = "Thread start to result";

Deno.bench("bare node:worker_threads Worker", { group, baseline: true }, async () => {
  if (await addInNodeWorker(1, 2) !== 3) throw new Error("Wrong result");
});

Deno.bench("Thread.spawn().join()", { group }, async () => {
  if (await Thread.spawn(add, 1, 2).join() !== 3) throw new Error("Wrong result");
});

Deno.bench("bare web Worker, which cannot be stopped", { group }, async () => {
  if (await addInWebWorker(1, 2) !== 3) throw new Error("Wrong result");
});

const timers = { group: "Timer.start() to join(), 1 ms" };

Deno.bench("setTimeout()", { ...timers, baseline: true }, async () => {
  await new Promise<void>((resolve) => setTimeout(resolve, 1));
});

Deno.bench("Timer", timers, async () => {
  await new Timer(1, () => {}).start().join();
});
