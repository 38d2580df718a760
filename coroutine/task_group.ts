// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { currentScope } from "../sync/cancellation.ts";
import { observed } from "../sync/observer.ts";
import { checkTimeout, waitFor, type WaitOptions } from "../sync/wait.ts";
import type { AnyFunction } from "./_body.ts";
import { cancelAll } from "./cancel_all.ts";
import { create, outcome, watchEnd } from "./_keys.ts";
import { Coroutine } from "./coroutine.ts";
import { checkFunction } from "./_checks.ts";
import { type CoroutineGenerator, livingParent } from "./spawn.ts";

/**
 * Coroutines that belong together: leaving the group waits for all of them, and the first that fails cancels the others.
 *
 * The end of the block throws an `AggregateError` if any has failed. JavaScript does not tell it whether the block itself
 * has thrown, and the block goes on when a coroutine fails: where that matters use {@linkcode TaskGroup.run}, in which the
 * body is one of the group.
 *
 * **Cancellation:** if the coroutine is cancelled that has made the group, or one that waits for its end, all of the group
 * are. One that is cancelled by itself is not taken for failed.
 *
 * **Cleanup:** no coroutine outlives the group.
 *
 * @example Fail together
 * ```ts
 * import { sleep, TaskGroup } from "@weft/concurrency/coroutine";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const log: string[] = [];
 * const failed = await assertRejects(async () => {
 *   await using group = new TaskGroup();
 *   group.spawn(async () => {
 *     await sleep(1);
 *     throw new Error("out of paper");
 *   });
 *   group.spawn(function* () {
 *     try {
 *       yield sleep(60_000);
 *     } finally {
 *       log.push("cleaned up");
 *     }
 *   });
 * }, AggregateError, "out of paper");
 *
 * assertEquals(failed.errors.length, 1);
 * assertEquals(log, ["cleaned up"]);
 * ```
 */
export class TaskGroup implements AsyncDisposable {
  readonly #parent = livingParent();
  readonly #running = new Set<Coroutine>();
  readonly #errors: unknown[] = [];
  readonly #controller = new AbortController();
  #state: "open" | "cancelled" | "ended" = "open";
  #ended = Promise.withResolvers<void>();
  /** How many wait for its end. */
  #joins = 0;
  /** Whether somebody knows of the errors. */
  #told = false;

  /**
   * Runs a body as the first coroutine of a new group, and waits for all.
   *
   * @typeParam T What the body returns.
   * @param body Called with the group; a generator function, or one that gives an async generator.
   * @returns What the body returned.
   * @throws {TypeError} If `body` is not a function.
   * @throws {AggregateError} If the body or another one has failed, with their errors, the first of them first.
   * @throws {unknown} The reason of the body, if it was cancelled.
   *
   * @example Stop the body when a coroutine fails
   * ```ts
   * import { sleep, TaskGroup } from "@weft/concurrency/coroutine";
   * import { assertRejects } from "@std/assert";
   *
   * await assertRejects(() =>
   *   TaskGroup.run(async (group) => {
   *     group.spawn(() => Promise.reject(new Error("broken")));
   *     await sleep(60_000);
   *   }), AggregateError, "broken");
   * ```
   */
  static run<T>(body: (group: TaskGroup) => CoroutineGenerator<T>): Promise<T>;
  /**
   * Runs a body as the first coroutine of a new group, and waits for all.
   *
   * @typeParam R What the body returns.
   * @param body Called with the group; an async function.
   * @returns What the body returned.
   * @throws {TypeError} If `body` is not a function.
   * @throws {AggregateError} If the body or another one has failed, with their errors, the first of them first.
   * @throws {unknown} The reason of the body, if it was cancelled.
   */
  static run<R>(body: (group: TaskGroup) => R): Promise<Awaited<R>>;
  static async run(body: (group: TaskGroup) => unknown): Promise<unknown> {
    const group = new TaskGroup();
    checkFunction(body, "run");
    const first = group.#add(body, [group], TaskGroup.run);
    first[watchEnd](() => {
      if (first.cancelled) group.cancel();
    });
    await group.join();
    const result = first[outcome];
    if (result.state === "fulfilled") return result.value;
    throw result.error;
  }

  /** Number of its coroutines that have not ended. */
  get size(): number {
    return this.#running.size;
  }

