// Copyright 2026 the Weft authors. MIT license.

import { AuthenticationError } from "../../cluster/mod.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { dial, sayTo, stand } from "./_handshake_stand.ts";
import {
  challenge,
  code,
  concat,
  failure,
  frame,
  hex,
  key,
  messageOf,
  RawPeer,
  RawServer,
  text,
  welcome,
} from "./_raw_peer.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";

/** What CPython's sides have sent each other with the key b"abc": a challenge, and its answer. */
const recorded: readonly [challenge: string, answer: string][] = [
  // A server of 3.11 and a client of 3.11, and back.
  [
    "234348414c4c454e474523c79758d1ccd810f0620bdfc174dc5f3b918b8c9b",
    "a86856b117b13a2d9d3f98ae41f42c3f",
  ],
  [
    "234348414c4c454e474523b2028719e49e7ba8a5b57a72d186c45b023c0117",
    "c805c3b083c24a11c2e82b21fc8b5955",
  ],
  // A server of 3.13 and a client of 3.13, and back.
  [
    "234348414c4c454e4745237b7368613235367d9ff3458106065090442998a668dc110cf735179b28214f96613b0de1973425ef75f2cd08ba6f1e3f",
    "7b7368613235367d7cf115f3a9dccbf579878b3b73ea025b206da24ddfd2df98071e910a5b123e51",
  ],
  [
    "234348414c4c454e4745237b7368613235367d8c6b54dc0215e5ca71c6bc5273e79316ffc70ed89b91025c219f9d874a0bef5713019f8f6bb43f43",
    "7b7368613235367d39d99c7017db94b08fd7ffa8fc5c2650233a1fa706969323e948cbc55659b4ac",
  ],
  // A server of 3.11 and a client of 3.13.
  [
    "234348414c4c454e474523ee21aa7c39491e47e52d263cce59484ed74ca447",
    "9c5aef181d52fc475d7b02e2532899d4",
  ],
  // A client of 3.11 at a server of 3.13.
  [
    "234348414c4c454e4745231384f88500cdc6b3af5ac628b40ec146136d0fb2",
    "2650b974090925f4bc43bac9791cc7c4",
  ],
];

/** A challenge of 3.13 that a client of 3.11 has answered, with what is a mere message to it. */
const mixed = [
  "234348414c4c454e4745237b7368613235367d7a00e2ce4b7692dcead51e17478a9a53554cfe11191adb01862bf2873f4cc520f3e30aa5c8831c6d",
  "23f8a4503f34b8cef9749c4f48f21cda",
] as const;

/** Lets a client of ours answer a challenge; gives the answer, or `undefined` if it hangs up. */
async function answerOf(body: Uint8Array, options: object = {}): Promise<Uint8Array | undefined> {
  let answer: Uint8Array | undefined;
  await using server = new RawServer(async (peer) => {
    await peer.sendFrame(body);
    answer = await peer.read();
    peer[Symbol.dispose]();
  });
  await assertRejects(() => dial(server.port, { authKey: "abc", ...options }));
  return answer;
}

Deno.test("connectManager() answers recorded challenges as Python has done", async () => {
  for (const [asked, answered] of recorded) {
    const answer = await answerOf(hex(asked));

    assertEquals(answer?.toHex(), answered);
    const message = messageOf(hex(asked));
    const legacy = message.length === 20;
    assertEquals(code(legacy ? "md5" : "sha256", "abc", message, legacy ? "" : undefined), answer);
  }
  assertEquals(code("md5", "abc", messageOf(hex(mixed[0])), "").toHex(), mixed[1]);
});

Deno.test("connectManager() answers each digest that Python allows", async () => {
  for (const digest of ["md5", "sha256", "sha384", "sha3_256", "sha3_384"]) {
    const message = concat(text(`{${digest}}`), crypto.getRandomValues(new Uint8Array(40)));

    const answer = await answerOf(concat(text("#CHALLENGE#"), message));

    assertEquals(answer, code(digest, "abc", message));
  }
});

Deno.test("connectManager() answers no challenge that it cannot know or should not take", async () => {
  const nonce = new Uint8Array(40).fill(65);
  const bodies = [
    text(""),
    text("#CHALLENGE#"),
    concat(text("#CHALLENGE#"), nonce.subarray(0, 19)),
    concat(text("#CHALLENGE#"), nonce.subarray(0, 21)),
    concat(text("#CHALLENGE#{sha1}"), nonce),
    concat(text("#CHALLENGE#{SHA256}"), nonce),
    concat(text("#CHALLENGE#{sha3-256}"), nonce),
    concat(text("#CHALLENGE#{__proto__}"), nonce),
    concat(text("#CHALLENGE#{constructor}"), nonce),
    concat(text("#CHALLENGE#{}"), nonce),
    concat(text("#CHALLENGE#{sha256"), nonce),
    concat(text("#challenge#{sha256}"), nonce),
    concat(text("#WELCOME#"), nonce),
    welcome,
    failure,
    new Uint8Array(257),
  ];
  for (const body of bodies) assertEquals(await answerOf(body), undefined);
});

Deno.test("connectManager() answers nothing with MD5 without legacyMd5", async () => {
  const options = { legacyMd5: false };
  const nonce = new Uint8Array(40);

  const old = await answerOf(concat(text("#CHALLENGE#"), nonce.subarray(0, 20)), options);
  const named = await answerOf(concat(text("#CHALLENGE#{md5}"), nonce), options);
  const newer = await answerOf(concat(text("#CHALLENGE#{sha256}"), nonce), options);

  assertEquals([old, named], [undefined, undefined]);
  assertEquals(newer?.length, 40);
});

