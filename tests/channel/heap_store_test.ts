// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FrameHeap } from "../../channel/_frame_heap.ts";
import { heap, type Order, stack } from "../../channel/_heap.ts";
import { frameOf } from "../../channel/ring.ts";
import { allocate } from "../../sync/memory/place.ts";
import { createBytes, type SharedBytes } from "../../sync/memory/shared_bytes.ts";
import { Event } from "../../sync/mod.ts";
import { deaths, type Moment, type RecordedMemory, restore } from "../fixtures/recorded_memory.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const orders: Record<string, Order> = { heap, stack };
const lockWord = 0;
const unsettledWord = 1;
const putWord = 2;
const takenWord = 3;
const indexWord = 5;
const endWord = 16;
const freeWord = 18;
const nextField = 7;
/** A lock that is held by one of whom a waiter has found out that it has died. */
const abandoned = 0x3fff_ffff | 1 << 31;

function put(frames: FrameHeap, frame: Uint8Array, priority = 0): boolean | undefined {
  return frames.tryPut(frameOf(frame), priority, Infinity);
}

function take(frames: FrameHeap): Uint8Array | undefined {
  return frames.tryTake((bytes, start, end) => bytes.slice(start, end))?.value;
}

/** The same with an array. */
class Model {
  readonly #order: Order;
  #inside: { priority: number; frame: Uint8Array }[] = [];

  constructor(order: Order, inside: Model["inside"] = []) {
    this.#order = order;
    this.#inside = [...inside];
  }

  get inside(): readonly { priority: number; frame: Uint8Array }[] {
    return this.#inside;
  }

  copy(): Model {
    return new Model(this.#order, this.#inside);
  }

  put(frame: Uint8Array, priority: number): void {
    this.#inside.push({ priority, frame });
  }

  take(): Uint8Array | undefined {
    if (this.#order === stack) return this.#inside.pop()?.frame;
    const least = Math.min(...this.#inside.map(({ priority }) => priority));
    const at = this.#inside.findIndex(({ priority }) => priority === least);
    return at < 0 ? undefined : this.#inside.splice(at, 1)[0]!.frame;
  }
}

type Command = "take" | { readonly frame: Uint8Array; readonly priority: number };

function commands(maxLength: number, lengths: readonly number[]): fc.Arbitrary<Command[]> {
  const priority = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true }));
  const frame = fc.oneof(
    ...lengths.map((maxLength) => fc.uint8Array({ maxLength, size: "max" as const })),
  );
  const command = fc.oneof(
    { weight: 3, arbitrary: fc.record({ frame, priority }) },
    { weight: 2, arbitrary: fc.constant("take" as const) },
  );
  return fc.array(command, { maxLength, size: "max" });
}

function run(command: Command, frames: FrameHeap, model: Model): void {
  if (command === "take") assertEquals(take(frames), model.take());
  else {
    assert(put(frames, command.frame, command.priority));
    model.put(command.frame, command.priority);
  }
  assertEquals(frames.size, model.inside.length);
}

