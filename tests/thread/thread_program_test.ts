// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "./_helpers.ts";

Deno.test("Thread works with --allow-read alone", async () => {
  const { code, stdout, stderr } = await runProgram("thread_program_permissions.ts");

  assertEquals([code, stdout, stderr], [0, "3\n", ""]);
});

Deno.test("Thread.start() names the flag when --allow-read is missing", async () => {
  const { code, stdout } = await runProgram("thread_program_permissions.ts", [], []);

  assertEquals(code, 0);
  assert(stdout.startsWith("true NotCapable "), stdout);
  assertStringIncludes(stdout, "--allow-read");
});

Deno.test("Thread leaves nothing behind after 150 short ones", async () => {
  const { code, stdout, stderr } = await runProgram("thread_program_growth.ts", [], ["-A"]);

  assertEquals(code, 0, stderr);
  const [before, middle, after] = JSON.parse(stdout);
  assertEquals([after.active, after.listed, after.workers], [1, 1, 0]);
  // A few are the runtime's own and come and go.
  assert(after.files <= before.files + 10, stdout);
  const growth = after.megabytes - middle.megabytes;
  assert(growth < 20, `${growth.toFixed(0)} MB more after 50 threads: ${stdout}`);
});
