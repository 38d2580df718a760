// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Channel,
  ChannelClosedError,
  Queue,
  QueueClosedError,
  select,
  type SelectCase,
  type SelectDefault,
} from "../../channel/mod.ts";
import { Event, SharedArray } from "../../sync/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { waiting } from "../fixtures/channel_words.ts";
import { jostle } from "../fixtures/select_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const enough = new Error("enough");
const never = new Promise<never>(() => {});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

for (const scope of ["local", "thread", "process"] as const) {
  for (const capacity of [0, 1]) {
    const create = () => new Channel<number>({ scope, capacity });
    const kind = `${scope}, ${capacity}`;

    Deno.test(`select() receives from the channel that has something (${kind})`, async () => {
      const channels = [create(), create(), create()] as const;
      const selected = select(channels);
      await channels[1].send(42);
      assertEquals(await selected, { index: 1, value: 42, done: false });

      const send = channels[2].send(43);
      assertEquals(await select(channels), { index: 2, value: 43, done: false });
      await send;
    });

    Deno.test(`select() sends where it can (${kind})`, async () => {
      const [full, free] = [create(), create()];
      if (capacity > 0) full.sendSync(-1);
      const selected = select([{ send: full, value: 1 }, { send: free, value: 2 }]);

      assertEquals(await free.receive(), 2);
      assertEquals(await selected, { index: 1, value: undefined, done: false });
      if (capacity > 0) assertEquals(full.receiveSync(), -1);
      assertEquals(full.tryReceive(), { state: "empty" });
    });

    Deno.test(`select() meets another select (${kind})`, async () => {
      const [a, b] = [create(), create()];
      if (capacity === 0) {
        const results = await Promise.all([
          select([{ send: a, value: 1 }, b]),
          select([{ send: b, value: 2 }, a]),
        ]);
        const [sends, receives] = results[0].index === 0 ? results : results.toReversed();
        assertEquals([sends!.index, sends!.value, receives!.index], [0, undefined, 1]);
      } else {
        const [received] = await Promise.all([select([a, b]), select([{ send: b, value: 2 }])]);
        assertEquals(received, { index: 1, value: 2, done: false });
      }
      for (const channel of [a, b]) assertEquals(channel.tryReceive(), { state: "empty" });
    });

    Deno.test(`select() tells of a source that is closed, or of the reason (${kind})`, async () => {
      const closed = create();
      const selected = select([create(), closed]);
      closed.close();
      const end = { index: 1, value: undefined, done: true } as const;
      assertEquals(await selected, end);
      assertEquals(await select([create(), closed]), end);

      const others = [enough, new ChannelClosedError("that of another channel")];
      for (const reason of others) {
        const failed = create();
        const rejected = assertRejects(() => select([failed, never]), Error, reason.message);
        failed.close(reason);
        await rejected;
        await assertRejects(() => select([never, failed]), Error, reason.message);
      }
    });

    Deno.test(`select() rejects with the value where it would send to what is closed (${kind})`, async () => {
      const channel = create();
      if (capacity > 0) channel.sendSync(-1);
      const selected = [
        select([{ send: channel, value: 1 }]),
        select([{ send: channel, value: 2 }]),
      ];
      const rejected = selected.map((one) => assertRejects(() => one, ChannelClosedError));

      channel.close();

      const values = (await Promise.all(rejected)).map(({ value }) => value);
      assertEquals(values, [1, 2]);
      const late = await assertRejects(
        () => select([never, { send: channel, value: 3 }]),
        ChannelClosedError,
      );
      assertEquals(late.value, 3);
    });

    Deno.test(`select() that is given up has done nothing (${kind})`, async () => {
      const [from, to] = [create(), create()];
      for (let i = 0; i < capacity; i++) to.sendSync(-1);
      const cases = () => [from, { send: to, value: 1 }, never, new Event()] as const;
      const controller = new AbortController();
      const { signal } = controller;

      const aborted = assertRejects(() => select(cases(), { signal }), Error, "enough");
      const late = await assertRejects(() => select(cases(), { timeout: 2 }), DOMException);
      assertEquals(late.name, "TimeoutError");
      await assertRejects(() => select(cases(), { timeout: 0 }), DOMException, "timed out");
      assertEquals(await select(cases(), { default: 42 }), { index: -1, value: 42, done: false });
      assertEquals(
        await select(cases(), { default: undefined }),
        { index: -1, value: undefined, done: false },
      );
      controller.abort(enough);
      await aborted;
      await assertRejects(() => select(cases(), { signal }), Error, "enough");

      for (let i = 0; i < capacity; i++) assertEquals(to.tryReceive(), { state: "ok", value: -1 });
      for (const channel of [from, to]) {
        assertEquals([channel.size, channel.tryReceive()], [0, { state: "empty" }]);
        if (capacity === 0) assertEquals([channel.trySend(1), waiting(channel)], [false, 0]);
      }
    });

    Deno.test(`select() serves 200 at once (${kind})`, async () => {
      const [a, b] = [create(), create()];
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const senders = numbers.map((value) => select([{ send: a, value }, { send: b, value }]));
      // With a capacity the last value could stay where nobody receives.
      const received = await Promise.all(numbers.map((i) => {
        if (i % 4 === 0 && capacity === 0) return b.receive();
        return select([a, b]).then(({ value }) => value!);
      }));
      await Promise.all(senders);

      assertEquals(received.toSorted((x, y) => x - y), numbers);
      if (capacity === 0) assertEquals([waiting(a), waiting(b)], [0, 0]);
    });
  }

  Deno.test(`select() learns that its offer was taken behind another that offers elsewhere (${scope})`, async () => {
    const [a, b] = [new Channel<string>({ scope }), new Channel<string>({ scope })];
    const first = select([{ send: a, value: "first" }, { send: b, value: "first" }]);
    const second = select([{ send: b, value: "second" }]);
    const third = b.send("third");
    const done: string[] = [];
    first.then(() => done.push("first"));
    second.then(() => done.push("second"));
    third.then(() => done.push("third"));

    // Who polls gets all of them as well.
    for (let received = 1; received <= 3;) {
      const result = b.tryReceive();
      await nextTurn();
      if (result.state !== "ok") continue;
      while (done.length < received) await nextTurn();
      assertEquals(done.at(-1), result.value);
      received++;
    }
  });

  Deno.test(`select() leaves what it has not chosen to others (${scope})`, async () => {
    const [a, b] = [new Queue<number>({ scope }), new Queue<number>({ scope })];
    const selected = select([a, b]);
    const behind = b.get();

    a.putNowait(1);
    const { value } = await selected;
    b.putNowait(2);

    assertEquals([value, await behind], [1, 2]);
    const channel = new Channel<number>({ scope });
    const other = select([channel, a]);
    const receive = channel.receive();
    a.putNowait(3);
    assertEquals((await other).value, 3);
    await channel.send(4);
    assertEquals(await receive, 4);
  });
}

