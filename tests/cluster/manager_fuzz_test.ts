// Copyright 2026 the Weft authors. MIT license.

/*
 * 100,000 cases of bytes at the port of a manager: those that are random and those of real sessions that were changed,
 * before the key was shown and after. Most go to the session directly, through a connection that is none.
 */

import { connectManager, serveManager } from "../../cluster/mod.ts";
import { FrameStream } from "../../cluster/_frames.ts";
import { References } from "../../cluster/_manager_references.ts";
import { Session, type SessionHost } from "../../cluster/_manager_session.ts";
import { AuthKey } from "../../cluster/_auth_key.ts";
import { Refusals } from "../../cluster/_refusals.ts";
import { defaultLimits } from "../../cluster/manager_limits.ts";
import { Queue } from "../../channel/mod.ts";
import { Event, Lock, Semaphore } from "../../sync/mod.ts";
import { writeRequest } from "../../cluster/_manager_wire.ts";
import { noPython } from "./_python.ts";
import { challenge, code, concat, frame, header, hex, key, messageOf } from "./_raw_peer.ts";
import { RawPeer, until, welcome } from "./_raw_peer.ts";
import { assert, assertEquals } from "@std/assert";

const cases = 100_000;
const overTcp = 3_000;

const pythonClient = `
import sys
from multiprocessing.managers import BaseManager
class M(BaseManager): pass
M.register('get_queue')
m = M(address=('127.0.0.1', int(sys.argv[1])), authkey=sys.argv[2].encode())
m.connect()
q = m.get_queue()
q.put('works')
print(q.get())
`;

/** Numbers that are the same each time. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** How many messages go through one connection after the handshake; each is a case. */
const perConnection = 8;

interface Case {
  /** Whether the bytes come after a right handshake, or in its place. */
  readonly isKnown: boolean;
  readonly bytes: Uint8Array;
  /** How many cases it is. */
  readonly count: number;
}

/** What Python and Weft send after the handshake; `ident` is that of a queue. */
function sessionsOf(ident: string): Uint8Array[] {
  const call = (name: string, args: unknown[] = [], keywords = {}) =>
    frame(writeRequest(ident, name, args, keywords));
  return [
    frame(writeRequest(null, "dummy", [])),
    frame(writeRequest(null, "create", ["get_queue"])),
    frame(writeRequest(null, "create", ["get_object", 1, "a"], { b: [1, 2] })),
    frame(writeRequest(null, "incref", [ident])),
    frame(writeRequest(null, "number_of_objects", [])),
    concat(accept, call("put", [{ a: [1, 2.5, "x"], b: new Uint8Array(9) }, true, 0])),
    concat(accept, call("put", [1n << 90n]), call("qsize")),
    concat(accept, call("get", [], { block: false })),
    concat(accept, call("get_many", [10, false]), call("empty")),
    concat(accept, call("put_many", [[1, "two", null], true, 0.01]), call("full")),
    concat(
      accept,
      call("put", [new Map<unknown, unknown>([[1, new Set([2])]])]),
      call("get_nowait"),
    ),
    // As Python 3.11 writes it.
    hex(
      "000000368004952b00000000000000284e8c116163636570745f636f6e6e656374696f6e" +
        "948c0b4d61696e50726f636573739485947d9474942e",
    ),
    concat(
      accept,
      frame(
        hex(
          "80049522000000000000008c06234552524f52948c065f7175657565948c05456d70747994939429529486942e",
        ),
      ),
    ),
    concat(accept, header(-1, 20n), hex("80048c0161947d942e"), new Uint8Array(11)),
  ];
}

function makeCase(next: (below: number) => number, sessions: readonly Uint8Array[]): Case {
  const isKnown = next(2) === 0;
  const kind = next(4);
  if (kind === 0) {
    const bytes = new Uint8Array(next(80));
    for (let i = 0; i < bytes.length; i++) bytes[i] = next(256);
    // Else nearly all would be too long.
    return { isKnown, bytes: next(2) === 0 ? bytes : frame(bytes), count: 1 };
  }
  const base = isKnown ? sessions[next(sessions.length)]! : concat(
    frame(code("sha256", key, new Uint8Array(48))),
    frame(challenge(new Uint8Array(40))),
    frame(welcome),
  );
  const bytes = mutate(base, next, kind);
  if (!isKnown || next(4) === 0) return { isKnown, bytes, count: 1 };
  // Messages that were changed in frames that are right, and at last a session that was changed anywhere.
  const messages = Array.from({ length: perConnection - 1 }, () => {
    const frames = framesOf(sessions[next(sessions.length)]!);
    return frame(mutate(frames[next(frames.length)]!, next, 1 + next(3)));
  });
  return {
    isKnown,
    bytes: concat(accept, ...messages, bytes),
    count: perConnection,
  };
}

