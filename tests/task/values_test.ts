// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../channel/codec.ts";
import { Process } from "../../process/mod.ts";
import { Barrier, Event } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { apply, double, fail, imported, meet, type OnNumber } from "../fixtures/task_values.ts";
import { triple } from "../fixtures/task_values_other.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

for (const kind of ["thread", "process"] as const) {
  const spawn = <A extends unknown[], R>(task: Task<A, R>, ...args: A) => {
    const options = { args };
    return (kind === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  for (const [name, given] of Object.entries({ double, triple })) {
    Deno.test(`A task travels as an argument and in a result (${kind}, ${name})`, async () => {
      const [result, back] = await spawn(apply, given, 7).join();

      assertEquals([result, back === given], [given(7), true]);
    });
  }

  Deno.test(`A task of importTask() travels as an argument (${kind})`, async () => {
    const [result, back] = await spawn(apply, imported, 7).join();

    assertEquals([result, await back(4)], [14, 8]);
  });

  Deno.test(`A function that is no task is refused as an argument (${kind})`, () => {
    const plain = ((n: number) => n) as unknown as OnNumber;

    assertThrows(() => spawn(apply, plain, 7), DOMException, "$[0] as it is a function");
  });

  Deno.test(`The action of a barrier travels if it is a task (${kind})`, async () => {
    const barrier = new Barrier(2, { scope: kind, action: fail });

    const units = [spawn(meet, barrier), spawn(meet, barrier)];
    const ends = await Promise.all(units.map((unit) => unit.join()));

    assertEquals(ends.sort(), ["The barrier is broken", "the action has failed"]);
  });

  Deno.test(`A barrier does not travel if its action is no task (${kind})`, () => {
    const barrier = new Barrier(2, { scope: kind, action: () => {} });

    assertThrows(() => spawn(meet, barrier), DOMException, "barrier as its action is a plain");
  });
}

Deno.test("A task inside a value leaves the references of the value as they are", () => {
  const shared = { n: 1 };

  const decoded = decode(encode([double, double, shared, shared])) as unknown[];

  assertEquals(decoded, [double, double, shared, shared]);
  assert(decoded[2] === decoded[3]);
});
