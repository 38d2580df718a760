// Copyright 2026 the Weft authors. MIT license.

import { assertEquals } from "@std/assert";
import { fixturePath, Program } from "../../process/_helpers.ts";
import { timeFactor } from "../../sync/stress/_helpers.ts";
import { kinds } from "./_harness.ts";

for (const { name } of kinds) {
  for (const what of ["put", "get"] as const) {
    for (const form of ["async", "sync"] as const) {
      Deno.test(`${name}.${what}() of the main thread goes on when a thread is terminated in the middle of one (${form})`, async () => {
        // In a program of its own, as it would block this thread.
        await using program = new Program(fixturePath("queue_program_stuck.ts"), {
          args: [name, what, what, form],
        });
        const timer = setTimeout(() => program.kill(), 15_000 * timeFactor);

        const [output, errors] = await Promise.all([program.out.rest(), program.err.rest()]);
        clearTimeout(timer);

        assertEquals([output, errors], ["went on\n", ""]);
      });
    }
  }
}
