// Copyright 2026 the Weft authors. MIT license.

// Managers of ours and clients of ours: what is served, for how long, and to whom.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import {
  AuthenticationError,
  connectManager,
  ManagerLostError,
  PythonError,
  RemoteError,
  type RemoteLock,
  RemoteNamespace,
  RemoteObject,
  serveManager,
  type ServeManagerOptions,
} from "../../cluster/mod.ts";
import { Event, Lock, RLock } from "../../sync/mod.ts";
import { authKey, connect, Pair, serve, until } from "./_manager_helpers.ts";

class Counter {
  #n = 0;
  add(n = 1): number {
    return this.#n += n;
  }
  later(value: unknown): Promise<unknown> {
    return Promise.resolve(value);
  }
  fail(kind: string): never {
    if (kind === "type") throw new TypeError("not that", { cause: 1 });
    if (kind === "python") throw new PythonError("KeyError", ["k"]);
    throw kind;
  }
  async failLater(): Promise<never> {
    await Promise.resolve();
    throw new RangeError("later");
  }
  unsendable(): unknown {
    return { f: () => 1 };
  }
  all(...values: unknown[]): unknown[] {
    return values;
  }
  _hidden(): string {
    return "hidden";
  }
  get state(): number {
    return this.#n;
  }
}

Deno.test("ManagerClient.get() calls the function of the registry with its arguments", async () => {
  const calls: unknown[][] = [];
  await using server = await serve({
    make: (...args: unknown[]) => {
      calls.push(args);
      return new Counter();
    },
    later: async () => await Promise.resolve(new Counter()),
  });
  await using client = await connect(server);

  await client.get<Counter>("make", 1, "two", { three: [3] });
  const later = await client.get<Counter>("later");

  assertEquals(calls, [[1, "two", { three: [3] }]]);
  assertEquals(await later.add(2), 2);
  await assertRejects(() => client.get("make", () => 1), DOMException);
});

Deno.test("ManagerClient.get() tells what is wrong with a function of the registry", async () => {
  const fails = {
    throws: () => {
      throw new TypeError("broken");
    },
    rejects: () => Promise.reject(new Error("later")),
    number: () => 5,
    nothing: () => undefined,
    text: () => "text",
    nullish: () => null,
  };
  await using server = await serve(fails as unknown as ServeManagerOptions["registry"]);
  await using client = await connect(server);

  await assertRejects(() => client.get("throws"), RemoteError, "TypeError: broken");
  await assertRejects(() => client.get("rejects"), RemoteError, "later");
  await assertRejects(() => client.get("number"), RemoteError, "Cannot serve 5");
  await assertRejects(() => client.get("nothing"), RemoteError, "Cannot serve undefined");
  await assertRejects(() => client.get("text"), RemoteError, "Cannot serve text");
  await assertRejects(() => client.get("nullish"), RemoteError, "Cannot serve null");
  assertEquals(server.objects, 0);
});

Deno.test("ManagerClient.get() finds only what is in the registry", async () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "then", ""];
  await using empty = await serve({});
  await using client = await connect(empty);
  for (const name of names) {
    await assertRejects(() => client.get(name), RemoteError, "nothing is served");
  }

  const registry = Object.fromEntries(names.map((name) => [name, () => new Counter()]));
  Object.defineProperty(registry, "__proto__", { value: () => new Counter(), enumerable: true });
  await using server = await serve(registry);
  await using other = await connect(server);
  for (const name of names) {
    assertEquals(await (await other.get<Counter>(name)).add(), 1);
  }
});

