// Copyright 2026 the Weft authors. MIT license.

// What a process and its parent know of each other, before, while and after it runs.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  activeChildren,
  cpuCount,
  currentProcess,
  parentProcess,
  Process,
  ProcessExitedError,
} from "../../process/mod.ts";
import * as tasks from "../fixtures/process_tasks.ts";
import {
  ensureKilled,
  fixturePath,
  LineReader,
  linuxOnly,
  Program,
  runProgram,
  runs,
  TemporaryFolder,
  until,
} from "./_helpers.ts";

Deno.test("Process.pid throws before the start", () => {
  const process = new Process(tasks.never, { name: "new" });

  assertThrows(() => process.pid, Error, 'Cannot tell the pid of process "new"');
});

Deno.test("Process.pid is the pid that the child sees", async () => {
  const process = Process.spawn(tasks.attributes);
  const { pid } = process;

  const { pid: seen } = await process.join();

  assertEquals(pid, seen);
  assertEquals(process.pid, seen);
});

Deno.test("Process.isAlive is true from start() to the end", async () => {
  const process = new Process(tasks.echo, { args: [1] });
  const before = process.isAlive;
  process.start();
  const while_ = process.isAlive;
  await process.join();

  assertEquals([before, while_, process.isAlive], [false, true, false]);
});

Deno.test("Process.exitCode and exitSignal are undefined until the end", async () => {
  const process = new Process(tasks.echo, { args: [1] });
  const before = [process.exitCode, process.exitSignal];
  process.start();
  const during = [process.exitCode, process.exitSignal];
  await process.join();

  assertEquals(before, [undefined, undefined]);
  assertEquals(during, [undefined, undefined]);
  assertEquals([process.exitCode, process.exitSignal], [0, undefined]);
});

Deno.test("Process.exited resolves with reason returned when the task returns", async () => {
  assertEquals(await Process.spawn(tasks.echo, 1).exited, { reason: "returned", code: 0 });
});

Deno.test("Process.name counts the processes that this one creates", () => {
  const numbers = [1, 2].map(() => {
    const { name } = new Process(tasks.never);
    assertMatch(name, /^Process-\d+$/);
    return Number(name.slice("Process-".length));
  });

  assertEquals(numbers[1], numbers[0]! + 1);
});

Deno.test("Process.name starts at Process-1 and is nested in a child", async () => {
  const { stdout } = await runProgram(fixturePath("process_program_start.ts"), {
    args: [JSON.stringify({ task: "attributesOfChild" })],
  });

  const { current, parent } = JSON.parse(stdout).value;
  assertEquals(current.name, "Process-1:1");
  assertEquals(parent.name, "Process-1");
});

Deno.test("Process.name is the one that is given", async () => {
  const process = new Process(tasks.attributes, { name: "worker" }).start();

  const { current } = await process.join();

  assertEquals([process.name, current.name], ["worker", "worker"]);
});

Deno.test("Process.daemon is false unless it is given", () => {
  assertEquals(new Process(tasks.never).daemon, false);
  assertEquals(new Process(tasks.never, { daemon: true }).daemon, true);
});

Deno.test("Process.daemon is inherited by the processes of a daemon", async () => {
  const process = new Process(tasks.attributesOfChild, { daemon: true }).start();

  const { current } = await process.join();

  assertEquals(current.daemon, true);
});

Deno.test("currentProcess() tells of the main process", () => {
  const { name, pid, ppid, daemon, isAlive } = currentProcess();

  assertEquals([name, pid, ppid, daemon, isAlive], [
    "MainProcess",
    Deno.pid,
    Deno.ppid,
    false,
    true,
  ]);
});

Deno.test("currentProcess() tells of the child in the child", async () => {
  const process = new Process(tasks.attributes, { name: "worker", daemon: true }).start();

  const { current } = await process.join();

  assertEquals(current, {
    name: "worker",
    pid: process.pid,
    ppid: Deno.pid,
    daemon: true,
    isAlive: true,
  });
});

Deno.test("parentProcess() is undefined in the main process", () => {
  assertStrictEquals(parentProcess(), undefined);
});

Deno.test("parentProcess() tells of the parent in a child", async () => {
  const { parent } = await Process.spawn(tasks.attributes).join();

  assertEquals(parent, { name: "MainProcess", pid: Deno.pid, isAlive: true });
});

