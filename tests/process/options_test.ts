// Copyright 2026 the Weft authors. MIT license.

// Where and with what a process runs: environment, directory, output, flags.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { activeChildren, Process } from "../../process/mod.ts";
import * as tasks from "../fixtures/process_tasks.ts";
import { fixturePath, linuxOnly, runProgram, TemporaryFolder, toFileUrl } from "./_helpers.ts";

async function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return await new Response(stream).text();
}

/** Runs process_program_start.ts and gives what it printed before its last line, too. */
async function start(
  call: { task: keyof typeof tasks; args?: unknown[]; options?: Record<string, unknown> },
  more: { args?: string[]; env?: Record<string, string> } = {},
): Promise<{ printed: string; errors: string; outcome: { at: string; value: unknown } }> {
  const { args = [], ...options } = more;
  const { stdout, stderr } = await runProgram(fixturePath("process_program_start.ts"), {
    args: [JSON.stringify(call), ...args],
    ...options,
  });
  const last = stdout.indexOf('{"at"');
  return {
    printed: stdout.slice(0, last),
    errors: stderr,
    outcome: JSON.parse(stdout.slice(last)),
  };
}

Deno.test("Process inherits the environment", async () => {
  const { outcome } = await start({ task: "readVariable", args: ["WEFT_TEST_A"] }, {
    env: { WEFT_TEST_A: "from above" },
  });

  assertEquals(outcome.value, "from above");
});

Deno.test("Process that is a daemon starts with another PATH, without --allow-ffi", async () => {
  const permissions = { read: true, net: true } as const;
  const options = { daemon: true, permissions, env: { PATH: "/nowhere" } };
  const process = new Process(tasks.attributes, options).start();

  const { pid, ppid } = (await process.join()).current;

  assertEquals([pid, ppid], [process.pid, Deno.pid]);
});

Deno.test("Process adds the variables of its env option", async () => {
  const options = { env: { WEFT_TEST_B: "added ✓" } };
  const process = new Process(tasks.readVariable, { ...options, args: ["WEFT_TEST_B"] }).start();

  assertEquals(await process.join(), "added ✓");
  assertEquals(Deno.env.get("WEFT_TEST_B"), undefined);
});

Deno.test("Process adds the variables of its env option to those that it inherits", async () => {
  const { outcome } = await start({
    task: "readVariable",
    args: ["WEFT_TEST_A"],
    options: { env: { WEFT_TEST_B: "added" } },
  }, { env: { WEFT_TEST_A: "from above" } });

  assertEquals(outcome.value, "from above");
});

Deno.test("Process runs in the current directory", async () => {
  const { cwd } = await Process.spawn(tasks.attributes).join();

  assertEquals(cwd, Deno.cwd());
});

for (const [form, make] of [["a path", (path: string) => path], ["a URL", toFileUrl]] as const) {
  Deno.test(`Process runs in its cwd, given as ${form}`, async () => {
    using folder = new TemporaryFolder();
    folder.write({ "with space/x": "" });
    const path = Deno.realPathSync(folder.file("with space"));

    const process = new Process(tasks.attributes, { cwd: make(path) }).start();

    assertEquals((await process.join()).cwd, path);
  });
}

Deno.test("Process.start() throws NotFound when the cwd does not exist", () => {
  using folder = new TemporaryFolder();
  const process = new Process(tasks.never, { cwd: folder.file("missing") });

  const error = assertThrows(() => process.start(), Deno.errors.NotFound);

  assertStringIncludes(error.message, folder.file("missing"));
  assertEquals([process.isAlive, activeChildren()], [false, []]);
});

Deno.test("Process.stdout and stderr give what the process prints when they are piped", async () => {
  const process = new Process(tasks.print, {
    args: ["to out", "to err"],
    stdout: "piped",
    stderr: "piped",
  }).start();

  const [out, err] = await Promise.all([textOf(process.stdout), textOf(process.stderr)]);

  assertEquals([out, err], ["to out", "to err"]);
  assertEquals(await process.join(), "printed");
});

Deno.test(
  "Process.join() resolves although more was printed than a pipe holds and nobody reads",
  linuxOnly,
  async () => {
    const process = new Process(tasks.print, {
      args: ["x".repeat(50_000), ""],
      stdout: "piped",
    }).start();

    assertEquals(await process.join(), "printed");

    assertEquals((await textOf(process.stdout)).length, 50_000);
  },
);

Deno.test("Process prints where its parent does", async () => {
  const { printed, errors, outcome } = await start({ task: "print", args: ["to out", "to err"] });

  assertEquals([printed, errors, outcome.value], ["to out", "to err", "printed"]);
});

Deno.test("Process prints nowhere when its outputs are null", async () => {
  const { printed, errors, outcome } = await start({
    task: "print",
    args: ["to out", "to err"],
    options: { stdout: "null", stderr: "null" },
  });

  assertEquals([printed, errors, outcome.value], ["", "", "printed"]);
});

Deno.test("Process returns although its output is closed", async () => {
  const process = new Process(tasks.printOrFail, { args: ["text"], stdout: "piped" }).start();
  await process.stdout.cancel();

  const outcome = await process.join();

  assert(outcome === "printed" || outcome === "BrokenPipe", outcome);
  assertEquals(process.exitCode, 0);
});

Deno.test("Process runs the unload handlers of its task", async () => {
  const process = new Process(tasks.printAtUnload, { stdout: "piped" }).start();

  const [out] = await Promise.all([textOf(process.stdout), process.join()]);

  assertEquals(out, "unloaded\n");
});

Deno.test("Process hands Deno.args on", async () => {
  const args = ["--config", "x y", "-A", ""];

  const { outcome } = await start({ task: "attributes" }, { args });

  assertEquals((outcome.value as tasks.Attributes).args.slice(1), args);
});

Deno.test("Process runs with the flags of its runtimeArgs option", async () => {
  const process = new Process(tasks.hasGc, { runtimeArgs: ["--v8-flags=--expose-gc"] }).start();

  assertEquals(await process.join(), true);
});

Deno.test("Process ends with the runtime's code when its runtimeArgs are wrong", async () => {
  const process = new Process(tasks.never, {
    runtimeArgs: ["--no-such-flag"],
    stderr: "null",
  }).start();

  const status = await process.exited;
  await process.join().catch(() => {});

  assertEquals(status.reason, "exited");
  assert(status.code !== 0);
});

Deno.test("Process takes the configuration of its runtimeArgs option", async () => {
  using folder = new TemporaryFolder();
  folder.write({
    "deno.json": JSON.stringify({ imports: { "#special": "./special.ts" } }),
    "special.ts": "export const special = 'from the other configuration';",
  });

  const process = new Process(tasks.importSpecial, {
    runtimeArgs: ["--config", folder.file("deno.json")],
  }).start();

  assertEquals(await process.join(), "from the other configuration");
});
