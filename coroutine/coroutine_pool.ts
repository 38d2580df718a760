// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { inOrder } from "../sync/cancellation.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, type WaitOptions } from "../sync/wait.ts";
import type { Future } from "../task/future.ts";
import { CallKind } from "../task/pool/call_kind.ts";
import { mapAll } from "../task/pool/map_all.ts";
import { checkMapOptions } from "../task/pool/map_options.ts";
import { MapStream } from "../task/pool/map_stream.ts";
import { checkWhole, nameOf, nextName } from "../task/pool/option_checks.ts";
import { PoolFuture } from "../task/pool/pool_future.ts";
import type { MapOptions, Pool, PoolRunOptions, PoolStats } from "../task/pool.ts";
import type { AnyFunction } from "./_body.ts";
import { PoolEngine } from "./_pool_engine.ts";
import type { Job } from "./_pool_job.ts";
import { PoolMap } from "./_pool_map.ts";
import { checkTask, runGuarded } from "./_pool_run.ts";
import type { CoroutineGenerator } from "./spawn.ts";

/** Options of a {@linkcode CoroutinePool}. */
export interface CoroutinePoolOptions {
  /**
   * Name of the pool, for people.
   *
   * @default {"CoroutinePool-N"}
   */
  readonly name?: string | undefined;
  /**
   * The most tasks that wait; one more is a `QueueFullError`. Maps never have more than a few that wait for each place,
   * and are not counted.
   *
   * @default {Infinity}
   */
  readonly maxQueue?: number | undefined;
}

/**
 * Runs functions as coroutines of this thread, and never more than a number of them at once: for work that waits, such as
 * for a server that is not to be asked a thousand things at the same time.
 *
 * A task is any async function, generator function or async generator function; it need not be made one with `task`, and
 * arguments and results are handed over as they are. It has the values of the `CoroutineLocal`s of who submits it, but is
 * not cancelled with that. Coroutines that a task spawns are cancelled with it, and are not counted. A task that waits for
 * another one of its own pool can wait for ever, as that may have no place.
 *
 * Maps call the function for as many items at once as there are places, unless `chunkSize` says how many items to call it
 * with one after the other in the same place.
 *
 * **Fairness:** tasks begin in the order of their priority and then of the calls.
 *
 * **Backpressure:** `imap` and `imapUnordered` take items only as results are taken, two for each place ahead.
 *
 * **Cancellation:** a task that waits is taken back; the coroutine of one that runs is cancelled, as by
 * {@linkcode Coroutine.cancel}, and so it is when its `timeout` is over, which counts from when it begins. The future tells
 * so at once, but the place is free only when the coroutine has ended, with its `finally` blocks. The signal of
 * {@linkcode currentTask} is that of the coroutine. A coroutine that waits for a map, or for the next result of an `imap`,
 * and is cancelled takes back what that has begun.
 *
 * **Cleanup:** disposal (`await using`) closes the pool and waits for its work, also in a coroutine that is cancelled. If
 * the program ends before, it says on the console how many tasks were not done.
 *
 * @example Fetch many things, two at a time
 * ```ts
 * import { CoroutinePool, sleep } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * let open = 0;
 * let most = 0;
 * async function fetchLength(url: string): Promise<number> {
 *   most = Math.max(most, ++open);
 *   await sleep(1);
 *   open--;
 *   return url.length;
 * }
 *
 * await using pool = new CoroutinePool(2);
 * assertEquals(await pool.map(fetchLength, ["/", "/a", "/ab", "/abc"]), [1, 2, 3, 4]);
 * assertEquals(most, 2);
 * ```
 */
export class CoroutinePool implements Pool {
  readonly #engine: PoolEngine;

  /**
   * Creates a pool.
   *
   * @param size The most coroutines that there are at once; by default 100.
   * @param options Name and limit.
   * @throws {TypeError} If an option is of a wrong type.
   * @throws {RangeError} If a number is out of range.
   */
  constructor(size: number = 100, options: CoroutinePoolOptions = {}) {
    const name = nameOf(options);
    checkWhole("its size", size, 1, false);
    const maxQueue = checkWhole("maxQueue", options.maxQueue ?? Infinity, 1);
    this.#engine = new PoolEngine(name ?? nextName("CoroutinePool"), size, maxQueue);
  }

  /** Name of the pool. */
  get name(): string {
    return this.#engine.name;
  }

  /** The most coroutines that there are at once. */
  get size(): number {
    return this.#engine.size;
  }

  /** What it has done so far; its workers are its coroutines, and `utilization` is the part of its places in use. */
  get stats(): PoolStats {
    return this.#engine.stats;
  }