  /** Aborts when the group is cancelled, as one has failed or otherwise; for what its block waits for. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Runs a function as a coroutine of the group, as `spawn` does. Coroutines of the group can do so, too.
   *
   * @typeParam Args The types of the arguments.
   * @typeParam T What the function returns.
   * @param fn A generator function, or one that gives an async generator.
   * @param args Its arguments.
   * @returns The coroutine.
   * @throws {TypeError} If `fn` is not a function.
   * @throws {Error} If the group has ended, or is cancelled.
   */
  spawn<Args extends unknown[], T>(
    fn: (...args: Args) => CoroutineGenerator<T>,
    ...args: Args
  ): Coroutine<T>;
  /**
   * Runs a function as a coroutine of the group, as `spawn` does.
   *
   * @typeParam Args The types of the arguments.
   * @typeParam R What the function returns.
   * @param fn An async function.
   * @param args Its arguments.
   * @returns The coroutine.
   * @throws {TypeError} If `fn` is not a function.
   * @throws {Error} If the group has ended, or is cancelled.
   */
  spawn<Args extends unknown[], R>(
    fn: (...args: Args) => R,
    ...args: Args
  ): Coroutine<Awaited<R>>;
  spawn(fn: AnyFunction, ...args: unknown[]): Coroutine {
    checkFunction(fn, "spawn");
    if (this.#state !== "open") {
      const state = this.#state === "ended" ? "has ended" : "is cancelled";
      throw new Error(`Cannot spawn a coroutine in the group as it ${state}`);
    }
    return this.#add(fn, args, this.spawn);
  }

  /**
   * Cancels all coroutines of the group, which takes no more.
   *
   * @param reason What those get who join one of them, and the signal; by default a `DOMException` named `AbortError`.
   * @returns When all have ended; it never rejects.
   */
  async cancel(
    reason: unknown = new DOMException("The group was cancelled", "AbortError"),
  ): Promise<void> {
    if (this.#state === "open") {
      this.#state = "cancelled";
      this.#controller.abort(reason);
    }
    await cancelAll(this.#running, this.signal.aborted ? this.signal.reason : reason);
  }

  /**
   * Waits for all coroutines of the group, which takes no more then. The end of an `await using` block does the same.
   *
   * **Cancellation:** a timeout or an abort ends this wait alone.
   *
   * @param options Timeout and signal of the wait.
   * @throws {AggregateError} If any has failed, with the errors, the first of them first.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, or of the coroutine that waits, if that is cancelled.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    const { signal, timeout } = options;
    checkTimeout(timeout);
    signal?.throwIfAborted();
    // Not `beginWait`: one that is cancelled already waits, too, for those that it cancels here.
    const scope = currentScope();
    let cancelled: { readonly reason: unknown } | undefined;
    const end = (reason: unknown) => {
      cancelled = { reason };
      this.cancel(reason);
      return true;
    };
    scope?.enter(end);
    this.#joins++;
    try {
      if (this.#running.size > 0) {
        await observed("TaskGroup.join", () => waitFor(this.#ended.promise, { signal, timeout }));
      }
    } finally {
      this.#joins--;
      scope?.exit(end);
    }
    this.#state = "ended";
    this.#told = true;
    if (this.#errors.length > 0) {
      if (cancelled !== undefined) scope!.renew();
      throw this.#error();
    }
    if (cancelled !== undefined) throw cancelled.reason;
  }

  /** Waits as {@linkcode TaskGroup.join} does, unless that has told of the errors already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#told || this.#running.size > 0) await this.join();
  }

  // deno-lint-ignore ban-types -- what the platform takes
  #add(fn: AnyFunction, args: unknown[], below: Function): Coroutine {
    const coroutine: Coroutine = Coroutine[create](fn, args, this.#parent, below);
    this.#running.add(coroutine);
    coroutine[watchEnd](() => this.#onEnd(coroutine));
    return coroutine;
  }

  #onEnd(coroutine: Coroutine): void {
    this.#running.delete(coroutine);
    const result = coroutine[outcome];
    if (result.state === "rejected") {
      this.#errors.push(result.error);
      this.cancel();
    }
    if (this.#running.size > 0) return;
    // At once, so that none is spawned before those who wait go on.
    if (this.#joins > 0) this.#state = "ended";
    this.#ended.resolve();
    this.#ended = Promise.withResolvers<void>();
  }

  #error(): AggregateError {
    const [first] = this.#errors;
    const message = first instanceof Error ? first.message : Deno.inspect(first);
    const count = this.#errors.length === 1 ? "A coroutine" : `${this.#errors.length} coroutines`;
    return new AggregateError(this.#errors, `${count} of the group failed: ${message}`, {
      cause: first,
    });
  }
}

refuseInstances(TaskGroup);
