// Copyright 2026 the Weft authors. MIT license.

// What a process needs to start, and what it may do.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { relative } from "node:path";
import { activeChildren, Process, type ProcessPermissions } from "../../process/mod.ts";
import * as tasks from "../fixtures/process_tasks.ts";
import { fixturePath, linuxOnly, runProgram, TemporaryFolder, toFileUrl } from "./_helpers.ts";

const all = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];
/** The least flags for a process; reading is for finding the configuration. */
const least = ["--allow-run", "--allow-net=127.0.0.1", "--allow-read"];

/** A fixture, relative to the current directory. */
const fixtureName = relative(Deno.cwd(), fixturePath("process_tasks.ts"));

interface Outcome {
  readonly at: "new" | "start" | "join";
  readonly value?: unknown;
  readonly name?: string;
  readonly message?: string;
}

/** Runs a program with some flags that starts a process. */
async function startWith(
  flags: string[],
  call: { task: keyof typeof tasks; args?: unknown[]; options?: Record<string, unknown> },
): Promise<Outcome> {
  const { stdout, stderr } = await runProgram(fixturePath("process_program_start.ts"), {
    flags: ["--no-prompt", ...flags],
    args: [JSON.stringify(call)],
  });
  assertEquals(stderr, "");
  return JSON.parse(stdout);
}

async function permissionsWith(permissions: ProcessPermissions): Promise<string[]> {
  return await new Process(tasks.permissions, { permissions }).start().join();
}

Deno.test("Process gets all permissions when its parent has all", async () => {
  assertEquals(await Process.spawn(tasks.permissions).join(), all);
});

Deno.test("Process that inherits gets what its parent has in full", async () => {
  const flags = [...least, "--allow-env", "--allow-write=/tmp"];

  assertEquals((await startWith(flags, { task: "permissions" })).value, ["read", "env", "run"]);
});

Deno.test("Process that inherits gets nothing of what its parent is denied in part", async () => {
  const flags = ["-A", "--deny-read=/nowhere", "--deny-env=SECRET"];

  assertEquals((await startWith(flags, { task: "permissions" })).value, [
    "write",
    "net",
    "run",
    "ffi",
    "sys",
    "import",
  ]);
});

Deno.test("Process is not run with --allow-all unless its parent has all", linuxOnly, async () => {
  const flags = [...least, "--allow-env", "--allow-write", "--allow-sys", "--allow-ffi"];

  const { value } = await startWith(flags, { task: "permissions" });

  assertEquals(value, ["read", "write", "env", "run", "ffi", "sys"]);
  assertEquals(await Process.spawn(tasks.hasArgument, "--allow-all").join(), true);
});

Deno.test("Process with permissions none holds no permission", async () => {
  assertEquals(await permissionsWith("none"), []);
});

Deno.test("Process with permissions none imports its module and returns, but reads no file", async () => {
  const process = new Process(tasks.tryRead, {
    args: [fixturePath("process_tasks.ts")],
    permissions: "none",
  }).start();

  assertEquals(await process.join(), ["NotCapable"]);
});

Deno.test("Process with permissions none cannot prompt for more", async () => {
  const process = new Process(tasks.requestRead, { permissions: "none" }).start();

  assertEquals(await process.join(), "denied");
});

Deno.test("Process with permissions none rejects with the error of its task", async () => {
  const process = new Process(tasks.fail, { args: ["RangeError"], permissions: "none" }).start();

  const [outcome] = await Promise.allSettled([process.join()]);

  assert(outcome.status === "rejected");
  assertEquals(String(outcome.reason), "RangeError: range");
});

Deno.test("Process with a record of permissions holds those alone", async () => {
  const permissions = { env: true, sys: "inherit", read: false, write: undefined } as const;

  assertEquals(await permissionsWith(permissions), ["env", "sys"]);
});

Deno.test("Process with an empty record of permissions holds none", async () => {
  assertEquals(await permissionsWith({}), []);
});

Deno.test("Process with an empty list of a permission holds none of it", async () => {
  assertEquals(await permissionsWith({ read: [], net: [] }), []);
});

Deno.test("Process with all permissions in a record holds all", async () => {
  const permissions = Object.fromEntries(all.map((kind) => [kind, true]));

  assertEquals(await permissionsWith(permissions), all);
});

for (const name of ["plain", "with space", "with=equals", "mit-Ümlaut"]) {
  for (const [form, make] of [["path", (path: string) => path], ["URL", toFileUrl]] as const) {
    Deno.test(`Process reads only in a folder that it is granted, "${name}" given as ${form}`, async () => {
      using folder = new TemporaryFolder();
      folder.write({ [`${name}/inside`]: "inside", outside: "outside" });

      const process = new Process(tasks.tryRead, {
        args: [folder.file(`${name}/inside`), folder.file("outside")],
        permissions: { read: [make(folder.file(name))] },
      }).start();

      assertEquals(await process.join(), ["inside", "NotCapable"]);
    });
  }
}

Deno.test("Process reads the relative paths that its parent meant, in another directory too", async () => {
  using folder = new TemporaryFolder();
  folder.write({ [fixtureName]: "not meant" });

  const process = new Process(tasks.tryRead, {
    args: [folder.file(fixtureName), fixturePath("process_tasks.ts")],
    cwd: folder.path,
    permissions: { read: [fixtureName] },
  }).start();

  const [here, meant] = await process.join();
  assertEquals(here, "NotCapable");
  assertStringIncludes(meant!, "export const tryRead");
});

