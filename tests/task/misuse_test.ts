// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Process, ProcessExitedError } from "../../process/mod.ts";
import { task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { add, either, stubborn, Suicide, sum, survives } from "../fixtures/misuse_tasks.ts";

async function program(name: string, ...args: string[]): Promise<{ out: string; err: string }> {
  const file = new URL(`../fixtures/${name}`, import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", file, ...args],
  }).output();
  const decoder = new TextDecoder();
  return { out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("A task that is registered on one side only does not shift the others", async () => {
  const { out, err } = await program("program_conditional.ts");

  const results = ["paid 100", "refunded 7", "same 3", "ReferenceError", "ReferenceError"];
  assertEquals(JSON.parse(out || err), [...results, ...results]);
});

for (const kind of ["thread", "process"]) {
  Deno.test(`A ${kind} that starts itself after its import is stopped by BootstrapError`, async () => {
    const { out, err } = await program("program_async_main.ts", kind);

    const starts = out.split("\n").filter((line) => line === "start").length;
    assert(starts >= 2 && starts <= 9, `${starts} starts`);
    // A thread that has ended drops what floats in it, and the error can be that.
    if (kind === "process") assert(err.includes("BootstrapError") || starts < 9, err);
  });
}

Deno.test("task() of a task of the same module gives the same task", () => {
  const once = task(import.meta, () => 1);

  assertEquals(task(import.meta, once), once);
});

for (const Unit of [Thread, Process] as const) {
  const { name } = Unit;
  // deno-lint-ignore no-explicit-any -- called as from JavaScript
  const create = (...args: unknown[]) => new (Unit as any)(...args);

  Deno.test(`new ${name}() refuses arguments that are not of its form`, () => {
    assertThrows(() => create(add, [1, 2]), TypeError, "{ args: [1, 2] }");
    assertThrows(() => create(add, 1, 2), TypeError, "{ args: [1, 2] }");
    assertThrows(() => create(add, { args: [], name: Symbol("x") }), TypeError, "Symbol(x)");
    assertThrows(() => create(add, { args: [], daemon: "no" }), TypeError, '"no"');
    assertThrows(
      () => create(add, { args: [], signal: new AbortController() }),
      TypeError,
      "signal",
    );
    assertThrows(() => create(import.meta, { args: [] }), TypeError, "no task");
    assertThrows(() => create(add, { args: null }).start(), TypeError, "null");
  });

  Deno.test(`${name} takes results that may be promises, and argument lists that are readonly`, async () => {
    const values: readonly number[] = [1, 2, 3];
    const run = <R>(unit: { join(): Promise<R> }) => unit.join();

    if (Unit === Thread) {
      const result: number | string = await Thread.spawn(either, true).join();
      assertEquals(result, "text");
      assertEquals(await run(new Thread(sum, { args: values }).start()), 6);
      assertEquals(await new Thread<number>(add, { args: [1, 2] }).start().join(), 3);
    } else {
      const result: number | string = await Process.spawn(either, false).join();
      assertEquals(result, 1);
      assertEquals(await run(new Process(sum, { args: values }).start()), 6);
      assertEquals(await new Process<number>(add, { args: [1, 2] }).start().join(), 3);
    }
  });

  Deno.test(`${name} leaves an unhandled rejection to a listener of the task that handles it`, async () => {
    const unit = Unit === Thread ? Thread.spawn(survives) : Process.spawn(survives);

    assertEquals(await unit.join(), "survived it");
  });
}

Deno.test("Process disposal ends a child that ignores SIGTERM", async () => {
  const process = new Process(stubborn, { stdout: "piped" }).start();
  for await (const _ready of process.stdout) break;

  await process[Symbol.asyncDispose]();

  assertEquals(process.exitSignal, "SIGKILL");
  assertEquals((await process.exited).reason, "terminated");
});

Deno.test("Process.terminate() in its own run() ends the process", async () => {
  const process = new Suicide().start();

  const error = await assertRejects(() => process.join(), ProcessExitedError);

  assertEquals(error.exitSignal, "SIGTERM");
});
