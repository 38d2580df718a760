// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BufferTooShortError,
  Connection,
  ConnectionClosedError,
  NotBytesError,
  pipe,
  Queue,
} from "../../channel/mod.ts";
import { Event } from "../../sync/mod.ts";
import { countRight, numbered } from "../fixtures/pipe_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const scopes = ["thread", "process"] as const;

for (const scope of scopes) {
  Deno.test(`pipe() gives two ends that receive what the other sends (${scope})`, async () => {
    const [a, b] = pipe<string, number>({ scope });

    await a.send("one");
    a.sendSync("two");
    b.sendSync(1);

    assertEquals([await b.receive(), b.receiveSync(), await a.receive()], ["one", "two", 1]);
    assertEquals([a.scope, a.closed, b.closed], [scope, false, false]);
  });

  Deno.test(`Connection carries each value as a message, also an empty one (${scope})`, async () => {
    const [a, b] = pipe<unknown>({ scope });
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const values = ["", undefined, null, new Uint8Array(0), [], -0, new Map([[1, 2]]), cycle];

    for (const value of values) await a.send(value);

    for (const value of values) assertEquals(await b.receive(), value);
    assertEquals(b.pollSync(), false);
  });

  Deno.test(`pipe() gives one that receives and one that sends if it is not duplex (${scope})`, async () => {
    const [receiver, sender] = pipe<string>({ scope, duplex: false });
    await sender.send("one");

    assertEquals(await receiver.receive(), "one");
    const wrong = sender as Connection<string, string>;
    await assertRejects(() => wrong.receive(), TypeError, "only sends");
    assertThrows(() => wrong.receiveSync(), TypeError, "only sends");
    await assertRejects(() => wrong.poll(), TypeError, "only sends");
    assertThrows(() => wrong.readable, TypeError, "only sends");
    await assertRejects(() => Array.fromAsync(wrong), TypeError, "only sends");
    const other = receiver as Connection<string, string>;
    await assertRejects(() => other.send("a"), TypeError, "only receives");
    assertThrows(() => other.sendSync("a"), TypeError, "only receives");
    assertThrows(() => other.writable, TypeError, "only receives");

    sender.close();
    await assertRejects(() => receiver.receive(), ConnectionClosedError);
  });

  Deno.test(`Connection.receive() serves those who wait in their order (${scope})`, async () => {
    const [a, b] = pipe<number>({ scope });
    const waits = [0, 1, 2].map(() => b.receive());

    for (const n of [0, 1, 2]) await a.send(n);

    assertEquals(await Promise.all(waits), [0, 1, 2]);
  });

  Deno.test(`Connection.close() lets the other end drain, and then tells it (${scope})`, async () => {
    const [a, b] = pipe<string>({ scope });
    a.sendSync("one");
    a.sendSync("two");

    a.close();
    a.close();

    assertEquals(a.closed, true);
    assertEquals(b.closed, false);
    assertEquals([await b.receive(), b.receiveSync()], ["one", "two"]);
    await assertRejects(() => b.receive(), ConnectionClosedError, "other end");
    assertThrows(() => b.receiveSync(), ConnectionClosedError, "other end");
    const error = await assertRejects(() => b.send("three"), ConnectionClosedError, "other end");
    assertEquals(error.value, "three");
    assertEquals(
      assertThrows(() => b.sendSync("four"), ConnectionClosedError).value,
      "four",
    );
  });

  Deno.test(`Connection.close() lets those know who wait at either end (${scope})`, async () => {
    const [a, b] = pipe<Uint8Array>({ scope });
    const receive = a.receive();
    const polled = a.poll({ timeout: Infinity });
    const big = new Uint8Array(2 ** 20);
    await a.send(big);
    const sends = [a.send(big), a.send(big)];

    a.close();

    await assertRejects(() => receive, ConnectionClosedError, "the connection is closed");
    await assertRejects(() => polled, ConnectionClosedError, "the connection is closed");
    for (const send of sends) {
      const error = await assertRejects(() => send, ConnectionClosedError);
      assertEquals(error.value, big);
    }
    assertEquals(await Array.fromAsync(b), [big]);
  });

  Deno.test(`Connection.close() wakes those who wait at the other end (${scope})`, async () => {
    const [a, b] = pipe<Uint8Array>({ scope });
    const receives = [b.receive(), b.receive()];
    const polled = b.poll({ timeout: Infinity });
    const big = new Uint8Array(2 ** 20);
    await b.send(big);
    const send = b.send(big);

    a.close();

    for (const receive of receives) {
      await assertRejects(() => receive, ConnectionClosedError, "other end");
    }
    assertEquals((await assertRejects(() => send, ConnectionClosedError)).value, big);
    assertEquals(await polled, true);
    assertEquals(b.pollSync(), true);
  });

  Deno.test(`Connection refuses every use once it is closed (${scope})`, async () => {
    const [a] = pipe<string>({ scope });
    a.close();

    const error = await assertRejects(() => a.send("a"), ConnectionClosedError, "is closed");
    assertEquals(error.value, "a");
    assertThrows(() => a.sendSync("a"), ConnectionClosedError);
    await assertRejects(() => a.receive(), ConnectionClosedError);
    assertThrows(() => a.receiveSync(), ConnectionClosedError);
    await assertRejects(() => a.poll(), ConnectionClosedError);
    assertThrows(() => a.pollSync(), ConnectionClosedError);
    await assertRejects(() => a.receiveInto(new Uint8Array(1)), ConnectionClosedError);
    await assertRejects(() => Array.fromAsync(a), ConnectionClosedError);
    assertThrows(() => new Queue({ scope }).putSync(a), DOMException, "closed");
  });

  Deno.test(`Connection.poll() tells whether a receive need not wait (${scope})`, async () => {
    const [a, b] = pipe<string>({ scope });

    for (const timeout of [undefined, 0, -1, -Infinity, 5]) {
      assertEquals(await b.poll({ timeout }), false);
      assertEquals(b.pollSync({ timeout }), false);
    }
    assertThrows(() => b.pollSync({ timeout: NaN }), RangeError);
    await assertRejects(() => b.poll({ timeout: NaN }), RangeError);
    const polled = [b.poll({ timeout: Infinity }), b.poll({ timeout: 60_000 })];
    a.sendSync("");
    assertEquals(await Promise.all(polled), [true, true]);
    for (const timeout of [undefined, 0, -1, 5, Infinity]) {
      assertEquals(await b.poll({ timeout }), true);
      assertEquals(b.pollSync({ timeout }), true);
    }
    assertEquals(b.receiveSync(), "");
    assertEquals(b.pollSync(), false);
    const controller = new AbortController();
    const aborted = b.poll({ timeout: Infinity, signal: controller.signal });
    controller.abort(new Error("enough"));
    await assertRejects(() => aborted, Error, "enough");
    await assertRejects(() => b.poll({ signal: controller.signal }), Error, "enough");
  });

  Deno.test(`Connection.poll() leaves a message to those who receive (${scope})`, async () => {
    const [a, b] = pipe<string>({ scope });
    const poll = b.poll({ timeout: Infinity });
    const receive = b.receive();

    await a.send("one");

    assertEquals([await poll, await receive], [true, "one"]);
  });

  Deno.test(`Connection waits that are aborted or late leave no trace (${scope})`, async () => {
    const [a, b] = pipe<Uint8Array>({ scope });
    const enough = new Error("enough");
    for (const timeout of [0, 5]) {
      assertEquals(
        assertThrows(() => b.receiveSync({ timeout }), DOMException).name,
        "TimeoutError",
      );
      const error = await assertRejects(() => b.receive({ timeout }), DOMException);
      assertEquals(error.name, "TimeoutError");
    }
    const receiving = new AbortController();
    const receive = b.receive({ signal: receiving.signal });
    receiving.abort(enough);
    await assertRejects(() => receive, Error, "enough");
    assertThrows(() => b.receiveSync({ timeout: -1 }), RangeError);
    await assertRejects(() => b.send(numbered(0, 1), { timeout: NaN }), RangeError);

    await a.send(numbered(1, 2 ** 20));
    for (const timeout of [0, 5]) {
      const late = () => a.sendSync(numbered(2, 2 ** 20), { timeout });
      assertEquals(assertThrows(late, DOMException).name, "TimeoutError");
    }
    const late = await assertRejects(() => a.send(numbered(2, 2 ** 20), { timeout: 5 }));
    assertEquals((late as Error).name, "TimeoutError");
    const sending = new AbortController();
    const send = a.send(numbered(3, 2 ** 20), { signal: sending.signal });
    sending.abort(enough);
    await assertRejects(() => send, Error, "enough");

    assertEquals((await b.receive())[0], 2);
    assertEquals(b.pollSync(), false);
  });

  Deno.test(`Connection.receiveInto() stores a message in a buffer (${scope})`, async () => {
    const [a, b] = pipe<unknown>({ scope });
    const buffer = new Uint8Array(6);
    a.sendSync(new Uint8Array([1, 2]));
    a.sendSync(new Uint16Array([0x0403]));
    a.sendSync(new Uint8Array([5]).buffer);
    a.sendSync(new DataView(new Uint8Array([0, 6, 0]).buffer, 1, 1));
    a.sendSync(new Uint8Array(0));

    assertEquals(await b.receiveInto(buffer), 2);
    assertEquals(b.receiveIntoSync(buffer, { offset: 2 }), 2);
    assertEquals(await b.receiveInto(buffer, { offset: 4 }), 1);
    assertEquals(b.receiveIntoSync(buffer, { offset: 5 }), 1);
    assertEquals(b.receiveIntoSync(buffer, { offset: 6 }), 0);
    assertEquals(buffer, new Uint8Array([1, 2, 3, 4, 5, 6]));

    for (const offset of [-1, 7, 0.5, NaN]) {
      await assertRejects(() => b.receiveInto(buffer, { offset }), RangeError, "offset");
      assertThrows(() => b.receiveIntoSync(buffer, { offset }), RangeError, "offset");
    }
    const noBuffer = [] as unknown as Uint8Array;
    assertThrows(() => b.receiveIntoSync(noBuffer), TypeError, "Uint8Array");
    a.sendSync(new Uint8Array(7).fill(9));
    const error = assertThrows(() => b.receiveIntoSync(buffer), BufferTooShortError);
    assertEquals(error.value, new Uint8Array(7).fill(9));
    a.sendSync("text");
    assertEquals(
      (await assertRejects(() => b.receiveInto(buffer), NotBytesError)).value,
      "text",
    );
    assertEquals(buffer, new Uint8Array([1, 2, 3, 4, 5, 6]));
    assertThrows(() => b.receiveIntoSync(buffer, { timeout: 5 }), DOMException, "timed out");
  });

  Deno.test(`Connection.send() refuses what cannot be cloned, and nothing arrives (${scope})`, async () => {
    const [a, b] = pipe<unknown>({ scope });

    await assertRejects(() => a.send({ callback: () => {} }), DOMException, "$.callback");
    assertThrows(() => a.sendSync(Symbol("a")), DOMException);

    assertEquals(b.pollSync(), false);
  });

  Deno.test(`Connection.send() lets a message of any size pass (${scope})`, async () => {
    const [a, b] = pipe<Uint8Array>({ scope });
    const lengths = [0, 1, 2 ** 16, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 2 ** 24, 2 ** 26];
    const received = countRight(b, lengths, "async");

    for (const [i, length] of lengths.entries()) await a.send(numbered(i, length));
    a.close();

    assertEquals(await received, lengths.length);
  });

  Deno.test(`Connection can be iterated to the end (${scope})`, async () => {
    const [a, b] = pipe<number>({ scope });
    for (const n of [1, 2, 3]) a.sendSync(n);
    a.close();

    assertEquals(await Array.fromAsync(b), [1, 2, 3]);
    assertEquals(await Array.fromAsync(b), []);
  });

  Deno.test(`Connection is closed when it is disposed (${scope})`, async () => {
    const [a, b] = pipe({ scope });
    {
      using _a = a;
      await using _b = b;
    }

    assertEquals([a.closed, b.closed], [true, true]);
  });

  Deno.test(`Connection shows its state (${scope})`, () => {
    const [a, b] = pipe<number>({ scope, name: "talk" });
    const [receiver, sender] = pipe<number>({ scope, duplex: false });
    a.sendSync(1);

    const start = `Connection "talk" { scope: "${scope}", `;
    assertEquals(Deno.inspect(b), `${start}messages: 1, open }`);
    a.close();
    assertEquals(Deno.inspect(a), `${start}messages: 0, closed }`);
    assertEquals(Deno.inspect(b), `${start}messages: 1, the other end is closed }`);
    const nameless = `Connection { scope: "${scope}", `;
    assertEquals(Deno.inspect(receiver), `${nameless}receives, messages: 0, open }`);
    assertEquals(Deno.inspect(sender), `${nameless}sends, open }`);
    assertEquals([a.name, receiver.name], ["talk", undefined]);
  });
}

Deno.test("Connection is made by pipe() alone, in a scope that there is", () => {
  assertThrows(() => new Connection({}), TypeError, "pipe()");
  assertThrows(() => pipe({ scope: "local" as "thread" }), TypeError, "scope");
});
