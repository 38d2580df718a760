// Copyright 2026 the Weft authors. MIT license.

/*
 * From start to result: a process, against a bare `deno run` that gets its arguments on the command
 * line and prints its result. Both are awaited until the process has ended. And a command of the system. `deno task
 * bench:peers starting` compares with other languages.
 */

import { Process, run } from "../process/mod.ts";
import { addInDenoRun } from "./fixtures/bare_start.ts";
import { add } from "./fixtures/tasks.ts";

const group = "Process start to result";
Deno.bench("bare deno run", { group, baseline: true }, async () => {
  if (await addInDenoRun(1, 2) !== 3) throw new Error("Wrong result");
});

Deno.bench("Process.spawn().join()", { group }, async () => {
  if (await Process.spawn(add, 1, 2).join() !== 3) throw new Error("Wrong result");
});

const parallel = "8 processes at once, start to result";

Deno.bench("bare deno run ", { group: parallel, baseline: true }, async () => {
  await Promise.all(Array.from({ length: 8 }, () => addInDenoRun(1, 2)));
});

Deno.bench("Process.spawn().join() ", { group: parallel }, async () => {
  await Promise.all(Array.from({ length: 8 }, () => Process.spawn(add, 1, 2).join()));
});

const command = "run() a command, its output";

Deno.bench("Deno.Command.output()", { group: command, baseline: true }, async () => {
  const { stdout } = await new Deno.Command("echo", { args: ["hello"] }).output();
  if (new TextDecoder().decode(stdout) !== "hello\n") throw new Error("Wrong output");
});

Deno.bench("run()", { group: command }, async () => {
  const { stdout } = await run("echo", ["hello"]);
  if (stdout !== "hello\n") throw new Error("Wrong output");
});
