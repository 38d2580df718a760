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
import { CommandTimeoutError, run, type RunOptions } from "../../process/mod.ts";
import {
  callWith,
  CountingController,
  ignoreOnWindows,
  linuxOnly,
  megabytes10,
  namedPipe,
  openFiles,
  processStat,
  readPids,
  runs,
  sh,
  tempFolder,
  toPids,
  zombieChildren,
} from "./_run_helpers.ts";

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
