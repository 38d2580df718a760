// Copyright 2026 the Weft authors. MIT license.

import { pickle } from "../../cluster/_pickle_writer.ts";
import { callsOf, putOf } from "./_attack_bytes.ts";
import { stand } from "./_attack_stand.ts";
import { concat, hex, RawPeer, text } from "./_raw_peer.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";

Deno.test("ManagerServer refuses pickles that name what they would have called", async () => {
  await using it = await stand();
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  const ident = await RawPeer.create(it.port, "get_queue");
  const targets: [string, string, string][] = [
    ["os", "system", `touch ${path}`],
    ["posix", "system", `touch ${path}`],
    ["nt", "system", `touch ${path}`],
    ["subprocess", "Popen", `touch ${path}`],
    ["subprocess", "check_output", `touch ${path}`],
    ["builtins", "eval", `open("${path}", "w")`],
    ["builtins", "exec", `open("${path}", "w")`],
    ["builtins", "open", path],
    ["builtins", "getattr", path],
    ["builtins", "__import__", "os"],
    ["__builtin__", "eval", `open("${path}", "w")`],
    ["runpy", "run_path", path],
    ["importlib", "import_module", "os"],
    ["pickle", "loads", "cos\nsystem\n."],
    ["multiprocessing.managers", "RebuildProxy", path],
    ["multiprocessing.managers", "BaseProxy", path],
    ["globalThis", "eval", `Deno.writeTextFileSync("${path}", "")`],
    ["Deno", "writeTextFileSync", path],
    ["__proto__", "constructor", path],
    ["builtins", "constructor", path],
    ["builtins", "__proto__", path],
    ["constructor", "constructor", `Deno.writeTextFileSync("${path}", "")`],
  ];
  using peer = await RawPeer.accepted(it.port);
  let count = 0;
  for (const [module, name, argument] of targets) {
    for (const call of callsOf(module, name, argument)) {
      // As the whole request, as an item, and as an argument that stands behind plain ones.
      for (const request of [concat(call, text(".")), putOf(ident, call)]) {
        await peer.sendFrame(request);
        const [kind, value] = await peer.reply();
        assertEquals(kind, "#TRACEBACK", `${module}.${name}: ${value}`);
        count++;
      }
    }
  }

  assertEquals(await peer.call(ident, "qsize"), ["#RETURN", 0]);
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  // Many of them, told once.
  assert(count > 200);
  assertEquals(it.refusals.length, 1);
  await it.check();
});

Deno.test("ManagerServer calls nothing but the methods that it tells", async () => {
  await using it = await stand();
  const names = [
    "__proto__",
    "constructor",
    "prototype",
    "then",
    "catch",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__defineGetter__",
    "__lookupGetter__",
    "__class__",
    "__reduce__",
    "__init__",
    "_private",
    "#secret",
    "secret",
    "total",
    "close",
    "on",
    "",
    " ",
    "add\u0000",
    "Symbol.iterator",
    "Symbol(Symbol.iterator)",
    "x".repeat(100_000),
  ];
  using peer = await RawPeer.accepted(it.port);
  for (const served of ["get_queue", "get_lock", "get_account", "get_probe", "get_list"]) {
    const ident = await RawPeer.create(it.port, served);
    for (const name of names) {
      const [kind, value] = await peer.call(ident, name);

      assertEquals(kind, "#TRACEBACK", `${served}.${name}`);
      assert(!String(value).includes("not for clients"));
      assert(String(value).startsWith("AttributeError"));
    }
  }
  assertEquals(it.queue.closed, false);
  await it.check();
});

Deno.test("ManagerServer gives the data of a plain object, and nothing that all objects have", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_space");
  using peer = await RawPeer.accepted(it.port);

  const got = await peer.call(ident, "__getattribute__", ["a"]);
  assertEquals(got, ["#RETURN", 1]);
  for (const name of ["f", "__proto__", "constructor", "toString", "hasOwnProperty", "_a", ""]) {
    assertEquals((await peer.call(ident, "__getattribute__", [name]))[0], "#ERROR", name);
    assertEquals((await peer.call(ident, "__setattr__", [name, { a: 2 }]))[0], "#ERROR", name);
    assertEquals((await peer.call(ident, "__delattr__", [name]))[0], "#ERROR", name);
  }
  for (const name of [null, 1, [], {}, ["a"]]) {
    assertEquals((await peer.call(ident, "__getattribute__", [name]))[0], "#ERROR");
  }

  assertEquals((await peer.call(ident, "#GETVALUE"))[0], "#RETURN");
  assertEquals(({} as { a?: unknown }).a, undefined);
});

Deno.test("ManagerServer takes no argument by a name that is none", async () => {
  await using it = await stand();
  const ident = await RawPeer.create(it.port, "get_queue");
  using peer = await RawPeer.accepted(it.port);
  const named = JSON.parse('{"__proto__": {"timeout": 0}}');
  for (const keywords of [named, { constructor: 1 }, { toString: 1 }, { items: [] }, { "": 1 }]) {
    const [kind] = await peer.call(ident, "get", [false], keywords);

    assertEquals(kind, "#ERROR");
  }
  assertEquals((await peer.call(ident, "get", [true], { block: false }))[0], "#ERROR");
  assertEquals(({} as { timeout?: unknown }).timeout, undefined);
  await it.check();
});