Deno.test("select() waits for queues, events, promises and times", async () => {
  const queue = new Queue<string>();
  const event = new Event();
  const { promise, resolve } = Promise.withResolvers<string>();
  const cases = [queue, event, promise, { after: 5 }] as const;

  assertEquals(await select(cases), { index: 3, value: undefined, done: false });
  const byQueue = select([queue, event, promise]);
  queue.putNowait("item");
  assertEquals(await byQueue, { index: 0, value: "item", done: false });
  const byPromise = select(cases);
  resolve("result");
  assertEquals(await byPromise, { index: 2, value: "result", done: false });
  const byEvent = select([queue, event]);
  event.set();
  assertEquals(await byEvent, { index: 1, value: undefined, done: false });
  assertEquals(await select([queue, { after: 0 }]), { index: 1, value: undefined, done: false });
});

Deno.test("select() puts into a queue that has room, and sees the end of one", async () => {
  const full = new Queue<number>({ maxSize: 1 });
  full.putNowait(1);
  const selected = select([{ send: full, value: 2 }, never]);
  assertEquals(await full.get(), 1);
  assertEquals(await selected, { index: 0, value: undefined, done: false });
  assertEquals(full.getNowait(), 2);

  full.close();

  assertEquals(await select([full, never]), { index: 0, value: undefined, done: true });
  const error = await assertRejects(() => select([{ send: full, value: 3 }]), QueueClosedError);
  assertEquals(error.value, 3);
});

Deno.test("select() takes a promise that is settled already before a default", async () => {
  const future = Thread.spawn(jostle, [], new SharedArray("i32", 4), 0, 0).join();
  await future;

  for (const promise of [Promise.resolve(1), future.then(() => 1)]) {
    await promise;
    assertEquals(
      await select([never, promise], { default: 0 }),
      { index: 1, value: 1, done: false },
    );
  }
  const thenable = { then: (resolve: (value: number) => void) => resolve(2) };
  assertEquals((await select([thenable as PromiseLike<number>])).value, 2);
  await assertRejects(() => select([never, Promise.reject(enough)]), Error, "enough");
});

