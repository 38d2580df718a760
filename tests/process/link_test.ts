// Copyright 2026 the Weft authors. MIT license.

// The engine of the way back from a child: who gets in.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { connectLink, FrameType, type StartMessage } from "../../process/_link.ts";
import { LinkServer } from "../../process/_link_server.ts";
import {
  connectTo,
  link,
  linked,
  messageFor,
  readFrame,
  writeFrame,
  writeText,
} from "./_link_helpers.ts";

Deno.test("LinkServer.accept() resolves with the connection of the child", async () => {
  using ends = await linked();
  const { child, parent } = ends;
  const body = new Uint8Array([1, 2, 3]);

  await writeFrame(child, { type: FrameType.returned, body });

  assertEquals(await readFrame(parent), { type: FrameType.returned, body });
});

Deno.test("LinkServer.accept() waits for a child that is busy for an hour", async () => {
  using time = new FakeTime();
  using server = new LinkServer(true);
  const accepted = server.accept();
  using child = await connectTo(server);
  // Once another one was refused, the first has been met as well.
  using stranger = await connectTo(server);
  await writeText(stranger, "x".repeat(64));
  assertEquals(await stranger.read(new Uint8Array(1)), null);

  await time.tickAsync(3_600_000);
  await writeText(child, server.childToken);

  using parent = await accepted;
  assert(parent !== undefined);
});

Deno.test("LinkServer refuses those who come when very many say nothing", async () => {
  using server = new LinkServer(true);
  const accepted = server.accept();
  const silent = [];
  for (let i = 0; i < 256; i++) silent.push(await connectTo(server));

  using late = await connectTo(server);
  assertEquals(await late.read(new Uint8Array(1)), null);

  await writeText(silent[0]!, server.childToken);
  using parent = await accepted;
  assert(parent !== undefined);
  for (const conn of silent) conn.close();
});

Deno.test("LinkServer listens no more when the child has connected", async () => {
  using server = new LinkServer(true);
  const { port } = server;
  const { child, parent } = await link(server);
  using _child = child;
  using _parent = parent;

  await assertRejects(
    () => Deno.connect({ hostname: "127.0.0.1", port }),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("LinkServer listens on the loopback address alone", () => {
  using server = new LinkServer(true);

  assertEquals(messageFor(server).port, server.port);
  const table = Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/net/tcp") : "";
  const port = server.port.toString(16).toUpperCase().padStart(4, "0");
  const addresses = table.matchAll(new RegExp(`^ *\\d+: ([0-9A-F]{8}):${port} 0{8}:0000 0A`, "gm"));
  for (const [, address] of addresses) assertEquals(address, "0100007F");
});

Deno.test("LinkServer gives every child other tokens", () => {
  using first = new LinkServer(true);
  using second = new LinkServer(true);

  const tokens = [first, second].flatMap((
    { parentToken, childToken },
  ) => [parentToken, childToken]);

  assertEquals(new Set(tokens).size, 4);
  for (const token of tokens) assertEquals(token.length, 64);
});

Deno.test("LinkServer.accept() resolves with undefined when the server is disposed", async () => {
  const server = new LinkServer(true);
  const accepted = server.accept();

  server[Symbol.dispose]();

  assertEquals(await accepted, undefined);
});

Deno.test("LinkServer can be disposed twice", async () => {
  const server = new LinkServer(true);
  const accepted = server.accept();

  server[Symbol.dispose]();
  server[Symbol.dispose]();

  assertEquals(await accepted, undefined);
});

for (
  const [what, act] of [
    ["says nothing", async () => {}],
    ["leaves at once", (conn: Deno.TcpConn) => Promise.resolve(conn.close())],
    ["sends a wrong token", (conn: Deno.TcpConn) => writeText(conn, "0".repeat(64))],
    ["sends a part of a token", (conn: Deno.TcpConn) => writeText(conn, "0".repeat(10))],
    ["sends a megabyte", async (conn: Deno.TcpConn) => {
      await writeText(conn, "x".repeat(1_000_000)).catch(() => {});
    }],
  ] as const
) {
  Deno.test(`LinkServer takes the child although a stranger ${what}`, async () => {
    using server = new LinkServer(true);
    const accepted = server.accept();
    const stranger = await connectTo(server);
    const acted = act(stranger);

    const child = await connectLink(messageFor(server));
    const parent = await accepted;
    await acted;

    assert(child !== undefined && parent !== undefined);
    await writeFrame(child, { type: FrameType.returned, body: new Uint8Array([7]) });
    assertEquals((await readFrame(parent))?.body, new Uint8Array([7]));
    for (const conn of [child, parent]) conn.close();
    try {
      stranger.close();
    } catch {
      // It has left.
    }
  });
}

Deno.test("LinkServer takes the child although a hundred strangers are connected", async () => {
  using server = new LinkServer(true);
  const accepted = server.accept();
  const strangers = await Promise.all(Array.from({ length: 100 }, () => connectTo(server)));

  const child = await connectLink(messageFor(server));
  const parent = await accepted;

  assert(child !== undefined && parent !== undefined);
  for (const conn of [child, parent, ...strangers]) conn.close();
});

Deno.test("LinkServer hangs up on a stranger with a wrong token and tells it nothing", async () => {
  using server = new LinkServer(true);
  const accepted = server.accept();
  using stranger = await connectTo(server);
  await writeText(stranger, "0".repeat(64));

  const count = await stranger.read(new Uint8Array(64)).catch(() => null);

  assertEquals(count, null);
  server[Symbol.dispose]();
  assertEquals(await accepted, undefined);
});

Deno.test("LinkServer hangs up on strangers when the child has connected", async () => {
  using server = new LinkServer(true);
  const accepted = server.accept();
  using stranger = await connectTo(server);
  using child = await connectLink(messageFor(server));
  using parent = await accepted;
  assert(child !== undefined && parent !== undefined);

  const count = await stranger.read(new Uint8Array(1)).catch(() => null);

  assertEquals(count, null);
});

Deno.test("connectLink() resolves with undefined when nobody listens", async () => {
  const server = new LinkServer(true);
  const message = messageFor(server);
  server[Symbol.dispose]();

  assertEquals(await connectLink(message), undefined);
});

Deno.test("connectLink() resolves with undefined when the child's token is wrong", async () => {
  using server = new LinkServer(true);
  const accepted = server.accept();

  assertEquals(await connectLink(messageFor(server, { childToken: "1".repeat(64) })), undefined);

  server[Symbol.dispose]();
  assertEquals(await accepted, undefined);
});

Deno.test("connectLink() resolves with undefined when another has taken the port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const message = {
    port: listener.addr.port,
    parentToken: "a".repeat(64),
    childToken: "b".repeat(64),
  } as StartMessage;
  const linking = connectLink(message);
  using conn = await listener.accept();
  await writeText(conn, "c".repeat(64));

  assertEquals(await linking, undefined);
});
