// Copyright 2026 the Weft authors. MIT license.

import { connectManager, ManagerLostError } from "../../cluster/mod.ts";
import { pickleText, putOf } from "./_attack_bytes.ts";
import { stand } from "./_attack_stand.ts";
import { concat, frame, hex, key, RawPeer, text, until } from "./_raw_peer.ts";
import { assertEquals, assertRejects } from "@std/assert";

Deno.test("ManagerServer answers requests that come together, one after the other", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  const requests = Array.from(
    { length: 500 },
    (_, i) => frame(putOf(ident, new Uint8Array([75, i & 255]))),
  );

  const sending = peer.send(...requests);
  for (let i = 0; i < 500; i++) assertEquals(await peer.reply(), ["#RETURN", null]);
  await sending;

  assertEquals(it.queue.size, 500);
  for (let i = 0; i < 500; i++) assertEquals(it.queue.getNowait(), i & 255);
});

Deno.test("ManagerServer ends a connection that sends a call while one of it waits", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  const get = concat(hex("8004"), text("("), pickleText(ident), pickleText("get"), hex("297d742e"));

  await peer.send(frame(get), frame(get));

  await peer.ended();
  assertEquals(it.refusals.map(({ reason }) => reason), [
    "a call before the reply to the last one",
  ]);
  await it.check();
});

Deno.test("ManagerServer keeps an object while its own clients refer to it, whatever others count", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_lock");
  assertEquals(it.server.objects, 1);
  for (
    const [name, kind] of [["decref", "#RETURN"], ["decref", "#TRACEBACK"], [
      "incref",
      "#TRACEBACK",
    ]]
  ) {
    using peer = await RawPeer.enter(it.port);
    assertEquals((await peer.call(null, name!, [ident]))[0], kind);
  }

  assertEquals(it.server.objects, 0);
  assertEquals(await RawPeer.create(it.port, "get_lock"), ident);
  using peer = await RawPeer.accepted(it.port);
  assertEquals(await peer.call(ident, "acquire"), ["#RETURN", true]);
});

Deno.test("a lock that somebody else has released stays with who has acquired it next", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_lock");
  const first = await RawPeer.accepted(it.port);
  using second = await RawPeer.accepted(it.port);
  using third = await RawPeer.accepted(it.port);
  await first.call(ident, "acquire");
  // As in Python, any thread may release a lock.
  assertEquals(await second.call(ident, "release"), ["#RETURN", null]);
  assertEquals(await third.call(ident, "acquire"), ["#RETURN", true]);
  const before = it.server.connections;

  first[Symbol.dispose]();
  await until(() => it.server.connections < before);

  assertEquals(it.lock.locked, true);
  third[Symbol.dispose]();
  await until(() => !it.lock.locked);
});

Deno.test("an item that comes back is not counted twice", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_queue");
  const peer = await RawPeer.accepted(it.port);
  await it.queue.put("work");
  // It is sent, and never read.
  await peer.sendFrame(
    concat(hex("8004"), text("("), pickleText(ident), pickleText("get"), hex("297d742e")),
  );
  await until(() => it.queue.isEmpty);
  peer[Symbol.dispose]();
  await until(() => !it.queue.isEmpty);

  assertEquals(await it.queue.get(), "work");
  it.queue.taskDone();

  await it.queue.join({ timeout: 10_000 });
});

Deno.test("ManagerServer ends what a client waits for in the registry when that goes", async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  const asked = Promise.withResolvers<void>();
  await using it = await stand({}, {
    get_slow: () => {
      asked.resolve();
      return promise;
    },
  });
  const peer = await RawPeer.enter(it.port);
  const reply = peer.call(null, "create", ["get_slow"]);
  await asked.promise;
  peer[Symbol.dispose]();
  await reply;
  await until(() => it.server.connections === 0);

  resolve(new Map());
  await it.check();

  assertEquals(it.server.objects, 0);
});

Deno.test("ManagerServer.close() ends also who waits in the registry", async () => {
  const asked = Promise.withResolvers<void>();
  await using it = await stand({}, {
    get_never: () => {
      asked.resolve();
      return new Promise<object>(() => {});
    },
  });
  await using client = await connectManager({ port: it.port, authKey: key });
  const got = assertRejects(() => client.get("get_never"), ManagerLostError);
  await asked.promise;

  await it.server.close();

  await got;
});