for (const [name, order] of Object.entries(orders)) {
  for (const scope of ["thread", "process"] as const) {
    const create = (length = 64) => {
      const { memory, index } = allocate(scope, FrameHeap.words);
      return new FrameHeap(memory, index, createBytes(scope, length), order);
    };

    Deno.test(`FrameHeap does what a list would do (${name}, ${scope})`, () => {
      fc.assert(fc.property(commands(150, [40, 400, 4000]), (commands) => {
        const frames = create();
        const model = new Model(order);

        for (const command of commands) run(command, frames, model);

        while (model.inside.length > 0) run("take", frames, model);
        assertEquals([take(frames), frames.size], [undefined, 0]);
      }));
    });

    Deno.test(`FrameHeap uses its bytes again and again (${name}, ${scope})`, () => {
      const frames = create(2048);

      for (let i = 0; i < 5000; i++) {
        for (const length of [i % 50, 20, i % 70]) put(frames, new Uint8Array(length), i % 7);
        for (let times = 0; times < 3; times++) take(frames);
      }

      assertEquals([frames.size, frames.byteLength], [0, 2048]);
    });

    Deno.test(`FrameHeap passes frames of 64 MiB (${name}, ${scope})`, () => {
      const frames = create(65_536);
      const large = new Uint8Array(64 * 2 ** 20).fill(7);
      put(frames, new Uint8Array([1]), 1);

      put(frames, large, 2);

      assert(frames.byteLength < 3 * large.length, `${frames.byteLength}`);
      const small = () => assertEquals(take(frames), new Uint8Array([1]));
      if (order === heap) small();
      const ends = frames.tryTake((
        bytes,
        start,
        end,
      ) => [end - start, bytes[start], bytes[end - 1]]);
      assertEquals(ends?.value, [large.length, 7, 7]);
      if (order === stack) small();
    });

    Deno.test(`FrameHeap holds 100,000 frames (${name}, ${scope})`, () => {
      const frames = create();
      const count = 100_000;
      const frame = new Uint8Array(4);
      const number = new DataView(frame.buffer);

      for (let i = 0; i < count; i++) {
        number.setUint32(0, i);
        put(frames, frame, i % 1000);
      }

      assertEquals(frames.size, count);
      for (let i = 0; i < count; i++) {
        const got = new DataView(take(frames)!.buffer).getUint32(0);
        const rank = order === stack ? count - 1 - i : i % 100 * 1000 + Math.floor(i / 100);
        if (got !== rank) assertEquals(got, rank);
      }
      assertEquals(frames.size, 0);
    });

    Deno.test(`FrameHeap.tryPut() puts no more than the limit, and nothing when closed (${name}, ${scope})`, () => {
      const frames = create();
      const frame = new Uint8Array(3);

      const puts = [1, 2, 3].map(() => frames.tryPut(frameOf(frame), 0, 2));
      frames.close();

      assertEquals([puts, put(frames, frame)], [[true, true, false], undefined]);
      assertEquals([frames.closed, frames.size, take(frames)], [true, 2, frame]);
    });

    Deno.test(`FrameHeap.tryTake() leaves the frame when its use throws (${name}, ${scope})`, () => {
      const frames = create();
      put(frames, new Uint8Array([1]));

      assertThrows(() =>
        frames.tryTake(() => {
          throw new Error("no use");
        }), Error);

      assertEquals([frames.size, take(frames), frames.size], [1, new Uint8Array([1]), 0]);
    });

    Deno.test(`FrameHeap goes on when its counters wrap around (${name}, ${scope})`, () => {
      const { memory, index } = allocate(scope, FrameHeap.words);
      for (const word of [putWord, takenWord]) memory.store(index + word, 0x7fff_fffd);
      const frames = new FrameHeap(memory, index, createBytes(scope, 64), order);

      for (let i = 0; i < 8; i++) {
        put(frames, new Uint8Array([i]));
        put(frames, new Uint8Array([i]));
        assertEquals([frames.size, take(frames), take(frames)], [
          2,
          new Uint8Array([i]),
          new Uint8Array([i]),
        ]);
      }
      assertEquals(frames.put, (0x7fff_fffd + 16) | 0);
    });
  }

  Deno.test(`FrameHeap.tryPut() refuses a frame for which there is no memory, and goes on (${name})`, () => {
    const { memory, index } = allocate("thread", FrameHeap.words);
    const bytes = limited(createBytes("thread", 64), 4096);
    const frames = new FrameHeap(memory, index, bytes, order);
    const frame = new Uint8Array(96).fill(1);
    let count = 0;

    assertThrows(() => {
      for (; count < 100; count++) put(frames, frame);
    }, RangeError);
    assertThrows(() => put(frames, new Uint8Array(2 ** 31)), RangeError);

    assertEquals(frames.size, count);
    assert(frames.byteLength > 4000, `${frames.byteLength}`);
    for (let i = 0; i < 3; i++) {
      assertEquals(take(frames), frame);
      assertEquals(put(frames, frame), true);
    }
    for (let i = 0; i < count; i++) assertEquals(take(frames), frame);
    assertEquals(frames.size, 0);
  });

  Deno.test(`FrameHeap grows to 2 GiB and not beyond, and what is inside stays (${name})`, () => {
    const { memory, index } = allocate("thread", FrameHeap.words);
    const frames = new FrameHeap(memory, index, createBytes("thread", 64), order);
    const put = (byteLength: number) => {
      const copyTo = (target: Uint8Array, at: number) => void target.fill(7, at, at + 9);
      return frames.tryPut({ byteLength, copyTo }, 0, Infinity);
    };
    // With the index, which has 2^9 bytes, their blocks fill all but the preamble.
    const powers = [6, 7, 8, ...Array.from({ length: 21 }, (_, i) => 10 + i)];

    for (const power of powers) put(2 ** power - 32);

    assertEquals(frames.byteLength, 2 ** 31);
    for (const length of [1, 2 ** 30, 2 ** 31, 2 ** 33]) {
      assertThrows(() => put(length), RangeError);
    }
    assertEquals(frames.size, powers.length);
    if (order === stack) powers.reverse();
    for (const power of powers) {
      const got = frames.tryTake((
        bytes,
        start,
        end,
      ) => [end - start, ...bytes.slice(start, start + 9)]);
      assertEquals(got?.value, [2 ** power - 32, ...Array(9).fill(7)]);
    }
    assertEquals([put(2 ** 30 - 32), frames.size], [true, 1]);
  });

  Deno.test(`FrameHeap has all or nothing of what one did who died at any step (${name})`, () => {
    const seeds = fc.integer({ min: 1, max: 2 ** 31 - 2 });
    fc.assert(
      fc.property(commands(20, [10, 200]), seeds, (commands, seed) => {
        const choose = (below: number) => (seed = seed * 48271 % 0x7fff_ffff) % below;
        const inspect = (steps: readonly Moment[], states: readonly Model[], more: number) => {
          for (const moment of deaths(steps, choose)) {
            const [memory, bytes, frames] = takeOver(moment, order);
            let size = 0;
            const steps = memory.record(() => size = frames.size);
            const model = states.find((state) => state.inside.length === size)!.copy();
            // Who takes over can die in that, or in what it does next.
            if (more > 0 && choose(50) === 0) {
              inspect(steps, [model], more - 1);
              const next = { frame: new Uint8Array(choose(300)).fill(255), priority: choose(3) };
              const before = model.copy();
              const nextSteps = memory.record(() => run(next, frames, model));
              inspect(nextSteps, [before, model], more - 1);
            }
            for (const length of [3, 100, 480]) {
              run({ frame: new Uint8Array(length).fill(length), priority: 1 }, frames, model);
            }
            while (model.inside.length > 0) run("take", frames, model);
            assertEquals(take(frames), undefined);
            assertEquals(unusedBlocks(memory, bytes), freeBlocks(memory, bytes));
          }
        };
        const [memory, , frames] = takeOver(nothing, order);
        const model = new Model(order);
        for (const command of commands) {
          const before = model.copy();
          const steps = memory.record(() => run(command, frames, model));
          inspect(steps, [before, model], 2);
        }
      }),
      { numRuns: 20 },
    );
  });

  Deno.test(`FrameHeap takes nothing for a frame that one has left who died (${name})`, () => {
    const [memory, , frames] = takeOver(nothing, order);
    const large = new Uint8Array(3000).fill(255);
    const small = new Uint8Array([1]);
    // As many as the first index holds, but for one.
    for (let i = 0; i < 119; i++) put(frames, small);
    const steps = memory.record(() => put(frames, large));

    for (const moment of deaths(steps, () => 0)) {
      const [memory, , frames] = takeOver(moment, order);
      const hasLarge = frames.size === 120;
      for (let i = 0; i < 2; i++) put(frames, small);
      const steps = memory.record(() => put(frames, small));
      const unsettled = steps.findLast(({ words }) => words[unsettledWord] !== 0)!;
      const [, , next] = takeOver(unsettled, order);

      const lengths = Array.from({ length: next.size }, () => take(next)!.length);

      const expected = Array(122).fill(1).toSpliced(order === heap ? 119 : 3, 0, 3000);
      assertEquals(lengths, hasLarge ? expected : Array(122).fill(1));
      assertEquals([next.size, take(next)], [0, undefined]);
    }
  });

  Deno.test(`FrameHeap.tryTake() finds what one has put who died then (${name})`, () => {
    const [memory, , frames] = takeOver(nothing, order);
    put(frames, new Uint8Array([1]));
    take(frames);
    const steps = memory.record(() => put(frames, new Uint8Array([2])));
    const found: unknown[] = [];

    for (const moment of deaths(steps, () => 0)) {
      const [, , frames] = takeOver(moment, order);
      found.push(take(frames)?.[0]);
      assertEquals(frames.size, 0);
    }

    assertEquals(new Set(found), new Set([undefined, 2]));
  });
}

