// Copyright 2026 the Weft authors. MIT license.

import { registerError } from "../channel/codec.ts";

/**
 * Thrown by a pool that is closed when it is given a task, and what rejects the tasks of one that is terminated.
 *
 * @example Submit to a pool that is closed
 * ```ts
 * import { PoolClosedError, task } from "@weft/concurrency/task";
 * import { ThreadPool } from "@weft/concurrency/thread";
 * import { assertThrows } from "@std/assert";
 *
 * export const add = task(import.meta, (a: number, b: number) => a + b);
 *
 * if (import.meta.main) {
 *   const pool = new ThreadPool(2);
 *   pool.close();
 *   assertThrows(() => pool.submit(add, 1, 2), PoolClosedError);
 * }
 * ```
 */
export class PoolClosedError extends Error {
  /** Always `"PoolClosedError"`. */
  override readonly name = "PoolClosedError";
}

/**
 * Thrown by a pool that is broken, and what rejects its tasks: its initializer has failed, or its workers end before
 * they can take a task. `cause` is the first error.
 *
 * @example Have an initializer that fails
 * ```ts
 * import { BrokenPoolError, task } from "@weft/concurrency/task";
 * import { ThreadPool } from "@weft/concurrency/thread";
 * import { assertRejects } from "@std/assert";
 *
 * export const fail = task(import.meta, () => {
 *   throw new Error("no database");
 * });
 * export const add = task(import.meta, (a: number, b: number) => a + b);
 *
 * if (import.meta.main) {
 *   const pool = new ThreadPool(1, { initializer: fail });
 *   await assertRejects(() => pool.submit(add, 1, 2), BrokenPoolError, "no database");
 * }
 * ```
 */
export class BrokenPoolError extends Error {
  /** Always `"BrokenPoolError"`. */
  override readonly name = "BrokenPoolError";
}

/** Options of a {@linkcode WorkerLostError}. */
export interface WorkerLostErrorOptions extends ErrorOptions {
  /** The code that the worker ended with. */
  readonly exitCode: number;
  /** The signal that ended it, if one did. */
  readonly exitSignal?: string | undefined;
}

/**
 * Rejects a task whose worker ended while it ran it: the task called `Deno.exit`, the worker was killed, ran out of
 * memory, or an error in it was caught by nobody, which is the `cause` then. The pool replaces the worker, and never
 * runs the task again by itself.
 *
 * @example Exit in a task
 * ```ts
 * import { task, WorkerLostError } from "@weft/concurrency/task";
 * import { ThreadPool } from "@weft/concurrency/thread";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * export const exit = task(import.meta, (code: number) => Deno.exit(code));
 *
 * if (import.meta.main) {
 *   await using pool = new ThreadPool(1);
 *   const error = await assertRejects(() => pool.submit(exit, 3), WorkerLostError);
 *   assertEquals(error.exitCode, 3);
 * }
 * ```
 */
export class WorkerLostError extends Error {
  /** Always `"WorkerLostError"`. */
  override readonly name = "WorkerLostError";
  /** The code that the worker ended with. */
  readonly exitCode: number;
  /** The signal that ended the worker, if one did. */
  readonly exitSignal: string | undefined;

  /**
   * Creates the error.
   *
   * @param message What happened.
   * @param options Code and signal, and the cause.
   */
  constructor(message: string, options: WorkerLostErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.exitCode = options.exitCode;
    this.exitSignal = options.exitSignal;
  }
}

registerError(PoolClosedError);
registerError(BrokenPoolError);
registerError(WorkerLostError);
