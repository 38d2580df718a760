// Copyright 2026 the Weft authors. MIT license.

import type { Context } from "../checker.ts";

/** Is in the critical section for a turn. */
export function section({ count, pause }: Context): void {
  count("inside");
  pause();
  count("inside", -1);
  count("sections");
}

/** The same where the event loop of the holder goes on meanwhile. */
export async function asyncSection({ count, turn }: Context): Promise<void> {
  count("inside");
  await turn();
  count("inside", -1);
  count("sections");
}

/** Counts how a wait has ended otherwise than by what was waited for. */
export function countEnd({ count }: Context, error: unknown): void {
  // By name, as the classes of a copy are others.
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "LockAbandonedError") count("abandoned");
  else if (name === "BrokenBarrierError") count("broken");
  else if (name === "TimeoutError") count("timed out");
  else if (error instanceof Error && error.message === "aborted") count("aborted");
  else throw error;
}
