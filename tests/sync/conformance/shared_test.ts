// Copyright 2026 the Weft authors. MIT license.

/*
 * SharedValue, SharedArray and SharedMemory, by CPython's _TestValue, _TestArray, _TestSharedCTypes, _TestHeap
 * and _TestSharedMemory.
 *
 * | CPython                                  | here                                                       |
 * | ---------------------------------------- | ---------------------------------------------------------- |
 * | typed cells visible both ways            | is the same for all                                        |
 * | lock=True, False or explicit             | A: the lock is always there and never in the way           |
 * | slices, copy                             | A: views are typed arrays                                  |
 * | zero-init                                | is zero at first                                           |
 * | _TestHeap.test_heap                      | A: do not overlap; words are not given back one by one     |
 * | test_free_from_gc                        | X: nothing in JavaScript runs a collection at a place      |
 * | name with NUL, name collision, attach    | X: a name is for people; handles travel instead            |
 * | by name, double unlink, ShareableList    |                                                            |
 * | size 0 or negative                       | in misuse_test.ts                                          |
 * | basics: size ≥ asked, attach sees data   | is the same for all                                        |
 * | attach after unlink fails                | A: cannot be passed on when it is closed                   |
 * | cleaned after process termination        | stays for others when one was killed, and leaves nothing   |
 * | tracking, TestResourceTracker,           | X: the kernel counts; there is no tracker                  |
 * | TestNamedResource, manager ones          |                                                            |
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Process } from "../../../process/mod.ts";
import { SharedArray, SharedMemory, SharedValue, type SyncOptions } from "../../../sync/mod.ts";
import { giveMemory, take } from "../../fixtures/sync_misuse_tasks.ts";
import { Suite } from "./_harness.ts";

const suite = new Suite((options) => ({
  whole: new SharedValue("i32", 5, options),
  half: new SharedValue("f64", 0, options),
  numbers: new SharedArray("f64", [0.5, 1, 2], options),
  memory: new SharedMemory(1001, options),
}));

suite.alone(
  "SharedValue, SharedArray and SharedMemory are zero at first",
  ({ mode: { scope } }) => {
    for (const type of ["i8", "u8", "i16", "u16", "i32", "u32", "f32", "f64"] as const) {
      assertEquals(new SharedValue(type, undefined, { scope }).value, 0);
      assertEquals([...new SharedArray(type, 3, { scope }).view], [0, 0, 0]);
    }
    assertEquals(new SharedValue("i64", undefined, { scope }).value, 0n);
    using memory = new SharedMemory(1001, { scope });
    assert(new Uint8Array(memory.buffer).every((byte) => byte === 0));
  },
  { forms: ["sync"] },
);

suite.alone("SharedValue changes integers of each type and gives what they were", ({ mode }) => {
  for (const type of ["i8", "u8", "i16", "u16", "i32", "u32"] as const) {
    const value = new SharedValue(type, 5, { scope: mode.scope });
    assertEquals([value.add(3), value.sub(2), value.and(4), value.or(3)], [5, 8, 6, 4]);
    assertEquals([value.exchange(9), value.compareExchange(9, 1), value.value], [7, 9, 1]);
  }
  const big = new SharedValue("u64", 2n ** 64n - 1n, { scope: mode.scope });
  assertEquals([big.add(2n), big.value], [2n ** 64n - 1n, 1n]);
}, { forms: ["sync"] });

suite.alone(
  "SharedValue wraps integers around and keeps floating numbers",
  ({ mode: { scope } }) => {
    assertEquals(new SharedValue("u8", 257, { scope }).value, 1);
    assertEquals(new SharedValue("i32", 2 ** 31, { scope }).value, -(2 ** 31));
    assertEquals(new SharedValue("f64", 0.1, { scope }).value, 0.1);
    assertThrows(() => new SharedValue("f64", 1, { scope }).add(1), TypeError, "lock");
  },
  { forms: ["sync"] },
);

suite.alone("SharedArray of 5,000 of random lengths do not overlap", ({ mode: { scope } }) => {
  const arrays: SharedArray<"u8">[] = [];
  for (let i = 0; i < 5000; i++) {
    const array = new SharedArray("u8", Math.floor(Math.random() * 200), { scope });
    assert(array.view.every((byte) => byte === 0));
    array.view.fill(i % 255 + 1);
    arrays.push(array);
  }

  for (const [i, { view }] of arrays.entries()) {
    assert(view.every((byte) => byte === i % 255 + 1), `array ${i}`);
  }
}, { forms: ["sync"] });

suite.alone("SharedMemory of 1,000 that were closed leaves nothing", ({ mode: { scope } }) => {
  const before = mappings();

  for (let i = 0; i < 1000; i++) {
    using memory = new SharedMemory(4096, { scope });
    new Uint8Array(memory.buffer).fill(1);
  }

  assertEquals(mappings(), before);
}, { forms: ["sync"] });

suite.alone(
  "SharedMemory.close() makes it unusable and may be called twice",
  ({ mode: { scope } }) => {
    const memory = new SharedMemory(8, { scope });
    const process = new Process(take, { args: [[memory]] });
    memory.close();
    memory.close();

    assertEquals([memory.closed, memory.byteLength], [true, 0]);
    assertThrows(() => memory.buffer, Error, "closed");
    assertThrows(() => process.start(), Error, "closed");
  },
  { forms: ["sync"] },
);

suite.together(
  "SharedValue and SharedArray are the same for all",
  3,
  async ({ objects, actors }) => {
    const { whole, numbers } = objects;

    for (const [i, actor] of actors.entries()) {
      assertEquals(await actor.run("setValue", i), i === 0 ? 5 : i - 1);
      assertEquals(whole.value, i);
      assertEquals(await actor.run("double"), [0.5, 1, 2].map((n) => n * 2 ** i));
    }

    assertEquals([...numbers.view], [4, 8, 16]);
  },
);

suite.together(
  "SharedValue is exact between four, in one step and under its lock",
  4,
  async (scene) => {
    const { objects: { whole, half }, actors } = scene;

    await Promise.all(actors.map((actor) => actor.run("addUp", 1000)));

    assertEquals([whole.value, half.value, half.lock.locked], [4005, 2000, false]);
  },
);

suite.together("SharedArray holds more than fits beside others", 1, async ({ objects, actors }) => {
  const { numbers } = objects;
  numbers.view.fill(1);

  await actors[0]!.run("double");

  assertEquals(numbers.view.reduce((a, b) => a + b), 200_000);
}, {
  make: (options: SyncOptions) => ({ numbers: new SharedArray("f64", 100_000, options) }),
});

suite.together(
  "SharedMemory is the same for all, and stays when one of them was killed",
  2,
  async (scene) => {
    const { objects: { memory }, actors, mortal } = scene;

    const { actor, kill } = await mortal();
    assertEquals(await actor.run("addBytes"), [0, 1008]);
    await kill();
    for (const [i, actor] of actors.entries()) {
      assertEquals(await actor.run("addBytes"), [i + 1, 1008]);
    }

    assert(new Uint8Array(memory.buffer).every((byte) => byte === 3));
    memory.close();
    assertEquals(await actors[0]!.run("addBytes"), [3, 1008]);
  },
  { places: ["threads", "processes"] },
);

Deno.test("SharedMemory can be the result of a process", async () => {
  using memory = await Process.spawn(giveMemory).join();

  assertEquals(new Uint8Array(memory.buffer)[0], 7);
});

suite.alone(
  "SharedValue, SharedArray and SharedMemory show what they are in Deno.inspect",
  (scene) => {
    const { scope } = scene.mode;
    const options = { scope, name: "rows" };
    using memory = new SharedMemory(8, options);

    assertEquals(
      [new SharedValue("i32", 7, options), new SharedArray("f64", 3, options), memory]
        .map((object) => Deno.inspect(object)),
      [
        `SharedValue "rows" { scope: "${scope}", i32: 7 }`,
        `SharedArray "rows" { scope: "${scope}", f64, length: 3 }`,
        `SharedMemory "rows" { scope: "${scope}", byteLength: 8 }`,
      ],
    );
  },
  { forms: ["sync"] },
);

/** Mappings of shared memory that this process has, where the kernel tells. */
function mappings(): number {
  if (Deno.build.os !== "linux") return 0;
  return Deno.readTextFileSync("/proc/self/maps").split("memfd:weft").length;
}
