// Copyright 2026 the Weft authors. MIT license.

// The two ends of the way back from a child, in one process.

import { assert } from "@std/assert";
import {
  connectLink,
  type Frame,
  FrameReader,
  FrameWriter,
  type StartMessage,
} from "../../process/_link.ts";
import { LinkServer } from "../../process/_link_server.ts";

/** What a child of the server is told. */
export function messageFor(server: LinkServer, changes: Partial<StartMessage> = {}): StartMessage {
  const { port, parentToken, childToken } = server;
  return { port, parentToken, childToken, ...changes } as StartMessage;
}

/** Connects a stranger. */
export function connectTo(server: LinkServer): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port: server.port });
}

/** Writes what need not be a frame. */
export async function writeText(conn: Deno.TcpConn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += await conn.write(bytes.subarray(written));
  }
}

/** Writes one frame. */
export async function writeFrame(conn: Deno.TcpConn, frame: Frame): Promise<void> {
  const writer = new FrameWriter();
  writer.open(conn);
  writer.send(frame);
  await writer.flush();
}

/** Reads one frame. */
export function readFrame(conn: Deno.TcpConn): Promise<Frame | undefined> {
  return new FrameReader(conn).next();
}

/** Connects a child while `accepted` waits for it. */
export async function link(
  server: LinkServer,
): Promise<{ child: Deno.TcpConn; parent: Deno.TcpConn }> {
  const [child, parent] = await Promise.all([connectLink(messageFor(server)), server.accept()]);
  assert(child !== undefined && parent !== undefined);
  return { child, parent };
}

/** Both ends of a connection that is linked. */
export async function linked(): Promise<
  { child: Deno.TcpConn; parent: Deno.TcpConn } & Disposable
> {
  using server = new LinkServer(true);
  const { child, parent } = await link(server);
  return {
    child,
    parent,
    [Symbol.dispose]() {
      for (const conn of [child, parent]) {
        try {
          conn.close();
        } catch {
          // The test closed it.
        }
      }
    },
  };
}
