// Copyright 2026 the Weft authors. MIT license.

import { registerError } from "../channel/codec.ts";

/** Options of a {@linkcode ProcessExitedError}. */
export interface ProcessExitedErrorOptions extends ErrorOptions {
  /** The code that the process ended with. */
  readonly exitCode: number;
  /** The signal that ended it, if one did. */
  readonly exitSignal: Deno.Signal | undefined;
}

/**
 * Rejects the join of a process that ended before its task returned: by a signal, by `Deno.exit`, or
 * by a crash.
 *
 * @example Tell what ended a process
 * ```ts
 * import { ProcessExitedError } from "@weft/concurrency/process";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ProcessExitedError("Process was killed", {
 *   exitCode: 137,
 *   exitSignal: "SIGKILL",
 * });
 * assertEquals(error.exitSignal, "SIGKILL");
 * ```
 */
export class ProcessExitedError extends Error {
  /** Always `"ProcessExitedError"`. */
  override readonly name = "ProcessExitedError";
  /** The code that the process ended with; 128 plus its number after a signal. */
  readonly exitCode: number;
  /** The signal that ended the process, if one did. */
  readonly exitSignal: Deno.Signal | undefined;

  /**
   * Creates the error.
   *
   * @param message What happened.
   * @param options Code and signal, and the cause.
   */
  constructor(message: string, options: ProcessExitedErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.exitCode = options.exitCode;
    this.exitSignal = options.exitSignal;
  }
}

registerError(ProcessExitedError);