Deno.test("connectManager() takes no answer with MD5 from a manager without legacyMd5", async () => {
  for (const prefix of ["", "{md5}"]) {
    await using server = new RawServer(async (peer) => {
      await peer.sendFrame(challenge());
      await peer.read();
      await peer.sendFrame(welcome);
      const message = messageOf((await peer.read())!);
      await peer.sendFrame(code("md5", key, message, prefix));
      assertEquals(await peer.read(), failure);
    });

    await assertRejects(() => dial(server.port, { legacyMd5: false }), AuthenticationError);
  }
});

Deno.test("ManagerServer takes each right answer", async () => {
  await using it = await stand();

  const said = [
    await sayTo(it.server, (message) => code("md5", key, message, "")),
    await sayTo(it.server, (message) => code("md5", key, message)),
    await sayTo(it.server, (message) => code("sha256", key, message)),
    await sayTo(it.server, (message) => code("sha384", key, message)),
    await sayTo(it.server, (message) => code("sha3_256", key, message)),
    await sayTo(it.server, (message) => code("sha3_384", key, message)),
  ];

  assertEquals(said, Array(6).fill("#WELCOME#"));
});

Deno.test("ManagerServer takes no wrong answer", async () => {
  await using it = await stand({ limits: { maxFailures: 1000 } });
  const flipped = (bytes: Uint8Array, at: number) => {
    bytes[at]! ^= 1;
    return bytes;
  };
  const answers: ((message: Uint8Array) => Uint8Array)[] = [
    () => text(""),
    () => text("#WELCOME#"),
    () => new Uint8Array(16),
    () => new Uint8Array(256),
    (message) => message,
    (message) => code("sha256", "", message),
    (message) => code("sha256", key.slice(0, -1), message),
    (message) => code("sha256", `${key}x`, message),
    (message) => code("sha256", "wrong horse battery", message),
    (message) => code("md5", "wrong horse battery", message, ""),
    (message) => flipped(code("sha256", key, message), 8),
    (message) => flipped(code("sha256", key, message), 39),
    (message) => flipped(code("md5", key, message, ""), 15),
    // The code of what is behind the name of the digest only.
    (message) => code("sha256", key, message.slice(8)),
    // Too short, and too long.
    (message) => code("sha256", key, message).slice(0, -1),
    (message) => concat(code("sha256", key, message), new Uint8Array(1)),
    (message) => text("{sha256}").slice(0, message.length),
    (message) => code("sha256", key, message, ""),
    // A digest under the name of another, and those that are not allowed.
    (message) => code("sha384", key, message, "{sha256}"),
    (message) => code("sha256", key, message, "{sha3_256}"),
    (message) => code("sha1", key, message),
    (message) => code("sha512", key, message),
    (message) => code("sha256", key, message, "{SHA256}"),
    (message) => code("sha256", key, message, "{sha256 }"),
    (message) => code("sha256", key, message, "{toString}"),
    (message) => code("sha256", key, message, "{valueOf}"),
  ];

  for (const [i, answer] of answers.entries()) {
    assertEquals(await sayTo(it.server, answer), "#FAILURE#", `${i}`);
  }

  // One address, one reason: told once.
  assertEquals(it.refusals.length, 1);
  assert(!JSON.stringify(it.refusals).includes(key));
});

Deno.test("ManagerServer takes no answer with MD5 without legacyMd5", async () => {
  await using it = await stand({ legacyMd5: false });

  const said = [
    await sayTo(it.server, (message) => code("md5", key, message, "")),
    await sayTo(it.server, (message) => code("md5", key, message)),
    await sayTo(it.server, (message) => code("sha256", key, message)),
  ];

  assertEquals(said, ["#FAILURE#", "#FAILURE#", "#WELCOME#"]);
});

Deno.test("ManagerServer says nothing more to who has a wrong key", async () => {
  await using it = await stand();
  using peer = await RawPeer.connect(it.server.port);
  await peer.read();
  await peer.sendFrame(code("sha256", "wrong", new Uint8Array(48)));

  assertEquals(await peer.read(), failure);
  // CPython sends a traceback with the paths of its files here.
  assertEquals(await peer.read(), undefined);
});

Deno.test("ManagerServer serves nobody who skips a part of the handshake", async () => {
  await using it = await stand();
  const request = pickle(["dummy"]);
  const ways: ((peer: RawPeer, message: Uint8Array) => Promise<void>)[] = [
    // A request at once, and one in the place of the answer or of the challenge.
    (peer) => peer.send(frame(request), frame(request)),
    (peer) => peer.send(frame(welcome), frame(welcome), frame(request)),
    (peer) => peer.send(frame(challenge()), frame(welcome), frame(request)),
    (peer, message) => peer.send(frame(code("sha256", key, message)), frame(request)),
    (peer, message) => peer.send(frame(code("sha256", key, message)), frame(welcome)),
    (peer, message) =>
      peer.send(frame(code("sha256", key, message)), frame(challenge()), frame(failure)),
    (peer, message) =>
      peer.send(frame(code("sha256", key, message)), frame(challenge()), frame(request)),
  ];
  for (const way of ways) {
    using peer = await RawPeer.connect(it.server.port);
    const message = messageOf((await peer.read())!);

    await way(peer, message);

    for (let reply = await peer.read(); reply !== undefined; reply = await peer.read()) {
      assert(!new TextDecoder().decode(reply).includes("#RETURN"), "served");
    }
  }
});
