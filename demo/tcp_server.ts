// Copyright 2026 the Weft authors. MIT license.

/**
 * TCP server: many clients at once.
 *
 * 服务端要实现多用户连接 并实现循环通信. The tutorial accepts connections in one thread and gives each to
 * another. In Deno a connection stays where it was accepted: so each thread, or process, listens by
 * itself, all on one port (`reusePort`), and the system deals the connections out. Each serves those that
 * it gets by coroutines: while one client thinks, another is answered.
 *
 * ```sh
 * deno task demo tcp-server
 * deno run --unstable-net --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/tcp_server.ts
 * ```
 *
 * @module
 */

import { cancelAll, type Coroutine, joinAll, spawn } from "@weft/concurrency/coroutine";
import { Process } from "@weft/concurrency/process";
import { Event, Semaphore } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { currentThread, Thread } from "@weft/concurrency/thread";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

const hostname = "127.0.0.1";
const listeners = 2;
const clients = 50;
const rounds = 3;

/** How many connections this thread has closed. */
let closed = 0;

/** S0.二.6: 封装成一个函数 多用户实现循环通信 一个用户创建一个通道 */
function* run(conn: Deno.Conn) {
  const data = new Uint8Array(1024);
  try {
    while (true) {
      const length: number | null = yield conn.read(data);
      if (length === null) return "left";
      yield sendAll(conn, data.subarray(0, length));
    }
  } finally { // Also when it is cancelled.
    conn.close();
    closed++;
  }
}

async function sendAll(conn: Deno.Conn, data: Uint8Array): Promise<void> {
  // A connection takes as much as it has room for.
  for (let rest = data; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

/** How a server is opened and closed. */
interface Doors {
  /** A permit for each listener that is open. */
  readonly open: Semaphore;
  /** Set when there will be no more clients. */
  readonly shut: Event;
}

/** S0.二.6: the server of a thread or process; gives how many clients it had, and how many left. */
export const serve = task(import.meta, async function serve(port: number, { open, shut }: Doors) {
  const server = Deno.listen({ hostname, port, reusePort: true });
  open.release();
  shut.wait().then(() => server.close());
  const served: Coroutine<string>[] = [];
  for await (const conn of server) served.push(spawn(run, conn)); // pool.submit(run, conn)
  await cancelAll(served);
  const ends = await joinAll(served); // Nothing of those that were cancelled.
  const left = ends.filter((end) => end === "left").length;
  return { pid: Deno.pid, thread: currentThread().id, clients: served.length, left, closed };
});

/** The scenario. */
export const scenario: Scenario = {
  name: "tcp-server",
  module: import.meta.url,
  seeds: "S0.二.6 S4",
  title: "An echo server: a thread, then a process per listener, and a coroutine per connection.",
  claim: "50 clients at once each get their own echoes, from all listeners; none hangs at the end",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],
  unstable: ["net"], // for reusePort

  async run(ctx) {
    ctx.say("— one thread per listener");
    const threads = await serveClients(ctx, "thread", (port, doors) => {
      return new Thread(serve, { args: [port, doors] }).start().join();
    });
    const ids = new Set(threads.map(({ thread }) => thread));
    ctx.check("each has a thread of its own", ids.size === listeners && !ids.has(0), threads);
    ctx.check("in this process", threads.every(({ pid }) => pid === Deno.pid), threads);

    ctx.say("— one process per listener");
    const processes = await serveClients(ctx, "process", (port, doors) => {
      const options = { args: [port, doors], runtimeArgs: ["--unstable-net"] } as const;
      return new Process(serve, options).start().join();
    });
    const pids = new Set(processes.map(({ pid }) => pid));
    const own = pids.size === listeners && !pids.has(Deno.pid);
    ctx.check("each has a pid of its own", own, processes);
  },
};

type Served = Awaited<ReturnType<typeof serve>>;

/** Opens the listeners, has all clients talk with them, and closes them. */
async function serveClients(
  ctx: Context,
  scope: "thread" | "process",
  start: (port: number, doors: Doors) => Promise<Served>,
): Promise<Served[]> {
  // Keeps a free port until the listeners have it.
  const keeper = Deno.listen({ hostname, port: 0, reusePort: true });
  const { port } = keeper.addr as Deno.NetAddr;
  const doors: Doors = { open: new Semaphore(0, { scope }), shut: new Event({ scope }) };
  const servers = Array.from({ length: listeners }, () => start(port, doors));
  for (const _ of servers) await doors.open.acquire();
  keeper.close();
  ctx.say(`Server is run....\tport ${port}`);

  const texts = Array.from({ length: clients }, (_, i) => textsOf(i));
  const echoes = await talkAll(port, texts, () => doors.shut.set());
  const served = await Promise.all(servers);
  for (const { pid, thread, clients, left } of served) {
    ctx.say(`pid ${pid}\tthread ${thread}\t${clients} clients\t${left} left by themselves`);
  }
  const wrong = echoes.filter((echo, i) => echo !== texts[i]!.join(""));
  ctx.check(`${clients} clients got their own echoes, and nothing else`, wrong.length === 0, wrong);
  const sum = served.reduce((sum, { clients }) => sum + clients, 0);
  ctx.check(`the listeners had ${clients} clients`, sum === clients, served);
  const left = served.reduce((sum, { left }) => sum + left, 0);
  ctx.check(
    "half of them left, the coroutines of the others were cancelled",
    left === sum / 2,
    served,
  );
  const all = served.every(({ clients, closed }) => closed === clients);
  ctx.check("each closed its connection", all, served);
  ctx.check("none was idle", served.every(({ clients }) => clients > 0), served);
  return served;
}

/** What a client says: the last is longer than what the server reads at once. */
function textsOf(client: number): string[] {
  return Array.from({ length: rounds }, (_, round) => {
    return `client ${client} says ${round} `.repeat(round === rounds - 1 ? 200 : 1);
  });
}

/**
 * Has each client send its texts, the next one when all clients have the echo of the one before. So
 * nobody leaves while another waits, and a server that cannot serve all at once gets stuck. Then every
 * other client leaves, and the rest stay until the server shuts down.
 *
 * @param shutDown Called when those have left that leave.
 * @returns All that came back, for each client.
 */
async function talkAll(
  port: number,
  texts: string[][],
  shutDown: () => void,
): Promise<string[]> {
  const conns = await Promise.all(texts.map(() => Deno.connect({ hostname, port })));
  const echoes = conns.map(() => "");
  for (let round = 0; round < rounds; round++) {
    await Promise.all(conns.map(async (conn, i) => {
      const data = new TextEncoder().encode(texts[i]![round]);
      await sendAll(conn, data);
      echoes[i] += await receive(conn, data.length);
    }));
  }
  const end = async (conn: Deno.Conn, i: number) => {
    if (i % 2 === 0) await conn.closeWrite();
    echoes[i] += await receive(conn, Infinity);
    conn.close();
  };
  const ends = conns.map(end);
  await Promise.all(ends.filter((_, i) => i % 2 === 0));
  shutDown();
  await Promise.all(ends);
  return echoes;
}

/** Receives so many bytes, or until the end. */
async function receive(conn: Deno.Conn, bytes: number): Promise<string> {
  const decoder = new TextDecoder();
  const data = new Uint8Array(1024);
  let text = "";
  for (let missing = bytes; missing > 0;) {
    const length = await conn.read(data.subarray(0, Math.min(missing, data.length)));
    if (length === null) break;
    text += decoder.decode(data.subarray(0, length), { stream: true });
    missing -= length;
  }
  return text;
}

if (import.meta.main) await runProgram(scenario);
