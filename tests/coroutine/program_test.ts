// Copyright 2026 the Weft authors. MIT license.

/* Programs with coroutines: what they print, how they end, and what memory they take. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "../thread/_helpers.ts";

const errors = "coroutine_program_errors.ts";

Deno.test("Coroutine whose error nobody joins has it printed after a second, and the program goes on", async () => {
  const { code, stdout, stderr } = await runProgram(errors, ["unjoined"]);

  assertEquals([code, stdout], [0, "done\n"]);
  const lines = stderr.split("\n");
  const at = (start: string) => lines.findIndex((line) => line.startsWith(start));
  assert(at("before a second") < at("Exception in coroutine worker: Error: nobody joins"), stderr);
  assert(at("Exception in coroutine worker:") < at("after a second"), stderr);
  assertEquals(stderr.split("Exception in coroutine").length, 2);
  const spawned = stderr.slice(stderr.indexOf("spawned:"));
  assertStringIncludes(spawned.split("\n")[1]!, `${errors}:15`);
});

Deno.test("Coroutine whose error somebody joins has it not printed", async () => {
  const { code, stdout, stderr } = await runProgram(errors, ["joined"]);
  assertEquals([code, stdout, stderr], [0, "done\n", ""]);
});

Deno.test("Coroutine whose error nobody has joined when the program ends has it printed then", async () => {
  const { code, stdout, stderr } = await runProgram(errors, ["exit"]);

  assertEquals([code, stdout], [0, "done\n"]);
  assertStringIncludes(stderr, "Exception in coroutine early: Error: at the end");
});

Deno.test("Coroutine whose error those do not get who have left has it printed", async () => {
  const { code, stderr } = await runProgram(errors, ["left"]);

  assertEquals(code, 0);
  assertStringIncludes(stderr, "Exception in coroutine worker: Error: nobody is left");
});

Deno.test("Coroutine that is cancelled prints nothing", async () => {
  const { code, stdout, stderr } = await runProgram(errors, ["cancelled"]);
  assertEquals([code, stdout, stderr], [0, "done\n", ""]);
});

Deno.test("Coroutine that was given up prints the error that it comes to", async () => {
  const { code, stdout, stderr } = await runProgram(errors, ["given"]);

  assertEquals([code, stdout], [0, "done\n"]);
  assertStringIncludes(stderr, "Exception in coroutine stubborn: Error: after it was given up");
});

const gibibyte = 2 ** 30;
// To read how much memory it has had.
const flags = ["-A"];

for (
  const [name, count] of [["sleeping", 100_000], ["cancelled", 100_000], [
    "turns",
    1_000_000,
  ]] as const
) {
  Deno.test(`Coroutines end within 1 GiB: ${count} (${name})`, {
    ignore: Deno.build.os !== "linux",
  }, async () => {
    const { code, stdout, stderr } = await runProgram(
      "coroutine_program_many.ts",
      [name, String(count)],
      flags,
    );

    assertEquals([code, stderr], [0, ""]);
    const { ended, peak } = JSON.parse(stdout);
    assertEquals(ended, count);
    assert(peak < gibibyte, `it took ${Math.round(peak / 2 ** 20)} MiB`);
  });
}

Deno.test("Coroutines leave nothing behind, over 10 rounds", async () => {
  const { code, stdout, stderr } = await runProgram("coroutine_program_leak.ts", [], [
    "--v8-flags=--expose-gc",
    "--allow-read",
  ]);

  assertEquals([code, stderr], [0, ""]);
  const used: number[] = JSON.parse(stdout);
  // 200 of each kind are made in a round: 200 bytes that stay of each would be seen.
  const grown = Math.min(...used.slice(7)) - Math.max(...used.slice(2, 4));
  assert(grown < 150_000, `the heap has grown by ${grown} bytes: ${used}`);
});
