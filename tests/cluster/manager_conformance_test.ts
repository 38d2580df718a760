// Copyright 2026 the Weft authors. MIT license.

/*
 * What CPython's test suite asks of `multiprocessing.managers`, and of listeners and clients with a key, asked of
 * managers. All is asked of our client with our manager here; with Python on one side, where the third column says so.
 *
 * | CPython                                    | here                                              | with Python       |
 * | ------------------------------------------ | ------------------------------------------------- | ----------------- |
 * | _TestContainers.test_list                  | test_list                                         | types, client     |
 * | _TestContainers.test_list_iter             | test_list_iter                                    | client            |
 * | _TestContainers.test_dict                  | test_dict                                         | types, client     |
 * | _TestContainers.test_namespace             | test_namespace                                    | types, client     |
 * | _TestContainers.test_nested_queue          | not here                                          | client (1)        |
 * | _TestMyManager.test_mymanager              | test_mymanager                                    | server            |
 * | _TestMyManager.test_mymanager_context      | test_mymanager_context                            |                   |
 * | _TestRemoteManager.test_remote             | test_remote                                       | client, server    |
 * | _TestManagerRestart.test_rapid_restart     | test_rapid_restart                                |                   |
 * | TestSyncManagerTypes.test_*                | `Our manager: …` of manager_types_test.ts         | types, client     |
 * | TestManagerExceptions.test_queue_get       | test_queue_get                                    | client, server    |
 * | TestManagerExceptions.test_dispatch        | test_dispatch                                     | client            |
 * | _TestListener.test_multiple_bind           | test_multiple_bind                                |                   |
 * | _TestListener.test_empty_authkey           | test_empty_authkey                                |                   |
 * | _TestListenerClient.test_listener_client   | test_remote                                       | client, server    |
 * | _TestListenerClient.test_issue14725        | test_issue14725                                   |                   |
 * | _TestListenerClient.test_issue16955        | test_issue16955                                   |                   |
 * | OtherTest.test_*_challenge_auth_failure    | test_challenge_auth_failure                       |                   |
 * | OtherTest.test_answer_challenge_auth_*     | test_answer_challenge_auth_failure                |                   |
 * | ChallengeResponseTest.test_*               | by each version of Python that is found           | client, tutorial  |
 *
 * The third column names manager_types_test.ts, manager_python_client_test.ts, manager_python_server_test.ts and
 * manager_tutorial_test.ts.
 *
 * (1) A proxy that is put into a queue and got by another client of Python. In lists and dicts, too, proxies are data.
 *
 * Not here:
 * - test_list_proxy_in_list, test_dict_proxy_nested, test_nested_queue within one client of ours: a proxy of ours is not
 *   an argument; what is nested is served by a name of its own.
 * - test_dict_iter, and `baz` of test_mymanager: `for key in dict` and a generator need a second proxy (`#PROXY`), which
 *   Python's clients understand only if they have registered a type for it; `keys()`, `items()` and `copy()` do.
 * - test_mymanager_context_prestarted, TestInitializers.test_manager_initializer, TestSyncManagerTypes.test_pool: of the
 *   process that CPython runs a manager in; ours runs in the program that serves. Pools are served as ClusterPool.
 * - The serializer `xmlrpclib`: pickles are the only one here.
 * - test_abstract_socket, TestInvalidFamily, test_invalid_family_win32: addresses are hosts and ports only.
 * - test_context of listeners, test_connection tests: of `pipe()`, see tests/channel/conformance_pipe_test.ts.
 */

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Queue, QueueEmptyError } from "../../channel/mod.ts";
import {
  AuthenticationError,
  PythonError,
  RemoteError,
  RemoteList,
  RemoteMap,
  type RemoteNamespace,
  type RemoteObject,
} from "../../cluster/mod.ts";
import { connect, Pair, serve, until } from "./_manager_helpers.ts";

