// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import { Process } from "../../process/mod.ts";
import type { NumberType } from "../../sync/number_types.ts";
import { SharedArray } from "../../sync/shared_array.ts";
import { SharedMemory } from "../../sync/shared_memory.ts";
import { SharedValue } from "../../sync/shared_value.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { count, double, sign } from "../fixtures/shared_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new SharedMemory(8, { scope: "process" }).close();

for (const scope of ["thread", "process"] as const) {
  const run = <A extends unknown[]>(task: Task<A, unknown>, ...args: A): Promise<unknown> => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options))
      .start().join();
  };

  Deno.test(`SharedValue is exact between four, in one step and under its lock (${scope})`, async () => {
    const whole = new SharedValue("i32", 0, { scope });
    const half = new SharedValue("f64", 0, { scope });

    await Promise.all(Array.from({ length: 4 }, () => run(count, whole, half, 2000)));

    assertEquals([whole.value, half.value], [8000, 4000]);
  });

  Deno.test(`SharedArray is the same array elsewhere (${scope})`, async () => {
    const numbers = new SharedArray("f64", [0.5, 1, 2], { scope, name: "rows" });

    const shown = await run(double, numbers);

    assertEquals([...numbers.view], [1, 2, 4]);
    assertEquals(shown, `SharedArray "rows" { scope: "${scope}", f64, length: 3 }`);
  });

  Deno.test(`SharedArray holds more than fits beside others (${scope})`, async () => {
    const numbers = new SharedArray("f64", 100_000, { scope });
    numbers.view.fill(1);

    await run(double, numbers);

    assertEquals(numbers.view.reduce((a, b) => a + b), 200_000);
  });

  Deno.test(`SharedMemory is the same memory elsewhere, and is closed for each alone (${scope})`, async () => {
    const memory = new SharedMemory(1001, { scope });
    const bytes = new Uint8Array(memory.buffer);

    assertEquals(await run(sign, memory), 1008);

    assertEquals(bytes[1007], 7);
    memory.close();
    memory.close();
    assertEquals([memory.closed, memory.byteLength], [true, 0]);
    assertThrows(() => memory.buffer, Error, "closed");
    assertThrows(() => new Process(sign, { args: [memory] }).start(), Error, "closed");
  });
}

Deno.test("SharedValue changes integers of each type and gives what they were", () => {
  for (const type of ["i8", "u8", "i16", "u16", "i32", "u32"] as const) {
    const value = new SharedValue(type, 5);
    assertEquals([value.add(3), value.sub(2), value.and(4), value.or(3)], [5, 8, 6, 4]);
    assertEquals([value.exchange(9), value.compareExchange(9, 1), value.value], [7, 9, 1]);
  }
  const big = new SharedValue("u64", 2n ** 64n - 1n);
  assertEquals([big.add(2n), big.value], [2n ** 64n - 1n, 1n]);
});

Deno.test("SharedValue wraps integers around and keeps floating numbers", () => {
  assertEquals(new SharedValue("u8", 257).value, 1);
  assertEquals(new SharedValue("f64", 0.1).value, 0.1);
  assertEquals(new SharedValue("i32").value, 0);
  assertThrows(() => new SharedValue("f64", 1).add(1), TypeError, "lock");
});

Deno.test("Numbers of no type, arrays of no length and memory of no size are refused", () => {
  assertThrows(() => new SharedValue("i7" as NumberType), TypeError, "i7");
  assertThrows(() => new SharedArray("f64", -1), RangeError, "-1");
  assertThrows(() => new SharedArray("f64", 1.5), RangeError, "1.5");
  for (const size of [0, -1, 1.5, NaN]) {
    assertThrows(() => new SharedMemory(size), RangeError, String(size));
  }
});
