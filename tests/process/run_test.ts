// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { CalledProcessError, run } from "../../process/mod.ts";
import {
  ignoreOnWindows,
  megabytes10,
  namedPipe,
  readPids,
  runs,
  sh,
  tempFolder,
} from "./_run_helpers.ts";

Deno.test("run() resolves with output, code and command line", ignoreOnWindows, async () => {
  const completed = await run("sh", ["-c", "echo out; echo err >&2"]);

  assertEquals(completed.command, "sh");
  assertEquals(completed.args, ["-c", "echo out; echo err >&2"]);
  assertEquals(completed.code, 0);
  assertEquals(completed.signal, undefined);
  assertEquals(completed.success, true);
  assertEquals(completed.stdout, "out\n");
  assertEquals(completed.stderr, "err\n");
  assertEquals(completed.stdoutBytes, new TextEncoder().encode("out\n"));
  assertEquals(completed.stderrBytes, new TextEncoder().encode("err\n"));
});

Deno.test("run() runs a command without arguments", ignoreOnWindows, async () => {
  const { success, args } = await run("true");

  assertEquals(success, true);
  assertEquals(args, []);
});

Deno.test("run() passes arguments on as they are", ignoreOnWindows, async () => {
  const args = ["a b", "", "$HOME", "*", "'\"", "ü\n"];

  const { stdout } = await run("printf", ["%s|", ...args]);

  assertEquals(stdout, args.map((arg) => `${arg}|`).join(""));
});

Deno.test(
  "run() keeps the arguments of the call when the caller changes them",
  ignoreOnWindows,
  async () => {
    const args = ["-c", "exit 1"];
    const running = run("sh", args);

    args.length = 0;

    assertEquals((await running).args, ["-c", "exit 1"]);
  },
);

Deno.test("run() resolves when the command fails", ignoreOnWindows, async () => {
  const { code, signal, success } = await sh("exit 3");

  assertEquals(code, 3);
  assertEquals(signal, undefined);
  assertEquals(success, false);
});

Deno.test("run() tells the signal that ended the command", ignoreOnWindows, async () => {
  const { code, signal, success } = await sh("kill -KILL $$");

  assertEquals(signal, "SIGKILL");
  assertEquals(code, 137);
  assertEquals(success, false);
});

Deno.test("run() shows the text of the output when it is inspected", ignoreOnWindows, async () => {
  const shown = Deno.inspect(await sh("echo hello"));

  assertStringIncludes(shown, "CompletedProcess {");
  assertStringIncludes(shown, 'stdout: "hello\\n"');
});

Deno.test(
  "run() resolves when check is set and the command succeeds",
  ignoreOnWindows,
  async () => {
    const { stdout } = await sh("echo fine", { check: true });

    assertEquals(stdout, "fine\n");
  },
);

Deno.test("run() rejects when check is set and the command fails", ignoreOnWindows, async () => {
  const error = await assertRejects(
    () => sh("echo out; echo reason >&2; exit 4", { check: true }, "secret"),
    CalledProcessError,
  );

  assertInstanceOf(error, Error);
  assertEquals(error.name, "CalledProcessError");
  assertEquals(error.message, 'The command "sh" ended with exit code 4:\nreason');
  assertEquals(error.command, "sh");
  assertEquals(error.args.at(-1), "secret");
  assertEquals(error.code, 4);
  assertEquals(error.signal, undefined);
  assertEquals(error.success, false);
  assertEquals(error.stdout, "out\n");
  assertEquals(error.stderr, "reason\n");
  assertEquals(error.stdoutBytes.length, 4);
  assertEquals(error.stderrBytes.length, 7);
});

Deno.test(
  "run() rejects when check is set and a signal ends the command",
  ignoreOnWindows,
  async () => {
    const error = await assertRejects(
      () => sh("kill -TERM $$", { check: true }),
      CalledProcessError,
      'The command "sh" ended by the signal SIGTERM',
    );

    assertEquals(error.signal, "SIGTERM");
  },
);

Deno.test(
  "CalledProcessError has only the end of a long error output in its message",
  ignoreOnWindows,
  async () => {
    const script = "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1";

    const error = await assertRejects(() => sh(script, { check: true }), CalledProcessError);

    assert(error.message.length < 700);
    assert(error.message.endsWith("line 1999"));
  },
);

Deno.test("run() gives a command without input an empty one", ignoreOnWindows, async () => {
  const { stdout } = await run("cat");

  assertEquals(stdout, "");
});

