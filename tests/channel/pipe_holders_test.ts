// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { decode, decodeLoading, encode } from "../../channel/codec.ts";
import { type Connection, ConnectionClosedError, pipe } from "../../channel/mod.ts";
import { Holders } from "../../channel/_holders.ts";
import { registerHandle, toHandle, UnknownHandleError } from "../../sync/handle.ts";
import { allocate } from "../../sync/memory/place.ts";
import { Event } from "../../sync/mod.ts";
import { Thread } from "../../thread/mod.ts";
import { endsByItself, relay } from "../fixtures/pipe_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

/** A handle that no module knows until it is registered. */
class Stranger {
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  [toHandle]() {
    return { kind: this.#kind, state: undefined };
  }
}

const process = { destination: "process" } as const;

Deno.test("Connection under way keeps its end open when its sender has closed it", () => {
  const [here, there] = pipe<string>({ scope: "process" });

  const bytes = encode(there, process);
  there.close();
  assertEquals(here.pollSync(), false);
  here.sendSync("one");
  const revived = decode(bytes) as Connection<string>;
  assertEquals([revived.receiveSync(), revived.closed], ["one", false]);
  revived.close();

  assertThrows(() => here.receiveSync(), ConnectionClosedError);
});

Deno.test("Connection can be revived more than once, and is held as often", () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const bytes = encode([there, there], process);

  const [first, same] = decode(bytes) as Connection<string>[];
  const [second] = decode(bytes) as Connection<string>[];

  assert(first === same);
  there.close();
  first!.close();
  assertEquals(here.pollSync(), false);
  second!.close();
  assertEquals(here.pollSync(), true);
});

Deno.test("Connection.close() tells those who wait at it while others hold the same end", async () => {
  const [here, there] = pipe<Uint8Array>({ scope: "process" });
  const other = decode(encode(there, process)) as Connection<Uint8Array>;
  const big = new Uint8Array(2 ** 20);
  const receive = there.receive();
  const polled = there.poll({ timeout: Infinity });
  there.sendSync(big);
  const send = there.send(big);

  there.close();

  await assertRejects(() => receive, ConnectionClosedError, "the connection is closed");
  await assertRejects(() => polled, ConnectionClosedError, "the connection is closed");
  assertEquals((await assertRejects(() => send, ConnectionClosedError)).value, big);
  here.sendSync(new Uint8Array([1]));
  assertEquals(other.receiveSync(), new Uint8Array([1]));
  assertEquals([here.receiveSync().length, here.pollSync()], [2 ** 20, false]);
  other.close();
});

Deno.test("Connection in a value that cannot be decoded stays under way", async () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const bytes = encode([there, new Stranger("pipe-stranger")], process);
  there.close();

  assertThrows(() => decode(bytes), UnknownHandleError);
  await assertRejects(() => decodeLoading(bytes), UnknownHandleError);
  assertEquals(here.pollSync(), false);
  registerHandle("pipe-stranger", () => ({}));
  const [revived] = decode(bytes) as [Connection<string>, object];

  here.sendSync("one");
  assertEquals(revived.receiveSync(), "one");
  revived.close();
  assertEquals(here.pollSync(), true);
});

Deno.test("Connection in a value that cannot be encoded is not under way", () => {
  const [here, there] = pipe<string>({ scope: "process" });

  assertThrows(() => encode([there, () => {}], process), DOMException);
  there.close();

  assertEquals(here.pollSync(), true);
});

Deno.test("Connection whose end is gone is closed when it is revived", () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const bytes = encode(there, process);
  const revived = decode(bytes) as Connection;
  there.close();
  revived.close();

  const late = decode(bytes) as Connection;

  assertEquals([late.closed, here.pollSync()], [true, true]);
  assertThrows(() => late.receiveSync(), ConnectionClosedError);
  assertThrows(() => late.sendSync(1), ConnectionClosedError);
  assertThrows(() => encode(late, process), DOMException, "closed");
  late.close();
});

Deno.test("Connection can be under way 128 times at once", () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const sent = Array.from({ length: 128 }, () => encode(there, process));

  assertThrows(() => encode(there, process), RangeError, "128");
  const revived = sent.map((bytes) => decode(bytes) as Connection);
  const bytes = encode(there, process);

  there.close();
  for (const connection of revived) connection.close();
  assertEquals(here.pollSync(), false);
  (decode(bytes) as Connection).close();
  assertEquals(here.pollSync(), true);
});

