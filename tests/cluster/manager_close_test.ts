// Copyright 2026 the Weft authors. MIT license.

import { connectManager, ManagerLostError, serveManager } from "../../cluster/mod.ts";
import type { Queue } from "../../channel/mod.ts";
import { Condition, Lock, Semaphore } from "../../sync/mod.ts";
import { writeRequest } from "../../cluster/_manager_wire.ts";
import { assertLost, callEverything, everything } from "./_fault_stand.ts";
import { key, RawPeer, RawServer, until, welcomeClient } from "./_raw_peer.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";

Deno.test("every call rejects with a ManagerLostError when the manager is closed", async () => {
  const { server } = await everything();
  await using client = await connectManager({ port: server.port, authKey: key });
  const calls = await callEverything(client);

  await server.close();

  await assertLost(calls);
  assertEquals(server.connections, 0);
});

Deno.test("every call rejects with a ManagerLostError when the client is closed", async () => {
  const { server, lock } = await everything();
  await using _ = server;
  const client = await connectManager({ port: server.port, authKey: key });
  const calls = await callEverything(client);

  await client.close();

  await assertLost(calls);
  await until(() => server.connections === 0);
  // What it held is free.
  assertEquals(lock.locked, false);
  assertEquals(server.objects, 0);
});

Deno.test("ManagerClient.close() ends at any moment of a call", async () => {
  const { server } = await everything();
  await using _ = server;
  for (let turns = 0; turns < 40; turns++) {
    const client = await connectManager({ port: server.port, authKey: key });
    const got = client.get<Queue<number>>("get_empty").then((queue) => queue.get());
    const locked = client.get<Lock>("get_lock").then((lock) => lock.acquire());
    const called = client.get<{ wait(): Promise<void> }>("get_slow").then((slow) => slow.wait());
    const joined = client.get<Queue<number>>("get_queue").then((queue) => queue.put(1))
      .then(() => client.get<Queue<number>>("get_queue")).then((queue) => queue.join());
    const ended = Promise.allSettled([got, locked, called, joined]);
    for (let turn = 0; turn < turns * 5; turn++) await Promise.resolve();
    if (turns % 4 === 3) await new Promise((resolve) => setTimeout(resolve, turns / 4));

    await client.close();

    for (const result of await ended) {
      if (result.status === "fulfilled") continue;
      assert(result.reason instanceof ManagerLostError, Deno.inspect(result.reason));
    }
  }
  await until(() => server.connections === 0);
});

Deno.test("ManagerServer.close() ends at any moment of a call", async () => {
  for (let turns = 0; turns < 30; turns++) {
    const { server } = await everything();
    await using client = await connectManager({ port: server.port, authKey: key });
    const got = client.get<Queue<number>>("get_empty").then((queue) => queue.get());
    const locked = client.get<Lock>("get_lock").then((lock) => lock.acquire());
    const mapped = client.get<Map<string, number>>("get_map").then((map) => map.set("a", 1));
    const ended = Promise.allSettled([got, locked, mapped]);
    if (turns > 0) await new Promise((resolve) => setTimeout(resolve, turns / 2));

    await server.close();

    const results = await ended;
    assertEquals(results[0].status, "rejected");
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      assert(result.reason instanceof ManagerLostError, Deno.inspect(result.reason));
    }
    assertEquals(server.connections, 0);
  }
});

Deno.test("ManagerClient.close() ends when the manager answers nothing any more", async () => {
  await using server = new RawServer(async (peer, index) => {
    // The second connection is that of a call, and those that follow do not even get a handshake.
    if (index < 2) await welcomeClient(peer);
    if (index === 0) {
      await peer.read();
      await peer.sendFrame(
        new Uint8Array([
          0x80,
          4,
          0x8c,
          7,
          ..."#RETURN".split("").map((c) => c.charCodeAt(0)),
          0x4e,
          0x86,
          0x2e,
        ]),
      );
    }
    await peer.ended();
  });
  const client = await connectManager({ port: server.port, authKey: key, connectTimeout: 60_000 });
  const lost = assertRejects(() => client.get("x"), ManagerLostError);
  await until(() => server.count === 2);
  const late = assertRejects(() => client.get("y"), ManagerLostError);
  await until(() => server.count === 3);

  await client.close();

  await lost;
  await late;
});

Deno.test("a manager and its client in one program, each with the objects of the other", async () => {
  const { server } = await everything();
  const other = await everything();
  await using _ = server;
  await using _other = other.server;
  await using client = await connectManager({ port: server.port, authKey: key });
  await using back = await connectManager({ port: other.server.port, authKey: key });
  const there = await client.get<Map<string, number>>("get_map");
  const here = await back.get<Map<string, number>>("get_map");

  await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? there : here).set(`${i}`, i)));

  assertEquals(await there.size + await here.size, 100);
});

Deno.test("what a client that ends has acquired is free again, whatever it is", async () => {
  const lock = new Lock();
  const semaphore = new Semaphore(2);
  const condition = new Condition();
  await using server = await serveManager({
    authKey: key,
    registry: {
      get_lock: () => lock,
      get_semaphore: () => semaphore,
      get_condition: () => condition,
    },
  });
  const idents = await Promise.all(
    ["lock", "semaphore", "condition"].map((name) => RawPeer.create(server.port, `get_${name}`)),
  );
  for (let i = 0; i < 5; i++) {
    const peer = await RawPeer.accepted(server.port);
    for (const ident of idents) assertEquals(await peer.call(ident, "acquire"), ["#RETURN", true]);
    await peer.call(idents[1]!, "acquire");
    assertEquals([lock.locked, semaphore.value], [true, 0]);
    // One of them in the middle of a wait.
    if (i % 2 === 1) await peer.sendFrame(writeRequest(idents[2]!, "wait", []));
    peer[Symbol.dispose]();
    await until(() => server.connections === 0);

    assertEquals([lock.locked, semaphore.value], [false, 2]);
    assertEquals(condition.tryAcquire(), true);
    condition.release();
  }
});
