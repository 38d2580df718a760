// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Channel, ChannelClosedError } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event, SharedArray } from "../../sync/mod.ts";
import type { Task } from "../../task/mod.ts";
import { Thread } from "../../thread/mod.ts";
import {
  answer,
  closeFor,
  echo,
  pollAll,
  receiveAll,
  receiveInHaste,
  receiveOne,
  sendAll,
  sendInHaste,
  sendOne,
  type Sent,
  Tally,
} from "../fixtures/channel_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const enough = new Error("enough");

for (const scope of ["thread", "process"] as const) {
  const spawn = <A extends unknown[], R>(task: Task<A, R>, ...args: A) => {
    const options = { args };
    return (scope === "thread" ? new Thread(task, options) : new Process(task, options)).start();
  };

  for (const capacity of [0, 1, 8]) {
    for (const form of ["sync", "async", "mixed"]) {
      Deno.test(`Channel loses and doubles nothing (${scope}, ${capacity}, ${form})`, async () => {
        const channel = new Channel<Sent>({ scope, capacity });
        const count = form === "sync" ? 1000 : 300;
        const receivers = [0, 1].map(() => spawn(receiveAll, channel, form));
        const own = Array.fromAsync(channel);

        await Promise.all([0, 1].map((i) => spawn(sendAll, channel, i, count, form).join()));
        channel.close();
        const got = await Promise.all([own, ...receivers.map((unit) => unit.join())]);

        for (const sender of [0, 1]) {
          const each = got.map((values) =>
            values.filter(([of]) => of === sender).map(([, n]) => n)
          );
          for (const numbers of each) assertEquals(numbers, numbers.toSorted((a, b) => a - b));
          const all = each.flat().toSorted((a, b) => a - b);
          assertEquals(all, Array.from({ length: count }, (_, i) => i));
        }
      });
    }

    Deno.test(`Channel.tryReceive() takes what others send (${scope}, ${capacity})`, async () => {
      const channel = new Channel<number>({ scope, capacity });
      const unit = spawn(pollAll, channel);

      for (let i = 0; i < 20; i++) await channel.send(i);
      channel.close();

      assertEquals(await unit.join(), Array.from({ length: 20 }, (_, i) => i));
    });

    Deno.test(`Channel.close() wakes who waits elsewhere, for the first reason (${scope}, ${capacity})`, async () => {
      const closed = new Channel<number>({ scope, capacity });
      for (let i = 0; i < capacity; i++) closed.sendSync(i);
      const ended = new Channel<number>({ scope, capacity });
      const units: (Thread<unknown> | Process<unknown>)[] = [];
      for (const form of ["sync", "async"]) {
        const ready = [new Event({ scope }), new Event({ scope })] as const;
        units.push(spawn(sendOne, closed, 42, ready[0], form));
        units.push(spawn(receiveOne, ended, ready[1], form));
        for (const event of ready) await event.wait();
      }

      await spawn(closeFor, ended, enough).join();
      await spawn(closeFor, closed, enough).join();
      ended.close(new Error("the second"));

      const [sent, received, sentToo, receivedToo] = await Promise.all(
        units.map((unit) => unit.join()),
      );
      for (const error of [sent, sentToo]) {
        assert(error instanceof ChannelClosedError);
        assertEquals(error.value, 42);
      }
      for (const error of [received, receivedToo]) assertEquals((error as Error).message, "enough");
      for (let i = 0; i < capacity; i++) assertEquals(closed.receiveSync(), i);
      assertThrows(() => closed.receiveSync(), Error, "enough");
      assertThrows(() => ended.receiveSync(), Error, "enough");
    });
  }

  for (const [form, rounds] of [["sync", 10_000], ["async", 300], ["abort", 300]] as const) {
    Deno.test(`Channel.send() has sent what it says, however tight the time (${scope}, ${form})`, async () => {
      const channel = new Channel<number>({ scope });
      const tally = new SharedArray("i32", Tally.words, { scope });
      const senders = [0, 1].map((i) => {
        return spawn(sendInHaste, channel, tally, i * rounds / 2, rounds / 2, form);
      });
      const receivers = [0, 1].map(() => spawn(receiveInHaste, channel, tally, form));

      await Promise.all(senders.map((unit) => unit.join()));
      channel.close();
      await Promise.all(receivers.map((unit) => unit.join()));

      const { view } = tally;
      assertEquals(
        [view[Tally.received], view[Tally.receivedSum]],
        [view[Tally.sent], view[Tally.sentSum]],
      );
      assert(view[Tally.sent]! > 0 && view[Tally.sent]! < rounds, `${view[Tally.sent]} were sent`);
      assertEquals(channel.tryReceive(), { state: "closed" });
    });
  }

  Deno.test(`Channel echoes between two (${scope})`, async () => {
    const [to, from] = [new Channel<number>({ scope }), new Channel<number>({ scope })];
    const unit = spawn(echo, to, from);

    for (let i = 0; i < 1000; i++) {
      to.sendSync(i);
      assertEquals(from.receiveSync(), i);
    }
    to.close();

    await unit.join();
  });
}

Deno.test("Channel carries channels to other processes", async () => {
  const channel = new Channel<{ to: Channel<string> }>({ scope: "process" });
  const to = new Channel<string>({ scope: "process" });
  const unit = Process.spawn(answer, channel);

  await channel.send({ to });

  assertEquals(await to.receive(), "through the channel that came through the channel");
  await unit.join();
});

Deno.test("Channel carries values of any size and kind", async () => {
  for (const scope of ["thread", "process"] as const) {
    const channel = new Channel<unknown>({ scope });
    const values = [undefined, null, 0, "", new Uint8Array(3_000_000).fill(7), { a: [new Map()] }];
    for (const value of values) {
      const sent = channel.send(value);
      assertEquals(await channel.receive(), value);
      await sent;
    }
    const sent = channel.send(undefined);
    assertEquals(channel.tryReceive(), { state: "ok", value: undefined });
    await sent;
  }
});

for (const scope of ["local", "thread", "process"] as const) {
  for (const capacity of [0, 1]) {
    Deno.test(`Channel does not block for ever for coroutines of its own thread (${scope}, ${capacity})`, async () => {
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const sent = new Channel<number>({ scope, capacity });
      const received = new Channel<number>({ scope, capacity });

      const sends = numbers.map((n) => sent.send(n));
      assertEquals(numbers.map(() => sent.receiveSync({ timeout: 10_000 })), numbers);
      await Promise.all(sends);

      const receives = numbers.map(() => received.receive());
      for (const n of numbers) received.sendSync(n, { timeout: 10_000 });
      assertEquals(await Promise.all(receives), numbers);
    });
  }
}
