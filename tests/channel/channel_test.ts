// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Channel, ChannelClosedError } from "../../channel/mod.ts";
import { Event } from "../../sync/mod.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const scopes = ["local", "thread", "process"] as const;
const enough = new Error("enough");

/** Lets the event loop turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (const scope of scopes) {
  for (const capacity of [0, 1, 8]) {
    const create = <T>() => new Channel<T>({ scope, capacity });
    const kind = `${scope}, ${capacity}`;

    Deno.test(`Channel.receive() gives the values in the order of the sends (${kind})`, async () => {
      const channel = create<number>();
      const sends = Array.from({ length: 50 }, (_, i) => channel.send(i));

      for (let i = 0; i < 50; i++) assertEquals(await channel.receive(), i);

      await Promise.all(sends);
      assertEquals([channel.size, channel.capacity, channel.closed], [0, capacity, false]);
    });

    Deno.test(`Channel.receive() serves those who wait in their order (${kind})`, async () => {
      const channel = create<number>();
      const receives = Array.from({ length: 5 }, () => channel.receive());

      for (let i = 0; i < 5; i++) await channel.send(i);

      assertEquals(await Promise.all(receives), [0, 1, 2, 3, 4]);
    });

    Deno.test(`Channel.send() resolves when there is room, else when a value is received (${kind})`, async () => {
      const channel = create<number>();
      const done: number[] = [];
      const sends = Array.from(
        { length: capacity + 3 },
        (_, i) => channel.send(i).then(() => done.push(i)),
      );
      const inside = Array.from({ length: capacity }, (_, i) => i);
      await Promise.all(sends.slice(0, capacity));
      await nextTurn();
      assertEquals([done, channel.size], [inside, capacity]);

      for (let i = capacity; i < capacity + 3; i++) {
        channel.receiveSync();
        await sends[i];
        await nextTurn();
        inside.push(i);
        assertEquals(done, inside);
      }
    });

    Deno.test(`Channel waits that are over leave no trace (${kind})`, async () => {
      const channel = create<number>();
      const timedOut = [
        assertThrows(() => channel.receiveSync({ timeout: 2 }), DOMException),
        assertThrows(() => channel.receiveSync({ timeout: 0 }), DOMException),
        await assertRejects(() => channel.receive({ timeout: 2 }), DOMException),
        await assertRejects(() => channel.receive({ timeout: 0 }), DOMException),
      ];
      for (let i = 0; i < capacity; i++) assert(channel.trySend(i));

      timedOut.push(
        assertThrows(() => channel.sendSync(-1, { timeout: 2 }), DOMException),
        assertThrows(() => channel.sendSync(-1, { timeout: 0 }), DOMException),
        await assertRejects(() => channel.send(-1, { timeout: 2 }), DOMException),
        await assertRejects(() => channel.send(-1, { timeout: 0 }), DOMException),
      );

      for (const error of timedOut) assertEquals(error.name, "TimeoutError");
      for (let i = 0; i < capacity; i++) assertEquals(await channel.receive(), i);
      assertEquals(channel.tryReceive(), { state: "empty" });
      if (capacity === 0) assertEquals(channel.trySend(-1), false);
    });

    Deno.test(`Channel waits that are aborted reject with the reason, and leave no trace (${kind})`, async () => {
      const channel = create<number>();
      const signal = AbortSignal.abort(enough);
      await assertRejects(() => channel.receive({ signal }), Error, "enough");
      await assertRejects(() => channel.send(-1, { signal }), Error, "enough");
      const receiving = new AbortController();
      const receives = [0, 1, 2].map((i) => {
        return channel.receive(i === 1 ? {} : { signal: receiving.signal });
      });
      receiving.abort(enough);
      for (const i of [0, 2]) await assertRejects(() => receives[i]!, Error, "enough");
      channel.sendSync(42);
      assertEquals(await receives[1], 42);

      for (let i = 0; i < capacity; i++) assert(channel.trySend(i));
      const sending = new AbortController();
      const sends = [-1, capacity, -2].map((value) => {
        return channel.send(value, value < 0 ? { signal: sending.signal } : {});
      });
      sending.abort(enough);
      for (const i of [0, 2]) await assertRejects(() => sends[i]!, Error, "enough");

      for (let i = 0; i <= capacity; i++) {
        if (i === capacity && capacity > 0) await sends[1];
        assertEquals(channel.tryReceive(), { state: "ok", value: i });
      }
      await sends[1];
      assertEquals(channel.tryReceive(), { state: "empty" });
    });

    Deno.test(`Channel refuses a timeout that is none (${kind})`, async () => {
      const channel = create<number>();

      for (const timeout of [-1, NaN]) {
        assertThrows(() => channel.receiveSync({ timeout }), RangeError, "timeout");
        assertThrows(() => channel.sendSync(1, { timeout }), RangeError, "timeout");
        await assertRejects(() => channel.receive({ timeout }), RangeError, "timeout");
        await assertRejects(() => channel.send(1, { timeout }), RangeError, "timeout");
      }
      assertEquals(channel.tryReceive(), { state: "empty" });
    });

    Deno.test(`Channel.trySend() and tryReceive() tell what they find (${kind})`, async () => {
      const channel = create<number>();
      assertEquals(channel.tryReceive(), { state: "empty" });
      for (let i = 0; i < capacity; i++) assertEquals(channel.trySend(i), true);
      assertEquals(channel.trySend(-1), false);

      const send = channel.send(capacity);
      assertEquals(channel.trySend(-1), false);
      for (let i = 0; i <= capacity; i++) {
        if (i === capacity && capacity > 0) await send;
        assertEquals(channel.tryReceive(), { state: "ok", value: i });
      }
      await send;
      assertEquals(channel.tryReceive(), { state: "empty" });

      const receive = channel.receive();
      assertEquals(channel.trySend(42), true);
      assertEquals(await receive, 42);
      if (capacity === 0) assertEquals(channel.trySend(-1), false);

      channel.close();
      assertEquals([channel.trySend(-1), channel.tryReceive()], [false, { state: "closed" }]);
    });

    Deno.test(`Channel.close() refuses who sends, and lets what is inside be received (${kind})`, async () => {
      const channel = create<number>();
      const sends = Array.from({ length: capacity + 2 }, (_, i) => channel.send(i));
      const refused = sends.slice(capacity).map((send) => assertRejects(() => send));

      channel.close();
      channel.close(new Error("too late"));

      for (const [i, error] of (await Promise.all(refused)).entries()) {
        assert(error instanceof ChannelClosedError);
        assertEquals(error.value, capacity + i);
      }
      await Promise.all(sends.slice(0, capacity));
      assertEquals([channel.closed, channel.size], [true, capacity]);
      const error = await assertRejects(() => channel.send(42), ChannelClosedError, "Cannot send");
      assertEquals(error.value, 42);
      assertEquals(assertThrows(() => channel.sendSync(43), ChannelClosedError).value, 43);
      for (let i = 0; i < capacity; i++) assertEquals(await channel.receive(), i);
      await assertRejects(() => channel.receive(), ChannelClosedError, "closed and empty");
      assertThrows(() => channel.receiveSync(), ChannelClosedError);
      assertEquals(channel.tryReceive(), { state: "closed" });
    });

    Deno.test(`Channel.close() wakes who receives, for the first reason (${kind})`, async () => {
      for (const reason of [enough, "text", undefined]) {
        const channel = create<number>();
        const receives = [0, 1, 2].map(() => channel.receive().catch((error) => error));

        channel.close(reason);
        channel.close(new Error("the second"));
        channel.close();

        for (const error of await Promise.all(receives)) assertEquals(error, reason);
        assertEquals(await channel.receive().catch((error) => error), reason);
        const error = await assertRejects(() => channel.send(1), ChannelClosedError);
        assertEquals(error.value, 1);
        assertEquals(channel.tryReceive(), { state: "closed" });
      }
    });

    Deno.test(`Channel can be iterated until it is closed and empty (${kind})`, async () => {
      const channel = create<number>();
      const received = Array.fromAsync(channel);

      for (let i = 0; i < 20; i++) await channel.send(i);
      channel.close();

      assertEquals(await received, Array.from({ length: 20 }, (_, i) => i));
      for (const reason of [enough, new ChannelClosedError("that of another channel")]) {
        const failed = create<number>();
        const rejected = assertRejects(() => Array.fromAsync(failed), Error, reason.message);
        failed.close(reason);
        await rejected;
      }
    });

    Deno.test(`Channel is closed at the end of its block (${kind})`, async () => {
      const channels: Channel<number>[] = [];
      {
        using channel = create<number>();
        await using another = create<number>();
        channels.push(channel, another);
      }

      for (const channel of channels) assert(channel.closed);
    });

    Deno.test(`Channel serves 200 coroutines on either side (${kind})`, async () => {
      const channel = create<number>();
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const receives = numbers.map(() => channel.receive());
      await Promise.all(numbers.map((i) => channel.send(i)));
      assertEquals(await Promise.all(receives), numbers);

      const sends = numbers.map((i) => channel.send(i));
      for (const i of numbers) assertEquals(await channel.receive(), i);
      await Promise.all(sends);

      const gone = new AbortController();
      const aborted = [...numbers, ...numbers].map((_, i) => {
        const { signal } = gone;
        return assertRejects(() => channel.receive({ signal }), Error, "enough").then(() => i);
      });
      gone.abort(enough);
      await Promise.all(aborted);
      assertEquals(channel.tryReceive(), { state: "empty" });
    });
  }

  Deno.test(`Channel.tryReceive() finds who is the first to wait as others have left (${scope})`, async () => {
    const channel = new Channel<number>({ scope });
    const controller = new AbortController();
    const first = channel.send(1, { signal: controller.signal });
    const second = channel.send(2);

    controller.abort(enough);
    await assertRejects(() => first, Error, "enough");

    assertEquals(channel.tryReceive(), { state: "ok", value: 2 });
    await second;
  });

  Deno.test(`Channel.sendSync() meets a coroutine of its own thread (${scope})`, async () => {
    const channel = new Channel<number>({ scope });

    const receive = channel.receive();
    channel.sendSync(1);
    assertEquals(await receive, 1);
    const send = channel.send(2);
    assertEquals(channel.receiveSync(), 2);
    await send;
  });

  Deno.test(`Channel keeps nothing of sends that were over behind one that stays (${scope})`, async () => {
    const channel = new Channel<Uint8Array>({ scope });
    const stays = channel.send(new Uint8Array([42]));
    const heap = () => Deno.memoryUsage().heapUsed + Deno.memoryUsage().external;
    const before = heap();

    for (let i = 0; i < 1000; i++) {
      try {
        channel.sendSync(new Uint8Array(1_000_000), { timeout: 0 });
      } catch (error) {
        assertEquals((error as Error).name, "TimeoutError");
      }
    }

    // What there is at once, and what the garbage collector has not come to; in all it was 1 GB.
    assert(heap() - before < 300_000_000, `${heap() - before} bytes more`);
    assertEquals(channel.tryReceive(), { state: "ok", value: new Uint8Array([42]) });
    assertEquals(channel.tryReceive(), { state: "empty" });
    await stays;
  });
}

Deno.test("Channel carries the very values in one thread, and copies otherwise", async () => {
  for (const capacity of [0, 1]) {
    for (const scope of scopes) {
      const channel = new Channel<{ n: number }>({ scope, capacity });
      const value = { n: 1 };
      const sent = channel.send(value);
      value.n = 2;

      const received = await channel.receive();

      assertEquals(received === value, scope === "local");
      assertEquals(received, { n: scope === "local" ? 2 : 1 });
      await sent;
    }
  }
});

Deno.test("Channel.send() refuses what cannot be cloned, names its path, and sends nothing", async () => {
  for (const capacity of [0, 1]) {
    const channel = new Channel<unknown>({ capacity });
    const value = { user: { callback: () => {} } };
    const receive = channel.receive();

    for (
      const error of [
        await assertRejects(() => channel.send(value), DOMException),
        assertThrows(() => channel.sendSync(value), DOMException),
        assertThrows(() => channel.trySend(value), DOMException),
      ]
    ) {
      assertEquals([error.name, error.message.includes("$.user.callback")], [
        "DataCloneError",
        true,
      ]);
    }

    assertEquals(channel.tryReceive(), { state: "empty" });
    channel.sendSync("it still works");
    assertEquals(await receive, "it still works");
  }
});

Deno.test("Channel.close() takes a reason that cannot be cloned, and that calls the channel", async () => {
  const channel = new Channel<unknown>();
  channel.close(Object.assign(new Error("why"), { cannot: () => {} }, {
    get calls() {
      return channel.tryReceive().state;
    },
  }));
  const other = new Channel<unknown>();
  const reason = Object.defineProperty(new Error("why"), "calls", {
    get: () => other.trySend(1),
    enumerable: true,
  });
  other.close(reason);

  await assertRejects(() => channel.receive(), Error, "why");
  const error = await assertRejects(() => other.receive(), Error, "why");
  assertEquals(Reflect.get(error, "calls"), false);
});

Deno.test("new Channel() refuses a capacity or scope that is none, and a local one does not travel", () => {
  for (const capacity of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Channel({ capacity }), RangeError, String(capacity));
  }
  assertThrows(() => new Channel({ scope: "world" as "thread" }), TypeError, "world");
  const outer = new Channel<unknown>();
  const shared = new Channel<unknown>({ scope: "process" });
  for (const [channel, what] of [["local", "channel jobs"], ["thread", "channel jobs"]] as const) {
    const value = new Channel({ scope: channel, name: "jobs" });
    const target = channel === "local" ? outer : shared;
    assertThrows(() => target.trySend(value), DOMException, what);
  }
});

Deno.test("Channel shows name, scope, size and whether it is closed in Deno.inspect", () => {
  const channel = new Channel<number>({ name: "jobs", capacity: 3 });
  channel.sendSync(1);
  channel.close();

  assertEquals(Deno.inspect(channel), 'Channel "jobs" { scope: "thread", size: 1/3, closed }');
  assertEquals(
    Deno.inspect(new Channel({ scope: "local" })),
    'Channel { scope: "local", size: 0/0 }',
  );
});

Deno.test("Channel is one for all handles on it, and travels through a channel", async () => {
  for (const capacity of [0, 1]) {
    const scope = "process";
    const post = new Channel<Channel<number>>({ scope, capacity: 1 });
    const channel = new Channel<number>({ scope, capacity, name: "numbers" });
    post.sendSync(channel);
    const other = post.receiveSync();
    assertEquals([other.capacity, other.name, other.scope], [capacity, "numbers", scope]);

    const receive = other.receive();
    await channel.send(1);
    const send = other.send(2);

    assertEquals([await receive, await channel.receive()], [1, 2]);
    await send;
    other.close(enough);
    await assertRejects(() => channel.receive(), Error, "enough");
  }
});