Deno.test("select() refuses what is no case, and shows it", async () => {
  const cases: [unknown, string][] = [
    [42, "42"],
    [null, "null"],
    [undefined, "undefined"],
    ["queue", "queue"],
    [{ nothing: "known" }, 'nothing: "known"'],
    [{ send: { a: 1 }, value: 1 }, "{ a: 1 }"],
    [() => {}, "Function"],
  ];

  for (const [none, shown] of cases) {
    const wrong = none as SelectCase;
    const error = await assertRejects(() => select([new Event(), wrong]), TypeError, shown);
    assert(error.message.startsWith("Cannot"), error.message);
  }
  for (const after of [-1, NaN]) {
    await assertRejects(() => select([{ after }]), RangeError, String(after));
    await assertRejects(() => select([never], { timeout: after }), RangeError, String(after));
  }
});

Deno.test("select() refuses a value that cannot be cloned, and copies one when it is called", async () => {
  for (const capacity of [0, 1]) {
    const channel = new Channel<unknown>({ capacity });
    const value = { n: 1, callback: undefined as unknown };
    const selected = select([{ send: channel, value }]);
    value.n = 2;
    value.callback = () => {};

    const error = await assertRejects(() => select([{ send: channel, value }]), DOMException);

    assertEquals([error.name, error.message.includes("$.callback")], ["DataCloneError", true]);
    assertEquals(await channel.receive(), { n: 1, callback: undefined });
    await selected;
  }
});

Deno.test("select() chooses each of those that are ready", async () => {
  const [a, b] = [new Queue<number>(), new Queue<number>()];
  const chosen = [0, 0, 0];

  for (let i = 0; i < 300; i++) {
    a.putNowait(i);
    b.putNowait(i);
    chosen[(await select([a, b, Promise.resolve(1)])).index]!++;
  }

  // Each has a chance of a third at least, but that a promise is looked at after the others.
  assert(chosen[0]! > 20 && chosen[1]! > 20, `${chosen}`);
});

Deno.test("select() keeps no watcher of a promise that does not settle", async () => {
  const { add, delete: remove } = Set.prototype;
  const watchers = new Set<unknown>();
  Set.prototype.add = function (value) {
    if (typeof value === "function") add.call(watchers, value);
    return add.call(this, value);
  };
  Set.prototype.delete = function (value) {
    remove.call(watchers, value);
    return remove.call(this, value);
  };
  try {
    const queue = new Queue<number>();
    const controller = new AbortController();
    for (let i = 0; i < 10; i++) {
      queue.putNowait(1);
      await select([never, queue]);
      await select([never], { default: 1 });
      await select([never, { after: 1 }]);
      await assertRejects(() => select([never], { timeout: 1 }));
      const wait = select([never, queue]);
      await nextTurn();
      queue.putNowait(1);
      await wait;
      await assertRejects(() => select([never, 42 as unknown as Event]), TypeError);
    }
    const aborted = assertRejects(() => select([never], { signal: controller.signal }));
    controller.abort();
    await aborted;
  } finally {
    Set.prototype.add = add;
    Set.prototype.delete = remove;
  }

  assertEquals(watchers.size, 0);
});

Deno.test("select() gives results of the types of its cases", async () => {
  const queue = new Queue<string>();
  const channel = new Channel<number>({ capacity: 1 });
  queue.putNowait("item");

  const result = await select([queue, channel, { send: channel, value: 1 }]);
  const other = await select([channel, new Event()], { default: "none" as const });

  type Expected =
    | { readonly index: 0; readonly value: string; readonly done: false }
    | { readonly index: 1; readonly value: number; readonly done: false }
    | { readonly index: 2; readonly value: undefined; readonly done: false }
    | { readonly index: 0 | 1 | 2; readonly value: undefined; readonly done: true };
  const expected: Expected = result;
  if (!result.done && result.index === 0) assertEquals<string>(result.value, "item");
  if (other.index === -1) {
    const value: "none" = other.value;
    const whole: SelectDefault<"none"> = other;
    assertEquals(value, whole.value);
  }
  // @ts-expect-error: there is no fourth case
  assert(result.index !== 3);
  assert(expected.index === 0 || expected.index === 2);
});
