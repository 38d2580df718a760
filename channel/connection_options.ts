// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";

/** Options of {@linkcode Connection.poll}. */
export interface PollOptions {
  /**
   * Milliseconds to wait at most, `Infinity` for no limit; a negative number counts as 0.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** Ends the wait when it aborts; the wait then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode Connection.receiveInto}. */
export interface ReceiveIntoOptions extends WaitOptions {
  /**
   * Bytes at the start of the buffer that stay as they are.
   *
   * @default {0}
   */
  readonly offset?: number | undefined;
}
