// Copyright 2026 the Weft authors. MIT license.

import {
  AuthenticationError,
  connectManager,
  ManagerLostError,
  serveManager,
} from "../../cluster/mod.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { dial, sayTo, stand } from "./_handshake_stand.ts";
import {
  challenge,
  code,
  concat,
  failure,
  frame,
  key,
  messageOf,
  RawPeer,
  RawServer,
  text,
  until,
  welcome,
  welcomeClient,
} from "./_raw_peer.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";

Deno.test("connectManager() rejects with an AuthenticationError when keys differ, either way", async () => {
  await using it = await stand({ limits: { maxFailures: 1000 } });
  for (const authKey of [key.slice(0, -1), `${key}x`, key.toUpperCase()]) {
    await assertRejects(() => dial(it.server.port, { authKey }), AuthenticationError);
  }
  await assertRejects(
    () => dial(it.server.port, { authKey: "", insecureAuthKey: true }),
    AuthenticationError,
  );
  // A manager that accepts any key, and has another one itself.
  for (const secret of ["", key.slice(0, -1), `${key}x`]) {
    await using server = new RawServer((peer) => welcomeClient(peer, secret));
    await assertRejects(() => dial(server.port), AuthenticationError);
  }
});

Deno.test("serveManager() and connectManager() refuse keys that can be guessed", async () => {
  const refused: [string, string, boolean][] = [
    ["0.0.0.0", "fifteen bytes..", true],
    ["127.0.0.1", "", true],
    ["0.0.0.0", "sixteen bytes...", false],
    ["127.0.0.1", "abc", false],
  ];
  for (const [hostname, authKey, isRefused] of refused) {
    const serving = serveManager({ hostname, authKey, registry: {} });
    if (isRefused) await assertRejects(() => serving, RangeError);
    else await (await serving).close();
    if (isRefused) {
      await assertRejects(() => connectManager({ hostname, port: 1, authKey }), RangeError);
    }
  }
});

Deno.test("an empty key is a key", async () => {
  await using it = await stand({ authKey: "", insecureAuthKey: true });

  await assertRejects(() => dial(it.server.port), AuthenticationError);
  await using client = await dial(it.server.port, { authKey: "", insecureAuthKey: true });
  assertEquals(await (await client.get<Map<string, number>>("get_map")).size, 0);
});

Deno.test("a challenge that is sent back to its client through another connection is not answered", async () => {
  const answers: (Uint8Array | undefined)[] = [];
  const first = Promise.withResolvers<Uint8Array>();
  const done = Promise.withResolvers<void>();
  await using server = new RawServer(async (peer, index) => {
    if (index === 0) {
      await peer.sendFrame(challenge());
      await peer.read();
      await peer.sendFrame(welcome);
      first.resolve((await peer.read())!);
      // The answer that it wants is what the other connection would give.
      await done.promise;
      await peer.sendFrame(concat(text("{sha256}"), new Uint8Array(32)));
    } else {
      await peer.sendFrame(await first.promise);
      answers.push(await peer.read());
      done.resolve();
      peer[Symbol.dispose]();
    }
  });
  const one = assertRejects(() => dial(server.port), AuthenticationError);
  await first.promise;

  const error = await assertRejects(() => dial(server.port), AuthenticationError);
  await one;

  assertEquals(answers, [undefined]);
  assert(error.message.includes("challenge of ours"));
});

Deno.test("a challenge that is sent back to its manager is not answered", async () => {
  await using it = await stand();
  using one = await RawPeer.connect(it.server.port);
  const open = (await one.read())!;
  // Somebody with the key in one connection asks for what the other one needs.
  using two = await RawPeer.connect(it.server.port);
  await two.sendFrame(code("sha256", key, messageOf((await two.read())!)));
  await two.read();

  await two.sendFrame(open);

  assertEquals(await two.read(), undefined);
  assertEquals(it.refusals.length, 1);
});

Deno.test("a handshake that was recorded is worth nothing", async () => {
  await using it = await stand();
  using peer = await RawPeer.connect(it.server.port);
  const sent = [
    frame(code("sha256", key, messageOf((await peer.read())!))),
    frame(challenge()),
    frame(welcome),
  ];
  await peer.send(sent[0]!);
  assertEquals(await peer.read(), welcome);

  using again = await RawPeer.connect(it.server.port);
  await again.read();
  await again.trySend(...sent);

  assertEquals(await again.read(), failure);
  assertEquals(await again.read(), undefined);
});

Deno.test("connectManager() does not read what follows a failure", async () => {
  // As CPython does, but with what would be a reply.
  await using server = new RawServer(async (peer) => {
    await peer.sendFrame(challenge());
    await peer.read();
    await peer.send(frame(failure), frame(pickle(["#TRACEBACK", "secret paths"])));
    await peer.ended();
  });

  const error = await assertRejects(() => dial(server.port), AuthenticationError);

  assert(!Deno.inspect(error).includes("secret paths"));
});

Deno.test("connectManager() gives up on managers that say nothing, or stop somewhere", async () => {
  const stops: ((peer: RawPeer) => Promise<void>)[] = [
    () => Promise.resolve(),
    async (peer) => await peer.send(new Uint8Array([0, 0])),
    async (peer) => await peer.sendFrame(challenge()),
    async (peer) => {
      await peer.sendFrame(challenge());
      await peer.read();
      await peer.sendFrame(welcome);
    },
    // The handshake is right, and the first request is not answered.
    (peer) => welcomeClient(peer),
  ];
  for (const stop of stops) {
    await using server = new RawServer(stop);

    await assertRejects(() => dial(server.port, { connectTimeout: 100 }), ManagerLostError);
  }
});

Deno.test("connectManager() does not go on with who hangs up in the handshake", async () => {
  const ends: ((peer: RawPeer) => Promise<void>)[] = [
    (peer) => Promise.resolve(peer[Symbol.dispose]()),
    async (peer) => {
      await peer.send(new Uint8Array([0, 0]));
      peer[Symbol.dispose]();
    },
    async (peer) => {
      await peer.sendFrame(challenge());
      await peer.read();
      peer[Symbol.dispose]();
    },
    async (peer) => {
      await welcomeClient(peer);
      peer[Symbol.dispose]();
    },
  ];
  for (const end of ends) {
    await using server = new RawServer(end);

    await assertRejects(() => dial(server.port));
  }
});

Deno.test("more than maxFailures wrong keys are answered slowly, and a right one is not", async () => {
  await using it = await stand({ limits: { maxFailures: 3 } });
  const wrong = () => sayTo(it.server, (message) => code("sha256", "wrong", message));
  for (let i = 0; i < 3; i++) await wrong();

  const start = performance.now();
  const slow = Promise.all([wrong(), wrong()]).then(() => performance.now() - start);
  await using client = await dial(it.server.port);
  const quick = performance.now() - start;
  const map = await client.get<Map<string, number>>("get_map");
  await map.set("a", 1);

  assert(await slow >= 990, `${await slow} ms`);
  assert(quick < await slow);
});

Deno.test("ManagerServer.close() does not wait for who is made to wait", async () => {
  await using it = await stand({ limits: { maxFailures: 1 } });
  await sayTo(it.server, () => text("no"));
  using peer = await RawPeer.connect(it.server.port);
  await peer.read();
  await peer.sendFrame(text("no"));
  await until(() => it.server.connections === 1);

  await it.server.close();

  assertEquals(it.server.connections, 0);
});