Deno.test("RemoteObject calls the methods of an object", async () => {
  await using pair = await Pair.of<RemoteObject & { add(n?: number): Promise<number> }>(
    new Counter(),
  );
  const { remote } = pair;
  assertInstanceOf(remote, RemoteObject);

  assertEquals([await remote.add(), await remote.add(2), await remote.call("add", [3])], [1, 3, 6]);
  assertEquals(await remote.call("later", ["x"]), "x");
  assertEquals(await remote.call("all", [1, 2], { c: 3 }), [1, 2, { c: 3 }]);
  // Undefined is none in Python.
  assertEquals(await remote.call("all", [undefined, null]), [null, null]);
  const calls = [1, 2, 3].map((n) => remote.add(n));
  assertEquals(await Promise.all(calls), [7, 9, 12]);
  assertEquals(
    remote.exposed.toSorted(),
    ["add", "all", "fail", "failLater", "later", "unsendable"],
  );
});

Deno.test("RemoteObject throws what a method throws", async () => {
  await using pair = await Pair.of<RemoteObject>(new Counter());
  const { remote } = pair;

  await assertRejects(() => remote.call("fail", ["type"]), TypeError, "not that");
  const key = await assertRejects(() => remote.call("fail", ["python"]), PythonError);
  assertEquals([key.name, [...key.args]], ["KeyError", ["k"]]);
  await assertRejects(() => remote.call("fail", ["text"]), Error, "text");
  await assertRejects(() => remote.call("failLater"), RangeError, "later");
  await assertRejects(() => remote.call("unsendable"), RemoteError, "Cannot clone");
  await assertRejects(() => remote.call("add", [Symbol()]), DOMException);
  assertEquals(await remote.call("add"), 1);
});

Deno.test("RemoteObject calls nothing that is not a public method", async () => {
  await using pair = await Pair.of<RemoteObject>(
    Object.assign(new Counter(), { then: () => 1, toJSON: () => 1, "not a name": () => 1 }),
  );
  const { remote } = pair;

  for (
    const name of [
      ...["_hidden", "state", "constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"],
      ...["__defineGetter__", "then", "toJSON", "not a name", "#n", "", "call"],
    ]
  ) await assertRejects(() => remote.call(name), RemoteError, "AttributeError");
  assert(!("then" in remote));
  assertEquals(await remote.call("add"), 1);
});

Deno.test("RemoteNamespace has the data of a plain object, and nothing else of it", async () => {
  const state = {
    n: 1,
    text: "a",
    get computed() {
      return 2;
    },
  };
  await using pair = await Pair.of<RemoteNamespace<Record<string, unknown>>>(state);
  const { remote } = pair;
  assertInstanceOf(remote, RemoteNamespace);

  await remote.set("n", 2);
  await remote.set("more", [1]);
  assertEquals([await remote.get("n"), await remote.get("more")], [2, [1]]);
  await remote.delete("more");
  for (const name of ["more", "computed", "toString", "constructor", "__proto__", "_x"]) {
    await assertRejects(() => remote.get(name), PythonError, "attribute");
  }
  await assertRejects(() => remote.set("__proto__", { polluted: true }), PythonError);
  await assertRejects(() => remote.set("computed", 1), TypeError);
  assertEquals([state.n, "more" in state, ({} as { polluted?: boolean }).polluted], [
    2,
    false,
    undefined,
  ]);
});

Deno.test("ManagerServer.objects counts what clients refer to", async () => {
  const queue = new Queue();
  await using server = await serve({ get_queue: () => queue, new_counter: () => new Counter() });
  const client = await connect(server);
  const other = await connect(server);

  const first = await client.get<Queue<number>>("get_queue");
  const second = await client.get<Queue<number>>("get_queue");
  assertEquals(server.objects, 1);
  const counter = await client.get<Counter>("new_counter");
  await client.get<Counter>("new_counter");
  assertEquals(server.objects, 3);

  await counter[Symbol.asyncDispose]();
  await counter[Symbol.asyncDispose]();
  assertEquals(server.objects, 2);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await second.put(1);
  assertEquals(await second.size, 1);
  await other.get<Queue<number>>("get_queue");
  await client.close();
  await client.close();
  assertEquals(server.objects, 1);
  await other.close();
  assertEquals(server.objects, 0);
  await until(() => server.connections === 0, "the connections have ended");
});

