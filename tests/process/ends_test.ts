// Copyright 2026 the Weft authors. MIT license.

// All the ways in which a process can end other than by returning.

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { activeChildren, Process, ProcessExitedError } from "../../process/mod.ts";
import * as tasks from "../fixtures/process_tasks.ts";
import {
  fixturePath,
  isLeft,
  LineReader,
  linuxOnly,
  runProgram,
  TemporaryFolder,
} from "./_helpers.ts";

/** Waits for the error of a process that ended without a result. */
async function exitOf(process: Process<unknown, never[]>): Promise<ProcessExitedError> {
  return await assertRejects(() => process.join(), ProcessExitedError);
}

/** Starts a process that prints a line when its task runs, and waits for that. */
async function startRunning(
  process: Process<unknown, never[]>,
): Promise<{ process: Process<unknown, never[]>; out: LineReader } & AsyncDisposable> {
  const out = new LineReader(process.start().stdout);
  await out.next();
  return {
    process,
    out,
    async [Symbol.asyncDispose]() {
      if (process.isAlive) process.kill();
      await process.exited;
      await out[Symbol.asyncDispose]();
    },
  };
}

/** Checks what process_program_many.ts prints. */
function assertNothingLeft(stdout: string): void {
  const { files, zombies, children } = JSON.parse(stdout);
  assertEquals([zombies, children], [0, 0]);
  // The runtime opens a pair of sockets once, when it likes.
  assert(files <= 2, `${files} more files`);
}

for (
  const [method, signal, code] of [["terminate", "SIGTERM", 143], ["kill", "SIGKILL", 137]] as const
) {
  for (const [state, task] of [["waits", tasks.wait], ["is in a busy loop", tasks.loop]] as const) {
    Deno.test(`Process.${method}() ends a process that ${state} by ${signal}`, async () => {
      await using running = await startRunning(new Process(task, { stdout: "piped" }));
      const { process } = running;

      process[method]();
      const error = await exitOf(process);

      assertEquals([error.exitCode, error.exitSignal], [code, signal]);
      assertEquals([process.exitCode, process.exitSignal], [code, signal]);
      assertEquals(await process.exited, { reason: "terminated", code });
      assertStringIncludes(error.message, `(pid ${process.pid}) was ended by ${signal}`);
      assertEquals(isLeft(process.pid), false);
    });
  }

  Deno.test(`Process.${method}() ends a process right after its start`, async () => {
    const process = Process.spawn(tasks.never);

    process[method]();
    const error = await exitOf(process);

    assertEquals(error.exitSignal, signal);
    assertEquals((await process.exited).reason, "terminated");
  });
}

Deno.test("Process.terminate() is the reason when the child exits by its own handler", async () => {
  await using running = await startRunning(
    new Process(tasks.leaveOnSigterm, { stdout: "piped" }),
  );

  running.process.terminate();
  const error = await exitOf(running.process);

  assertEquals([error.exitCode, error.exitSignal], [0, undefined]);
  assertEquals(await running.process.exited, { reason: "terminated", code: 0 });
});

Deno.test("Process.kill() ends a process that ignores SIGTERM", async () => {
  await using running = await startRunning(
    new Process(tasks.ignoreSigterm, { stdout: "piped" }),
  );
  const { process, out } = running;
  process.terminate();
  const ignored = await out.next();

  process.kill();
  const error = await exitOf(process);

  assertEquals(ignored, "ignored");
  assertEquals(error.exitSignal, "SIGKILL");
});

Deno.test("Process.terminate() can be called again and again", async () => {
  const process = Process.spawn(tasks.never);

  for (let i = 0; i < 3; i++) process.terminate();

  assertEquals((await exitOf(process)).exitSignal, "SIGTERM");
});

Deno.test("Process ends when its signal aborts, with the reason as cause", async () => {
  const controller = new AbortController();
  const process = new Process(tasks.never, { signal: controller.signal }).start();
  const reason = new Error("enough");

  controller.abort(reason);
  const error = await exitOf(process);

  assertStrictEquals(error.cause, reason);
  assertEquals((await process.exited).reason, "terminated");
});

Deno.test("Process.start() throws the reason of a signal that is aborted already", () => {
  const process = new Process(tasks.never, { signal: AbortSignal.abort(new Error("enough")) });

  assertThrows(() => process.start(), Error, "enough");
  assertEquals(activeChildren(), []);
});

Deno.test("Process takes no notice of its signal after its end", async () => {
  const controller = new AbortController();
  const process = new Process(tasks.echo, { args: [1], signal: controller.signal }).start();
  await process.join();

  controller.abort();

  assertEquals(await process.join(), 1);
});

Deno.test("Process is terminated at the end of `await using`", async () => {
  let process: Process<unknown, never[]>;
  {
    await using scoped = Process.spawn(tasks.never);
    process = scoped;
  }

  assertEquals(process.isAlive, false);
  assertEquals(await process.exited, { reason: "terminated", code: 143 });
});

Deno.test("Process that was not started is left alone at the end of `await using`", async () => {
  await using process = new Process(tasks.never);

  assertEquals(process.isAlive, false);
});

