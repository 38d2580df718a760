// Copyright 2026 the Weft authors. MIT license.

// What happens to modules that start processes while they are imported.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { BootstrapError, importTask } from "../../task/mod.ts";
import { fixture, fixturePath, runProgram } from "./_helpers.ts";

function countImports(stdout: string): number {
  return stdout.split("\n").filter((line) => line === "imported").length;
}

Deno.test("Process.start() is refused while a module is imported by a child, with advice", async () => {
  const { stdout } = await runProgram(fixturePath("process_program_unguarded.ts"));

  assertStringIncludes(stdout, "BootstrapError: ");
  assertStringIncludes(stdout, "process_program_unguarded.ts is being imported by another");
  assertStringIncludes(stdout, "if (import.meta.main) { … }");
});

Deno.test("Process.start() while a module is imported makes no more than one child", async () => {
  const { stdout } = await runProgram(fixturePath("process_program_unguarded.ts"));

  assertEquals(countImports(stdout), 2);
});

Deno.test("Process.start() works in a module that is guarded by import.meta.main", async () => {
  const { stdout, code } = await runProgram(fixturePath("process_program_guarded.ts"));

  assertEquals(stdout, "imported\nimported\ndone\n");
  assertEquals(code, 0);
});

Deno.test("Process.join() rejects with a BootstrapError of the same class", async () => {
  const task = importTask(fixture("process_program_unguarded.ts"), "work");

  const error = await assertRejects(
    () => new Process(task, { stdout: "null" }).start().join(),
    Error,
  );

  assertEquals(error.name, "BootstrapError");
  assertEquals(error instanceof BootstrapError, true);
});
