// Copyright 2026 the Weft authors. MIT license.

// The messages between a process and its starter.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Process, type ProcessOptions, type ProcessTaskOptions } from "../../process/mod.ts";
import type { Task } from "../../task/mod.ts";
import { post, wired, type WiredEnd, type WiredOptions } from "../../task/wire.ts";
import * as tasks from "../fixtures/wire_tasks.ts";
import { type Ending, toBytes, toNumber } from "../fixtures/wire_tasks.ts";
import { fixture, fixturePath, runProgram } from "./_helpers.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Creates a process that is wired to a function. */
function wire<R, Args extends unknown[]>(
  task: Task<Args, R>,
  args: Args,
  onMessage: (message: Bytes) => void = () => {},
  more: ProcessOptions & Partial<WiredEnd> = {},
): Process<Awaited<R>, Args> {
  const { modules = [], ...rest } = more;
  const end = { onMessage: (message: unknown) => onMessage(message as Bytes), modules };
  const options: ProcessTaskOptions<Args> & WiredOptions = { ...rest, args, [wired]: end };
  return new Process(task as Task<Args, Awaited<R>>, options as ProcessTaskOptions<NoInfer<Args>>);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

Deno.test("Process[post]() brings messages to the task, which answers", async () => {
  const received: Bytes[] = [];
  const process = wire(tasks.echo, [3], (message) => received.push(message)).start();
  const messages = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array([4])];

  for (const message of messages) process[post](message);
  await process.exited;

  assertEquals(received, messages);
});

Deno.test("Process[post]() keeps messages in order from before the start on", async () => {
  const process = wire(tasks.takeNumbers, [6]);

  for (const number of [0, 1, 2]) process[post](toBytes(number));
  process.start();
  for (const number of [3, 4, 5]) process[post](toBytes(number));

  assertEquals(await process.join(), numbers(6));
});

Deno.test("Process[post]() brings 10,000 messages to the task and back in order", async () => {
  const received: number[] = [];
  const process = wire(tasks.echo, [10_000], (message) => received.push(toNumber(message)));
  process.start();

  for (const number of numbers(10_000)) process[post](toBytes(number));
  await process.exited;

  assertEquals(received, numbers(10_000));
});

Deno.test("Process[post]() goes to and fro a thousand times", async () => {
  let count = 0;
  const process = wire(tasks.echo, [1000], (message) => {
    assertEquals(toNumber(message), count);
    if (++count < 1000) process[post](toBytes(count));
  }).start();

  process[post](toBytes(0));
  await process.exited;

  assertEquals(count, 1000);
});

Deno.test("Process[post]() brings large and small messages, each whole, there and back", async () => {
  const sizes = [1, 4 * 2 ** 20, 0, 65_531, 65_536, 4 * 2 ** 20 + 1, 2, 70_000, 65_535];
  const received: Bytes[] = [];
  const process = wire(tasks.echo, [sizes.length], (message) => received.push(message)).start();

  // Some while others are being written.
  for (const [i, size] of sizes.entries()) {
    process[post](new Uint8Array(size).fill(i + 1));
    if (i % 3 > 0) await new Promise((resolve) => setTimeout(resolve));
  }
  await process.exited;

  assertEquals(received.map(({ length }) => length), sizes);
  received.forEach((bytes, i) => assert(bytes.every((byte) => byte === i + 1)));
});

for (
  const [ending, reason] of [
    ["returns", "returned"],
    ["throws", "threw"],
    ["exits", "exited"],
    ["exits in a timer", "exited"],
  ] satisfies [Ending, string][]
) {
  for (const count of [1, 10_000]) {
    Deno.test(`Process.exited resolves after ${count} messages of a task that ${ending} then`, async () => {
      const received: number[] = [];
      const process = wire(tasks.postBytesAndEnd, [count, ending], (message) => {
        received.push(toNumber(message));
      }).start();
      process.join().catch(() => {});

      const status = await process.exited;

      assertEquals(received, numbers(count));
      assertEquals(status.reason, reason);
    });
  }
}

Deno.test("Process.join() delivers a large result although messages were left unread", async () => {
  const process = wire(tasks.returnFilled, [16 * 2 ** 20], () => {
    for (const _ of numbers(8)) process[post](new Uint8Array(2 ** 20));
  }).start();

  const result = await process.join();

  assertEquals(result.length, 16 * 2 ** 20);
  assert(result.every((byte) => byte === 7));
});

Deno.test("Process.kill() in the middle of a message leaves nothing of it", async () => {
  const received: number[] = [];
  const process = wire(tasks.postHuge, [64 * 2 ** 20], (message) => {
    received.push(message.length);
    process.kill();
  }).start();
  process.join().catch(() => {});

  const status = await process.exited;

  assertEquals([received, status.reason], [[4], "terminated"]);
});

Deno.test("Process.kill() while a message is sent to the process leaves nothing pending", async () => {
  const process = wire(tasks.postHuge, [0], (message) => {
    if (message.length > 0) return;
    process[post](new Uint8Array(64 * 2 ** 20));
    process[post](new Uint8Array(64 * 2 ** 20));
    process.kill();
  }).start();
  process.join().catch(() => {});

  assertEquals((await process.exited).reason, "terminated");
});

Deno.test("Process[post]() does nothing when the process has ended", async () => {
  const received: Bytes[] = [];
  const process = wire(tasks.nothing, [], (message) => received.push(message)).start();
  await process.exited;

  process[post](toBytes(1));

  assertEquals(received, []);
});

Deno.test("Process[post]() does nothing to a process that is not wired", async () => {
  const process = new Process(tasks.postBytes, { args: [3] });

  process[post](toBytes(1));
  process.start();
  process[post](toBytes(2));

  assertEquals(await process.join(), undefined);
});

Deno.test("Process that is wired imports later, without permissions, the modules that it was told", async () => {
  const { href } = fixture("task_values_other.ts");
  const told = wire(tasks.importLater, [href], undefined, { permissions: "none", modules: [href] });
  const untold = wire(tasks.importLater, [href], undefined, { permissions: "none" });

  assertEquals(await told.start().join(), ["triple"]);
  await assertRejects(() => untold.start().join());
});

Deno.test("Process that is wired does not run modules before its task imports them", async () => {
  const modules = ["process_program_unguarded.ts", "no_such_module.ts"].map((name) =>
    fixture(name).href
  );
  const process = wire(tasks.nothing, [], undefined, { modules }).start();

  assertEquals(await process.join(), undefined);
});

Deno.test("Process that is wired and a daemon lets the program end", async () => {
  const script = fixturePath("wire_program_daemon.ts");

  const { code, stdout, stderr } = await runProgram(script, { args: ["process"] });

  assertEquals([code, stdout, stderr], [0, "ends\n", ""]);
});