  /**
   * Runs a function as a coroutine as soon as there is a place.
   *
   * @param fn A generator function, or one that gives an async generator.
   * @param args Its arguments.
   * @returns Its result. It rejects with what the function throws.
   * @throws {TypeError} If `fn` is not a function.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   *
   * @example Cancel a task that runs
   * ```ts
   * import { CoroutinePool, sleep } from "@weft/concurrency/coroutine";
   * import { assertEquals } from "@std/assert";
   *
   * const log: string[] = [];
   * {
   *   await using pool = new CoroutinePool(10);
   *   const future = pool.submit(function* () {
   *     try {
   *       yield sleep(60_000);
   *     } finally {
   *       log.push("cleaned up");
   *     }
   *   });
   *   await sleep(1);
   *   assertEquals(future.cancel(), true);
   * }
   * assertEquals(log, ["cleaned up"]);
   * ```
   */
  submit<Args extends unknown[], T>(
    fn: (...args: Args) => CoroutineGenerator<T>,
    ...args: NoInfer<Args>
  ): Future<Awaited<T>>;
  /**
   * Runs an async function as a coroutine as soon as there is a place; throws what the other form does.
   *
   * @param fn An async function.
   * @param args Its arguments.
   * @returns Its result. It rejects with what the function throws.
   */
  submit<Args extends unknown[], R>(
    fn: (...args: Args) => R,
    ...args: NoInfer<Args>
  ): Future<Awaited<R>>;
  submit(fn: AnyFunction, ...args: unknown[]): Future<unknown> {
    checkTask(fn);
    const engine = this.#engine;
    engine.checkOpen();
    engine.checkRoom();
    const future = new PoolFuture<unknown, Job>(engine);
    future.attach(engine.add(fn, args, 1, 0, future));
    return future;
  }

