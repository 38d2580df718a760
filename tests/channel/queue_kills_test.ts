// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { LifoQueue, PriorityQueue, Queue } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { SharedArray } from "../../sync/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { consumeForEver, type Numbered, produceForEver } from "../fixtures/queue_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new SharedArray("i32", 1, { scope: "process" });

/** Waits until a number has come to a value, while the event loop goes on. */
async function comesTo(view: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(view, index) < value) await new Promise((resolve) => setTimeout(resolve, 1));
}

function end(unit: Thread | Process): Promise<unknown> {
  if (unit instanceof Process) unit.kill();
  else unit.terminate();
  return unit.exited;
}

const kinds: (typeof Queue)[] = [Queue, LifoQueue, PriorityQueue];
const cases = kinds.flatMap((kind) =>
  [[kind, "process", kind === Queue ? 100 : 50], [kind, "thread", 10]] as const
);

for (const [Queue, scope, rounds] of cases) {
  const start = (unit: Thread | Process) => {
    unit.start().join().catch(() => {});
    return unit;
  };

  Deno.test(`${Queue.name} has each item that was put before its producer died (${scope})`, async () => {
    const queue = new Queue<Numbered>({ scope });
    const progress = new SharedArray("i32", rounds, { scope });
    for (let i = 0; i < rounds; i++) {
      const args = [queue, i, progress] as const;
      const unit = start(
        scope === "process"
          ? new Process(produceForEver, { args })
          : new Thread(produceForEver, { args }),
      );
      await comesTo(progress.view, i, 1 + i * 37 % 500);

      await end(unit);

      const surely = progress.view[i]!;
      const numbers: number[] = [];
      while (!queue.isEmpty) {
        const [producer, number] = queue.getSync({ timeout: 5000 });
        assertEquals(producer, i);
        numbers.push(number);
      }
      if (Queue === LifoQueue) numbers.reverse();
      assertEquals(numbers, numbers.map((_, at) => at));
      // The last one may be inside though its producer could not say so any more.
      assert(numbers.length === surely || numbers.length === surely + 1, `${numbers.length}`);
    }
  });

  Deno.test(`${Queue.name} loses at most the item in hand of a consumer that died (${scope})`, async () => {
    const queue = new Queue<Numbered>({ scope });
    const each = 400;
    const got = new SharedArray("i32", rounds * each, { scope });
    for (let i = 0; i < rounds; i++) {
      const args = [queue, got] as const;
      for (let n = i * each; n < (i + 1) * each; n++) queue.putSync([0, n]);
      const unit = start(
        scope === "process"
          ? new Process(consumeForEver, { args })
          : new Thread(consumeForEver, { args }),
      );
      await comesTo(got.view, i * each + i * 37 % each, 1);

      await end(unit);

      while (!queue.isEmpty) got.view[queue.getSync({ timeout: 5000 })[1]]!++;
      const lost = got.view.subarray(i * each, (i + 1) * each).filter((times) =>
        times === 0
      ).length;
      assert(lost <= 1, `${lost} items are lost`);
    }
    assert(got.view.every((times) => times <= 1));
  });
}