for (const permissions of [{ read: ["/a,/etc"] }, { net: ["a.com,b.com"] }]) {
  const [kind] = Object.keys(permissions);
  Deno.test(`Process.start() refuses a comma in an item of the permission ${kind}`, () => {
    const process = new Process(tasks.never, { permissions });

    assertThrows(() => process.start(), RangeError, "for a name with a comma");
  });
}

Deno.test("Process with permission for a host can connect there and to its parent", async () => {
  const process = new Process(tasks.netStates, {
    args: ["example.com", "example.org"],
    permissions: { net: ["example.com"] },
  }).start();

  assertEquals(await process.join(), ["granted", "prompt"]);
});

Deno.test("Process with permission for a variable reads it alone", async () => {
  const process = new Process(tasks.readVariable, {
    args: ["WEFT_TEST_C"],
    permissions: { env: ["WEFT_TEST_C"] },
    env: { WEFT_TEST_C: "c" },
  }).start();

  assertEquals(await process.join(), "c");
});

for (
  const [what, flags, permissions, flag] of [
    ["all of a kind", [...least, "--allow-env=A"], { env: true }, "--allow-env"],
    ["a variable", [...least, "--allow-env=A"], { env: ["A", "B"] }, "--allow-env=B"],
    [
      "a folder",
      ["--allow-run", "--allow-net", "--allow-read=/tmp"],
      { read: ["/etc"] },
      "--allow-read=/etc",
    ],
    ["a host", least, { net: ["example.com"] }, "--allow-net=example.com"],
    ["FFI", least, { ffi: true }, "--allow-ffi"],
    ["a program", ["--allow-run=deno", ...least.slice(1)], { run: ["sh"] }, "--allow-run=sh"],
    [
      "what is denied in part",
      ["-A", "--deny-read=/tmp/x"],
      { read: ["/tmp"] },
      "--allow-read=/tmp",
    ],
  ] as const
) {
  Deno.test(`Process.start() refuses to give a permission that is not held: ${what}`, async () => {
    const options = { permissions };

    const outcome = await startWith([...flags], { task: "permissions", options });

    assertEquals([outcome.at, outcome.name], ["start", "NotCapable"]);
    assertStringIncludes(outcome.message!, `run again with the ${flag} flag`);
  });
}

Deno.test("Process.start() refuses a kind of permission that there is not", () => {
  const permissions = { reads: true } as unknown as ProcessPermissions;

  assertThrows(
    () => new Process(tasks.attributes, { permissions }).start(),
    TypeError,
    'none of read, write, net, env, run, ffi, sys, import: current value is "reads"',
  );
});

Deno.test("Process.start() leaves nothing when a permission is refused", () => {
  const permissions = "everything" as unknown as ProcessPermissions;
  const process = new Process(tasks.never, { permissions });

  assertThrows(() => process.start(), TypeError, "current value is everything");

  assertEquals([process.isAlive, activeChildren()], [false, []]);
});

Deno.test("Process works with --allow-run, --allow-net=127.0.0.1 and --allow-read", async () => {
  const outcome = await startWith(least, { task: "echo", args: ["result"] });

  assertEquals(outcome, { at: "join", value: "result" });
});

Deno.test("Process works without --allow-read where no configuration is needed", async () => {
  const flags = ["--allow-run", "--allow-net=127.0.0.1"];

  assertEquals(await startWith(flags, { task: "echo", args: [1] }), { at: "join", value: 1 });
});

for (const program of ["deno", Deno.execPath()]) {
  const what = program === "deno" ? "deno" : "the path of deno";
  Deno.test(`Process works with --allow-run=${what}`, async () => {
    const flags = [`--allow-run=${program}`, "--allow-net=127.0.0.1", "--allow-read"];

    assertEquals(await startWith(flags, { task: "echo", args: [1] }), { at: "join", value: 1 });
  });
}

for (const run of ["--allow-run", "--allow-run=deno", `--allow-run=${Deno.execPath()}`]) {
  const what = run.endsWith("/deno") ? "--allow-run=PATH" : run;
  Deno.test(`Process that inherits can start processes itself with ${what}`, async () => {
    const flags = [run, "--allow-net=127.0.0.1"];

    const { value } = await startWith(flags, { task: "nest", args: [2] });

    assertEquals((value as number[]).length, 3);
  });
}

Deno.test("Process with permissions none cannot start processes", async () => {
  const process = new Process(tasks.nest, { args: [1], permissions: "none" }).start();

  await assertRejects(() => process.join(), Deno.errors.NotCapable, "--allow-run");
});

for (const flags of [[], ["--allow-run=sh"], ["--deny-run"]]) {
  Deno.test(`Process names --allow-run when it is created with ${flags.join(" ") || "no flags"}`, async () => {
    const outcome = await startWith([...flags, "--allow-net", "--allow-read"], { task: "never" });

    assertEquals([outcome.at, outcome.name], ["new", "NotCapable"]);
    assertStringIncludes(outcome.message!, "run again with the --allow-run flag");
  });
}

for (const flags of [[], ["--allow-net=example.com"]]) {
  Deno.test(`Process.start() names --allow-net with ${flags.join(" ") || "no flags"}`, async () => {
    const outcome = await startWith([...flags, "--allow-run", "--allow-read"], { task: "never" });

    assertEquals([outcome.at, outcome.name], ["start", "NotCapable"]);
    assertStringIncludes(outcome.message!, "run again with the --allow-net=127.0.0.1 flag");
  });
}