const nothing: Moment = { words: new Int32Array(FrameHeap.words), bytes: new Int32Array(16) };

/** What somebody finds after another one has died. */
function takeOver(moment: Moment, order: Order): [RecordedMemory, SharedBytes, FrameHeap] {
  const [memory, bytes] = restore(moment);
  memory.words[lockWord] &&= abandoned;
  return [memory, bytes, new FrameHeap(memory, 0, bytes, order)];
}

/** All blocks where nothing is put. */
function unusedBlocks({ words }: RecordedMemory, { bytes }: SharedBytes): number[] {
  const header = new Int32Array(bytes.buffer);
  const blocks: number[] = [];
  for (let block = 64; block < words[endWord]!; block += 2 ** header[block / 4]!) {
    if (block !== words[indexWord]) blocks.push(block);
  }
  return blocks;
}

/** All blocks in the lists of the free ones. */
function freeBlocks({ words }: RecordedMemory, { bytes }: SharedBytes): number[] {
  const header = new Int32Array(bytes.buffer);
  const blocks: number[] = [];
  for (let power = 0; power < 32; power++) {
    for (
      let block = words[freeWord + power]!;
      block !== 0;
      block = header[block / 4 + nextField]!
    ) {
      assertEquals(header[block / 4], power);
      blocks.push(block);
    }
  }
  return blocks.sort((a, b) => a - b);
}

/** Bytes of which there can be no more than so many. */
function limited(bytes: SharedBytes, most: number): SharedBytes {
  return {
    scope: bytes.scope,
    get bytes() {
      return bytes.bytes;
    },
    grow(length) {
      if (length > most) throw new RangeError("There is no memory");
      bytes.grow(length);
    },
    reach: (length) => bytes.reach(length),
    describe: (destination) => bytes.describe(destination),
  };
}
