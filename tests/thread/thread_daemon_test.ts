// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Thread } from "../../thread/mod.ts";
import { inheritDaemon } from "../fixtures/thread_nested.ts";
import { type ProgramResult, runProgram } from "./_helpers.ts";

function run(kind: string): Promise<ProgramResult> {
  return runProgram("thread_program_daemon.ts", [kind]);
}

for (const kind of ["daemon-sleeping", "daemon-busy", "daemon-starting"]) {
  Deno.test(`Thread that is a daemon does not keep the program alive: ${kind}`, async () => {
    const { code, stdout, stderr } = await run(kind);

    // What the runtime may say of a worker that it kills at the end.
    const said = stderr.replace(/^error: Uncaught \(in worker .*execution terminated\n$/, "");
    assertEquals([code, stdout, said], [0, "main ended\n", ""]);
  });
}

Deno.test("Thread that is no daemon keeps the program alive", async () => {
  const { code, stdout } = await run("non-daemon");

  assertEquals([code, stdout], [0, "main ended\nlate\n"]);
});

Deno.test("Thread that is no daemon keeps the program's exit code", async () => {
  const { code, stdout } = await run("exit-code");

  assertEquals([code, stdout], [7, "main ended\nlate\n"]);
});

Deno.test("Thread that is no daemon does not outlive Deno.exit()", async () => {
  const { code, stdout } = await run("deno-exit");

  assertEquals([code, stdout], [8, ""]);
});

Deno.test("Thread that is no daemon keeps the program alive after the thread that started it", async () => {
  const { code, stdout } = await run("nested");

  assertEquals([code, stdout], [0, "main ended\nreleased\n"]);
});

Deno.test("Thread that is a daemon of another thread does not keep the program alive", async () => {
  const { code, stdout } = await run("nested-daemon");

  assertEquals([code, stdout], [0, "main ended\n"]);
});

Deno.test("Thread.daemon is inherited from the thread that creates it", async () => {
  const thread = new Thread(inheritDaemon, { daemon: true }).start();

  assertEquals(await thread.join(), [true, true, false]);
});

Deno.test("Thread.daemon is false in the main thread unless it is asked for", () => {
  assertEquals(new Thread(inheritDaemon).daemon, false);
});

Deno.test("Thread prints an error that nobody joins, with its name and stack", async () => {
  const { code, stdout, stderr } = await run("error");

  assertEquals([code, stdout], [0, "main ended\n"]);
  assertMatch(
    stderr,
    /^Exception in thread 线程-bad: RangeError: bad\n( {4}at .*\n)* {4}at .*throwKind.*thread_errors\.ts:\d+/,
  );
  assertEquals(stderr.match(/Exception in thread/g)!.length, 1);
});

for (const kind of ["error-joined", "error-joined-late"]) {
  Deno.test(`Thread does not print an error that was joined: ${kind}`, async () => {
    const { code, stdout, stderr } = await run(kind);

    // What the runtime may say of a worker that it kills at the end.
    const said = stderr.replace(/^error: Uncaught \(in worker .*execution terminated\n$/, "");
    assertEquals([code, stdout, said], [0, "main ended\n", ""]);
  });
}

for (const kind of ["exit-unjoined", "terminate-unjoined"]) {
  Deno.test(`Thread prints nothing when it ended as it was told to: ${kind}`, async () => {
    const { code, stdout, stderr } = await run(kind);

    // What the runtime may say of a worker that it kills at the end.
    const said = stderr.replace(/^error: Uncaught \(in worker .*execution terminated\n$/, "");
    assertEquals([code, stdout, said], [0, "main ended\n", ""]);
  });
}

Deno.test("Thread prints an error when the join timed out before", async () => {
  const { code, stdout, stderr } = await run("error-timed-out");

  assertEquals([code, stdout], [0, "main ended\n"]);
  assertMatch(stderr, /^Exception in thread slow: RangeError: bad\n/);
});

Deno.test("Thread prints an error soon in a program that goes on", async () => {
  const { code, stdout, stderr } = await run("error-goes-on");

  assertEquals([code, stdout], [0, "soon\nmain ended\n"]);
  assert(stderr.startsWith("Exception in thread early:"));
});