Deno.test("parentProcess().isAlive becomes false when the parent of a grandchild dies", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("witness");
  const process = new Process(tasks.startWitness, { args: [file], stdout: "piped" }).start();
  await using out = new LineReader(process.stdout);
  const first = [await out.next(), await out.next()];
  const grandchild = Number(first.find((line) => line !== "alive"));

  try {
    process.kill();
    await assertRejects(() => process.join(), ProcessExitedError);
    await until("the grandchild tells", () => folder.names().includes("witness"));

    assert(first.includes("alive"));
    assertEquals(Deno.readTextFileSync(file), `${process.pid}`);
  } finally {
    ensureKilled(grandchild);
  }
});

Deno.test("activeChildren() lists processes from start() to their end, in order", async () => {
  await using first = new Process(tasks.never);
  await using second = new Process(tasks.never);
  const before = activeChildren();
  second.start();
  first.start();
  const during = activeChildren();
  second.kill();
  await second.exited;
  const after = activeChildren();

  assertEquals(before, []);
  assertEquals(during.map(({ name }) => name), [second.name, first.name]);
  assertEquals(after.map(({ name }) => name), [first.name]);
});

Deno.test("activeChildren() is empty in a new process", async () => {
  await using _sibling = Process.spawn(tasks.never);

  const { children } = await Process.spawn(tasks.attributes).join();

  assertEquals(children, 0);
});

Deno.test("cpuCount() is a positive integer", () => {
  assert(Number.isInteger(cpuCount()) && cpuCount() >= 1);
});

Deno.test("Process.start() throws the second time", async () => {
  const process = new Process(tasks.echo, { args: [1], name: "twice" }).start();

  assertThrows(() => process.start(), Error, 'Cannot start process "twice" as it was started');
  assertEquals(await process.join(), 1);
  assertThrows(() => process.start(), Error, 'Cannot start process "twice" as it was started');
});

for (const method of ["join", "terminate", "kill"] as const) {
  Deno.test(`Process.${method}() fails before the start`, async () => {
    const process = new Process(tasks.never, { name: "new" });

    await assertRejects(
      async () => await process[method](),
      Error,
      `Cannot ${method} process "new" as it was not started`,
    );
  });
}

for (const method of ["terminate", "kill"] as const) {
  Deno.test(`Process.${method}() does nothing after the end`, async () => {
    const process = Process.spawn(tasks.echo, 1);
    await process.join();

    process[method]();

    assertEquals(await process.exited, { reason: "returned", code: 0 });
    assertEquals(await process.join(), 1);
  });
}

Deno.test("Process.join() resolves again and again after the end", async () => {
  const process = Process.spawn(tasks.echo, "same");

  assertEquals([await process.join(), await process.join()], ["same", "same"]);
});

Deno.test("Process.join() delivers to all who wait", async () => {
  const process = Process.spawn(tasks.echo, "all");

  assertEquals(await Promise.all([1, 2, 3].map(() => process.join())), ["all", "all", "all"]);
});

Deno.test("Process.join() rejects for all who wait", async () => {
  const process = Process.spawn(tasks.fail, "RangeError");

  const outcomes = await Promise.allSettled([1, 2, 3].map(() => process.join()));

  for (const outcome of outcomes) {
    assert(outcome.status === "rejected");
    assertInstanceOf(outcome.reason, RangeError);
  }
});

for (const timeout of [0, 1]) {
  Deno.test(`Process.join() rejects with a TimeoutError after ${timeout} ms, and can wait again`, async () => {
    await using process = Process.spawn(tasks.never);

    const error = await assertRejects(() => process.join({ timeout }), DOMException);

    assertEquals(error.name, "TimeoutError");
    assertEquals(process.isAlive, true);
    process.kill();
    await assertRejects(() => process.join(), ProcessExitedError);
  });
}

Deno.test("Process.join() rejects when the timeout is negative", async () => {
  await using process = Process.spawn(tasks.never);

  await assertRejects(() => process.join({ timeout: -1 }), RangeError);
});

Deno.test("Process.join() rejects with the reason of its signal alone", async () => {
  await using process = Process.spawn(tasks.never);
  const controller = new AbortController();
  const aborted = process.join({ signal: controller.signal });
  const other = process.join();

  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");

  assertEquals(process.isAlive, true);
  process.kill();
  await assertRejects(() => other, ProcessExitedError);
});