  /**
   * Runs a function as {@linkcode CoroutinePool.submit} does, with options.
   *
   * @param fn A generator function, or one that gives an async generator.
   * @param args Its arguments.
   * @param options Signal, timeout, priority and what is transferred: the function gets moved buffers in the place of
   * those, also in views, arrays and plain objects among its arguments, which are copied then.
   * @returns Its result. It rejects with a `DOMException` named `TimeoutError` if the function has run too long, with the
   * reason of the signal when that aborts, and otherwise as that of `submit`.
   * @throws {TypeError} If `fn` is not a function, `args` is not an array, or an option is of a wrong type.
   * @throws {RangeError} If timeout or priority are out of range.
   * @throws {DOMException} Named `DataCloneError`, if a buffer cannot be transferred.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   *
   * @example Give a task some time
   * ```ts
   * import { CoroutinePool, sleep } from "@weft/concurrency/coroutine";
   * import { assertRejects } from "@std/assert";
   *
   * await using pool = new CoroutinePool();
   * await assertRejects(() => pool.run(sleep, [60_000], { timeout: 1 }), DOMException, "timed out");
   * ```
   */
  run<Args extends unknown[], T>(
    fn: (...args: Args) => CoroutineGenerator<T>,
    args: Readonly<NoInfer<Args>>,
    options?: PoolRunOptions,
  ): Future<Awaited<T>>;
  /**
   * Runs an async function as {@linkcode CoroutinePool.submit} does, with options; throws what the other form does.
   *
   * @param fn An async function.
   * @param args Its arguments.
   * @param options Signal, timeout, priority and what is transferred.
   * @returns Its result, as of the other form.
   */
  run<Args extends unknown[], R>(
    fn: (...args: Args) => R,
    args: Readonly<NoInfer<Args>>,
    options?: PoolRunOptions,
  ): Future<Awaited<R>>;
  run(
    fn: AnyFunction,
    args: readonly unknown[],
    options: PoolRunOptions = {},
  ): Future<unknown> {
    checkTask(fn);
    return runGuarded(this.#engine, fn, args, options);
  }

  /**
   * Calls a function with each item, for as many of them at once as there are places.
   *
   * @param fn A generator function, or one that gives an async generator.
   * @param items What to call it with; they are taken as they are needed.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items. When a call or the source of the items fails, no more are begun,
   * and when those that were begun are done, it rejects with the first error.
   * @throws {TypeError} If `fn` is not a function or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {PoolClosedError} If the pool is closed, or terminated meanwhile.
   * @throws {unknown} The reason of the signal, when it aborts, or of the coroutine that waits, if that is cancelled.
   */
  map<I, T>(
    fn: (item: I) => CoroutineGenerator<T>,
    items: Iterable<I>,
    options?: MapOptions,
  ): Promise<Awaited<T>[]>;
  /**
   * Calls an async function with each item; rejects as the other form does.
   *
   * @param fn An async function.
   * @param items What to call it with; they are taken as they are needed.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items.
   */
  map<I, R>(
    fn: (item: I) => R,
    items: Iterable<I>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]>;
  async map(
    fn: AnyFunction,
    items: Iterable<unknown>,
    options: MapOptions = {},
  ): Promise<unknown[]> {
    return await mapAll(this.#map(fn, options), fn, CallKind.map, items, options);
  }

  /**
   * Calls a function with each item, and gives the results in the order of the items as they come.
   *
   * It takes items only as fast as results are taken from it, two for each place ahead, so there can be any number of
   * them.
   *
   * @param fn A generator function, or one that gives an async generator.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those before it and then the error. Leaving the loop
   * cancels what was begun.
   * @throws {TypeError} If `fn` is not a function or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   *
   * @example Take results from a source without end
   * ```ts
   * import { CoroutinePool, sleep } from "@weft/concurrency/coroutine";
   * import { assertEquals } from "@std/assert";
   *
   * function* naturals() {
   *   for (let n = 0;; n++) yield n;
   * }
   * const squares: number[] = [];
   * await using pool = new CoroutinePool(4);
   * const results = pool.imap(async (n: number) => {
   *   await sleep(1);
   *   return n * n;
   * }, naturals());
   * for await (const square of results) {
   *   if (square > 20) break;
   *   squares.push(square);
   * }
   *
   * assertEquals(squares, [0, 1, 4, 9, 16]);
   * ```
   */
  imap<I, T>(
    fn: (item: I) => CoroutineGenerator<T>,
    items: Iterable<I> | AsyncIterable<I>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<T>>;
  /**
   * Calls an async function with each item, and gives the results in the order of the items as they come.
   *
   * @param fn An async function.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, as of the other form.
   */
  imap<I, R>(
    fn: (item: I) => R,
    items: Iterable<I> | AsyncIterable<I>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<R>>;
  imap(
    fn: AnyFunction,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    options: MapOptions = {},
  ): AsyncIterableIterator<unknown> {
    return new MapStream(this.#map(fn, options), fn, CallKind.map, items, true, options);
  }

  /**
   * Calls a function with each item, and gives the results as they come, in any order; else it does what
   * {@linkcode CoroutinePool.imap} does, and throws the same.
   *
   * @param fn A generator function, or one that gives an async generator.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those that are there and then the error.
   */
  imapUnordered<I, T>(
    fn: (item: I) => CoroutineGenerator<T>,
    items: Iterable<I> | AsyncIterable<I>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<T>>;
  /**
   * Calls an async function with each item, and gives the results as they come, in any order.
   *
   * @param fn An async function.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, as of the other form.
   */
  imapUnordered<I, R>(
    fn: (item: I) => R,
    items: Iterable<I> | AsyncIterable<I>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<R>>;
  imapUnordered(
    fn: AnyFunction,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    options: MapOptions = {},
  ): AsyncIterableIterator<unknown> {
    return new MapStream(this.#map(fn, options), fn, CallKind.map, items, false, options);
  }

  /**
   * Calls a function with each list of arguments, as {@linkcode CoroutinePool.map} does with single ones, and rejects with
   * the same.
   *
   * @param fn A generator function, or one that gives an async generator.
   * @param items Its arguments, one list after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items.
   */
  starmap<Args extends unknown[], T>(
    fn: (...args: Args) => CoroutineGenerator<T>,
    items: Iterable<Readonly<NoInfer<Args>>>,
    options?: MapOptions,
  ): Promise<Awaited<T>[]>;
  /**
   * Calls an async function with each list of arguments; rejects as the other form does.
   *
   * @param fn An async function.
   * @param items Its arguments, one list after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items.
   */
  starmap<Args extends unknown[], R>(
    fn: (...args: Args) => R,
    items: Iterable<Readonly<NoInfer<Args>>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]>;
  async starmap(
    fn: AnyFunction,
    items: Iterable<readonly unknown[]>,
    options: MapOptions = {},
  ): Promise<unknown[]> {
    return await mapAll(this.#map(fn, options), fn, CallKind.starmap, items, options);
  }

  /** Takes no more tasks. Those that it has are run, and maps that have begun go on. */
  close(): void {
    this.#engine.close();
  }

  /**
   * Waits until all tasks are done and all coroutines have ended. An `imap` whose results nobody takes is not waited for.
   *
   * **Cancellation:** a timeout or an abort ends this wait alone, and so does the end of a cancelled coroutine that waits.
   *
   * @param options Timeout and signal of the wait.
   * @throws {Error} If the pool is not closed, or it is one of its own tasks that waits.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first, or of the coroutine that waits, if that is cancelled.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    const scoped = beginWait(options);
    await observed("Pool.join", () => this.#engine.join(scoped));
  }

  /**
   * Cancels all coroutines. All futures and maps that are not done reject with a {@linkcode PoolClosedError} at once.
   *
   * @returns When the coroutines have ended, with their `finally` blocks; but within one of them at once.
   */
  async terminate(): Promise<void> {
    await this.#engine.terminate();
  }

  /** Closes the pool, and waits for its work, also if the coroutine is cancelled meanwhile that waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await inOrder(this.#engine.join({}));
  }

  #map(fn: unknown, options: MapOptions): PoolMap {
    checkTask(fn);
    checkMapOptions(options);
    this.#engine.checkOpen();
    return new PoolMap(this.#engine);
  }
}

refuseInstances(CoroutinePool);
