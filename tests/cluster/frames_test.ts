// Copyright 2026 the Weft authors. MIT license.

import { FrameError, FrameStream } from "../../cluster/_frames.ts";
import { concat, frame, header, text } from "./_raw_peer.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";

/** A connection that gives parts of bytes, one a read, and notes what is written. */
class FakeConnection {
  readonly written: Uint8Array[] = [];
  readonly #parts: Uint8Array[];
  largest = 0;

  constructor(parts: Uint8Array[]) {
    this.#parts = [...parts];
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.largest = Math.max(this.largest, buffer.buffer.byteLength);
    const part = this.#parts.shift();
    if (part === undefined) return Promise.resolve(null);
    const now = part.subarray(0, buffer.length);
    if (now.length < part.length) this.#parts.unshift(part.subarray(now.length));
    buffer.set(now);
    return Promise.resolve(now.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    // As a system does that takes a part only.
    const taken = bytes.slice(0, Math.max(1, bytes.length >> 1));
    this.written.push(taken);
    return Promise.resolve(taken.length);
  }

  close(): void {}
}

function streamOf(...parts: Uint8Array[]): { stream: FrameStream; fake: FakeConnection } {
  const fake = new FakeConnection(parts);
  return { fake, stream: new FrameStream(fake as unknown as Deno.Conn) };
}

const limit = 64 * 1024 * 1024;

Deno.test("FrameStream.read() gives the same frames however the bytes are cut", async () => {
  const bodies = [text(""), text("a"), new Uint8Array(20_000).fill(7), text("the end")];
  const bytes = concat(...bodies.map(frame));
  for (const size of [1, 2, 3, 5, 4096, 16_384, bytes.length]) {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
    const { stream } = streamOf(...parts);

    for (const body of bodies) assertEquals(await stream.read(limit), body);
    assertEquals(await stream.read(limit), undefined);
  }
});

Deno.test("FrameStream.read() refuses frames that end too early, at every byte", async () => {
  const bytes = concat(frame(text("hello")), header(-1, 3n), text("abc"));
  for (let size = 1; size < bytes.length; size++) {
    const { stream } = streamOf(bytes.subarray(0, size));
    const isBetween = size === 9;
    if (size >= 9) assertEquals(await stream.read(limit), text("hello"));

    if (isBetween) assertEquals(await stream.read(limit), undefined);
    else await assertRejects(() => stream.read(limit), FrameError, "ended in the middle");
  }
});

Deno.test("FrameStream.read() refuses lengths that are negative or beyond the limit", async () => {
  const cases: [Uint8Array, string][] = [
    [header(-2), "negative"],
    [header(-0x80000000), "negative"],
    [header(0x7fffffff), "more than"],
    [header(limit + 1), "more than"],
    [header(-1, 2n ** 40n), "more than"],
    [header(-1, 2n ** 63n), "more than"],
    [header(-1, 2n ** 64n - 1n), "more than"],
  ];
  for (const [bytes, message] of cases) {
    const { stream, fake } = streamOf(bytes);

    const error = await assertRejects(() => stream.read(limit), FrameError, message);

    assert(fake.largest <= 64 * 1024);
    // What is told once a minute must not change with what the other side has sent.
    assert(!/\d{3}/.test(error.reason.replace(`${limit}`, "")), error.reason);
  }
});

Deno.test("FrameStream.read() takes memory for what has come, not for what was announced", async () => {
  const { stream, fake } = streamOf(header(limit), new Uint8Array(40_000));

  await assertRejects(() => stream.read(limit), FrameError);

  assert(fake.largest < 200_000, `${fake.largest} bytes`);
});

Deno.test("FrameStream.read() gives the memory of a long frame back", async () => {
  const long = new Uint8Array(4_000_000).fill(1);
  const { stream, fake } = streamOf(frame(long), frame(text("a")), frame(text("b")));
  assertEquals((await stream.read(limit))!.length, long.length);
  await stream.read(limit);
  fake.largest = 0;
  assertEquals(await stream.read(limit), text("b"));

  await stream.read(limit);

  assert(fake.largest <= 64 * 1024, `${fake.largest} bytes`);
});

Deno.test("FrameStream.write() writes all of a frame when the system takes parts", async () => {
  for (const size of [0, 1, 1000, 64 * 1024, 64 * 1024 + 1]) {
    const { stream, fake } = streamOf();
    const body = new Uint8Array(size).fill(3);

    await stream.write(body);

    assertEquals(concat(...fake.written), frame(body));
  }
});