for (const code of [0, 1, 7, 255]) {
  Deno.test(`Process.join() rejects when the task calls Deno.exit(${code})`, async () => {
    const process = Process.spawn(tasks.exit, code);

    const error = await exitOf(process);

    assertEquals([error.exitCode, error.exitSignal], [code, undefined]);
    assertEquals(await process.exited, { reason: "exited", code });
    assertMatch(error.message, new RegExp(`exited with code ${code} before its task returned$`));
  });
}

for (const code of [0, 5]) {
  Deno.test(`Process.join() rejects when Deno.exit(${code}) is called while the task waits`, async () => {
    const process = Process.spawn(tasks.exitWhilePending, code);

    assertEquals((await exitOf(process)).exitCode, code);
    assertEquals(await process.exited, { reason: "exited", code });
  });
}

for (const signal of ["SIGKILL", "SIGTERM", "SIGABRT"] as const) {
  Deno.test(`Process is lost when something else sends ${signal}`, async () => {
    const process = Process.spawn(tasks.never);
    Deno.kill(process.pid, signal);

    const error = await exitOf(process);

    assertEquals(error.exitSignal, signal);
    assertEquals((await process.exited).reason, "lost");
  });
}

for (const signal of ["SIGKILL", "SIGSEGV", "SIGTERM", "SIGABRT"] as const) {
  Deno.test(`Process is lost when it sends itself ${signal}`, async () => {
    const process = Process.spawn(tasks.signalSelf, signal);

    const error = await exitOf(process);

    assertEquals(error.exitSignal, signal);
    assertStringIncludes(error.message, "before its task returned");
    assertEquals((await process.exited).reason, "lost");
  });
}

Deno.test("Process.join() rejects with ProcessExitedError when the child is killed by SIGKILL while it runs", async () => {
  await using running = await startRunning(new Process(tasks.loop, { stdout: "piped" }));
  const { process } = running;

  Deno.kill(process.pid, "SIGKILL");
  const error = await exitOf(process);

  assertEquals([error.exitCode, error.exitSignal], [137, "SIGKILL"]);
  assertEquals(isLeft(process.pid), false);
});

Deno.test("Process.join() rejects with an error that no code of the child caught", async () => {
  const process = Process.spawn(tasks.throwLater);

  await assertRejects(() => process.join(), RangeError, "nobody catches this");
  assertEquals(await process.exited, { reason: "threw", code: 1 });
});

Deno.test("Process.join() rejects with a rejection that no code of the child handled", async () => {
  const process = Process.spawn(tasks.rejectLater);

  await assertRejects(() => process.join(), RangeError, "nobody handles this");
  assertEquals(await process.exited, { reason: "threw", code: 1 });
});

Deno.test("Process prints an error that nothing caught after its task had returned", async () => {
  const process = new Process(tasks.throwAfterReturn, { stderr: "piped" }).start();

  const [printed, value] = await Promise.all([
    new Response(process.stderr).text(),
    process.join(),
  ]);

  assertEquals(value, "returned");
  assertStringIncludes(printed, "Uncaught error after the task had ended: RangeError: too late");
});

Deno.test("Process that is killed while it answers gives its result or says how it ended", async () => {
  const bytes = new Uint8Array(2_000_000).fill(3);
  const ends = await Promise.all(Array.from({ length: 6 }, async (_, lane) => {
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      const process = Process.spawn(tasks.echo, bytes);
      const timer = setTimeout(() => process.kill(), 20 + 25 * i + 4 * lane);
      const [outcome] = await Promise.allSettled([process.join()]);
      clearTimeout(timer);
      if (outcome.status === "fulfilled") assertEquals(outcome.value, bytes);
      else assertEquals((outcome.reason as ProcessExitedError).exitSignal, "SIGKILL");
      seen.push(outcome.status);
    }
    return seen;
  }));

  assertEquals(ends.flat().length, 30);
  assertEquals(activeChildren(), []);
});

Deno.test("Process.join() rejects with a RangeError when the stack overflows", async () => {
  await assertRejects(() => Process.spawn(tasks.overflow).join(), RangeError, "call stack");
});

Deno.test("Process is lost when it runs out of memory", async () => {
  const process = new Process(tasks.exhaustMemory, {
    runtimeArgs: ["--v8-flags=--max-old-space-size=64"],
    stderr: "null",
  }).start();

  const error = await exitOf(process);

  assert(error.exitCode > 128, `exit code ${error.exitCode}`);
  assertEquals((await process.exited).reason, "lost");
});

for (const [state, way] of [["is idle", "idle"], ["runs", "busy"]] as const) {
  Deno.test(`Process leaves nothing when it is killed while it ${state}`, linuxOnly, async () => {
    using folder = new TemporaryFolder();

    const { stdout, stderr } = await runProgram(fixturePath("process_program_many.ts"), {
      args: [way, "10"],
      env: { TMPDIR: folder.path },
    });

    assertEquals(stderr, "");
    assertNothingLeft(stdout);
    assertEquals(folder.names(), []);
  });
}

Deno.test("Process leaves nothing after 60 in a row", linuxOnly, async () => {
  using folder = new TemporaryFolder();

  const { stdout, stderr } = await runProgram(fixturePath("process_program_many.ts"), {
    args: ["return", "60"],
    env: { TMPDIR: folder.path },
  });

  assertEquals(stderr, "");
  assertNothingLeft(stdout);
  assertEquals(folder.names(), []);
});
