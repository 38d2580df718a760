// Copyright 2026 the Weft authors. MIT license.

import {
  connectManager,
  type ManagerLimits,
  type ManagerServer,
  type Refusal,
  serveManager,
} from "../../cluster/mod.ts";
import { References } from "../../cluster/_manager_references.ts";
import { Queue } from "../../channel/mod.ts";
import { Lock } from "../../sync/mod.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { writeRequest } from "../../cluster/_manager_wire.ts";
import { challenge, code, frame, header, key, messageOf, RawPeer, until } from "./_raw_peer.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";

interface Stand extends AsyncDisposable {
  readonly server: ManagerServer;
  readonly port: number;
  readonly queue: Queue<unknown>;
  readonly refusals: Refusal[];
  readonly reasons: string[];
  check(): Promise<void>;
}

async function stand(limits: ManagerLimits = {}): Promise<Stand> {
  const queue = new Queue<unknown>();
  const refusals: Refusal[] = [];
  const probe = new Map<string, number>();
  const server = await serveManager({
    authKey: key,
    registry: { get_queue: () => queue, get_probe: () => probe, get_new: () => new Map() },
    onRefusal: (refusal) => refusals.push(refusal),
    limits,
  });
  return {
    server,
    port: server.port,
    queue,
    refusals,
    get reasons() {
      return refusals.map(({ reason }) => reason);
    },
    async check() {
      await using client = await connectManager({ port: server.port, authKey: key });
      const map = await client.get<Map<string, number>>("get_probe");
      await map.set("a", 1);
      assertEquals(await map.get("a"), 1);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

Deno.test("ManagerServer ends who says nothing, after firstByteTimeout", async () => {
  await using it = await stand({ firstByteTimeout: 50 });
  using peer = await RawPeer.connect(it.port);

  await peer.ended();

  assertEquals(it.reasons, ["too slow in the handshake"]);
  await it.check();
});

Deno.test("ManagerServer ends who sends byte by byte, after handshakeTimeout", async () => {
  await using it = await stand({ handshakeTimeout: 200, firstByteTimeout: 10_000 });
  for (const slow of ["header", "body", "welcome"]) {
    using peer = await RawPeer.connect(it.port);
    const answer = frame(code("sha256", key, messageOf((await peer.read())!)));
    if (slow === "body") await peer.send(answer.subarray(0, 4));
    if (slow === "welcome") await peer.send(answer);
    const rest = slow === "welcome" ? frame(challenge()) : answer;
    const ended = peer.ended().then(() => true);
    for (let i = slow === "body" ? 4 : 0; i < rest.length; i++) {
      if (!await peer.trySend(rest.subarray(i, i + 1))) break;
      const wait = new Promise<boolean>((resolve) => setTimeout(resolve, 50, false));
      const isOver = await Promise.race([ended, wait]);
      await wait;
      if (isOver) break;
    }

    await ended;
  }

  assertEquals(it.reasons, ["too slow in the handshake"]);
  await it.check();
});

Deno.test("ManagerServer ends who is idle, and not who waits in a call", async () => {
  await using it = await stand({ idleTimeout: 150 });
  const ident = await RawPeer.create(it.port, "get_queue");
  using waiting = await RawPeer.accepted(it.port);
  const item = waiting.call(ident, "get");
  using idle = await RawPeer.accepted(it.port);
  using silent = await RawPeer.enter(it.port);
  using slow = await RawPeer.accepted(it.port);
  await slow.send(frame(writeRequest(ident, "qsize", [])).subarray(0, 10));

  await idle.ended();
  await silent.ended();
  await slow.ended();

  await it.queue.put(5);
  assertEquals(await item, ["#RETURN", 5]);
  assertEquals(it.reasons, []);
});

Deno.test("ManagerServer does not end who holds a lock without a call", async () => {
  const lock = new Lock();
  await using server = await serveManager({
    authKey: key,
    registry: { get_lock: () => lock },
    limits: { idleTimeout: 150 },
  });
  await using client = await connectManager({ port: server.port, authKey: key });
  const remote = await client.get<Lock>("get_lock");
  const guard = await remote.acquire();
  using idle = await RawPeer.accepted(server.port);

  await idle.ended();
  using later = await RawPeer.accepted(server.port);
  await later.ended();

  assertEquals(lock.locked, true);
  await guard.release();
  assertEquals(lock.locked, false);
});

Deno.test("ManagerServer ends who does not read, after writeTimeout, and the item comes back", async () => {
  await using it = await stand({ writeTimeout: 300 });
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  // More than the systems of both sides take.
  const large = new Uint8Array(32 * 1024 * 1024).fill(1);
  await it.queue.put(large);

  await peer.sendFrame(writeRequest(ident, "get", []));
  await until(() => it.queue.isEmpty);
  await it.check();
  await until(() => it.server.connections === 0);

  assertEquals(it.queue.size, 1);
  assertEquals((it.queue.getNowait() as Uint8Array).length, large.length);
});

Deno.test("ManagerServer.close() ends who does not read", async () => {
  await using it = await stand({ writeTimeout: 300 });
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  await it.queue.put(new Uint8Array(32 * 1024 * 1024));
  await peer.sendFrame(writeRequest(ident, "get", []));
  await until(() => it.queue.isEmpty);

  await it.server.close();

  assertEquals(it.server.connections, 0);
});

Deno.test("ManagerServer refuses messages that announce too much, at once and in flat memory", async () => {
  await using it = await stand({ idleTimeout: 600_000 });
  const heads = [
    header(0x7fffffff),
    header(-2),
    header(-0x80000000),
    header(-1, 2n ** 40n),
    header(-1, 2n ** 64n - 1n),
    header(64 * 1024 * 1024 + 1),
    header(-1, 64n * 1024n * 1024n + 1n),
  ];
  const before = Deno.memoryUsage();
  for (let i = 0; i < 10; i++) {
    for (const head of heads) {
      using stranger = await RawPeer.connect(it.port);
      await stranger.read();
      await stranger.send(head);
      await stranger.ended();
      using peer = await RawPeer.accepted(it.port);
      await peer.send(head);
      await peer.ended();
    }
  }
  const after = Deno.memoryUsage();

  assert(after.external - before.external < 64e6);
  assert(after.rss - before.rss < 300e6);
  // For a stranger the limit is that of the handshake.
  assertEquals(it.refusals.length, 3, it.reasons.join("\n"));
  await it.check();
});

Deno.test("ManagerServer keeps no memory for what was announced and does not come", async () => {
  await using it = await stand();
  const peers = await Promise.all(Array.from({ length: 30 }, () => RawPeer.accepted(it.port)));
  const before = Deno.memoryUsage();

  for (const peer of peers) await peer.send(header(60 * 1024 * 1024), new Uint8Array(30_000));
  await it.check();

  const after = Deno.memoryUsage();
  assert(after.external + after.heapUsed - before.external - before.heapUsed < 100e6);
  for (const peer of peers) peer[Symbol.dispose]();
  await until(() => it.server.connections === 0);
});

Deno.test("ManagerServer refuses messages longer than maxMessageBytes, and answers that would be", async () => {
  await using it = await stand({ maxMessageBytes: 10_000 });
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  assertEquals(await peer.call(ident, "put", ["x".repeat(9000)]), ["#RETURN", null]);
  await it.queue.put("y".repeat(20_000));
  assertEquals((await peer.call(ident, "get"))[0], "#RETURN");

  // Nobody can get it, and it is not lost.
  assertEquals((await peer.call(ident, "get"))[0], "#UNSERIALIZABLE");
  assertEquals(it.queue.size, 1);
  assertEquals(await peer.call(ident, "qsize"), ["#RETURN", 1]);

  await peer.sendFrame(new Uint8Array(10_001));
  await peer.ended();
  assertEquals(it.refusals.length, 1);
  await it.check();
});

Deno.test("ManagerServer answers messages with too many values, or too deep, and goes on", async () => {
  await using it = await stand({ maxDepth: 20, maxValues: 1000 });
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  let deep: unknown = 1;
  for (let i = 0; i < 30; i++) deep = [deep];

  assertEquals((await peer.call(ident, "put", [deep]))[0], "#TRACEBACK");
  assertEquals((await peer.call(ident, "put", [Array(2000).fill(1)]))[0], "#TRACEBACK");
  // Deeper than any stack, by hand.
  await peer.sendFrame(new Uint8Array(1_000_000).fill(0x5d));
  assertEquals((await peer.reply())[0], "#TRACEBACK");
  await peer.sendFrame(new Uint8Array(1_000_000).fill(0x28));
  assertEquals((await peer.reply())[0], "#TRACEBACK");

  assertEquals(await peer.call(ident, "put", [[1]]), ["#RETURN", null]);
  assertEquals(it.refusals.length, 1);
});

Deno.test("more strangers than maxUnauthenticated push out the oldest, and clients get in", async () => {
  await using it = await stand({ maxUnauthenticated: 4, firstByteTimeout: 60_000 });
  const strangers: RawPeer[] = [];
  for (let i = 0; i < 20; i++) {
    strangers.push(await RawPeer.connect(it.port));
    await strangers[i]!.read();
  }

  await it.check();
  for (const stranger of strangers.slice(0, 16)) await stranger.ended();

  await until(() => it.server.connections <= 4);
  assertEquals(it.reasons, ["too many handshakes at once"]);
  await it.check();
  for (const stranger of strangers) stranger[Symbol.dispose]();
});

Deno.test("many clients that come at once all get in", async () => {
  await using it = await stand();
  await using client = await connectManager({ port: it.port, authKey: key });

  const maps = await Promise.all(
    Array.from({ length: 150 }, () => client.get<Map<string, number>>("get_probe")),
  );
  await Promise.all(maps.map((map, i) => map.set(`${i}`, i)));

  assertEquals(await maps[0]!.size, 150);
  assertEquals(it.refusals, []);
});

Deno.test("strangers leave room for clients when they have taken every connection", async () => {
  await using it = await stand({ maxConnections: 10, firstByteTimeout: 60_000 });
  const strangers = await Promise.all(Array.from({ length: 10 }, () => RawPeer.connect(it.port)));
  for (const stranger of strangers) await stranger.read();

  await it.check();

  for (const stranger of strangers) stranger[Symbol.dispose]();
});

Deno.test("a burst of strangers leaves no more connections than allowed", async () => {
  await using it = await stand({ maxUnauthenticated: 4, maxConnections: 30 });
  const strangers = await Promise.all(
    Array.from({ length: 200 }, () => RawPeer.connect(it.port)),
  );
  await Promise.all(strangers.slice(0, 100).map((stranger) => stranger.trySend(new Uint8Array(3))));
  await it.check();

  assert(it.server.connections <= 30);
  for (const stranger of strangers) stranger[Symbol.dispose]();
  await until(() => it.server.connections === 0);
  await it.check();
});

Deno.test("connections beyond maxConnections are refused, until others have ended", async () => {
  await using it = await stand({ maxConnections: 5 });
  const peers: RawPeer[] = [];
  for (let i = 0; i < 5; i++) peers.push(await RawPeer.accepted(it.port));

  using more = await RawPeer.connect(it.port);
  assertEquals(await more.read(), undefined);
  await assertRejects(() => connectManager({ port: it.port, authKey: key }));
  assertEquals(it.reasons, ["more than 5 connections"]);

  for (const peer of peers) peer[Symbol.dispose]();
  await until(() => it.server.connections === 0);
  await it.check();
});

Deno.test("objects beyond maxObjects are not served", async () => {
  await using it = await stand({ maxObjects: 3 });
  for (let i = 0; i < 3; i++) await RawPeer.create(it.port, "get_new");
  using peer = await RawPeer.enter(it.port);

  assertEquals((await peer.call(null, "create", ["get_new"]))[0], "#TRACEBACK");

  assertEquals(it.server.objects, 3);
});

Deno.test("objects are forgotten when nothing of a host was connected for leaseTime", async () => {
  await using it = await stand({ leaseTime: 50 });
  using peer = await RawPeer.accepted(it.port);
  for (let i = 0; i < 5; i++) await RawPeer.create(it.port, "get_new");
  const ident = await RawPeer.create(it.port, "get_new");
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(it.server.objects, 6);
  assertEquals((await peer.call(ident, "__len__"))[0], "#RETURN");

  peer[Symbol.dispose]();

  await until(() => it.server.objects === 0);
});

Deno.test("limits may be infinite", async () => {
  const references = new References({ maxObjects: Infinity, leaseTime: Infinity });
  references.connect("a");
  const { ident } = references.add(new Map(), "a");
  references.disconnect("a");
  // A timer that was too long would go off at once.
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert(references.find(ident) !== undefined);
  references.clear();

  const names = [
    "firstByteTimeout",
    "handshakeTimeout",
    "idleTimeout",
    "writeTimeout",
    "leaseTime",
  ];
  await using it = await stand(Object.fromEntries(names.map((name) => [name, Infinity])));
  await it.check();
});

Deno.test("serveManager() refuses limits that are none", async () => {
  for (const limits of [{ maxConnections: 0 }, { idleTimeout: -1 }, { maxDepth: NaN }]) {
    await assertRejects(() => serveManager({ authKey: key, registry: {}, limits }), RangeError);
  }
  const limits = { maxConnection: 1 } as ManagerLimits;
  await assertRejects(() => serveManager({ authKey: key, registry: {}, limits }), TypeError);
});

Deno.test("a manager goes on when onRefusal throws, which is reported", async () => {
  const errors: string[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.error.message);
  };
  globalThis.addEventListener("error", onError);
  await using server = await serveManager({
    authKey: key,
    registry: {},
    onRefusal: () => {
      throw new Error("of the user");
    },
  });
  using peer = await RawPeer.connect(server.port);
  await peer.read();
  await peer.send(header(-2));
  await peer.ended();
  globalThis.removeEventListener("error", onError);

  await using _client = await connectManager({ port: server.port, authKey: key });
  assertEquals(errors, ["of the user"]);
});

Deno.test("many refusals are told once", async () => {
  await using it = await stand();
  using peer = await RawPeer.accepted(it.port);
  for (let i = 0; i < 50; i++) {
    await peer.sendFrame(pickle({ [`no call ${i}`]: i }));
    await peer.reply();
    using wrong = await RawPeer.connect(it.port);
    await wrong.read();
    await wrong.send(header(300 + i));
    await wrong.ended();
    using long = await RawPeer.accepted(it.port);
    await long.send(header(0x70000000 + i));
    await long.ended();
    using negative = await RawPeer.accepted(it.port);
    await negative.send(header(-2 - i));
    await negative.ended();
  }

  assertEquals(it.refusals.length, 4, it.reasons.join("\n"));
  for (const { hostname } of it.refusals) assertEquals(hostname, "127.0.0.1");
});
