// Copyright 2026 the Weft authors. MIT license.

import { decodeLoading } from "../channel/codec.ts";
import type { ExitReason, Outcome } from "../task/lifecycle.ts";
import { type Frame, FrameType, type LinkServer, readFrame } from "./_link.ts";
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

/** Takes the connection of a child and what it sends before it ends. */
export async function receiveFrame(server: LinkServer): Promise<Frame | undefined> {
  const conn = await server.accept();
  if (conn === undefined) return undefined;
  const frame = await readFrame(conn);
  conn.close();
  return frame;
}

/** Tells what ended a process. */
export function reasonOf(frame: Frame | undefined, { status, ending }: EndedProcess): ExitReason {
  if (frame !== undefined) return frame.type === FrameType.returned ? "returned" : "threw";
  if (ending) return "terminated";
  return status.signal === null ? "exited" : "lost";
}

/** Makes what a join delivers out of what a process sent and how it ended. */
export async function outcomeOf(
  frame: Frame | undefined,
  ended: EndedProcess,
): Promise<Outcome<unknown>> {
  if (frame === undefined) return { ok: false, error: exitedError(ended) };
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
