// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  CalledProcessError,
  CommandTimeoutError,
  type CompletedProcess,
  run,
  type RunOptions,
} from "../../process/mod.ts";

const megabytes10 = 10 * 1024 * 1024;
const ignoreOnWindows = { ignore: Deno.build.os === "windows" };
/** For what looks into /proc. */
const linuxOnly = { ignore: Deno.build.os !== "linux" };

function sh(script: string, options?: RunOptions, ...args: string[]): Promise<CompletedProcess> {
  return run("sh", ["-c", script, "sh", ...args], options);
}

/** A temporary folder that is removed when it is left. */
function tempFolder(): Disposable & { path(name: string): string } {
  const folder = Deno.makeTempDirSync({ prefix: "weft_run_" });
  return {
    path: (name) => `${folder}/${name}`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** Makes a named pipe by which a script tells that it has come to a point. */
async function namedPipe(path: string): Promise<string> {
  await run("mkfifo", [path], { check: true });
  return path;
}

/** Fields of /proc/PID/stat from the third on: state, parent, group … */
function processStat(pid: number): string[] | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  } catch {
    return undefined;
  }
}

/** Whether a process runs; an orphan that nobody reaps is dead too. */
function runs(pid: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat[0] !== "Z" && stat[0] !== "X";
}

function toPids(text: string): number[] {
  return text.trim().split(/\s+/).map(Number);
}

/** Reads `count` process numbers, each on a line, from a named pipe. */
async function readPids(pipe: string, count: number): Promise<number[]> {
  // Also open for writing, so that the pipe has no end between two writers.
  using file = await Deno.open(pipe, { read: true, write: true });
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let text = "";
  while (text.split("\n").length <= count) {
    text += decoder.decode(buffer.subarray(0, await file.read(buffer) ?? 0));
  }
  return toPids(text);
}

function zombieChildren(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    const stat = Number.isInteger(pid) ? processStat(pid) : undefined;
    return stat !== undefined && stat[0] === "Z" && Number(stat[1]) === Deno.pid;
  });
}

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** An abort controller that counts the listeners on its signal. */
class CountingController extends AbortController {
  listeners = 0;

  constructor() {
    super();
    const { signal } = this;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      this.listeners++;
      Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      this.listeners--;
      Reflect.apply(removeEventListener, signal, args);
    };
  }
}

/** Runs `run` in a program that has only the given permissions. */
async function callWith(permissions: string[], call: unknown[]): Promise<Record<string, unknown>> {
  const fixture = new URL("../fixtures/run_call.ts", import.meta.url).href;
  const { stdout } = await run(
    Deno.execPath(),
    ["run", "--no-prompt", "--quiet", ...permissions, fixture, JSON.stringify(call)],
    { stderr: "inherit", check: true },
  );
  return JSON.parse(stdout);
}

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

Deno.test("run() starts nothing when the signal is already aborted", async () => {
  const reason = new Error("too late");

  const error = await assertRejects(() =>
    run("weft-no-such-program", [], { signal: AbortSignal.abort(reason) })
  );

  assertStrictEquals(error, reason);
});

Deno.test("run() ends the whole group when the signal aborts", linuxOnly, async () => {
  using folder = tempFolder();
  const pipe = await namedPipe(folder.path("pids"));
  const controller = new CountingController();
  const script = `trap "" TERM
    sh -c 'sleep 1000 & echo $! > "$1"; wait' sh "$1" &
    echo $! > "$1"; echo $$ > "$1"; while :; do wait; done`;
  const { signal } = controller;
  const settled = assertRejects(() => sh(script, { signal, killGrace: 50 }, pipe));
  const pids = await readPids(pipe, 3);
  const reason = { enough: true };

  controller.abort(reason);

  assertStrictEquals(await settled, reason);
  assertEquals(pids.filter(runs), []);
  assertEquals(zombieChildren(), []);
  assertEquals(controller.listeners, 0);
});

Deno.test(
  "run() ends what a command left in the background without a pipe",
  linuxOnly,
  async () => {
    using folder = tempFolder();
    const pipe = await namedPipe(folder.path("pids"));
    const controller = new AbortController();
    const script = `sh -c 'trap "" TERM; echo $$ > "$1"; exec sleep 1000' sh "$1" >/dev/null 2>&1 &
    echo $$ > "$1"; wait`;
    const { signal } = controller;
    const settled = assertRejects(() => sh(script, { signal, killGrace: 50 }, pipe));
    const pids = await readPids(pipe, 2);

    controller.abort(new Error("enough"));

    await settled;
    assertEquals(pids.filter(runs), []);
  },
);

Deno.test(
  "run() ends a background process that holds the output of a command that ended",
  linuxOnly,
  async () => {
    using folder = tempFolder();
    const pipe = await namedPipe(folder.path("pids"));
    const controller = new AbortController();
    const { signal } = controller;
    const settled = assertRejects(() => sh('sleep 1000 & echo $! > "$1"', { signal }, pipe));
    const pids = await readPids(pipe, 1);

    controller.abort(new Error("enough"));

    await settled;
    assertEquals(pids.filter(runs), []);
  },
);

