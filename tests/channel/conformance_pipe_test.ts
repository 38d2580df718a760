// Copyright 2026 the Weft authors. MIT license.

/*
 * What CPython's test suite asks of `multiprocessing.Pipe` and its connections (`_TestConnection`, `_TestPoll`,
 * `TestWait`, `TestPollEintr`), asked of pipe().
 *
 * Not here: passing file descriptors (test_fd_transfer, test_large_fd_transfer, test_missing_fd_transfer), which
 * Deno cannot send; listeners and clients.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BufferTooShortError,
  type Connection,
  ConnectionClosedError,
  pipe,
  select,
} from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event } from "../../sync/mod.ts";
import { echoSync, sendNumbers, sendTexts } from "../fixtures/pipe_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

Deno.test("test_connection: objects and bytes come back, whatever their size", () => {
  const [here, there] = pipe<unknown>({ scope: "process" });
  const other = Process.spawn(echoSync, there);
  there.close();
  const bytes = new TextEncoder().encode("hello world");
  const echo = (message: unknown) => {
    here.sendSync(message);
    return here.receiveSync();
  };

  assertEquals(echo([1, 2.25, null]), [1, 2.25, null]);
  assertEquals(echo(bytes), bytes);

  const buffer = new Uint8Array(40);
  here.sendSync(bytes);
  assertEquals(here.receiveIntoSync(buffer), bytes.length);
  assertEquals(buffer.subarray(0, bytes.length), bytes);
  buffer.fill(0);
  here.sendSync(bytes);
  assertEquals(here.receiveIntoSync(buffer, { offset: 12 }), bytes.length);
  assertEquals(buffer.subarray(12, 12 + bytes.length), bytes);
  assertEquals(buffer.findLastIndex((byte) => byte !== 0), 12 + bytes.length - 1);

  const longer = new TextEncoder().encode("hello world".repeat(10));
  here.sendSync(longer);
  const tooShort = assertThrows(() => here.receiveIntoSync(buffer), BufferTooShortError);
  assertEquals(tooShort.value, longer);

  for (const timeout of [undefined, 0, -1, 10]) assertEquals(here.pollSync({ timeout }), false);
  const start = performance.now();
  assertEquals(here.pollSync({ timeout: 50 }), false);
  assert(performance.now() - start >= 49);
  here.sendSync(null);
  assertEquals(here.pollSync({ timeout: 60_000 }), true);
  assertEquals(here.receiveSync(), null);

  const really = new Uint8Array(16 * 1024 * 1024).fill(88);
  assertEquals((echo(really) as Uint8Array).every((byte) => byte === 88), true);

  here.close();
  return other.join().then((name) => assertEquals(name, "ConnectionClosedError"));
});

Deno.test("test_connection: the other end can be read to its end, and then it throws", async () => {
  const [reader, writer] = pipe<string>({ scope: "process", duplex: false });
  const other = Process.spawn(sendTexts, writer, ["a", "b"]);
  writer.close();

  assertEquals([reader.receiveSync(), reader.receiveSync()], ["a", "b"]);
  assertThrows(() => reader.receiveSync(), ConnectionClosedError);
  assertEquals([reader.pollSync(), await reader.poll()], [true, true]);
  await other.join();
});

Deno.test("test_duplex_false: each end goes one way", async () => {
  const [reader, writer] = pipe<number>({ scope: "process", duplex: false });

  writer.sendSync(1);
  assertEquals(reader.receiveSync(), 1);
  assertThrows(() => (reader as Connection<number>).sendSync(2), TypeError, "only receives");
  assertThrows(() => (writer as Connection<number>).receiveSync(), TypeError, "only sends");
  assertThrows(() => (writer as Connection<number>).pollSync(), TypeError, "only sends");
  await assertRejects(() => (writer as Connection<number>).poll(), TypeError, "only sends");
});

Deno.test("test_spawn_close: the parent can close its copy right after the start", async () => {
  const [here, there] = pipe<unknown>({ scope: "process" });
  const other = Process.spawn(echoSync, there);
  there.close();

  here.sendSync("hello");
  assertEquals(here.receiveSync(), "hello");

  here.close();
  assertEquals(await other.join(), "ConnectionClosedError");
});

Deno.test("test_sendbytes: a part of the bytes can be sent, within their bounds", () => {
  const text = new TextEncoder().encode("abcdefghijklmnopqrstuvwxyz");
  const [a, b] = pipe<Uint8Array>({ scope: "process" });
  const send = (offset?: number, size?: number) => {
    const view = new Uint8Array(text.buffer, offset, size);
    a.sendSync(view);
    assertEquals(b.receiveSync(), text.slice(offset, size === undefined ? size : offset! + size));
  };

  send();
  send(5);
  send(7, 8);
  send(26);
  send(26, 0);
  assertThrows(() => send(27), RangeError);
  assertThrows(() => send(22, 5), RangeError);
  assertThrows(() => send(26, 1), RangeError);
  assertThrows(() => send(-1), RangeError);
  assertThrows(() => send(4, -1), RangeError);
  assertEquals(b.pollSync(), false);
});

Deno.test("test_context: using closes, and whoever uses it then is told", async () => {
  const [a, b] = pipe<number>({ scope: "process" });
  {
    using here = a;
    using there = b;
    here.sendSync(1729);
    assertEquals(there.receiveSync(), 1729);
    assertEquals([a.closed, b.closed], [false, false]);
  }

  assertEquals([a.closed, b.closed], [true, true]);
  assertThrows(() => a.receiveSync(), ConnectionClosedError);
  await assertRejects(() => b.receive(), ConnectionClosedError);
});

Deno.test("test_empty_string: an empty message is a message", () => {
  const [a, b] = pipe<unknown>({ scope: "process" });

  assertEquals(a.pollSync(), false);
  b.sendSync("");
  assertEquals([a.pollSync(), a.pollSync()], [true, true]);
  assertEquals(a.receiveSync(), "");
  b.sendSync(new Uint8Array(0));
  assertEquals([a.pollSync(), a.receiveIntoSync(new Uint8Array(0))], [true, 0]);
  assertEquals(a.pollSync(), false);
});

Deno.test("test_strings: messages arrive in their order, the empty ones too", async () => {
  const texts = ["hello", "", "a", "b", "", "bye", "", "lop"];
  const [reader, writer] = pipe<string>({ scope: "process", duplex: false });
  const other = Process.spawn(sendTexts, writer, texts);
  writer.close();

  for (const text of texts) {
    assertEquals(reader.pollSync({ timeout: 60_000 }), true);
    assertEquals(reader.receiveSync(), text);
  }

  await other.join();
});

Deno.test("test_boundaries: a poll takes nothing of a message", async () => {
  const texts = ["first", "second"];
  const [reader, writer] = pipe<string>({ scope: "process", duplex: false });
  const other = Process.spawn(sendTexts, writer, texts);
  writer.close();

  for (let i = 0; i < 100; i++) assertEquals(reader.pollSync({ timeout: 60_000 }), true);
  assertEquals(reader.receiveSync(), "first");
  await other.join();
  assertEquals([await reader.poll(), await reader.receive()], [true, "second"]);
});

Deno.test("test_dont_merge: messages that wait do not become one", () => {
  const [a, b] = pipe<string>({ scope: "process" });

  assertEquals(a.pollSync({ timeout: 0 }), false);
  assertEquals(a.pollSync({ timeout: 50 }), false);
  b.sendSync("a");
  b.sendSync("cd");
  assertEquals([a.pollSync({ timeout: 0 }), a.receiveSync()], [true, "a"]);
  assertEquals([a.pollSync({ timeout: 0 }), a.receiveSync()], [true, "cd"]);
  assertEquals(a.pollSync(), false);
});

Deno.test("test_wait: those of many that are ready are found, their ends too", async () => {
  const processes = [];
  const readers = new Map<number, Connection<never, [number, number]>>();
  for (let i = 0; i < 4; i++) {
    const [reader, writer] = pipe<[number, number]>({ scope: "process", duplex: false });
    processes.push(Process.spawn(sendNumbers, writer, i, 10));
    writer.close();
    readers.set(i, reader);
  }

  const messages: [number, number][] = [];
  while (readers.size > 0) {
    const numbers = [...readers.keys()];
    const { index, value, done } = await select([...readers.values()]);
    if (done) readers.delete(numbers[index]!);
    else messages.push(value as [number, number]);
  }

  const expected = Array.from({ length: 40 }, (_, n) => [Math.floor(n / 10), n % 10]);
  assertEquals(messages.sort(([a, m], [b, n]) => a - b || m - n), expected);
  for (const other of processes) await other.join();
  await calm();
});

/** Waits until the waits that a select gave up have ended: they do soon after it, which the sanitizer minds. */
async function calm(): Promise<void> {
  await assertRejects(() => new Event({ scope: "process" }).wait({ timeout: 1 }));
}

