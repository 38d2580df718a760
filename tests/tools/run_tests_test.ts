// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { until } from "../process/_helpers.ts";
import { deno, type DenoResult, TemporaryFolder } from "./_helpers.ts";

const TOOL = new URL("../../tools/run_tests.ts", import.meta.url).href;

const passing = 'Deno.test("passes", () => {});\n';
const failing = 'Deno.test("fails", () => { throw new Error("no"); });\n';

/** Runs the tests of a project of these files. */
async function runTests(
  files: Readonly<Record<string, string>>,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<DenoResult & { readonly last: string }> {
  await using project = new TemporaryFolder();
  await project.write({ "deno.json": "{}", ...files });
  const result = await deno(["run", "-A", TOOL, ...args], { cwd: project.path, env });
  return { ...result, last: result.stdout.trimEnd().split("\n").at(-1)! };
}

for (const jobs of ["1", "2"]) {
  Deno.test(`run_tests.ts runs each file once, and sums the counts (${jobs} at a time)`, async () => {
    const names = Array.from({ length: 4 }, (_, i) => `tests/folder${i % 2}/part${i}_test.ts`);
    const ignored = 'Deno.test.ignore("ignored", () => {});\n';

    const { code, stdout, last } = await runTests(
      Object.fromEntries(names.map((name, i) => [name, passing + (i === 0 ? ignored : "")])),
      [],
      { DENO_JOBS: jobs },
    );

    assertEquals(code, 0, stdout);
    assertMatch(last, /^ok \| 4 passed \| 0 failed \| 1 ignored \(\d+s\)$/);
    const ran = [...stdout.matchAll(/^running \d tests? from \.\/(.*)$/gm)].map((match) =>
      match[1]
    );
    assertEquals(ran.toSorted(), names.toSorted());
  });
}

Deno.test("run_tests.ts runs the examples of modules and texts", async () => {
  const { code, stdout, last } = await runTests({
    "README.md": "```ts\nif (1 + 1 !== 2) throw new Error();\n```\n",
    "docs/page.md": "```ts\nif (2 + 2 !== 4) throw new Error();\n```\n",
    "folder/mod.ts": "/**\n * ```ts\n * export {};\n * ```\n */\nexport const one = 1;\n",
    "tests/one_test.ts": passing,
  });

  assertEquals(code, 0, stdout);
  assertStringIncludes(last, "ok | 4 passed | 0 failed");
});

Deno.test("run_tests.ts fails with one test, and names it at the end", async () => {
  const { code, stdout, last } = await runTests({
    "tests/a_test.ts": passing,
    "tests/b_test.ts": passing + failing,
  });

  assertEquals(code, 1);
  assertStringIncludes(last, "FAILED | 2 passed | 1 failed");
  assertStringIncludes(
    stdout.slice(stdout.lastIndexOf("FAILED | ") - 60),
    "fails => ./tests/b_test.ts:2",
  );
});

Deno.test("run_tests.ts fails when a test ends its program", async () => {
  const { code, stdout, last } = await runTests({
    "tests/a_test.ts": 'Deno.test("ends", () => { Deno.kill(Deno.pid, "SIGKILL"); });\n',
  });

  assertEquals(code, 1);
  assertStringIncludes(stdout, "Not run to the end: deno test tests/a_test.ts");
  assertStringIncludes(last, "FAILED | 0 passed | 0 failed");
});

Deno.test("run_tests.ts fails when a test does not compile", async () => {
  const { code, stdout } = await runTests({
    "tests/a_test.ts": 'const one: string = 1;\nDeno.test("never", () => { one; });\n',
  });

  assertEquals(code, 1);
  assertStringIncludes(stdout, "TS2322");
  assertStringIncludes(stdout, "Not run to the end: deno test tests/a_test.ts");
});

Deno.test("run_tests.ts checks for leaks", async () => {
  const { code, stdout } = await runTests({
    "tests/a_test.ts": 'Deno.test("leaks", () => { Deno.openSync("deno.json"); });\n',
  });

  assertEquals(code, 1);
  assertStringIncludes(stdout, "A file was opened during the test, but not closed");
});

Deno.test("run_tests.ts hands arguments to deno test", async () => {
  const { code, stdout, last } = await runTests(
    { "tests/a_test.ts": passing + failing, "tests/b_test.ts": failing },
    ["tests/a_test.ts", "--filter=passes"],
  );

  assertEquals(code, 0, stdout);
  assertMatch(last, /^ok \| 1 passed \| 0 failed \| 1 filtered out/);
});

Deno.test({
  name: "run_tests.ts shows what there is when it is told to end",
  // Windows has no SIGTERM.
  ignore: Deno.build.os === "windows",
  async fn() {
    await using project = new TemporaryFolder();
    await project.write({
      "deno.json": "{}",
      "tests/a_test.ts": `Deno.test("hangs", async () => {
        Deno.writeTextFileSync("pid", String(Deno.pid));
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      });\n`,
    });
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", TOOL],
      cwd: project.path,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const pid = () => {
      try {
        return Number(Deno.readTextFileSync(`${project.path}/pid`));
      } catch {
        return 0;
      }
    };
    await until("the test has begun", () => pid() > 0, 60_000);

    child.kill("SIGTERM");
    const { code, stdout } = await child.output();

    assertEquals(code, 1);
    const text = new TextDecoder().decode(stdout);
    assertStringIncludes(text, "hangs => ./tests/a_test.ts");
    assert(text.trimEnd().split("\n").at(-1)!.startsWith("FAILED | "), text);
  },
});
