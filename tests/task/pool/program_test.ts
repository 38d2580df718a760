// Copyright 2026 the Weft authors. MIT license.

// What becomes of programs that have pools.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  fixturePath,
  isLeft,
  linuxOnly,
  Program,
  TemporaryFolder,
  until,
} from "../../process/_helpers.ts";
import { type ProgramResult, runProgram } from "../../thread/_helpers.ts";
import { type PoolKind, poolNames } from "./_helpers.ts";

/** What the runtime says when the program ends at the moment at which an idle thread looks around, or begins. */
const endOfThread = /^error: Uncaught \(in worker "crew-\d"\).* execution terminated\n/;

async function run(what: string, kind: PoolKind, flags = ["-A"]): Promise<ProgramResult> {
  return await runProgram("pool_program.ts", [what, kind], flags);
}

for (const kind of ["thread", "process"] as const) {
  const name = poolNames[kind];

  for (
    const [what, stdout] of Object.entries({
      unused: "main ended\n",
      idle: "9 [ 1, 4 ]\nmain ended\n",
      leftImap: "1\nmain ended\n",
      terminated: "main ended\n",
    })
  ) {
    Deno.test(`${name} does not keep a program alive that has no work for it: ${what}`, async () => {
      const result = await run(what, kind);

      const stderr = result.stderr.replace(endOfThread, "");
      assertEquals({ ...result, stderr }, { code: 0, signal: null, stdout, stderr: "" });
    });
  }

  Deno.test(`${name} keeps a program alive until its work is done`, async () => {
    const { code, stdout, stderr } = await run("working", kind);

    assertEquals([code, stdout, stderr], [0, "main ended\nfirst\nsecond\n", ""]);
  });

  Deno.test(`${name} keeps a program alive that joins it`, async () => {
    const { code, stdout, stderr } = await run("closed", kind);

    assertEquals([code, stdout, stderr], [0, "first\njoined\nmain ended\n", ""]);
  });

  Deno.test(`${name} says nothing when a program exits that has no work for it`, async () => {
    const { code, stderr } = await run("exitIdle", kind);

    assertEquals([code, stderr], [5, ""]);
  });

  Deno.test(`${name} tells of the tasks that never ran when a program exits`, async () => {
    const { code, stderr } = await run("exitQueued", kind);

    assertEquals(code, 5);
    assertMatch(stderr, /pool.*crew.*\b[78]\b.*task/i);
    assertEquals(stderr.trim().split("\n").length, 1, stderr);
  });

  Deno.test(`${name} loses a task that eats all memory, and goes on`, async () => {
    const flags = ["-A", "--v8-flags=--max-old-space-size=64"];

    const { code, stdout } = await run("memory", kind, flags);

    assertEquals([code, stdout], [0, "WorkerLostError\n9\nmain ended\n"]);
  });

  Deno.test(`${name} in a module that is imported again is refused with advice`, async () => {
    const { stdout } = await runProgram("pool_program_unguarded.ts", [kind], ["-A"]);

    const imports = stdout.split("\n").filter((line) => line === "imported").length;
    assert(imports >= 2 && imports <= 3, `${imports} imports`);
    assertStringIncludes(stdout, "BootstrapError: ");
    assertStringIncludes(stdout, "if (import.meta.main) { … }");
  });
}

Deno.test("ProcessPool leaves no process when its program is killed", linuxOnly, async () => {
  using folder = new TemporaryFolder();
  await using busy = new Program(fixturePath("pool_program.ts"), {
    args: ["busy", "process"],
    env: { TMPDIR: folder.path },
  });
  const lines = [await busy.out.next(), await busy.out.next()];
  const pids = lines.map((line) => Number(line.split(" ")[1]));

  busy.kill("SIGKILL");
  await busy.status;

  for (const pid of pids) {
    assert(pid > 0 && pid !== busy.pid);
    await until(`process ${pid} is gone`, () => !isLeft(pid), 60_000);
  }
  assertEquals(folder.names(), []);
});

const least = ["--allow-run", "--allow-net=127.0.0.1", "--allow-read"];
const cases: [flags: string[], permissions: string, ffi: string, granted: string[]][] = [
  [least, "inherit", "prompt", ["read", "run"]],
  [least, "none", "prompt", []],
  [["-A"], "inherit", "granted", ["read", "net", "run", "env", "ffi"]],
  [["-A"], "none", "granted", []],
];
for (const [flags, permissions, ffi, granted] of cases) {
  const what = `${flags.at(0)} and permissions ${permissions}`;
  Deno.test(`ProcessPool works alike with and without FFI: ${what}`, async () => {
    const { code, stdout, stderr } = await runProgram(
      "pool_program_sockets.ts",
      [permissions],
      flags,
    );

    assertEquals([code, stderr], [0, ""]);
    assertEquals(JSON.parse(stdout), {
      ffi,
      granted,
      submit: 5,
      many: 199 ** 2,
      map: 199 ** 2,
      imap: 199 ** 2,
      bytes: [3 << 20, true],
      fail: "RangeError",
      exit: ["WorkerLostError", 3, null],
      order: [-1, 0, 1, 2],
      killed: [["WorkerLostError", 137, "SIGKILL"], 9],
      cancelled: [true, "AbortError"],
      kept: true,
      timeout: "TimeoutError",
      replaced: true,
      waiting: "AbortError",
      terminated: "PoolClosedError",
      settings: ["set"],
      workers: 3,
      broken: "BrokenPoolError",
    });
  });
}

Deno.test("ProcessPool without FFI runs each task once or loses it while its workers are killed at random", async () => {
  using folder = new TemporaryFolder();
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const [path, count] = [folder.file("runs"), 4000];
  const flags = [...least, `--allow-write=${folder.path}`];

  const { code, stdout, stderr } = await runProgram(
    "pool_program_kills.ts",
    [path, `${count}`, `${seed}`],
    flags,
  );

  assertEquals([code, stderr], [0, ""], `seed ${seed}`);
  const { kills, lost, ...rest } = JSON.parse(stdout);
  assert(kills >= 5 && lost <= kills, `seed ${seed}: ${stdout}`);
  const expected = { bad: 0, twice: 0, missing: 0, completed: count - lost, failed: lost };
  assertEquals(rest, expected, `seed ${seed}`);
});
