// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Channel } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { SharedArray } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { receiveForEver, sendForEver } from "../fixtures/channel_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new SharedArray("i32", 1, { scope: "process" });

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function end(unit: Thread | Process): Promise<unknown> {
  if (unit instanceof Process) unit.kill();
  else unit.terminate();
  return unit.exited;
}

for (const [scope, rounds] of [["process", 25], ["thread", 5]] as const) {
  const start = <A extends unknown[]>(task: Task<A, void>, ...args: A) => {
    const options = { args };
    const unit = scope === "process" ? new Process(task, options) : new Thread(task, options);
    unit.start().join().catch(() => {});
    return unit;
  };

  for (const capacity of [0, 4]) {
    Deno.test(`Channel has each value that was sent before its sender died (${scope}, ${capacity})`, async () => {
      const channel = new Channel<number>({ scope, capacity });
      const progress = new SharedArray("i32", rounds, { scope });
      for (let i = 0; i < rounds; i++) {
        const first = i * 1_000_000;
        const unit = start(sendForEver, channel, progress, i, first);
        const numbers: number[] = [];
        const wanted = 1 + i * 37 % 200;
        while (numbers.length < wanted) numbers.push(await channel.receive());
        const exited = end(unit);
        // Others go on meanwhile.
        let hasExited = false;
        exited.then(() => hasExited = true);
        for (;;) {
          const result = channel.tryReceive();
          if (result.state === "ok") numbers.push(result.value);
          else if (hasExited) break;
          else await nextTurn();
        }

        const surely = progress.view[i]!;
        assertEquals(numbers, numbers.map((_, at) => first + at));
        // The last one may be there though its sender could not say so any more.
        assert(
          numbers.length === surely || numbers.length === surely + 1,
          `${numbers.length} of ${surely}`,
        );
        assertEquals([channel.size, channel.tryReceive().state], [0, "empty"]);
      }
    });

    Deno.test(`Channel loses at most the value in hand of a receiver that died (${scope}, ${capacity})`, async () => {
      const channel = new Channel<number>({ scope, capacity });
      const each = 300;
      const got = new SharedArray("i32", rounds * each, { scope });
      const total = new SharedArray("i32", 1, { scope });
      for (let i = 0; i < rounds; i++) {
        const unit = start(receiveForEver, channel, got, total);
        let settled = 0;
        for (let n = i * each; n < (i + 1) * each; n++) channel.send(n).then(() => settled++);
        total.view[0] = 0;
        while (Atomics.load(total.view, 0) < 1 + i * 37 % 200) await nextTurn();

        await end(unit);

        for (;;) {
          const result = channel.tryReceive();
          if (result.state === "ok") got.view[result.value]!++;
          else if (settled === each) break;
          else await nextTurn();
        }
        const own = got.view.subarray(i * each, (i + 1) * each);
        const lost = own.filter((times) => times === 0).length;
        assert(lost <= 1, `${lost} values are lost`);
      }
      assert(got.view.every((times) => times <= 1));
    });
  }
}