Deno.test("A proxy that was disposed calls what others refer to still, and else nothing", async () => {
  await using server = await serve({ new_counter: () => new Counter() });
  await using client = await connect(server);
  const counter = await client.get<Counter>("new_counter");
  await counter.add();
  await counter[Symbol.asyncDispose]();

  await assertRejects(() => counter.add(), RemoteError, "KeyError");
});

Deno.test("RemoteLock is held by one, and free again when its holder is closed", async () => {
  for (const lock of [new Lock(), new RLock()]) {
    await using server = await serve({ get_lock: () => lock });
    await using client = await connect(server);
    const other = await connect(server);
    const mine = await client.get<Lock>("get_lock");
    const others = await other.get<Lock>("get_lock");

    await others.acquire();
    assertEquals([await mine.tryAcquire(), lock.tryAcquire()], [false, false]);
    const wait = mine.acquire({ timeout: 30_000 });
    await other.close();

    await using _guard = await wait;
    assertEquals(lock.tryAcquire(), false);
  }
});

Deno.test("RemoteLock lets many in, one after the other", async () => {
  const lock = new Lock();
  await using pair = await Pair.of<RemoteLock>(lock);
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    await using _ = await pair.remote.acquire({ timeout: 60_000 });
    most = Math.max(most, ++inside);
    await Promise.resolve();
    inside--;
  }));
  assertEquals([most, lock.locked], [1, false]);
});

Deno.test("ManagerServer.close() rejects what waits, and keeps the objects as they are", async () => {
  const queue = new Queue<number>();
  const server = await serve({ get_queue: () => queue, get_event: () => new Event() });
  await using client = await connect(server);
  const remote = await client.get<Queue<number>>("get_queue");
  const event = await client.get<Event>("get_event");
  await remote.put(1);
  await remote.get();
  const waits = [remote.get(), remote.join(), event.wait()];
  const ends = Promise.all(waits.map((wait) => assertRejects(() => wait, ManagerLostError)));
  await remote.size;

  const closed = server.close();
  assertEquals(server.closed, true);
  await Promise.all([closed, server.close(), server.finished]);

  await ends;
  assertEquals([server.connections, server.objects], [0, 0]);
  await queue.put(2);
  assertEquals(queue.size, 1);
  await assertRejects(() => client.get("get_queue"), ManagerLostError);
  await assertRejects(() => connect(server), ManagerLostError);
});

Deno.test("A server on the same port takes over at once", async () => {
  const queue = new Queue<number>();
  const registry = { get_queue: () => queue };
  const { port } = await (async () => {
    await using server = await serve(registry);
    await using client = await connect(server);
    await (await client.get<Queue<number>>("get_queue")).put(1);
    return { port: server.port };
  })();

  await using server = await serve(registry, { port });
  await using client = await connect(server);
  assertEquals(await (await client.get<Queue<number>>("get_queue")).get(), 1);
  await assertRejects(() => serve(registry, { port }), Deno.errors.AddrInUse);
});

Deno.test("Who has another key is refused, and the others are served", async () => {
  const refusals: string[] = [];
  await using server = await serve({ new_counter: () => new Counter() }, {
    onRefusal: ({ hostname, reason }) => refusals.push(`${hostname} ${reason}`),
  });
  await using client = await connect(server);

  for (const wrong of ["another horse battery", "correct horse batterY", new Uint8Array(32)]) {
    await assertRejects(() => connect(server, { authKey: wrong }), AuthenticationError);
  }

  assertEquals(await (await client.get<Counter>("new_counter")).add(), 1);
  assertEquals(refusals.length, 1);
  assertStringIncludes(refusals[0]!, "127.0.0.1");
  assert(!refusals[0]!.includes(authKey));
});

Deno.test("MD5 is refused by who does not want it, and not needed between ours", async () => {
  await using server = await serve({ new_counter: () => new Counter() }, { legacyMd5: false });
  await using client = await connect(server, { legacyMd5: false });

  assertEquals(await (await client.get<Counter>("new_counter")).add(), 1);
});

