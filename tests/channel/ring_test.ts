// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { frameOf, Ring } from "../../channel/ring.ts";
import { allocate } from "../../sync/memory/place.ts";
import { createBytes } from "../../sync/memory/shared_bytes.ts";
import { Event } from "../../sync/mod.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const unlimited = { frames: Infinity, bytes: Infinity };

for (const scope of ["thread", "process"] as const) {
  const create = (length = 64) => {
    const { memory, index } = allocate(scope, Ring.words);
    return new Ring(memory, index, createBytes(scope, length));
  };
  const put = (ring: Ring, frame: Uint8Array) => ring.tryPut(frameOf(frame), unlimited);
  const take = (ring: Ring) => ring.tryTake((bytes, start, end) => bytes.slice(start, end))?.value;

  Deno.test(`Ring gives back any frames in any order of puts and takes (${scope})`, () => {
    const command = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 400, size: "max" }),
      fc.constant("take" as const),
    );
    fc.assert(fc.property(fc.array(command, { maxLength: 120, size: "max" }), (commands) => {
      const ring = create();
      const expected: Uint8Array[] = [];
      for (const command of commands) {
        if (command === "take") assertEquals(take(ring), expected.shift());
        else {
          assert(put(ring, command));
          expected.push(command);
        }
        assertEquals(ring.size, expected.length);
      }
      for (const frame of expected) assertEquals(take(ring), frame);
      assertEquals(take(ring), undefined);
    }));
  });

  Deno.test(`Ring uses its bytes again and again (${scope})`, () => {
    const ring = create(256);

    for (let i = 0; i < 10_000; i++) {
      put(ring, new Uint8Array(i % 50));
      assertEquals(take(ring)!.length, i % 50);
    }

    assertEquals(ring.byteLength, 256);
  });

  Deno.test(`Ring passes a frame of 64 MiB (${scope})`, () => {
    const ring = create(65_536);
    const frame = new Uint8Array(64 * 2 ** 20).fill(7);
    put(ring, new Uint8Array([1]));

    put(ring, frame);
    put(ring, new Uint8Array([2]));

    assertEquals(take(ring), new Uint8Array([1]));
    const ends = ring.tryTake((bytes, start, end) => [end - start, bytes[start], bytes[end - 1]]);
    assertEquals(ends?.value, [frame.length, 7, 7]);
    assertEquals(take(ring), new Uint8Array([2]));
  });

  Deno.test(`Ring.tryPut() puts no more than the limit (${scope})`, () => {
    const ring = create();
    const frame = new Uint8Array(3);
    const limits = { frames: 2, bytes: Infinity };

    assertEquals([1, 2, 3].map(() => ring.tryPut(frameOf(frame), limits)), [true, true, false]);
    assertEquals(ring.size, 2);
    take(ring);
    assertEquals(ring.tryPut(frameOf(frame), limits), true);
  });

  Deno.test(`Ring.tryPut() puts no more bytes than the limit but for a frame alone (${scope})`, () => {
    const ring = create();
    const limits = { frames: Infinity, bytes: 256 };
    const put = (length: number) => ring.tryPut(frameOf(new Uint8Array(length)), limits);

    for (let round = 0; round < 3; round++) {
      let inside = 0;
      while (put(60)) inside++;

      assert(inside === 2 || inside === 3, `${inside}`);
      assertEquals(put(1000), false);
      for (let i = 0; i < inside; i++) assertEquals(take(ring)!.length, 60);
      assertEquals([put(1000), put(60), take(ring)!.length, take(ring)], [
        true,
        false,
        1000,
        undefined,
      ]);
    }
    assert(ring.byteLength <= 4096);
  });

  Deno.test(`Ring.tryPut() puts nothing when it is closed (${scope})`, () => {
    const ring = create();
    put(ring, new Uint8Array([1]));

    ring.close();

    assertEquals(put(ring, new Uint8Array(3)), undefined);
    assertEquals([ring.closed, ring.size, take(ring)], [true, 1, new Uint8Array([1])]);
  });

  Deno.test(`Ring.tryTake() leaves the frame when its use throws (${scope})`, () => {
    const ring = create();
    put(ring, new Uint8Array([1]));
    put(ring, new Uint8Array([2]));

    assertThrows(() =>
      ring.tryTake(() => {
        throw new Error("no use");
      }), Error);

    assertEquals([take(ring), take(ring), ring.size], [
      new Uint8Array([1]),
      new Uint8Array([2]),
      0,
    ]);
  });

  Deno.test(`Ring goes on when its counters wrap around (${scope})`, () => {
    const { memory, index } = allocate(scope, Ring.words);
    for (const word of [1, 17]) memory.store(index + word, 0x7fff_fffd);
    const ring = new Ring(memory, index, createBytes(scope, 64));

    for (let i = 0; i < 8; i++) {
      put(ring, new Uint8Array([i]));
      put(ring, new Uint8Array([i, i]));
      assertEquals([ring.size, take(ring), take(ring)], [
        2,
        new Uint8Array([i]),
        new Uint8Array([i, i]),
      ]);
    }
  });
}

Deno.test("Ring grows to 2 GiB and not beyond, and what is inside stays", () => {
  const { memory, index } = allocate("thread", Ring.words);
  const end = 2 ** 30;
  const ring = new Ring(memory, index, createBytes("thread", end));
  const put = (length: number) => {
    return ring.tryPut(
      { byteLength: length, copyTo: (to, at) => to.fill(7, at, at + 9) },
      unlimited,
    );
  };
  // As if the tail were at the beginning and the head near the end.
  put(9);
  memory.store(index + 2, end - 64);
  memory.store(index + 4, end - 64);

  assert(put(100));
  assertEquals(ring.byteLength, 2 ** 31);
  memory.store(index + 2, 2 ** 31 - 64);
  memory.store(index + 4, 2 ** 31 - 64);

  assertThrows(() => put(100), RangeError);
  assertThrows(() => put(2 ** 31), RangeError);
  assertEquals(ring.size, 2);
  assertEquals(
    ring.tryTake((bytes, start, end) => bytes.slice(start, end))?.value,
    Uint8Array.of(7, 7, 7, 7, 7, 7, 7, 7, 7),
  );
  assert(put(9));
});