Deno.test("run() lets the whole group clean up on SIGTERM", ignoreOnWindows, async () => {
  using folder = tempFolder();
  const pipe = await namedPipe(folder.path("pids"));
  const cleaned = folder.path("cleaned");
  const controller = new AbortController();
  const script = `{
      trap 'echo cleaned > "$2"; exit' TERM; echo 1 > "$1"; while :; do sleep 0.01; done
    } >/dev/null 2>&1 & wait`;
  // Where nobody reaps orphans the whole grace passes, so do not make it longer than it must be.
  const options = { signal: controller.signal, killGrace: 2000 };
  const settled = assertRejects(() => sh(script, options, pipe, cleaned));
  await readPids(pipe, 1);

  controller.abort(new Error("enough"));

  await settled;
  assertEquals(await Deno.readTextFile(cleaned), "cleaned\n");
});

Deno.test("run() kills at once when killGrace is 0", ignoreOnWindows, async () => {
  using folder = tempFolder();
  const pipe = await namedPipe(folder.path("pids"));
  const cleaned = folder.path("cleaned");
  const controller = new AbortController();
  const script = `trap 'echo cleaned > "$2"; exit' TERM; echo $$ > "$1"; while :; do :; done`;
  const options = { signal: controller.signal, killGrace: 0 };
  const settled = assertRejects(() => sh(script, options, pipe, cleaned));
  await readPids(pipe, 1);

  controller.abort(new Error("enough"));

  await settled;
  await assertRejects(() => Deno.stat(cleaned), Deno.errors.NotFound);
});

Deno.test("run() does not wait for a process that left the group", linuxOnly, async () => {
  using folder = tempFolder();
  const pipe = await namedPipe(folder.path("pids"));
  const controller = new AbortController();
  const { signal } = controller;
  const script = `setsid sh -c 'echo $$ > "$1"; exec sleep 1000' sh "$1" & wait`;
  const settled = assertRejects(() => sh(script, { signal }, pipe));
  const [pid] = await readPids(pipe, 1);

  controller.abort(new Error("enough"));

  await settled;
  assert(runs(pid!));
  Deno.kill(pid!, "SIGKILL");
});

Deno.test("run() rejects with the reason of a signal that timed out", ignoreOnWindows, async () => {
  const signal = AbortSignal.timeout(20);

  const error = await assertRejects(() => run("sleep", ["1000"], { signal, timeout: 60_000 }));

  assertStrictEquals(error, signal.reason);
});

Deno.test("run() cancels its input stream when the signal aborts", ignoreOnWindows, async () => {
  const cancelled = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  const input = new ReadableStream<Uint8Array>({
    pull: () => reading.resolve(),
    cancel: () => cancelled.resolve(),
  });
  const controller = new AbortController();
  const { signal } = controller;
  const settled = assertRejects(() => run("cat", [], { input, signal }));
  await reading.promise;

  controller.abort(new Error("enough"));

  await settled;
  await cancelled.promise;
});

Deno.test("run() aborts while a command does not read its input", ignoreOnWindows, async () => {
  using folder = tempFolder();
  const pipe = await namedPipe(folder.path("pids"));
  const controller = new AbortController();
  const options = { signal: controller.signal, input: new Uint8Array(megabytes10) };
  const settled = assertRejects(
    () => sh('echo $$ > "$1"; exec sleep 1000', options, pipe),
    Error,
    "enough",
  );
  await readPids(pipe, 1);

  controller.abort(new Error("enough"));

  await settled;
});

Deno.test("run() takes its listener off the signal however it ends", ignoreOnWindows, async () => {
  const controller = new CountingController();
  const { signal } = controller;

  await run("true", [], { signal });
  await assertRejects(() => run("false", [], { signal, check: true }));
  await assertRejects(() => run("sleep", ["1000"], { signal, timeout: 1 }));
  await assertRejects(() => run("weft-no-such-program", [], { signal }));

  assertEquals(controller.listeners, 0);
});

Deno.test("run() rejects with the output so far when the time is over", linuxOnly, async () => {
  const script = "sleep 1000 & echo $! $$; echo err >&2; wait";

  const error = await assertRejects(() => sh(script, { timeout: 1000 }, "x"), CommandTimeoutError);

  assertInstanceOf(error, DOMException);
  assertEquals(error.name, "TimeoutError");
  assertEquals(error.message, 'The command "sh" timed out after 1000 ms');
  assertEquals(error.timeout, 1000);
  assertEquals(error.command, "sh");
  assertEquals(error.args, ["-c", script, "sh", "x"]);
  assertMatch(error.stdout, /^\d+ \d+\n$/);
  assertEquals(error.stdoutBytes, new TextEncoder().encode(error.stdout));
  assertEquals(error.stderr, "err\n");
  assertEquals(error.stderrBytes.length, 4);
  assertEquals(toPids(error.stdout).filter(runs), []);
});

