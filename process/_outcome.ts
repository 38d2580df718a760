// Copyright 2026 the Weft authors. MIT license.

import { decodeLoading } from "../channel/codec.ts";
import type { ExitReason, Outcome } from "../task/lifecycle.ts";
import type { WiredEnd } from "../task/wire.ts";
import { type Frame, FrameReader, FrameType, type FrameWriter } from "./_link.ts";
import type { LinkServer } from "./_link_server.ts";
import { ProcessExitedError } from "./errors.ts";

/** What is known of a process that has ended. */
export interface EndedProcess {
  readonly name: string;
  readonly pid: number;
  readonly status: Deno.CommandStatus;
  /** Whether this side asked it to end. */
  readonly ending: boolean;
  /** Why it was asked, if by a signal. */
  readonly cause?: unknown;
}

/** What a child has sent. */
export interface Received {
  readonly type: number;
  readonly outcome: Outcome<unknown>;
}

/**
 * Takes the connection of a child and what it sends before it ends.
 *
 * @param writer Sends the messages for the child; it is closed when the child has ended.
 * @param wire Takes the messages of the child.
 */
export async function receive(
  server: LinkServer,
  writer: FrameWriter,
  wire: WiredEnd | undefined,
): Promise<Received | undefined> {
  const conn = await server.accept();
  if (conn === undefined) {
    await writer.close();
    return undefined;
  }
  writer.open(conn);
  const reader = new FrameReader(conn);
  let frame = await reader.next();
  for (; frame?.type === FrameType.message; frame = await reader.next()) {
    wire?.onMessage(frame.body);
  }
  const written = writer.close();
  const outcome = frame && await open(frame);
  // Only now: the child keeps what its handles are handles on until then.
  conn.close();
  await written;
  return frame && { type: frame.type, outcome: outcome! };
}

/** Tells what ended a process. */
export function reasonOf(
  received: Received | undefined,
  { status, ending }: EndedProcess,
): ExitReason {
  if (received !== undefined) return received.type === FrameType.returned ? "returned" : "threw";
  if (ending) return "terminated";
  return status.signal === null ? "exited" : "lost";
}

/** Makes what a join delivers out of what a process sent and how it ended. */
export function outcomeOf(received: Received | undefined, ended: EndedProcess): Outcome<unknown> {
  return received?.outcome ?? { ok: false, error: exitedError(ended) };
}

async function open(frame: Frame): Promise<Outcome<unknown>> {
  try {
    const value = await decodeLoading(frame.body);
    if (frame.type === FrameType.returned) return { ok: true, value };
    return { ok: false, error: value };
  } catch (error) {
    return { ok: false, error };
  }
}

function exitedError({ name, pid, status, ...rest }: EndedProcess): ProcessExitedError {
  const { code, signal } = status;
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  return new ProcessExitedError(
    `Process ${JSON.stringify(name)} (pid ${pid}) ${how} before its task returned`,
    {
      exitCode: code,
      exitSignal: signal ?? undefined,
      ...("cause" in rest ? { cause: rest.cause } : {}),
    },
  );
}
