// Copyright 2026 the Weft authors. MIT license.

import { connectManager, ManagerLostError, serveManager } from "../../cluster/mod.ts";
import { Queue } from "../../channel/mod.ts";
import { writeRequest } from "../../cluster/_manager_wire.ts";
import { assertLost, callEverything } from "./_fault_stand.ts";
import { noPython } from "./_python.ts";
import { key, RawPeer, until } from "./_raw_peer.ts";
import { assertEquals, assertRejects } from "@std/assert";

const root = new URL("../../", import.meta.url);
const program = new URL("../fixtures/manager_program.ts", import.meta.url);

const ignored = noPython === undefined ? "" : ` (ignored: ${noPython})`;

/** Waits for an item in many threads, each with a connection of its own, and tells of each that it gets. */
const pythonGetters = `
import sys, threading
from multiprocessing.managers import BaseManager
class M(BaseManager): pass
M.register('get_queue')
m = M(address=('127.0.0.1', int(sys.argv[1])), authkey=sys.argv[2].encode())
m.connect()
q = m.get_queue()
q.qsize()
def get():
    try:
        item = q.get()
        sys.stdout.write('%d\\n' % item); sys.stdout.flush()
    except EOFError: pass
for _ in range(int(sys.argv[3])): threading.Thread(target=get).start()
print('ready', flush=True)
`;

/** Asks for 10 items, and reads none of them when they are there. */
const pythonHolder = `
import sys, time
from multiprocessing.connection import Client
held = []
for _ in range(10):
    c = Client(('127.0.0.1', int(sys.argv[1])), authkey=sys.argv[2].encode())
    c.send((None, 'accept_connection', ('x',), {}))
    c.recv()
    c.send((sys.argv[3], 'get', (), {}))
    c.poll(None)
    held.append(c)
print('ready', flush=True)
time.sleep(600)
`;

/** A program that is killed; its lines come one by one. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(command: string, args: string[]) {
    this.#child = new Deno.Command(command, { args, cwd: root, stdout: "piped" }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static deno(...args: string[]): Program {
    return new Program(Deno.execPath(), [
      "run",
      "--no-check",
      "--quiet",
      "--allow-all",
      program.pathname,
      ...args,
    ]);
  }

  /** The next line; `undefined` after the last. */
  async line(): Promise<string | undefined> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) return undefined;
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** The lines that are left when it has ended. */
  async end(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) {
      lines.push(line);
    }
    await this.#child.status;
    return lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.end();
  }
}

async function testKills(getters: (port: number) => Program, each: number): Promise<void> {
  const queue = new Queue<number>();
  await using server = await serveManager({
    authKey: key,
    registry: { get_queue: () => queue },
    onRefusal: () => {},
  });
  let put = 0;
  const got: number[] = [];
  for (let round = 0; round < 2; round++) {
    const programs = Array.from({ length: 5 }, () => getters(server.port));
    for (const program of programs) assertEquals(await program.line(), "ready");
    // A connection of its own for each that waits.
    await until(() => server.connections >= each);
    // Some are killed, and items come before the manager knows of it.
    const order = programs.map((_, i) => (i * 3 + round) % programs.length);
    for (const i of order) {
      programs[i]!.kill();
      for (let n = 0; n < each; n++) queue.putNowait(++put);
    }
    for (const program of programs) got.push(...(await program.end()).map(Number));
  }
  await until(() => server.connections === 0);

  const left: number[] = [];
  while (!queue.isEmpty) left.push(queue.getNowait());

  const all = [...got, ...left].sort((a, b) => a - b);
  assertEquals(all, Array.from({ length: put }, (_, i) => i + 1));
  assertEquals(put, 10 * each);
}

Deno.test("no item is lost when 100 clients that wait for one are killed", async () => {
  await testKills((port) => Program.deno("get", `${port}`, key, "10"), 10);
});

Deno.test({
  name: `no item is lost when 100 clients in Python that wait for one are killed${ignored}`,
  ignore: noPython !== undefined,
  fn: () =>
    testKills((port) => new Program("python3", ["-c", pythonGetters, `${port}`, key, "10"]), 10),
});

Deno.test({
  name: `no item is lost that has come to a client in Python and was not read${ignored}`,
  ignore: noPython !== undefined,
  async fn() {
    const queue = new Queue<number>();
    await using server = await serveManager({ authKey: key, registry: { get_queue: () => queue } });
    for (let i = 0; i < 10; i++) queue.putNowait(i);
    const ident = await RawPeer.create(server.port, "get_queue");
    await using program = new Program("python3", [
      "-c",
      pythonHolder,
      `${server.port}`,
      key,
      ident,
    ]);
    assertEquals(await program.line(), "ready");
    assertEquals(queue.size, 0);

    program.kill();
    await until(() => queue.size === 10);

    const items = Array.from({ length: 10 }, () => queue.getNowait()).sort((a, b) => a - b);
    assertEquals(items, Array.from({ length: 10 }, (_, i) => i));
    await until(() => server.connections === 0);
  },
});

Deno.test("no item is lost when clients end while it is on its way", async () => {
  const queue = new Queue<number>();
  await using server = await serveManager({ authKey: key, registry: { get_queue: () => queue } });
  const ident = await RawPeer.create(server.port, "get_queue");
  for (let i = 0; i < 60; i++) {
    const peers = await Promise.all([1, 2].map(() => RawPeer.accepted(server.port)));
    for (const peer of peers) await peer.sendFrame(writeRequest(ident, "get", []));
    // When the reply is there, before it, behind it, and at the same time.
    if (i % 4 === 3) {
      await until(() => server.connections >= 2);
      queue.putNowait(i);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (i % 4 === 0) queue.putNowait(i);
    for (const peer of peers) peer[Symbol.dispose]();
    if (i % 4 === 1) queue.putNowait(i);
    if (i % 4 === 2) {
      await Promise.resolve();
      queue.putNowait(i);
    }
  }
  await until(() => server.connections === 0);

  assertEquals(queue.size, 60);
  const items = Array.from({ length: 60 }, () => queue.getNowait()).sort((a, b) => a - b);
  assertEquals(items, Array.from({ length: 60 }, (_, i) => i));
});

Deno.test("every call rejects with a ManagerLostError when the manager is killed", async () => {
  await using manager = Program.deno("serve", "0", key);
  const port = Number(await manager.line());
  await using client = await connectManager({ port, authKey: key });
  const calls = await callEverything(client);

  manager.kill();

  await assertLost(calls);
  await assertRejects(() => client.get("get_map"), ManagerLostError);
});

Deno.test("a client works with a manager that was started again, with new proxies", async () => {
  await using first = Program.deno("serve", "0", key);
  const port = Number(await first.line());
  await using client = await connectManager({ port, authKey: key });
  const old = await client.get<Map<string, number>>("get_map");
  await old.set("a", 1);
  first.kill();
  await first.end();
  await assertRejects(() => old.get("a"), ManagerLostError);

  await using second = Program.deno("serve", `${port}`, key);
  assertEquals(Number(await second.line()), port);

  // It does not know the object.
  await assertRejects(() => old.get("a"), Error, "no object");
  const map = await client.get<Map<string, number>>("get_map");
  await map.set("a", 2);
  assertEquals(await map.get("a"), 2);
});
