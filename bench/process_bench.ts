// Copyright 2026 the Weft authors. MIT license.

/*
 * From start to result: a process, against a bare `deno run` that gets its arguments on the command
 * line and prints its result. Both are awaited until the process has ended.
 */

import { Process } from "../process/mod.ts";
import { add } from "./fixtures/tasks.ts";

const group = "Process start to result";
const program = new URL("./fixtures/bare_process.ts", import.meta.url).href;

async function bare(): Promise<number> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", program, "1", "2"],
  }).output();
  return Number(new TextDecoder().decode(stdout));
}

Deno.bench("bare deno run", { group, baseline: true }, async () => {
  if (await bare() !== 3) throw new Error("Wrong result");
});

Deno.bench("Process.spawn().join()", { group }, async () => {
  if (await Process.spawn(add, 1, 2).join() !== 3) throw new Error("Wrong result");
});

const parallel = "8 processes at once, start to result";

Deno.bench("bare deno run ", { group: parallel, baseline: true }, async () => {
  await Promise.all(Array.from({ length: 8 }, bare));
});

Deno.bench("Process.spawn().join() ", { group: parallel }, async () => {
  await Promise.all(Array.from({ length: 8 }, () => Process.spawn(add, 1, 2).join()));
});
