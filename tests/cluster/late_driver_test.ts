// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects } from "@std/assert";
import type { BrokerDriver, Delivery } from "../../cluster/_broker_driver.ts";
import { LateDriver } from "../../cluster/_late_driver.ts";

/** A driver that notes what it is asked. */
function noting(asked: string[]): BrokerDriver {
  const note = <T>(what: string, value?: T) => {
    asked.push(what);
    return Promise.resolve(value as T);
  };
  return {
    connected: true,
    ready: () => note("ready"),
    send: (messages) => note(`send ${messages.length}`, messages.map(() => true)),
    demand: (count) => void note(`demand ${count}`),
    poll: () => note<Delivery | undefined>("poll"),
    acknowledge: (tag) => note(`acknowledge ${tag}`),
    giveBack: (tags) => note(`giveBack ${tags}`),
    discard: (tag, reason) => note(`discard ${tag} ${reason}`),
    count: () => note("count", { ready: 1, held: 2 }),
    disconnect: () => note("disconnect"),
  };
}

Deno.test("LateDriver loads nothing until something is asked that needs a connection", async () => {
  let loads = 0;
  const late = new LateDriver(() => {
    loads++;
    return Promise.resolve(noting([]));
  });

  late.demand(0);
  await late.disconnect();
  assertEquals([late.connected, loads], [false, 0]);

  await late.ready();
  await late.ready();
  assertEquals([late.connected, loads], [true, 1]);
});

Deno.test("LateDriver asks in the order of the calls, also of those while it loads", async () => {
  const asked: string[] = [];
  const loaded = Promise.withResolvers<BrokerDriver>();
  const late = new LateDriver(() => loaded.promise);

  const first = [late.ready(), late.poll(), late.acknowledge(1)];
  late.demand(2);
  late.demand(0);
  const last = late.disconnect();
  // As soon as the driver is there.
  const next = loaded.promise.then(() => late.giveBack([3, 4]));
  loaded.resolve(noting(asked));
  await Promise.all([...first, last, next]);
  late.demand(5);

  assertEquals(asked, [
    ...["ready", "poll", "acknowledge 1", "demand 2", "demand 0", "disconnect"],
    ...["giveBack 3,4", "demand 5"],
  ]);
});

Deno.test("LateDriver gives what the driver gives", async () => {
  const asked: string[] = [];
  const late = new LateDriver(() => Promise.resolve(noting(asked)));
  const message = { body: new Uint8Array(1), number: 1, id: "a" };

  assertEquals(await late.send([message]), [true]);
  assertEquals(await late.count(), { ready: 1, held: 2 });
  await late.discard(7, "unreadable");
  assertEquals(asked, ["send 1", "count", "discard 7 unreadable"]);
});

Deno.test("LateDriver rejects with the error if the driver cannot be loaded", async () => {
  const late = new LateDriver(() => Promise.reject(new TypeError("not found")));

  late.demand(1);
  await assertRejects(() => late.ready(), TypeError, "not found");
  await assertRejects(() => late.poll(), TypeError, "not found");
});