Deno.test("run() writes a string, bytes or a stream to the command", ignoreOnWindows, async () => {
  const bytes = new TextEncoder().encode("grüße");
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const inputs = ["grüße", bytes, ReadableStream.from([bytes.slice(0, 2), bytes.slice(2)]), shared];

  for (const input of inputs) {
    const { stdout } = await run("cat", [], { input });

    assertEquals(stdout, "grüße");
  }
});

Deno.test("run() closes an empty input", ignoreOnWindows, async () => {
  for (const input of ["", new Uint8Array(), ReadableStream.from<Uint8Array>([])]) {
    const { stdout } = await run("cat", [], { input });

    assertEquals(stdout, "");
  }
});

Deno.test("run() passes 10 MB through a command that echoes them", ignoreOnWindows, async () => {
  const input = new Uint8Array(megabytes10);
  for (let i = 0; i < input.length; i += 4099) input[i] = i;

  const { stdoutBytes } = await run("cat", [], { input });

  assertEquals(stdoutBytes.length, input.length);
  assert(stdoutBytes.every((byte, i) => byte === input[i]));
});

Deno.test("run() reads both outputs at once", ignoreOnWindows, async () => {
  const script = "head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero; echo end >&2";

  const { stdoutBytes, stderrBytes } = await sh(script);

  assertEquals(stdoutBytes.length, 1_000_000);
  assertEquals(stderrBytes.length, 1_000_004);
});

Deno.test("run() joins outputs written in many short pieces", ignoreOnWindows, async () => {
  const script = "i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); done";

  const { stdout } = await sh(script);

  assertEquals(stdout, Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
});

Deno.test("run() ignores that a command does not read its input", ignoreOnWindows, async () => {
  const input = "x".repeat(megabytes10);

  assertEquals((await run("true", [], { input, check: true })).stdout, "");
  assertEquals((await run("head", ["-c", "3"], { input, check: true })).stdout, "xxx");
});

Deno.test(
  "run() cancels an input stream when the command ends before it",
  ignoreOnWindows,
  async () => {
    const cancelled = Promise.withResolvers<void>();
    const input = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array([120])),
      cancel: () => cancelled.resolve(),
    });

    const { stdout } = await run("head", ["-c", "1"], { input });

    assertEquals(stdout, "x");
    await cancelled.promise;
    assertEquals(input.locked, false);
  },
);

Deno.test(
  "run() cancels an endless input stream when the command stops reading",
  ignoreOnWindows,
  async () => {
    const cancelled = Promise.withResolvers<void>();
    const input = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65536)),
      cancel: () => cancelled.resolve(),
    });

    const { stdoutBytes } = await run("head", ["-c", "100000"], { input });

    assertEquals(stdoutBytes.length, 100_000);
    await cancelled.promise;
  },
);

Deno.test(
  "run() ends the command and rejects when its input stream fails",
  ignoreOnWindows,
  async () => {
    using folder = tempFolder();
    const pids = await namedPipe(folder.path("pids"));
    const failure = new Error("source failed");
    const started = Promise.withResolvers<void>();
    const input = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await started.promise;
        controller.error(failure);
      },
    });
    const script = `trap "" TERM; echo $$ > "$1"; cat; echo complete > "$2"`;
    const running = sh(
      script,
      { input, killGrace: 50 },
      pids,
      folder.path("eof"),
    );
    const settled = assertRejects(() => running);
    const [pid] = await readPids(pids, 1);

    started.resolve();

    assertStrictEquals(await settled, failure);
    assert(!runs(pid!));
    await assertRejects(() => Deno.stat(folder.path("eof")), Deno.errors.NotFound);
  },
);

Deno.test(
  "run() rejects when its input stream yields other than bytes",
  ignoreOnWindows,
  async () => {
    const input = ReadableStream.from(["text"]) as unknown as ReadableStream<Uint8Array>;

    await assertRejects(() => run("cat", [], { input }), TypeError, "not a Uint8Array");
  },
);

Deno.test(
  "run() decodes output that is not UTF-8 and keeps its bytes",
  ignoreOnWindows,
  async () => {
    const { stdout, stdoutBytes } = await run("printf", ["a\\377b"]);

    assertEquals(stdout, "a\ufffdb");
    assertEquals(stdoutBytes, new Uint8Array([97, 255, 98]));
  },
);

