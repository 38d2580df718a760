// Copyright 2026 the Weft authors. MIT license.

/*
 * The other side of a manager by hand: what it sends and reads are single bytes and frames, right ones and wrong ones.
 */

import { writeRequest } from "../../cluster/_manager_wire.ts";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { createHmac } from "node:crypto";

export const key = "correct horse battery";
export const welcome = text("#WELCOME#");
export const failure = text("#FAILURE#");

/** Bytes of a text. */
export function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

/** Bytes of their hexadecimal digits. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(digits.replaceAll(/\s/g, ""));
}

export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A frame: a length and so many bytes. */
export function frame(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setInt32(0, body.length);
  return concat(head, body);
}

/** The beginning of a frame that says how long it is. */
export function header(length: number, long?: bigint): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(long === undefined ? 4 : 12);
  const view = new DataView(head.buffer);
  view.setInt32(0, length);
  if (long !== undefined) view.setBigUint64(4, long);
  return head;
}

/** The code of a message, with the name of the digest before it unless that is left out. */
export function code(
  digest: string,
  secret: string | Uint8Array,
  message: Uint8Array,
  prefix = `{${digest}}`,
): Uint8Array<ArrayBuffer> {
  const hmac = createHmac(digest.replace("sha3_", "sha3-"), secret).update(message).digest();
  return concat(text(prefix), new Uint8Array(hmac));
}

/** A challenge as the newer Pythons make it. */
export function challenge(nonce = crypto.getRandomValues(new Uint8Array(40))): Uint8Array {
  return concat(text("#CHALLENGE#{sha256}"), nonce);
}

/** What a challenge wants to have answered. */
export function messageOf(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return body.slice("#CHALLENGE#".length);
}

/** A connection of which every byte is seen. */
export class RawPeer implements Disposable {
  readonly connection: Deno.TcpConn;
  #rest: Uint8Array = new Uint8Array();

  constructor(connection: Deno.TcpConn) {
    this.connection = connection;
  }

  static async connect(port: number): Promise<RawPeer> {
    return new RawPeer(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Connects and shows that it has the key. */
  static async enter(port: number, secret: string = key): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    await peer.shakeHands(secret);
    return peer;
  }

  /** Connects to call methods of objects. */
  static async accepted(port: number): Promise<RawPeer> {
    const peer = await RawPeer.enter(port);
    await peer.call(null, "accept_connection", ["raw"]);
    return peer;
  }

  async send(...parts: Uint8Array[]): Promise<void> {
    const bytes = concat(...parts);
    let at = 0;
    while (at < bytes.length) at += await this.connection.write(bytes.subarray(at));
  }

  /** Sends bytes that may find nobody. */
  async trySend(...parts: Uint8Array[]): Promise<boolean> {
    try {
      await this.send(...parts);
      return true;
    } catch {
      return false;
    }
  }

  async sendFrame(body: Uint8Array): Promise<void> {
    await this.send(frame(body));
  }

  /** Reads a frame; `undefined` if the other side has ended the connection. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(await this.#need(4))) return undefined;
    const length = new DataView(this.#rest.buffer, this.#rest.byteOffset).getInt32(0);
    if (!(await this.#need(4 + length))) return undefined;
    const body = this.#rest.slice(4, 4 + length);
    this.#rest = this.#rest.subarray(4 + length);
    return body as Uint8Array<ArrayBuffer>;
  }

  /** Waits until the other side has ended the connection. */
  async ended(): Promise<void> {
    while (await this.read() !== undefined);
  }

  /** Does the handshake as a client. */
  async shakeHands(secret: string = key): Promise<void> {
    const message = messageOf((await this.read())!);
    await this.sendFrame(code("sha256", secret, message));
    await this.read();
    await this.sendFrame(challenge());
    await this.read();
    await this.sendFrame(welcome);
  }

  /** Makes a call and gives kind and value of the reply. */
  async call(
    ident: unknown,
    name: string,
    args: readonly unknown[] = [],
    keywords: Record<string, unknown> = {},
  ): Promise<readonly [kind: string, value: unknown]> {
    await this.sendFrame(writeRequest(ident as string, name, args, keywords));
    return await this.reply();
  }

  async reply(): Promise<readonly [kind: string, value: unknown]> {
    const reply = await this.read();
    if (reply === undefined) return ["#END", undefined];
    const [kind, value] = unpickle(reply) as [string, unknown];
    return [kind, value];
  }

  /** Gets an object by its name in the registry. */
  static async create(port: number, name: string): Promise<string> {
    using peer = await RawPeer.enter(port);
    const [, value] = await peer.call(null, "create", [name]);
    return (value as [string])[0];
  }

  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch {
      // It is closed.
    }
  }

  async #need(count: number): Promise<boolean> {
    const buffer = new Uint8Array(64 * 1024);
    while (this.#rest.length < count) {
      const read = await this.connection.read(buffer).catch(() => null);
      if (read === null) return false;
      this.#rest = concat(this.#rest, buffer.subarray(0, read));
    }
    return true;
  }
}

/** A server that does with each connection what it is told. */
export class RawServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #peers: RawPeer[] = [];
  readonly #accepting: Promise<void>;

  constructor(serve: (peer: RawPeer, index: number) => Promise<void>) {
    this.#accepting = this.#accept(serve);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Number of connections that there were. */
  get count(): number {
    return this.#peers.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const peer of this.#peers) peer[Symbol.dispose]();
    await this.#accepting;
  }

  async #accept(serve: (peer: RawPeer, index: number) => Promise<void>): Promise<void> {
    const running: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) {
        const peer = new RawPeer(connection);
        this.#peers.push(peer);
        running.push(serve(peer, this.#peers.length - 1).catch(() => {}));
      }
    } finally {
      await Promise.all(running);
    }
  }
}

/** Does the handshake as a server. */
export async function welcomeClient(peer: RawPeer, secret: string = key): Promise<void> {
  await peer.sendFrame(challenge());
  await peer.read();
  await peer.sendFrame(welcome);
  const message = messageOf((await peer.read())!);
  await peer.sendFrame(code("sha256", secret, message));
  await peer.read();
}

/** Waits until something is so, with looks at it in between. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