Deno.test("test_list: a list changes for all, and is compared by its value", async () => {
  await using pair = await Pair.of<RemoteList<unknown>>([...Array(10).keys()]);
  await using empty = await Pair.of<RemoteList<unknown>>([]);
  const { remote: a } = pair;
  const { remote: b } = empty;
  assertInstanceOf(a, RemoteList);

  assertEquals(await a.toArray(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(await b.toArray(), []);
  await b.push(...[0, 1, 2, 3, 4]);
  assertEquals(await b.toArray(), [0, 1, 2, 3, 4]);
  assertEquals([await b.at(2), await b.length], [2, 5]);
  await a.push("hello");
  assertEquals([await a.at(0), await a.at(-1)], [0, "hello"]);
  const index = await assertRejects(() => a.at(11), PythonError);
  assertEquals(index.name, "IndexError");
  await a.push([0, 1]);
  assertEquals(await a.pop(), [0, 1]);
});

Deno.test("test_list_iter: iterating gives the items", async () => {
  await using pair = await Pair.of<RemoteList<number>>([...Array(10).keys()]);

  assertEquals(await Array.fromAsync(pair.remote), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("test_dict: entries are set, found and removed", async () => {
  await using pair = await Pair.of<RemoteMap<number, string>>(new Map());
  const { remote: d } = pair;
  assertInstanceOf(d, RemoteMap);
  const indices = [65, 66, 67, 68, 69];

  for (const i of indices) await d.set(i, String.fromCharCode(i));

  assertEquals(await d.entries(), indices.map((i) => [i, String.fromCharCode(i)]));
  assertEquals((await d.keys()).toSorted(), indices);
  assertEquals((await d.values()).toSorted(), ["A", "B", "C", "D", "E"]);
  assertEquals([await d.size, await d.has(65), await d.has(1)], [5, true, false]);
  assertEquals([await d.get(65), await d.get(1)], ["A", undefined]);
  assertEquals([await d.delete(65), await d.delete(65), await d.size], [true, false, 4]);
});

Deno.test("test_namespace: attributes are set, found and removed; hidden ones are not there", async () => {
  await using pair = await Pair.of<RemoteNamespace<Record<string, unknown>>>({});
  const { remote: n } = pair;

  await n.set("name", "Bob");
  await n.set("job", "Builder");
  await assertRejects(() => n.set("_hidden", "hidden"), PythonError, "attribute");
  assertEquals([await n.get("name"), await n.get("job")], ["Bob", "Builder"]);
  await n.delete("job");
  const error = await assertRejects(() => n.get("job"), PythonError);
  assertEquals(error.name, "AttributeError");
  assertEquals(await n.get("name"), "Bob");
});

class FooBar {
  f(): string {
    return "f()";
  }
  g(): never {
    throw new PythonError("ValueError");
  }
  _h(): string {
    return "_h()";
  }
}

Deno.test("test_mymanager: public methods are offered, and what they throw is thrown", async () => {
  await using pair = await Pair.of<RemoteObject>(new FooBar());
  const { remote: foo } = pair;

  assertEquals([...foo.exposed], ["f", "g"]);
  assertEquals(await foo.call("f"), "f()");
  const error = await assertRejects(() => foo.call("g"), Error);
  assertEquals(error.name, "ValueError");
  await assertRejects(() => foo.call("_h"), RemoteError);
});

Deno.test("test_mymanager_context: leaving the scope ends the manager", async () => {
  let ended;
  {
    await using server = await serve({ Foo: () => new FooBar() });
    await using client = await connect(server);
    assertEquals(await (await client.get<FooBar>("Foo")).f(), "f()");
    ended = server;
  }

  assertEquals([ended.closed, ended.connections, ended.objects], [true, 0, 0]);
});

Deno.test("test_remote: values pass from one client to another; a function does not", async () => {
  const values = [
    ...["hello world", null, true, 2.25, "hall\xe5 v\xe4rlden", "привіт світ"],
    new TextEncoder().encode("hall\xe5 v\xe4rlden"),
  ];
  const queue = new Queue<unknown>();
  await using server = await serve({ get_queue: () => queue });
  {
    await using first = await connect(server);
    await (await first.get<Queue<unknown>>("get_queue")).put(values);
  }
  await using second = await connect(server);
  const remote = await second.get<Queue<unknown>>("get_queue");

  assertEquals(await remote.get(), values);
  await assertRejects(() => remote.put(setTimeout), DOMException, "function");
  assertEquals(await remote.isEmpty, true);
});

Deno.test("test_rapid_restart: a manager at the port of one that has just ended", async () => {
  const queue = new Queue<string>();
  const registry = { get_queue: () => queue };
  let port = 0;
  for (let i = 0; i < 3; i++) {
    await using server = await serve(registry, { port });
    port = server.port;
    await using client = await connect(server);
    const remote = await client.get<Queue<string>>("get_queue");
    await remote.put("hello world");
    assertEquals(await remote.get(), "hello world");
  }
});

Deno.test("test_queue_get: an empty queue throws what an empty queue throws", async () => {
  await using server = await serve({ Queue: () => new Queue() });
  await using client = await connect(server);
  const remote = await client.get<Queue<number>>("Queue");

  await assertRejects(() => remote.getNowait(), QueueEmptyError);
});

Deno.test("test_dispatch: what the manager itself does not know is an error, and it goes on", async () => {
  await using server = await serve({ Foo: () => new FooBar() });
  await using client = await connect(server);

  await assertRejects(() => client.get("Bar"), RemoteError, "Bar");
  assertEquals(await (await client.get<FooBar>("Foo")).f(), "f()");
});

Deno.test("test_multiple_bind: a port is one manager's", async () => {
  await using server = await serve({});

  await assertRejects(() => serve({}, { port: server.port }), Deno.errors.AddrInUse);
});

Deno.test("test_empty_authkey: an empty key is not none", async () => {
  const options = { authKey: "", insecureAuthKey: true };
  await using server = await serve({ Foo: () => new FooBar() }, {
    ...options,
    onRefusal: () => {},
  });
  await using client = await connect(server, options);

  assertEquals(await (await client.get<FooBar>("Foo")).f(), "f()");
  await assertRejects(() => connect(server), AuthenticationError);
});

Deno.test("test_issue14725: who goes before it is served harms nobody", async () => {
  await using server = await serve({ Foo: () => new FooBar() }, { onRefusal: () => {} });
  for (let i = 0; i < 10; i++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    if (i % 2 === 0) await connection.write(new Uint8Array([0, 0, 0, 5, 104]));
    connection.close();
  }

  await using client = await connect(server);
  assertEquals(await (await client.get<FooBar>("Foo")).f(), "f()");
  await until(() => server.connections <= 1, "the others have gone");
});

Deno.test("test_issue16955: what was put right before the client ends has come", async () => {
  const queue = new Queue<number>();
  await using server = await serve({ get_queue: () => queue });
  for (let i = 0; i < 10; i++) {
    const client = await connect(server);
    const remote = await client.get<Queue<number>>("get_queue");
    const put = remote.put(i).then(() => true, () => false);
    // Closing waits for what has been sent; what has not been is told.
    await Promise.resolve();
    await client.close();
    const isPut = await put;
    assertEquals(queue.size, isPut ? 1 : 0);
    if (isPut) assertEquals(queue.getNowait(), i);
  }
});

/** Does one side of a handshake by hand: sends each of the frames, after a frame of the other side. */
async function say(connection: Deno.TcpConn, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    const body = new TextEncoder().encode(text);
    const frame = new Uint8Array(4 + body.length);
    new DataView(frame.buffer).setInt32(0, body.length);
    frame.set(body, 4);
    await connection.write(frame);
  }
}

Deno.test("test_challenge_auth_failure: a wrong answer is refused", async () => {
  const refusals: string[] = [];
  await using server = await serve({}, { onRefusal: ({ reason }) => refusals.push(reason) });
  for (const answer of ["something bogus!", "{sha256}", "{md4}0123456789abcdef", ""]) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await say(connection, answer);
    const heard = await new Response(connection.readable).text();
    assert(heard.endsWith("#FAILURE#"), heard);
  }

  assertEquals(refusals.length, 1);
});

Deno.test("test_answer_challenge_auth_failure: who does not challenge or welcome is no manager", async () => {
  for (
    const frames of [["something bogus"], ["#CHALLENGE#01234567890123456789", "something bogus"]]
  ) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const accepted = listener.accept();
    const connecting = assertRejects(() => connect({ port }), AuthenticationError);
    const connection = await accepted;
    await say(connection, ...frames);

    await connecting;
    connection.close();
    listener.close();
  }
});