Deno.test("Connection is left by a thread that ends", async () => {
  for (const scope of ["thread", "process"] as const) {
    const [here, there] = pipe<string>({ scope });
    const other = Thread.spawn(endsByItself, there);
    there.close();

    await other.join();

    // Nobody has had to look for the dead.
    assertStringIncludes(Deno.inspect(here), "messages: 1, the other end is closed");
    assertEquals(await here.receive(), "ready");
    await assertRejects(() => here.receive(), ConnectionClosedError);
  }
});

Deno.test("Connection is never lost on its way from hand to hand", async () => {
  const hops = 300;
  const [here, there] = pipe<string>({ scope: "process" });
  const [a, b] = pipe<Connection<string>>({ scope: "process" });
  a.sendSync(there);
  there.close();
  const relays = [Thread.spawn(relay, b, hops, false), Thread.spawn(relay, a, hops, true)];
  a.close();
  b.close();

  let looks = 0;
  let ended = false;
  const joined = Promise.all(relays.map((thread) => thread.join())).finally(() => ended = true);
  while (!ended) {
    if (here.pollSync()) break;
    looks++;
    await new Promise((resolve) => setTimeout(resolve));
  }

  assert(looks > 0);
  await joined;
  assertEquals(await here.receive(), "at the end of the journey");
  await assertRejects(() => here.receive(), ConnectionClosedError);
});

Deno.test("Connection that nobody has any more is left", async () => {
  const module = import.meta.resolve("../../channel/mod.ts");
  const source = `
    import { pipe } from ${JSON.stringify(module)};
    const collect = async () => {
      for (let i = 0; i < 5; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    let waited;
    for (const scope of ["thread", "process"]) {
      const [lost] = (() => [pipe({ scope })[0]])();
      await collect();
      console.log(scope, "lost", lost.pollSync());

      const [here] = (() => {
        const [here, there] = pipe({ scope });
        waited = there.receive();
        return [here];
      })();
      await collect();
      console.log(scope, "waited for", here.pollSync());
      here.sendSync("one");
      console.log(await waited);
      waited = undefined;
      await collect();
      console.log(scope, "no more", here.pollSync());

      const [streaming] = (() => {
        const [here, there] = pipe({ scope });
        globalThis.stream = there.readable;
        return [here];
      })();
      await collect();
      console.log(scope, "streams", streaming.pollSync());
      globalThis.stream = undefined;
      await collect();
      console.log(scope, "no more", streaming.pollSync());
    }
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--allow-ffi",
      "--v8-flags=--expose-gc",
      `data:text/javascript,${encodeURIComponent(source)}`,
    ],
    env: { NO_COLOR: "1" },
  }).output();

  const lines = ["lost true", "waited for false", "one", "no more true", "streams false"];
  const expected = ["thread", "process"].flatMap((scope) =>
    [...lines, "no more true"].map((line) => line === "one" ? line : `${scope} ${line}`)
  );
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), expected);
});

Deno.test("Holders are gone for good once nobody is in and no journey is under way", () => {
  const { memory, index } = allocate("thread", Holders.words);
  const first = new Holders(memory, index);
  const second = new Holders(memory, index);

  assert(first.enter() && second.enter());
  const journey = first.depart(memory.token);
  first.leave();
  assertEquals(first.settle(), false);
  second.leave();
  assertEquals([second.settle(), second.gone, second.isUnderWay(journey)], [false, false, true]);
  assert(first.enter());
  first.arrive(journey);
  first.arrive(journey);
  assertEquals([first.settle(), first.isUnderWay(journey), first.journeys], [false, false, 0]);
  first.leave();

  assertEquals([first.gone, second.settle(), first.gone, first.settle()], [
    false,
    true,
    true,
    true,
  ]);
  assertEquals([first.enter(), second.enter()], [false, false]);
});

Deno.test("Holders.removeDead() ends the journeys of the dead alone", () => {
  const { memory, index } = allocate("thread", Holders.words);
  const holders = new Holders(memory, index);
  const nobody = 12_345;
  holders.enter();

  const lost = holders.depart(nobody);
  const entrusted = holders.depart(memory.token);
  const kept = holders.depart(memory.token);
  holders.entrust(entrusted, nobody);
  holders.removeDead();

  const underWay = [lost, entrusted, kept].map((journey) => holders.isUnderWay(journey));
  assertEquals(underWay, [false, false, true]);
  const next = holders.depart(memory.token);
  holders.arrive(lost);
  assertEquals([next.slot, holders.isUnderWay(next)], [lost.slot, true]);
});