Deno.test("connectManager() rejects if there is nobody, or nobody who answers", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const silent = listener.accept();

  const error = await assertRejects(
    () => connectManager({ port, authKey, connectTimeout: 50 }),
    ManagerLostError,
    String(port),
  );
  assertEquals((error.cause as Error).name, "TimeoutError");
  (await silent).close();
  listener.close();
  await assertRejects(() => connectManager({ port, authKey }), ManagerLostError, String(port));
});

Deno.test("serveManager() refuses what it cannot work with", async () => {
  const registry = { get_queue: () => new Queue() };
  const bad = (options: unknown) => () => serveManager(options as ServeManagerOptions);

  await assertRejects(bad({ registry }), TypeError, "authKey");
  await assertRejects(bad({ registry, authKey: 5 }), TypeError, "authKey");
  await assertRejects(bad({ registry, authKey: "" }), RangeError, "authKey of 0 bytes");
  await assertRejects(bad({ registry, authKey: "abc", hostname: "0.0.0.0" }), RangeError, "16");
  await assertRejects(bad({ authKey }), TypeError, "registry");
  await assertRejects(bad({ authKey, registry: null }), TypeError, "registry");
  await assertRejects(bad({ authKey, registry: { q: new Queue() } }), TypeError, "q: () =>");
  await assertRejects(bad({ authKey, registry, limits: { maxObject: 1 } }), TypeError, "maxObject");
  for (const maxObjects of [0, -1, NaN, "5"]) {
    await assertRejects(
      bad({ authKey, registry, limits: { maxObjects } }),
      RangeError,
      "maxObjects",
    );
  }
  await assertRejects(bad({ authKey, registry, port: 70_000 }), Error);
  await assertRejects(bad({ authKey, registry, port: "x" }), Error);
});

Deno.test("connectManager() refuses what it cannot work with", async () => {
  const bad = (options: unknown) => () =>
    connectManager(options as Parameters<typeof connectManager>[0]);

  await assertRejects(bad({ port: 1 }), TypeError, "authKey");
  await assertRejects(bad({ port: 1, authKey: "" }), RangeError, "authKey");
  await assertRejects(bad({ port: 1, authKey: "abc", hostname: "192.0.2.1" }), RangeError, "16");
});

Deno.test("An empty key is a key, where it is allowed", async () => {
  const insecure = { authKey: "", insecureAuthKey: true };
  await using server = await serve({ new_counter: () => new Counter() }, {
    ...insecure,
    onRefusal: () => {},
  });
  await using client = await connect(server, insecure);

  assertEquals(await (await client.get<Counter>("new_counter")).add(), 1);
  await assertRejects(() => connect(server), AuthenticationError);
});

Deno.test("Deno.inspect() shows where a manager is, and no key", async () => {
  const server = await serve({ new_counter: () => new Counter() });
  const client = await connect(server);
  const counter = await client.get<Counter>("new_counter");

  const place = `127.0.0.1:${server.port}`;
  for (const shown of [server, client, counter].map((value) => Deno.inspect(value))) {
    assertStringIncludes(shown, place);
    assert(!shown.includes("horse"), shown);
  }
  await client.close();
  await server.close();
  assertStringIncludes(Deno.inspect(client), "closed");
  assertStringIncludes(Deno.inspect(server), "closed");
});

for (const what of ["closed", "idle", "server"]) {
  Deno.test(`A program ends by itself: ${what}`, async () => {
    await using server = await serve({ new_queue: () => new Queue() });
    const program = new URL(`../fixtures/manager_program_ends.ts`, import.meta.url);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      // No other permission is needed for either side.
      args: ["run", "--no-check", "--no-prompt", "--allow-net=127.0.0.1", program.pathname]
        .concat(String(server.port), what),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

    assertEquals({ code, stderr: text(stderr), stdout: text(stdout) }, {
      code: 0,
      stderr: "",
      stdout: "done\n",
    });
  });
}
