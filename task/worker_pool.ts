// Copyright 2026 the Weft authors. MIT license.

import { inOrder } from "../sync/cancellation.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, type WaitOptions } from "../sync/wait.ts";
import type { Future } from "./future.ts";
import type { MapOptions, Pool, PoolRunOptions, PoolStats } from "./pool.ts";
import { CallKind } from "./pool/call_kind.ts";
import { guardJob } from "./pool/deadlines.ts";
import { PoolEngine } from "./pool/engine.ts";
import type { Job } from "./pool/job.ts";
import type { Launcher } from "./pool/launcher.ts";
import { mapAll } from "./pool/map_all.ts";
import { checkMapOptions, checkRun } from "./pool/map_options.ts";
import { MapStream } from "./pool/map_stream.ts";
import { PoolFuture } from "./pool/pool_future.ts";
import type { PoolSettings } from "./pool/settings.ts";
import { requireReference } from "./registry.ts";
import type { Task } from "./task.ts";
import { show } from "../sync/show.ts";

/**
 * What pools of threads and pools of processes have in common; see `ThreadPool` and `ProcessPool`.
 *
 * @example Take either kind of pool
 * ```ts
 * import { ProcessPool, task, ThreadPool, type WorkerPool } from "@weft/concurrency";
 * import { assertEquals } from "@std/assert";
 *
 * export const square = task(import.meta, (n: number) => n * n);
 *
 * async function squares(pool: WorkerPool): Promise<number[]> {
 *   await using open = pool;
 *   return await open.map(square, [1, 2, 3]);
 * }
 *
 * if (import.meta.main) {
 *   assertEquals(await squares(new ThreadPool(1)), [1, 4, 9]);
 *   assertEquals(await squares(new ProcessPool(1)), [1, 4, 9]);
 * }
 * ```
 */
export abstract class WorkerPool implements Pool {
  readonly #engine: PoolEngine;

  /**
   * Creates a pool; for its subclasses.
   *
   * @internal
   */
  constructor(settings: PoolSettings, launcher: Launcher) {
    this.#engine = new PoolEngine(settings, launcher);
  }

  /** Name of the pool. */
  get name(): string {
    return this.#engine.name;
  }

  /** The most tasks that run at once. */
  get size(): number {
    return this.#engine.size;
  }

  /** What it has done so far. */
  get stats(): PoolStats {
    return this.#engine.stats;
  }

  /**
   * Has a task run as soon as a worker is free.
   *
   * @param task What to run.
   * @param args Its arguments; they are cloned.
   * @returns Its result. It rejects with what the task throws, or with a {@linkcode WorkerLostError} if its worker ends
   * while it runs it.
   * @throws {TypeError} If `task` is not a task.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   */
  submit<Args extends unknown[], R>(
    task: Task<Args, R>,
    ...args: NoInfer<Args>
  ): Future<Awaited<R>> {
    const engine = this.#engine;
    engine.checkOpen();
    engine.checkRoom();
    const future = new PoolFuture<Awaited<R>, Job>(engine);
    future.attach(engine.enqueue(task, CallKind.call, args, 0, future));
    return future;
  }

