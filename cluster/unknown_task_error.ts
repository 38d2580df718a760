// Copyright 2026 the Weft authors. MIT license.

import { registerError } from "../channel/codec.ts";

/**
 * Rejects a task of a {@linkcode ClusterPool} that the program which took it was not given, and so does not run.
 *
 * @example See that a task is not there
 * ```ts
 * import { UnknownTaskError } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new UnknownTaskError('Cannot run task "fob" as this program was not given it', "fob");
 *
 * assertEquals(error.task, "fob");
 * ```
 *
 * @experimental
 */
export class UnknownTaskError extends Error {
  /** Always `"UnknownTaskError"`. */
  override readonly name = "UnknownTaskError";
  /** Name of the task. */
  readonly task: string;

  /**
   * Creates the error.
   *
   * @param message What happened.
   * @param task Name of the task.
   */
  constructor(message: string, task: string) {
    super(message);
    this.task = task;
  }
}

registerError(UnknownTaskError);
