// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Event } from "../../sync/mod.ts";
import { isMain, kinds } from "../fixtures/queue_kinds.ts";
import { bytesOf, isBytesOf, sendBack, sendSizes } from "../fixtures/queue_size_tasks.ts";
import { Random } from "../fixtures/stress_random.ts";
import { join, scopes, seeded, spawn, stress } from "../sync/stress/_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const KiB = 1024;
const MiB = 1024 * KiB;

/** Sizes of one ring each: all small ones, and all that lie around a power of two or a multiple of 64 KiB. */
const sizes = [
  ...Array.from({ length: 70 }, (_, i) => i),
  ...Array.from({ length: 15 }, (_, i) => around(2 ** (7 + i), 1)).flat(),
  // With what a frame and its codec add they fill the ring, or are a little too large for it.
  ...around(64 * KiB, 40),
  ...[2, 3, 5, 8].flatMap((n) => around(n * 64 * KiB, 5)),
];

const large = [8 * MiB + 3, 64 * MiB - 1, 64 * MiB];

function around(size: number, distance: number): number[] {
  return Array.from({ length: 2 * distance + 1 }, (_, i) => size - distance + i);
}

for (const kind of kinds) {
  for (const scope of scopes) {
    Deno.test(`${kind.name} carries items of ${sizes.length} sizes, each first in a fresh ring (${scope})`, () => {
      for (const size of sizes) {
        const queue = kind.create<Uint8Array>({ scope });

        queue.putSync(bytesOf(size));
        queue.putSync(bytesOf(size + 1));

        const got = [queue.getSync(), queue.getSync()].toSorted((a, b) => a.length - b.length);
        assertEquals(got.map(({ length }) => length), [size, size + 1]);
        assert(got.every(isBytesOf), `${size} bytes have not come as they were`);
        assertEquals(queue.size, 0);
      }
    });

    Deno.test(`${kind.name} carries items of up to 64 MiB there and back through fresh rings (${scope})`, async () => {
      for (const size of isMain(kind) ? [0, 64 * KiB, ...large] : large.slice(2)) {
        const there = kind.create<Uint8Array>({ scope });
        const back = kind.create<Uint8Array>({ scope });
        const unit = size === large[0] || size === 64 * KiB
          ? spawn(scope, sendBack, there, back, "async")
          : spawn(scope, sendBack, there, back, "sync");

        await there.put(bytesOf(size));
        const got = await back.get();

        assertEquals(got.length, size);
        assert(isBytesOf(got), `${size} bytes have not come as they were`);
        await join([unit], 60, []);
      }
    });

    Deno.test(`${kind.name} carries items of all sizes one after the other (${scope})`, async () => {
      await seeded(async (seed) => {
        const random = new Random(seed);
        for (let round = 0; round < 3 * stress; round++) {
          const maxSize = random.of([0, 1, 7]);
          const queue = kind.create<Uint8Array>({ scope, maxSize });
          const count = 400;
          const unit = spawn(scope, sendSizes, queue, count, random.below(2 ** 31));

          const expected = new Random(random.below(2 ** 31));
          let bytes = 0;
          for (let i = 0; i < count; i++) {
            const got = expected.chance(50)
              ? queue.getSync({ timeout: 60_000 })
              : await queue.get();
            assert(isBytesOf(got), `${got.length} bytes have not come as they were`);
            bytes += got.length;
          }

          assertEquals([queue.size, bytes], [0, await unit.join() as number]);
        }
      });
    });
  }
}