const accept = frame(writeRequest(null, "accept_connection", ["Main"]));

/** The messages in the frames of a session. */
function framesOf(session: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < session.length;) {
    const length = new DataView(session.buffer, session.byteOffset + at).getInt32(0);
    if (length < 0) break;
    frames.push(session.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

function mutate(base: Uint8Array, next: (below: number) => number, kind: number): Uint8Array {
  const bytes = base.slice();
  if (kind === 1) return bytes.subarray(0, next(bytes.length));
  for (let i = next(4); i >= 0; i--) {
    const at = next(bytes.length);
    if (next(2) === 0) bytes[at]! ^= 1 << next(8);
    else bytes[at] = next(256);
  }
  if (kind === 2) return bytes;
  const from = next(bytes.length);
  const part = bytes.slice(from, from + next(20));
  const to = next(bytes.length);
  return concat(bytes.subarray(0, to), part, bytes.subarray(to + next(3)));
}

/** A connection whose other side does the handshake, if it is to, and sends its bytes then. */
class FakeConnection {
  readonly #case: Case;
  readonly #parts: Uint8Array[] = [];
  #frames = 0;
  #isEnded = false;
  #waiting: (() => void) | undefined;

  constructor(given: Case) {
    this.#case = given;
    if (!given.isKnown) this.#send(given.bytes);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#parts.length === 0) {
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
    const part = this.#parts.shift()!;
    const now = part.subarray(0, buffer.length);
    if (now.length < part.length) this.#parts.unshift(part.subarray(now.length));
    buffer.set(now);
    return now.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#case.isKnown) this.#react(bytes, ++this.#frames);
    return Promise.resolve(bytes.length);
  }

  close(): void {
    this.#isEnded = true;
    this.#waiting?.();
  }

  #react(bytes: Uint8Array, count: number): void {
    if (count === 1) this.#send(frame(code("sha256", key, messageOf(bytes.subarray(4)))), false);
    if (count === 2) this.#send(frame(challenge()), false);
    if (count === 3) this.#send(concat(frame(welcome), this.#case.bytes));
  }

  #send(bytes: Uint8Array, isLast = true): void {
    if (bytes.length > 0) this.#parts.push(bytes);
    if (isLast) this.#isEnded = true;
    this.#waiting?.();
  }
}

function things() {
  const queue = new Queue<unknown>({ maxSize: 100 });
  const object = { count: 0, add: (n: unknown) => Number(typeof n === "number" ? n : 0) };
  const all: Record<string, object> = {
    get_queue: queue,
    get_object: object,
    get_map: new Map(),
    get_list: [1],
    get_lock: new Lock(),
    get_event: new Event(),
    get_semaphore: new Semaphore(2),
  };
  return { queue, all };
}