Deno.test("run() leaves out output that is not piped", ignoreOnWindows, async () => {
  const completed = await sh("echo out; echo err >&2", { stdout: "null", stderr: "null" });

  assertEquals(completed.stdout, "");
  assertEquals(completed.stderr, "");
  assertEquals(completed.stdoutBytes.length, 0);
});

Deno.test("run() lets a command write to the output of the program", ignoreOnWindows, async () => {
  const call = ["sh", ["-c", "echo inherited"], { stdout: "inherit" }];
  const fixture = new URL("../fixtures/run_call.ts", import.meta.url).href;

  const { stdout } = await run(
    Deno.execPath(),
    ["run", "--allow-run", fixture, JSON.stringify(call)],
    { check: true },
  );

  assertEquals(stdout, 'inherited\n{"code":0,"stdout":"","stderr":""}\n');
});

Deno.test("run() runs the command in the folder given", ignoreOnWindows, async () => {
  using folder = tempFolder();
  const path = await Deno.realPath(folder.path("."));

  assertEquals((await run("pwd", [], { cwd: path })).stdout, `${path}\n`);
  assertEquals((await run("pwd", [], { cwd: new URL(`file://${path}`) })).stdout, `${path}\n`);
});

Deno.test("run() adds variables to the environment or replaces it", ignoreOnWindows, async () => {
  const env = { WEFT_RUN: "1" };
  const path = Deno.env.get("PATH")!;

  const added = await run("/usr/bin/env", [], { env });
  const replaced = await run("/usr/bin/env", [], { env, clearEnv: true });

  assertStringIncludes(added.stdout, "WEFT_RUN=1\n");
  assertStringIncludes(added.stdout, `PATH=${path}`);
  assertEquals(replaced.stdout, "WEFT_RUN=1\n");
});

Deno.test(
  "run() waits for a background process that holds the output open",
  ignoreOnWindows,
  async () => {
    using folder = tempFolder();
    const gate = await namedPipe(folder.path("gate"));

    const running = sh('echo early; { read word < "$1"; echo $word; } &', {}, gate);
    await Deno.writeTextFile(gate, "late\n");

    assertEquals((await running).stdout, "early\nlate\n");
  },
);

Deno.test("run() keeps commands apart that run at once", ignoreOnWindows, async () => {
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => sh("cat; exit $1", { input: `${i}` }, `${i}`)),
  );

  assertEquals(results.map(({ stdout }) => Number(stdout)), results.map((_, i) => i));
  assertEquals(results.map(({ code }) => code), results.map((_, i) => i));
});

Deno.test("run() rejects when there is no such program or folder", async () => {
  const missing = "weft-no-such-program";

  await assertRejects(() => run(missing), Deno.errors.NotFound, missing);
  await assertRejects(
    () => run(Deno.execPath(), [], { cwd: "/weft-no-such-folder" }),
    Deno.errors.NotFound,
    "/weft-no-such-folder",
  );
});

Deno.test("run() leaves the input stream alone when the command cannot start", async () => {
  const input = ReadableStream.from([new Uint8Array([1])]);

  await assertRejects(() => run("weft-no-such-program", [], { input }), Deno.errors.NotFound);

  assertEquals(input.locked, false);
  await input.cancel();
});

Deno.test("run() rejects arguments of the wrong shape", async () => {
  const locked = new ReadableStream<Uint8Array>();
  locked.getReader();
  // deno-lint-ignore no-explicit-any
  const calls: any[][] = [
    [1],
    [""],
    [undefined],
    ["a\0b"],
    ["true", "no array"],
    ["true", { cwd: "/" }],
    ["true", [1]],
    ["true", ["a\0b"]],
    ["true", [], { input: 5 }],
    ["true", [], { input: new ArrayBuffer(1) }],
    ["true", [], { input: locked }],
    ["true", [], { stdout: "pipe" }],
    ["true", [], { stderr: 2 }],
    ["true", [], { env: { A: "a\0b" } }],
  ];

  for (const [command, args, options] of calls) {
    await assertRejects(() => run(command, args, options), TypeError);
  }
});

Deno.test("run() rejects times that are not possible", async () => {
  for (const value of [-1, NaN, "5", null]) {
    // deno-lint-ignore no-explicit-any
    const wrong = value as any;
    await assertRejects(() => run("true", [], { timeout: wrong }), RangeError);
    await assertRejects(() => run("true", [], { killGrace: wrong }), RangeError);
  }
});