Deno.test("run() has what a command writes on SIGTERM in the error", ignoreOnWindows, async () => {
  const script = "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.01; done";

  const error = await assertRejects(
    () => sh(script, { timeout: 1000, killGrace: 5000 }),
    CommandTimeoutError,
  );

  assertEquals(error.stdout, "hello\nbye\n");
});

Deno.test(
  "run() ends a command that floods its output when the time is over",
  ignoreOnWindows,
  async () => {
    const error = await assertRejects(
      () => run("yes", [], { timeout: 100 }),
      CommandTimeoutError,
    );

    assert(error.stdout.startsWith("y\ny\n"));
  },
);

Deno.test("run() ends a command when its timeout is 0", ignoreOnWindows, async () => {
  await assertRejects(() => run("sleep", ["1000"], { timeout: 0 }), CommandTimeoutError);
});

Deno.test(
  "run() resolves when the program was too busy to see the command end in time",
  ignoreOnWindows,
  async () => {
    const running = run("head", ["-c", "20000", "/dev/zero"], { timeout: 300 });
    const end = performance.now() + 600;
    while (performance.now() < end);

    assertEquals((await running).stdoutBytes.length, 20_000);
  },
);

Deno.test("run() resolves when the command ends within the time", ignoreOnWindows, async () => {
  const { signal } = new AbortController();

  const { success } = await run("true", [], { timeout: 2 ** 40, signal });

  assertEquals(success, true);
});

Deno.test("run() gives a command its own group only when it is limited", linuxOnly, async () => {
  const groupOf = async (options: RunOptions) => {
    const { stdout } = await run("cat", ["/proc/self/stat"], options);
    return stdout.split(" ")[4];
  };
  const ours = processStat(Deno.pid)![2];

  assertEquals(await groupOf({}), ours);
  assertNotEquals(await groupOf({ timeout: 60_000 }), ours);
  assertNotEquals(await groupOf({ signal: new AbortController().signal }), ours);
});

Deno.test("run() survives an abort at any moment of a short command", linuxOnly, async () => {
  for (let i = 0; i < 60; i++) {
    const reason = new Error("enough");
    const controller = new AbortController();
    const { signal } = controller;
    const running = sh("exit 0", { signal, killGrace: 10 }).then(
      ({ code }) => assertEquals(code, 0),
      (error) => assertStrictEquals(error, reason),
    );

    const timer = setTimeout(() => controller.abort(reason), i / 10);
    await running;
    clearTimeout(timer);
  }

  assertEquals(zombieChildren(), []);
});

Deno.test("run() leaves no file, zombie or unsettled promise behind", linuxOnly, async () => {
  const round = async () => {
    const input = new Uint8Array(200_000);
    const results = await Promise.allSettled([
      run("cat", [], { input }),
      run("true", [], { input }),
      sh("echo err >&2; exit 1", { check: true }),
      run("sleep", ["1000"], { timeout: 5 }),
      run("sleep", ["1000"], { timeout: 5, input }),
      run("cat", [], { input: new ReadableStream(), timeout: 5 }),
      run("cat", [], { signal: AbortSignal.timeout(5), input, stdout: "null" }),
      run("weft-no-such-program", [], { input }),
    ]);
    assertEquals(results.map(({ status }) => status).slice(0, 3), [
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
  };
  await round();
  const before = openFiles();

  for (let i = 0; i < 10; i++) await round();

  assertEquals(openFiles(), before);
  assertEquals(zombieChildren(), []);
});

Deno.test("run() works when only the program itself is allowed", ignoreOnWindows, async () => {
  const result = await callWith(["--allow-run=sh"], ["sh", ["-c", "cat"], { input: "fine" }]);

  assertEquals(result, { code: 0, stdout: "fine", stderr: "" });
});

Deno.test(
  "run() ends the command alone when only the program itself is allowed",
  linuxOnly,
  async () => {
    const script = "trap '' TERM; sleep 1000 & echo $! $$; while :; do wait; done";
    const options = { timeout: 500, killGrace: 50 };

    const result = await callWith(["--allow-run=sh"], ["sh", ["-c", script], options]);

    assertEquals(result.name, "TimeoutError");
    const [background, command] = toPids(String(result.stdout));
    assert(!runs(command!));
    assert(runs(background!));
    Deno.kill(background!, "SIGKILL");
  },
);

Deno.test("run() rejects when the program is not allowed", ignoreOnWindows, async () => {
  for (const permissions of [[], ["--allow-run=cat"], ["--allow-run", "--deny-run=sh"]]) {
    const result = await callWith(permissions, ["sh", ["-c", "exit 0"], { timeout: 1000 }]);

    assertEquals(result.name, "NotCapable");
    assertStringIncludes(String(result.message), "--allow-run");
    assertStringIncludes(String(result.message), "sh");
  }
});