Deno.test("ManagerServer answers requests of any shape, or ends that connection alone", async () => {
  await using it = await stand();
  const strange = { toString: 1, valueOf: 2 };
  const idents = [null, 1, 1n << 80n, 1.5, true, "", "weft0", "__proto__", [], strange, ["weft1"]];
  using peer = await RawPeer.accepted(it.port);
  for (const ident of idents) {
    for (const name of ["get", "create", "accept_connection", "shutdown"]) {
      assertEquals((await peer.call(ident, name, [strange]))[0], "#TRACEBACK");
    }
  }
  // What is no call at all.
  for (const value of [null, 1, "x", [], [null, "dummy", [], {}], { a: 1 }, strange]) {
    await peer.sendFrame(pickle(value));
    assertEquals((await peer.reply())[0], "#TRACEBACK");
  }
  await peer.sendFrame(text(""));
  assertEquals((await peer.reply())[0], "#TRACEBACK");

  // What the manager itself is asked.
  const names = ["incref", "decref", "get_methods", "create", "nothing", "__proto__", ""];
  for (const name of names) {
    for (
      const args of [[], [null], [1], [strange], [[strange]], ["x".repeat(1e6)], ["__proto__"]]
    ) {
      using first = await RawPeer.enter(it.port);
      assertEquals((await first.call(null, name, args))[0], "#TRACEBACK", name);
    }
  }
  await it.check();
});

Deno.test("ManagerServer makes no text of nested lists that is longer than all memory", async () => {
  await using it = await stand();
  // A list of twice the same list, and so on: small as a pickle, and 2^40 values as a text.
  let bomb: unknown = [1];
  for (let i = 0; i < 40; i++) bomb = [bomb, bomb];
  const calls: [string, string, unknown[]][] = [
    ["get_queue", "get", [true, bomb]],
    ["get_queue", "get_many", [bomb]],
    ["get_queue", "put", [1, true, bomb, bomb]],
    ["get_queue", "put_many", [bomb, true, 0, bomb]],
    ["get_queue", "join", [bomb]],
    ["get_lock", "acquire", [true, bomb]],
    ["get_semaphore", "release", [bomb]],
    ["get_list", "__getitem__", [bomb]],
    ["get_list", "__setitem__", [bomb, 1]],
    ["get_list", "insert", [bomb, 1]],
    ["get_list", "pop", [bomb]],
    ["get_list", "index", [bomb]],
    ["get_probe", "get", [bomb]],
    ["get_probe", "__getitem__", [bomb]],
    ["get_probe", "update", [bomb]],
    ["get_shared", "set", [bomb]],
    ["get_array", "__setitem__", [0, bomb]],
    ["get_array", "__setitem__", [bomb, 1]],
    ["get_barrier", "__getattribute__", [bomb]],
    ["get_barrier", "wait", [bomb]],
    ["get_space", "__setattr__", [bomb, 1]],
    ["get_space", "__getattribute__", [bomb]],
  ];
  using peer = await RawPeer.accepted(it.port);
  for (const [served, name, args] of calls) {
    const ident = await RawPeer.create(it.port, served);
    const [kind] = await peer.call(ident, name, args);
    assert(kind === "#ERROR" || kind === "#RETURN", `${served}.${name}: ${kind}`);
  }
  // What was put comes back as it was, and is not longer either.
  const list = await RawPeer.create(it.port, "get_list");
  assertEquals((await peer.call(list, "append", [bomb]))[0], "#RETURN");
  assertEquals((await peer.call(list, "__repr__"))[0], "#RETURN");
  assertEquals((await peer.call(list, "sort"))[0], "#ERROR");
  assertEquals((await peer.call(list, "#GETVALUE"))[0], "#RETURN");
  assertEquals((await peer.call(bomb, "get"))[0], "#TRACEBACK");
  for (const name of ["incref", "decref", "get_methods", "create"]) {
    using first = await RawPeer.enter(it.port);
    assertEquals((await first.call(null, name, [bomb]))[0], "#TRACEBACK");
  }
  await it.check();
});

Deno.test("ManagerServer is not held up by numbers that are large", async () => {
  await using it = await stand();
  using peer = await RawPeer.accepted(it.port);
  const huge = [2 ** 31 - 1, 2 ** 53, 1e308, -1, -(2 ** 53), 1n << 100n, -(1n << 100n)];
  const semaphore = await RawPeer.create(it.port, "get_semaphore");
  const list = await RawPeer.create(it.port, "get_list");
  for (const n of huge) {
    const replies = [
      await peer.call(semaphore, "release", [n]),
      await peer.call(list, "__getitem__", [n]),
      await peer.call(list, "insert", [n, 0]),
      await peer.call(await RawPeer.create(it.port, "get_queue"), "get_many", [n, false]),
    ];
    for (const [kind] of replies) assert(kind === "#RETURN" || kind === "#ERROR");
  }
  await peer.sendFrame(hex("80048c0161492e"));
  assertEquals((await peer.reply())[0], "#TRACEBACK");
  await it.check();
});

Deno.test("ManagerServer answers what a method throws, whatever it is", async () => {
  await using it = await stand({}, {
    get_broken: () => {
      throw Object.create(null);
    },
    get_nothing: () => undefined,
    get_function: () => () => 1,
  });
  const ident = await RawPeer.create(it.port, "get_account");
  using peer = await RawPeer.accepted(it.port);

  assertEquals((await peer.call(ident, "throwAnything"))[0], "#ERROR");
  for (const name of ["get_broken", "get_nothing", "get_function", "toString", "__proto__"]) {
    using first = await RawPeer.enter(it.port);
    assertEquals((await first.call(null, "create", [name]))[0], "#TRACEBACK");
  }
  assertEquals(await peer.call(ident, "add", [2]), ["#RETURN", 2]);
});

Deno.test("ManagerServer does not shut down at the word of a client", async () => {
  await using it = await stand();
  using peer = await RawPeer.enter(it.port);

  assertEquals((await peer.call(null, "shutdown"))[0], "#TRACEBACK");

  await it.check();
});
