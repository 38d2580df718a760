// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Channel, Queue, select } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event, SharedArray } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { Tally } from "../fixtures/channel_tasks.ts";
import { waiting } from "../fixtures/channel_words.ts";
import { exchange, getBeside, jostle, selectForEver } from "../fixtures/select_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (const scope of ["thread", "process"] as const) {
  const spawn = <A extends unknown[], R>(task: Task<A, R>, ...args: A) => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  Deno.test(`select() exchanges with another in both directions (${scope})`, async () => {
    const [a, b] = [new Channel<number>({ scope }), new Channel<number>({ scope })];
    const rounds = 2000;

    const units = [spawn(exchange, a, b, rounds), spawn(exchange, b, a, rounds)];
    const sums = await Promise.all(units.map((unit) => unit.join()));

    assertEquals(sums[0]! + sums[1]!, 0);
    for (const channel of [a, b]) assertEquals(channel.tryReceive(), { state: "empty" });
  });

  Deno.test(`select() does just one of its cases (${scope})`, async () => {
    const channels = [0, 0, 0, 2].map((capacity) => new Channel<number>({ scope, capacity }));
    const tally = new SharedArray("i32", Tally.words, { scope });
    const rounds = 1700;

    const units = [1, 2, 3].map((i) => spawn(jostle, channels, tally, i * rounds, rounds));
    await Promise.all(units.map((unit) => unit.join()));

    const { view } = tally;
    for (const channel of channels) {
      for (;;) {
        const left = channel.tryReceive();
        if (left.state !== "ok") break;
        assertEquals(channel.capacity, 2);
        view[Tally.received]!++;
        view[Tally.receivedSum]! += left.value;
      }
      if (channel.capacity === 0) assertEquals(waiting(channel), 0);
    }
    assertEquals(
      [view[Tally.received], view[Tally.receivedSum]],
      [view[Tally.sent], view[Tally.sentSum]],
    );
    assert(view[Tally.sent]! > 100, `${view[Tally.sent]} were sent`);
  });

  Deno.test(`select() passes on a wake-up for what it has not chosen (${scope})`, async () => {
    const queue = new Queue<number>({ scope });
    const items = 1000;
    const got = new SharedArray("i32", items, { scope });
    const units = [0, 1].map(() => spawn(getBeside, queue, got));

    for (let i = 0; i < items; i++) {
      queue.putNowait(i);
      if (i % 5 === 0) await nextTurn();
    }
    queue.close();
    const others = await Promise.all(units.map((unit) => unit.join()));

    assert(got.view.every((times) => times === 1));
    assert(others.every((count) => count > 0), `${others}`);
  });

  Deno.test(`select() whose thread or process is killed hinders nobody (${scope})`, async () => {
    const [from, to] = [new Channel<number>({ scope }), new Channel<number>({ scope })];
    for (let i = 0; i < 3; i++) {
      const ready = new Event({ scope });
      const unit = spawn(selectForEver, from, to, ready);
      unit.join().catch(() => {});
      await ready.wait();
      if (unit instanceof Process) unit.kill();
      else unit.terminate();
      await unit.exited;

      assertEquals(from.trySend(1), false);
      await assertRejects(() => from.send(1, { timeout: 1 }), DOMException);
      const send = select([{ send: from, value: 2 }, { send: to, value: 2 }]);
      // What a dead one has offered may be there still.
      while (await to.receive() !== 2);
      assertEquals((await send).index, 1);
    }
  });
}