  /**
   * Has a task run as {@linkcode WorkerPool.submit} does, with options.
   *
   * @param task What to run.
   * @param args Its arguments; they are cloned.
   * @param options Signal, timeout, priority and what is transferred.
   * @returns Its result. It rejects with a `DOMException` named `TimeoutError` if the task has run too long, with the
   * reason of the signal when that aborts, and otherwise as that of `submit`.
   * @throws {TypeError} If `task` is not a task, `args` is not an array, or an option is of a wrong type.
   * @throws {RangeError} If timeout or priority are out of range.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned or transferred.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  run<Args extends unknown[], R>(
    task: Task<Args, R>,
    args: Readonly<NoInfer<Args>>,
    options: PoolRunOptions = {},
  ): Future<Awaited<R>> {
    const engine = this.#engine;
    const { signal, timeout = Infinity, priority = 0, transfer = [] } = options;
    requireReference(task, "a task");
    checkRun(args, options);
    signal?.throwIfAborted();
    engine.checkOpen();
    engine.checkRoom();
    const future = new PoolFuture<Awaited<R>, Job>(engine);
    const job = engine.enqueue(task, CallKind.call, args, priority, future);
    future.attach(job);
    if (timeout < Infinity || signal !== undefined) guardJob(job, engine, timeout, signal);
    try {
      for (const buffer of transfer) buffer.transfer(0);
    } catch (error) {
      future.cancel();
      throw new DOMException(
        "Cannot run a task as a part of transfer cannot be detached, like that of a WebAssembly.Memory: " +
          `current value is ${show(error)}`,
        "DataCloneError",
      );
    }
    return future;
  }

  /**
   * Calls a task with each item, in chunks that grow until one takes a worker some milliseconds.
   *
   * @param task What to call.
   * @param items What to call it with; they are taken as they are needed.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items. When a call or the source of the items fails, no more chunks are
   * begun, and when those that were begun are done, it rejects with the first error.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {DOMException} Named `DataCloneError`, if an item cannot be cloned.
   * @throws {PoolClosedError} If the pool is closed, or terminated meanwhile.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {unknown} The reason of the signal, when it aborts.
   */
  async map<T, R>(
    task: Task<[T], R>,
    items: Iterable<T>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    this.#check(task, options);
    return await mapAll(this.#engine, task, CallKind.map, items, options) as Awaited<R>[];
  }

  /**
   * Calls a task with each item, and gives the results in the order of the items as they come.
   *
   * It takes items only as fast as results are taken from it, a few for each worker ahead, so there can be any number
   * of them.
   *
   * @param task What to call.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those before it and then the error. Leaving the loop
   * cancels what was begun.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  imap<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    this.#check(task, options);
    return new MapStream(this.#engine, task, CallKind.map, items, true, options);
  }

  /**
   * Calls a task with each item, and gives the results as they come, in any order; else it does what
   * {@linkcode WorkerPool.imap} does.
   *
   * @param task What to call.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those that are there and then the error.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  imapUnordered<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    this.#check(task, options);
    return new MapStream(this.#engine, task, CallKind.map, items, false, options);
  }

  /**
   * Calls a task with each list of arguments, as {@linkcode WorkerPool.map} does with single ones.
   *
   * @param task What to call.
   * @param items Its arguments, one list after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
   * @throws {PoolClosedError} If the pool is closed, or terminated meanwhile.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {unknown} The reason of the signal, when it aborts.
   */
  async starmap<Args extends unknown[], R>(
    task: Task<Args, R>,
    items: Iterable<Readonly<NoInfer<Args>>>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    this.#check(task, options);
    return await mapAll(this.#engine, task, CallKind.starmap, items, options) as Awaited<R>[];
  }

  /**
   * Takes no more tasks. Those that it has are run, maps that have begun go on, and then its workers end.
   */
  close(): void {
    this.#engine.close();
  }

  /**
   * Waits until all tasks are done and all workers have ended. An `imap` whose results nobody takes is not waited for.
   *
   * **Cancellation:** a timeout or abort ends this wait alone.
   *
   * @param options Timeout and signal of the wait.
   * @throws {Error} If the pool is not closed.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    const scoped = beginWait(options);
    await observed("Pool.join", () => this.#engine.join(scoped));
  }

  /**
   * Ends the workers at once, whatever they do. All futures and maps that are not done reject with a
   * {@linkcode PoolClosedError}.
   *
   * @returns When the workers have ended.
   */
  async terminate(): Promise<void> {
    await inOrder(this.#engine.terminate());
  }

  /** Closes the pool, and waits for its work and its workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await inOrder(this.#engine.join({}));
  }

  #check(task: unknown, options: MapOptions): void {
    requireReference(task, "a task");
    checkMapOptions(options);
    this.#engine.checkOpen();
  }
}