Deno.test("test_wait_timeout: nothing is ready in time", async () => {
  const [a, b] = pipe<string>({ scope: "process" });
  const start = performance.now();

  const error = await assertRejects(() => select([a, b], { timeout: 50 }), DOMException);

  assertEquals(error.name, "TimeoutError");
  assert(performance.now() - start >= 49);
  b.sendSync("late");
  assertEquals(await select([a, b], { timeout: 60_000 }), { index: 0, value: "late", done: false });
  await calm();
});

Deno.test("test_wait_integer: the end of a process can be waited for beside connections", async () => {
  const [reader, writer] = pipe<string>({ scope: "process", duplex: false });
  const [idle] = pipe<string>({ scope: "process" });
  const other = Process.spawn(sendTexts, writer, ["bye"]);
  writer.close();

  assertEquals(await select([idle, reader, other.exited]), { index: 1, value: "bye", done: false });
  await other.join();
  const { index, value } = await select([idle, other.exited]);

  assertEquals([index, (value as { reason: string }).reason], [1, "returned"]);
  await calm();
});

Deno.test("test_neg_timeout: a negative timeout of a poll is none", async () => {
  const [a, b] = pipe<string>({ scope: "process" });

  assertEquals([a.pollSync({ timeout: -1 }), await a.poll({ timeout: -1 })], [false, false]);
  b.sendSync("a");
  assertEquals([a.pollSync({ timeout: -1 }), await a.poll({ timeout: -1 })], [true, true]);
  assertThrows(() => b.receiveSync({ timeout: -1 }), RangeError);
  await assertRejects(() => select([b], { timeout: -1 }), RangeError);
});

Deno.test("TestInvalidHandle: what is no connection is refused, and nothing crashes", async () => {
  const [a, b] = pipe<string>({ scope: "process" });
  a.close();

  assertThrows(() => a.pollSync({ timeout: 10 }), ConnectionClosedError);
  await assertRejects(() => select([a]), ConnectionClosedError);
  await assertRejects(() => select([{} as Connection]), TypeError);
  b.close();
});

Deno.test("TestPollEintr: a signal does not end a wait", async () => {
  const [a, b] = pipe<string>({ scope: "process" });
  let signals = 0;
  const second = Promise.withResolvers<void>();
  const onSignal = () => {
    if (++signals === 2) second.resolve();
    else Deno.kill(Deno.pid, "SIGUSR1");
  };
  Deno.addSignalListener("SIGUSR1", onSignal);
  const waits = [a.poll({ timeout: Infinity }), a.receive()];

  Deno.kill(Deno.pid, "SIGUSR1");
  await second.promise;
  b.sendSync("after the signals");

  assertEquals(await Promise.all(waits), [true, "after the signals"]);
  Deno.removeSignalListener("SIGUSR1", onSignal);
});
