// Copyright 2026 the Weft authors. MIT license.

// What only Python has, in queues of ours and in other threads.

import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { PriorityQueue, Queue } from "../../channel/mod.ts";
import { FrozenSet, isTuple, tuple } from "../../cluster/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { describe } from "../fixtures/manager_tasks.ts";

Deno.test("A tuple and a frozen set stay such in a queue", () => {
  for (const queue of [new Queue<unknown>(), new PriorityQueue<unknown>()]) {
    const point = tuple(1, [2, tuple()]);
    queue.putNowait({ point, again: point, keys: new Map([[point, new FrozenSet(["a"])]]) });

    const item = queue.getNowait() as {
      point: readonly [number, unknown[]];
      again: unknown;
      keys: Map<unknown, FrozenSet>;
    };

    assert(isTuple(item.point) && isTuple(item.point[1][1]) && !isTuple(item.point[1]));
    assertEquals([...item.point.flat()].length, 3);
    assert(item.again === item.point);
    assertThrows(() => (item.point as unknown as number[]).push(1), TypeError);
    const set = item.keys.get(item.point);
    assertInstanceOf(set, FrozenSet);
    assertEquals([...set], ["a"]);
  }
});

Deno.test("A tuple arrives in a thread that has not heard of Python", async () => {
  const queue = new Queue<unknown>();
  const thread = Thread.spawn(describe, queue);

  await queue.put([tuple(1, 2), new FrozenSet(["a"])]);

  assertEquals(await thread.join(), [true, true, [1, 2], true, ["a"]]);
});
