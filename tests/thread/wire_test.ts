// Copyright 2026 the Weft authors. MIT license.

// The messages between a thread and its starter.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Task } from "../../task/mod.ts";
import { currentWire, post, wired, type WiredOptions } from "../../task/wire.ts";
import { Thread, type ThreadOptions, type ThreadTaskOptions } from "../../thread/mod.ts";
import * as tasks from "../fixtures/wire_tasks.ts";
import type { Ending } from "../fixtures/wire_tasks.ts";
import { Flag, runProgram } from "./_helpers.ts";

/** Creates a thread that is wired to a function. */
function wire<R, Args extends unknown[]>(
  task: Task<Args, R>,
  args: Args,
  onMessage: (message: unknown) => void = () => {},
  more: ThreadOptions = {},
): Thread<Awaited<R>, Args> {
  const options: ThreadTaskOptions<Args> & WiredOptions = { ...more, args, [wired]: { onMessage } };
  return new Thread(task as Task<Args, Awaited<R>>, options as ThreadTaskOptions<NoInfer<Args>>);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

Deno.test("Thread[post]() brings messages to the task, which answers", async () => {
  const received: unknown[] = [];
  const thread = wire(tasks.echo, [3], (message) => received.push(message)).start();

  for (const message of [1, "two", { three: [3n] }]) thread[post](message);
  await thread.exited;

  assertEquals(received, [1, "two", { three: [3n] }]);
});

Deno.test("Thread[post]() keeps messages in order from before the start on", async () => {
  const thread = wire(tasks.takeWords, [6]);

  for (const message of [0, 1, 2]) thread[post](message);
  thread.start();
  for (const message of [3, 4, 5]) thread[post](message);

  assertEquals(await thread.join(), numbers(6));
});

Deno.test("Wire.listen() gives first what came before, in order", async () => {
  const ready = new Flag();
  const reached = new Flag();
  const thread = wire(tasks.takeLate, [ready.words, reached.words]).start();
  await ready.isSet();

  for (const message of [0, 1, 2, 3]) thread[post](message);
  reached.set();

  assertEquals(await thread.join(), numbers(4));
});

Deno.test("Thread[post]() brings 10,000 messages to the task in order", async () => {
  const thread = wire(tasks.takeWords, [10_000]).start();

  for (const message of numbers(10_000)) thread[post](message);

  assertEquals(await thread.join(), numbers(10_000));
});

Deno.test("Thread[post]() shares a SharedArrayBuffer with the task, and back", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const received: { before: number; words: Int32Array<SharedArrayBuffer> }[] = [];
  const thread = wire(tasks.addToShared, [2], (message) => {
    received.push(message as typeof received[number]);
  }).start();

  thread[post]({ words, amount: 5 });
  thread[post]({ words, amount: 7 });
  await thread.join();

  assertEquals(words[0], 12);
  assertEquals(received.map(({ before }) => before), [0, 5]);
  Atomics.store(received[0]!.words, 0, 99);
  assertEquals(words[0], 99);
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
    Deno.test(`Thread.exited resolves after ${count} messages of a task that ${ending} then`, async () => {
      const received: unknown[] = [];
      const thread = wire(tasks.postNumbersAndEnd, [count, ending], (message) => {
        received.push(message);
      }).start();
      thread.join().catch(() => {});

      const status = await thread.exited;

      assertEquals(received, numbers(count));
      assertEquals(status.reason, reason);
    });
  }

  Deno.test(`Thread.exited resolves in a thread after the messages of a task that ${ending} then`, async () => {
    assertEquals(await Thread.spawn(tasks.endNested, 1000, ending).join(), 1000);
  });
}

Deno.test("Thread[post]() works between a thread and one that it started", async () => {
  assertEquals(await Thread.spawn(tasks.echoNested, 1000).join(), numbers(1000));
});

Deno.test("Thread[post]() does nothing when the thread has ended", async () => {
  const received: unknown[] = [];
  const thread = wire(tasks.nothing, [], (message) => received.push(message)).start();
  await thread.exited;

  thread[post]("late");

  assertEquals(received, []);
});

Deno.test("Thread[post]() does nothing to a thread that is not wired", async () => {
  const thread = new Thread(tasks.postNumbers, { args: [3] });

  thread[post]("lost");
  thread.start();
  thread[post]("lost");

  assertEquals(await thread.join(), undefined);
});

Deno.test("Thread.terminate() ends the messages", async () => {
  const first = Promise.withResolvers<void>();
  let count = 0;
  const thread = wire(tasks.echo, [Infinity], () => {
    count++;
    first.resolve();
  }).start();
  thread[post]("first");
  await first.promise;

  for (const message of numbers(100)) thread[post](message);
  thread.terminate();
  await thread.exited;
  const atEnd = count;
  await new Promise((resolve) => setTimeout(resolve, 50));

  assertEquals(count, atEnd);
});

Deno.test("Thread[post]() throws when the message cannot be cloned", async () => {
  const thread = wire(tasks.takeWords, [1]).start();

  assertThrows(() => thread[post](() => {}));
  thread[post]("good");

  assertEquals(await thread.join(), ["good"]);
});

Deno.test("Thread that is wired and a daemon lets the program end", async () => {
  const { code, stdout, stderr } = await runProgram("wire_program_daemon.ts", ["thread"], ["-A"]);

  assertEquals([code, stdout, stderr], [0, "ends\n", ""]);
});

Deno.test("currentWire() throws where nothing was started", () => {
  const error = assertThrows(() => currentWire(), Error);

  assert(error.message.startsWith("Cannot reach the starter"), error.message);
});
