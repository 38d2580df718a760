// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

interface CheckResult {
  readonly code: number;
  readonly output: string;
}

const folder = new URL("../fixtures/types/", import.meta.url);

async function check(name: string): Promise<CheckResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", fileURLToPath(new URL(name, folder))],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Lists the lines of a module that are marked as bad, with their marks. */
function badLines(name: string): string[] {
  return Deno.readTextFileSync(new URL(name, folder))
    .split("\n")
    .flatMap((line, i) => line.includes("// BAD ") ? [`${i + 1} ${line.split("// BAD ")[1]}`] : []);
}

/** Lists the lines of which the type checker reports errors. */
function reportedLines(name: string, output: string): Set<number> {
  const places = output.matchAll(/^ {4}at .*\/([^/\s]+):(\d+):\d+$/gm);
  return new Set(places.filter(([, file]) => file === name).map(([, , line]) => Number(line)));
}

Deno.test("the types of tasks, threads and processes accept what is right", async () => {
  const { code, output } = await check("good.ts");

  assertEquals(code, 0, output);
});

for (const name of ["bad_thread.ts", "bad_process.ts", "bad_task.ts"]) {
  Deno.test(`the types refuse each bad line, and no other, of ${name}`, async () => {
    const bad = badLines(name);

    const { code, output } = await check(name);

    assert(code !== 0);
    const reported = reportedLines(name, output);
    assertEquals(bad.filter((line) => !reported.has(parseInt(line))), []);
    assertEquals(reported.size, bad.length, output);
  });
}
