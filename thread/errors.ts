// Copyright 2026 the Weft authors. MIT license.

import { registerError } from "../channel/codec.ts";

/**
 * Rejects the join of a thread that was ended by `terminate`, by its signal or by disposal; then
 * `cause` is the reason of the signal.
 *
 * @example See that a thread was terminated
 * ```ts
 * import { ThreadTerminatedError } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ThreadTerminatedError("Thread was terminated");
 * assertEquals(error.name, "ThreadTerminatedError");
 * ```
 */
export class ThreadTerminatedError extends Error {
  /** Always `"ThreadTerminatedError"`. */
  override readonly name = "ThreadTerminatedError";
}

/**
 * Rejects the join of a thread that ended before its task returned: its code called `Deno.exit` or
 * `self.close`, or it was lost, as when it ran out of memory.
 *
 * @example Tell an exit from other errors
 * ```ts
 * import { ThreadExitedError } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ThreadExitedError("Thread exited with code 3", 3);
 * assertEquals(error.exitCode, 3);
 * ```
 */
export class ThreadExitedError extends Error {
  /** Always `"ThreadExitedError"`. */
  override readonly name = "ThreadExitedError";
  /** The code that the thread ended with. */
  readonly exitCode: number;

  /**
   * Creates the error.
   *
   * @param message What happened.
   * @param exitCode The code that the thread ended with.
   */
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

registerError(ThreadTerminatedError);
registerError(ThreadExitedError);