Deno.test("a manager's session outlives 97,000 cases of random and changed bytes", async () => {
  const { queue, all } = things();
  let refusals = 0;
  const limits = { ...defaultLimits, maxMessageBytes: 100_000, maxFailures: Infinity };
  const host: SessionHost = {
    handshake: { key: new AuthKey(key), legacyMd5: true },
    limits,
    references: new References(limits),
    refusals: new Refusals(() => refusals++, Infinity),
    create: (name) => all[name as string] ?? {},
    shutDown: undefined,
  };
  host.references.connect("fuzz");
  const { ident } = host.references.add(queue, "fuzz");
  const sessions = sessionsOf(ident);
  const next = random(7);
  const run = async (given: Case) => {
    const stream = new FrameStream(new FakeConnection(given) as unknown as Deno.Conn);
    const session = new Session(host, stream, "fuzz");
    await session.run();
    assert(stream.closed);
  };
  // Some wait a moment at the end, to see whether an item has arrived: others go on meanwhile.
  const runMany = async (count: number) => {
    let left = count;
    const lane = async () => {
      while (left > 0) {
        const given = makeCase(next, sessions);
        left -= given.count;
        await run(given);
        while (!queue.isEmpty) queue.getNowait();
        // Those that have counted it down have ended it: what follows needs it again.
        if (host.references.find(ident) === undefined) host.references.add(queue, "fuzz");
      }
    };
    await Promise.all(Array.from({ length: 200 }, lane));
  };
  await runMany(5000);
  const before = Deno.memoryUsage();

  await runMany(cases - overTcp - 5000);

  const after = Deno.memoryUsage();
  assert(after.heapUsed - before.heapUsed < 150e6, `${after.heapUsed} after ${before.heapUsed}`);
  assert(after.rss - before.rss < 500e6, `${after.rss} after ${before.rss}`);
  // Each reason is told once, however often it is given.
  assert(refusals > 0 && refusals < 50, `${refusals}`);
  // A session that is right still is.
  await run({ isKnown: true, bytes: sessions[5]!, count: 1 });
  assertEquals(queue.size, 1);
  host.references.clear();
});

Deno.test("a manager outlives 3,000 cases of random and changed bytes at its port", async () => {
  const { queue, all } = things();
  let refusals = 0;
  await using server = await serveManager({
    authKey: key,
    registry: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, () => value])),
    onRefusal: () => refusals++,
    limits: { maxFailures: 1e9 },
  });
  const ident = await RawPeer.create(server.port, "get_queue");
  const sessions = sessionsOf(ident);
  const next = random(11);
  const run = async ({ isKnown, bytes }: Case) => {
    try {
      using peer = isKnown ? await RawPeer.enter(server.port) : await RawPeer.connect(server.port);
      await peer.trySend(bytes);
      await peer.connection.closeWrite();
      await peer.ended();
    } catch (error) {
      // It was ended at once.
      assert(
        error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.NotConnected ||
          error instanceof Deno.errors.ConnectionReset,
        String(error),
      );
    }
  };

  for (let done = 0; done < overTcp;) {
    const given = Array.from({ length: 20 }, () => makeCase(next, sessions));
    for (const { count } of given) done += count;
    await Promise.all(given.map(run));
    while (!queue.isEmpty) queue.getNowait();
  }

  await until(() => server.connections === 0);
  assert(refusals > 0 && refusals < 50, `${refusals}`);
  await using client = await connectManager({ port: server.port, authKey: key });
  const remote = await client.get<Queue<number>>("get_queue");
  await remote.put(42);
  assertEquals(await remote.get(), 42);
  if (noPython !== undefined) return;
  const args = ["-c", pythonClient, `${server.port}`, key];
  const { stdout } = await new Deno.Command("python3", { args, stderr: "inherit" }).output();
  assertEquals(new TextDecoder().decode(stdout), "works\n");
});

Deno.test("a manager's session ends wherever its client does", async () => {
  const { queue, all } = things();
  const limits = defaultLimits;
  const host: SessionHost = {
    handshake: { key: new AuthKey(key), legacyMd5: true },
    limits,
    references: new References(limits),
    refusals: new Refusals(() => {}, Infinity),
    create: (name) => all[name as string]!,
    shutDown: undefined,
  };
  const { ident } = host.references.add(queue, "fuzz");
  for (const bytes of sessionsOf(ident)) {
    const runs = Array.from({ length: bytes.length }, (_, size) => {
      const given = { isKnown: true, bytes: bytes.subarray(0, size), count: 1 };
      const stream = new FrameStream(new FakeConnection(given) as unknown as Deno.Conn);
      return new Session(host, stream, "fuzz").run();
    });
    await Promise.all(runs);
  }
  const shake = concat(frame(code("sha256", key, new Uint8Array(48))), frame(challenge()));
  for (let size = 0; size < shake.length; size++) {
    const given = { isKnown: false, bytes: shake.subarray(0, size), count: 1 };
    const stream = new FrameStream(new FakeConnection(given) as unknown as Deno.Conn);
    await new Session(host, stream, "fuzz").run();
  }
  host.references.clear();
});
