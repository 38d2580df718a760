// Copyright 2026 the Weft authors. MIT license.

// The frames between parent and child: whole or not at all.

import { assert, assertEquals } from "@std/assert";
import { type Frame, FrameReader, FrameType, FrameWriter } from "../../process/_link.ts";
import { linked, readFrame, writeFrame } from "./_link_helpers.ts";

function headerOf(length: number, type: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(5);
  new DataView(header.buffer).setUint32(0, length, true);
  header[4] = type;
  return header;
}

for (
  const [what, parts] of [
    ["nothing", []],
    ["a part of the header", [headerOf(10, 1).subarray(0, 3)]],
    ["the header alone", [headerOf(10, 1)]],
    ["a part of the body", [headerOf(10, 1), new Uint8Array(9)]],
    ["a length that is beyond all memory", [headerOf(0xffffffff, 1), new Uint8Array(9)]],
  ] as const
) {
  Deno.test(`FrameReader.next() resolves with undefined when the other side ends after ${what}`, async () => {
    using ends = await linked();
    const { child, parent } = ends;
    for (const part of parts) await child.write(part);
    child.close();

    assertEquals(await readFrame(parent), undefined);
  });
}

Deno.test("FrameReader.next() takes a frame that comes byte by byte", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  child.setNoDelay(true);
  const reading = readFrame(parent);
  for (const byte of [...headerOf(3, 2), 7, 8, 9]) await child.write(new Uint8Array([byte]));

  assertEquals(await reading, { type: FrameType.threw, body: new Uint8Array([7, 8, 9]) });
});

Deno.test("FrameReader.next() takes a frame without body", async () => {
  using ends = await linked();
  const { child, parent } = ends;

  await writeFrame(child, { type: FrameType.returned, body: new Uint8Array(0) });

  assertEquals(await readFrame(parent), { type: FrameType.returned, body: new Uint8Array(0) });
});

Deno.test("FrameReader.next() takes a frame of 20 megabytes", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  const body = new Uint8Array(20_000_000).fill(5);

  const [frame] = await Promise.all([
    readFrame(parent),
    writeFrame(child, { type: FrameType.returned, body }),
  ]);

  assertEquals(frame?.body.length, body.length);
  assert(frame?.body.every((byte) => byte === 5));
});

Deno.test("FrameWriter.send() puts no frame into another that is being written", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  const writer = new FrameWriter();
  writer.open(child);
  // More than the connection takes while nobody reads.
  const bodies = [32 * 2 ** 20, 1, 70_000, 0, 2].map((size, i) => new Uint8Array(size).fill(i + 1));

  for (const body of bodies) {
    writer.send({ type: FrameType.message, body });
    await new Promise((resolve) => setTimeout(resolve));
  }
  const written = writer.flush().then(() => child.close());
  const reader = new FrameReader(parent);
  const frames: (Frame | undefined)[] = [];
  while (frames.length < bodies.length) frames.push(await reader.next());
  await written;

  assertEquals(frames.map((frame) => frame?.body.length), bodies.map(({ length }) => length));
  frames.forEach((frame, i) => assert(frame?.body.every((byte) => byte === i + 1)));
});

Deno.test("FrameWriter.send() before open() keeps the frames in order", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  const writer = new FrameWriter();

  for (let i = 0; i < 3; i++) {
    writer.send({ type: FrameType.message, body: new Uint8Array([i]) });
    await Promise.resolve();
  }
  writer.open(child);
  writer.send({ type: FrameType.message, body: new Uint8Array([3]) });

  const reader = new FrameReader(parent);
  for (let i = 0; i < 4; i++) assertEquals((await reader.next())?.body, new Uint8Array([i]));
});

Deno.test("FrameWriter.close() drops what is not written, and waits for what is being written", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  const writer = new FrameWriter();
  writer.open(child);
  writer.send({ type: FrameType.message, body: new Uint8Array(32 * 2 ** 20) });
  await new Promise((resolve) => setTimeout(resolve));
  writer.send({ type: FrameType.message, body: new Uint8Array([1]) });

  let closed = false;
  const closing = writer.close().then(() => closed = true);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(closed, false);
  const reader = new FrameReader(parent);
  assertEquals((await reader.next())?.body.length, 32 * 2 ** 20);
  await closing;

  writer.send({ type: FrameType.message, body: new Uint8Array([2]) });
  await writer.flush();
  child.close();
  assertEquals(await reader.next(), undefined);
});

Deno.test("FrameWriter.flushNow() writes nothing behind a write that may not be whole", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  const writer = new FrameWriter();
  writer.open(child);
  writer.send({ type: FrameType.message, body: new Uint8Array(32 * 2 ** 20) });
  await new Promise((resolve) => setTimeout(resolve));

  writer.send({ type: FrameType.message, body: new Uint8Array([1]) });
  writer.flushNow();

  const reader = new FrameReader(parent);
  assertEquals((await reader.next())?.body.length, 32 * 2 ** 20);
  assertEquals((await reader.next())?.body, new Uint8Array([1]));
});
