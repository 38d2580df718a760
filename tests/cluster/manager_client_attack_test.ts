// Copyright 2026 the Weft authors. MIT license.

import { connectManager, ManagerLostError, PickleError, RemoteError } from "../../cluster/mod.ts";
import type { Queue } from "../../channel/mod.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { callsOf, replyOf, sizeOf } from "./_attack_bytes.ts";
import { concat, frame, hex, key, RawServer, text, welcomeClient } from "./_raw_peer.ts";
import { assertEquals, assertRejects } from "@std/assert";

Deno.test("connectManager() refuses replies that name what they would have called", async () => {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  const evil = concat(
    hex("8004"),
    text("X"),
    sizeOf("#RETURN"),
    text("#RETURN"),
    callsOf("os", "system", `touch ${path}`)[0]!,
    hex("862e"),
  );
  await using server = new RawServer(async (peer, index) => {
    await welcomeClient(peer);
    await peer.read();
    await peer.sendFrame(index === 0 ? pickle(["#RETURN", null]) : evil);
    await peer.ended();
  });
  // A reply is a tuple: a list is none.
  await assertRejects(() => connectManager({ port: server.port, authKey: key }), ManagerLostError);
  await assertRejects(() => connectManager({ port: server.port, authKey: key }), ManagerLostError);
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("a reply that nobody asked for is not taken for the next one", async () => {
  const sent = Promise.withResolvers<void>();
  await using server = new RawServer(async (peer) => {
    await welcomeClient(peer);
    for (;;) {
      const request = await peer.read();
      if (request === undefined) return;
      const name = new TextDecoder().decode(request);
      if (name.includes("create")) {
        await peer.send(frame(replyOf(["a", ["put", "get", "qsize"]])));
      } else if (name.includes("qsize")) {
        // The right one, and one more.
        await peer.send(frame(replyOf(1)), frame(replyOf("stray")));
        sent.resolve();
      } else if (name.includes("empty")) await peer.sendFrame(replyOf(false));
      else await peer.sendFrame(replyOf(null));
    }
  });
  await using client = await connectManager({ port: server.port, authKey: key });
  const queue = await client.get<Queue<number>>("x");

  assertEquals(await queue.size, 1);
  await sent.promise;

  assertEquals(await queue.isEmpty, false);
});

Deno.test("connectManager() takes no reply of a manager that is not one", async () => {
  const values: unknown[] = [null, 1, "x", ["a"], ["a", "put"], [1, ["put"]], ["a", [1, 2]], []];
  for (const value of values) {
    await using server = new RawServer(async (peer) => {
      await welcomeClient(peer);
      const name = new TextDecoder().decode(await peer.read());
      await peer.sendFrame(replyOf(name.includes("create") ? value : null));
      await peer.ended();
    });
    await using client = await connectManager({ port: server.port, authKey: key });

    await assertRejects(() => client.get("x"), RemoteError);
  }
});

Deno.test("a proxy has no methods of names that would change what it is", async () => {
  const names = ["add", "then", "constructor", "__proto__", "toString", "call", "exposed", "catch"];
  await using server = new RawServer(async (peer) => {
    await welcomeClient(peer);
    const name = new TextDecoder().decode(await peer.read());
    await peer.sendFrame(replyOf(name.includes("create") ? ["a", names] : null));
    await peer.ended();
  });
  await using client = await connectManager({ port: server.port, authKey: key });

  const remote = await client.get("x");

  assertEquals([...remote.exposed], names);
  assertEquals(Object.getOwnPropertyNames(remote), ["add", "catch"]);
  assertEquals(Object.getPrototypeOf(remote).constructor.name, "RemoteObject");
});

Deno.test("a client refuses an item that is not plain data, and goes on", async () => {
  let count = 0;
  await using server = new RawServer(async (peer) => {
    await welcomeClient(peer);
    for (;;) {
      const request = await peer.read();
      if (request === undefined) return;
      const name = new TextDecoder().decode(request);
      if (name.includes("create")) await peer.sendFrame(replyOf(["a", ["put", "get", "qsize"]]));
      else if (name.includes("get_nowait")) {
        const evil = callsOf("os", "system", "true")[0]!;
        const item = count++ === 0 ? evil : text("K\x07");
        await peer.sendFrame(concat(hex("80048c07"), text("#RETURN"), item, hex("862e")));
      } else await peer.sendFrame(replyOf(null));
    }
  });
  await using client = await connectManager({ port: server.port, authKey: key });
  const queue = await client.get<Queue<number>>("x");

  await assertRejects(() => queue.getNowait(), PickleError);

  assertEquals(await queue.getNowait(), 7);
});