Deno.test("Process.join() rejects when its signal is aborted already", async () => {
  const process = Process.spawn(tasks.echo, 1);
  await process.join();

  await assertRejects(
    () =>
      process.join({ signal: AbortSignal.abort("no") }).catch((reason) => {
        throw new Error(reason);
      }),
    Error,
    "no",
  );
});

Deno.test("Process.stdout throws before the start and unless it is piped", async () => {
  const process = new Process(tasks.echo, { args: [1], stdout: "null" });

  assertThrows(() => process.stdout, Error, "was not started");
  process.start();
  assertThrows(() => process.stdout, TypeError);
  await process.join();
});

Deno.test("Process starts processes within processes", async () => {
  const pids = await Process.spawn(tasks.nest, 3).join();

  assertEquals(new Set([...pids, Deno.pid]).size, 5);
  for (const pid of pids) assertEquals(runs(pid), false);
});

Deno.test("Process runs twenty at once", async () => {
  const processes = Array.from({ length: 20 }, (_, i) => Process.spawn(tasks.echo, i));

  const results = await Promise.all(processes.map((process) => process.join()));

  assertEquals(results, Array.from({ length: 20 }, (_, i) => i));
  assertEquals(activeChildren(), []);
});

Deno.test("Process gives a child no more files with more siblings", linuxOnly, async () => {
  const alone = await Process.spawn(tasks.countFiles).join();
  await using _first = Process.spawn(tasks.never);
  await using _second = Process.spawn(tasks.never);
  await using _third = Process.spawn(tasks.never);

  const among = await Process.spawn(tasks.countFiles).join();

  assertEquals(among, alone);
});

Deno.test("Process waits for the processes that it started and that are no daemons", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("written");

  const process = Process.spawn(tasks.startChildAndReturn, file);
  await process.exited;

  assertEquals(Deno.readTextFileSync(file), "written");
  await process.join();
});

Deno.test("Process waits for the threads that it started and that are no daemons", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("written");

  const process = Process.spawn(tasks.startThreadAndReturn, file);
  await process.exited;

  assertEquals(Deno.readTextFileSync(file), "written");
  await process.join();
});

for (
  const [way, expected] of [
    ["throws", /^Exception in process careless: RangeError: nobody joins this\n\s+at raise/],
    ["throws while the program goes on", /^Exception in process careless: RangeError/],
    ["is killed from outside", /^Exception in process careless: ProcessExitedError: .*SIGKILL/],
    ["throws in a child", /^Exception in process inner: RangeError/],
    ["is terminated", /^$/],
    ["throws and is joined late", /^$/],
  ] as const
) {
  const what = expected.test("") ? "prints nothing" : "prints its error";
  Deno.test(`Process that nobody joins ${what} when it ${way}`, async () => {
    await using program = new Program(fixturePath("process_program_unjoined.ts"), { args: [way] });
    let printed = "";
    if (way === "throws while the program goes on") {
      printed = `${await program.err.next()}\n`;
      await program.tell("end");
    }
    const [{ code }, rest] = await Promise.all([program.status, program.err.rest()]);

    assertEquals(code, 0);
    assertMatch(printed + rest, expected);
    assertEquals(
      (printed + rest).match(/Exception/g)?.length ?? 0,
      what === "prints nothing" ? 0 : 1,
    );
  });
}

Deno.test("Process has another pid than its parent", async () => {
  assertNotEquals((await Process.spawn(tasks.attributes).join()).pid, Deno.pid);
});

Deno.test("Process runs although the thread that started it blocks at once", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("written");
  const process = Process.spawn(tasks.writeWhenAsked, file);

  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + 10_000;
  while (folder.names().length === 0 && performance.now() < deadline) Atomics.wait(pause, 0, 0, 5);

  assertEquals(folder.names(), ["written"]);
  await process.join();
});

for (const [way, printed] of [["join", "done"], ["dispose", "disposed"], ["nothing", "ended"]]) {
  Deno.test(`Process that is a daemon keeps the program alive for ${way} as it should`, async () => {
    const { code, stdout, stderr } = await runProgram(
      fixturePath("process_program_daemon_join.ts"),
      { args: [way!] },
    );

    assertEquals([code, stdout, stderr], [0, `${printed}\n`, ""]);
  });
}
