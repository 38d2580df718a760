// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Connection, ConnectionClosedError, pipe } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event } from "../../sync/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { echo } from "../fixtures/pipe_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

for (const kind of ["thread", "process"] as const) {
  Deno.test(`Connection is a stream through a ${kind} for pipeThrough()`, async () => {
    const [here, there] = pipe<unknown>({ scope: kind });
    const other = kind === "process"
      ? Process.spawn(echo, there as Connection)
      : Thread.spawn(echo, there as Connection);
    there.close();
    const messages = Array.from({ length: 500 }, (_, i) => ({ i, bytes: new Uint8Array(i * 16) }));

    const echoed = await Array.fromAsync(ReadableStream.from(messages).pipeThrough(here));

    assertEquals(echoed, messages);
    assertEquals(here.closed, true);
    await other.join();
  });

  Deno.test(`Connection.writable makes pipeTo() wait while there is no room (${kind})`, async () => {
    const [receiver, sender] = pipe<Uint8Array>({ scope: kind, duplex: false });
    let produced = 0;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (++produced > 64) controller.close();
        else controller.enqueue(new Uint8Array(2 ** 18).fill(produced));
      },
    });

    const piped = source.pipeTo(sender.writable);
    while (await receiver.poll({ timeout: 0 }) === false) {
      await new Promise((r) => setTimeout(r, 1));
    }
    // Much more than it takes, were there no limit.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert(produced < 20, `${produced} were produced`);
    const received = await Array.fromAsync(receiver, (message) => message[0]);

    assertEquals(received, Array.from({ length: 64 }, (_, i) => i + 1));
    await piped;
    assertEquals(sender.closed, true);
  });

  Deno.test(`Connection.writable lets the other end drain when it is closed (${kind})`, async () => {
    const [a, b] = pipe<string>({ scope: kind });
    const writer = a.writable.getWriter();
    await writer.write("one");
    await writer.write("two");

    await writer.close();

    assertEquals(await Array.fromAsync(b), ["one", "two"]);
    await assertRejects(() => a.send("three"), ConnectionClosedError, "in this direction");
    await b.send("back");
    assertEquals([await a.receive(), a.closed, b.closed], ["back", false, false]);
    await assertRejects(() => b.receive(), ConnectionClosedError, "in this direction");
  });

  Deno.test(`Connection.writable shuts its direction down when it is aborted (${kind})`, async () => {
    const [a, b] = pipe<Uint8Array>({ scope: kind });
    const big = new Uint8Array(2 ** 20);
    const writer = a.writable.getWriter();
    await writer.write(big);
    const stuck = writer.write(big);
    stuck.catch(() => {});

    await writer.abort(new Error("enough"));

    await assertRejects(() => stuck, Error, "enough");
    assertEquals(await Array.fromAsync(b, ({ length }) => length), [2 ** 20]);
    await b.send(big);
    assertEquals((await a.receive()).length, 2 ** 20);
  });

  Deno.test(`Connection.writable is errored when the other end is closed (${kind})`, async () => {
    const [a, b] = pipe<string>({ scope: kind });
    const writer = a.writable.getWriter();
    b.close();

    const error = await assertRejects(() => writer.write("one"), ConnectionClosedError);

    assertEquals(error.value, "one");
    await assertRejects(() => writer.closed, ConnectionClosedError);
    assertEquals((await a.readable.getReader().read()).done, true);
    assertEquals(a.closed, true);
  });

  Deno.test(`Connection.readable takes messages only when they are read (${kind})`, async () => {
    const [a, b] = pipe<number>({ scope: kind });
    for (const n of [1, 2, 3, 4]) a.sendSync(n);
    a.close();
    const reader = b.readable.getReader();
    const turn = () => new Promise((resolve) => setTimeout(resolve));

    await turn();
    assertEquals((await reader.read()).value, 1);
    await turn();
    assertEquals(await b.receive(), 2);
    assertEquals((await reader.read()).value, 3);
    assertEquals(b.receiveSync(), 4);

    assertEquals((await reader.read()).done, true);
    assert(b.readable === b.readable && b.writable === b.writable);
  });

  Deno.test(`Connection.readable shuts its direction down when it is cancelled (${kind})`, async () => {
    const [a, b] = pipe<string>({ scope: kind });
    const reader = b.readable.getReader();
    const read = reader.read();

    await reader.cancel("enough");

    assertEquals((await read).done, true);
    const error = await assertRejects(() => a.send("one"), ConnectionClosedError);
    assertEquals(error.value, "one");
    await b.send("back");
    assertEquals([await a.receive(), b.closed], ["back", false]);
    await b.writable.close();
    assertEquals([b.closed, a.closed], [true, false]);
    await assertRejects(() => a.receive(), ConnectionClosedError, "other end");
  });

  Deno.test(`Connection.readable ends when its connection is closed (${kind})`, async () => {
    const [a, b] = pipe<string>({ scope: kind });
    const read = b.readable.getReader().read();

    b.close();

    assertEquals((await read).done, true);
    a.close();
  });
}
