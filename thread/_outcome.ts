// Copyright 2026 the Weft authors. MIT license.

import { decodeLoading } from "../channel/codec.ts";
import type { Outcome } from "../task/lifecycle.ts";
import type { ThreadEnd } from "./_protocol.ts";
import { unshare } from "./_protocol.ts";
import { ThreadExitedError, ThreadTerminatedError } from "./errors.ts";

/** Makes what a join delivers out of how a thread ended. */
export async function outcomeOf(
  end: ThreadEnd,
  name: string,
  cause?: unknown,
): Promise<Outcome<unknown>> {
  const { outcome, reason, code } = end;
  if (outcome !== undefined) {
    const value = await decodeLoading(unshare(outcome.payload), { attached: outcome.attached });
    return outcome.ok ? { ok: true, value } : { ok: false, error: value };
  }
  const label = `Thread ${JSON.stringify(name)}`;
  if (reason === "terminated") {
    const options = cause === undefined ? undefined : { cause };
    return { ok: false, error: new ThreadTerminatedError(`${label} was terminated`, options) };
  }
  const message = reason === "lost"
    ? `${label} was lost: ${end.message}`
    : `${label} exited with code ${code} before its task returned`;
  return { ok: false, error: new ThreadExitedError(message, code) };
}
