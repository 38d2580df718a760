// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";
import type { Future } from "./future.ts";
import type { Histogram } from "./histogram.ts";
import type { Task } from "./task.ts";

/** Options of {@linkcode Pool.run}. */
export interface PoolRunOptions {
  /** Cancels the task when it aborts; the future then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds that the task may run, from when a worker begins with it. When they are over, the future rejects
   * with a `DOMException` named `TimeoutError`, and a task that does not stop is ended with its worker.
   *
   * @default {Infinity}
   */
  readonly timeout?: number | undefined;
  /**
   * Of the tasks that wait, those with the lowest number are run first; those with the same, in the order of the
   * calls.
   *
   * @default {0}
   */
  readonly priority?: number | undefined;
  /** Buffers among the arguments that are detached here when the call returns, as if they were moved. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** How far a map has come. */
export interface MapProgress {
  /** Number of items that are done. */
  readonly completed: number;
  /** Number of all items; `undefined` as long as their source has not ended. */
  readonly total: number | undefined;
}

/** Options of {@linkcode Pool.map} and its kin. */
export interface MapOptions {
  /**
   * Number of items that go to a worker at once.
   *
   * @default {what takes a worker some milliseconds, as far as that has been measured}
   */
  readonly chunkSize?: number | undefined;
  /** Ends the map when it aborts: it then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /**
   * As that of {@linkcode PoolRunOptions}.
   *
   * @default {0}
   */
  readonly priority?: number | undefined;
  /** Called each time when some items are done. */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
}

/** What a pool has done so far. */
export interface PoolStats {
  /** Number of workers that are there. */
  readonly workers: number;
  /** Number of calls that wait for a worker. */
  readonly queued: number;
  /** Number of calls that run. */
  readonly running: number;
  /** Number of calls that gave a result. */
  readonly completed: number;
  /** Number of calls that failed, were cancelled or were lost. */
  readonly failed: number;
  /** Part of the time of its workers in which they ran tasks, from 0 to 1. */
  readonly utilization: number;
  /** Milliseconds that calls have waited for a worker. */
  readonly wait: Histogram;
  /** Milliseconds that calls have run; in a chunk of a map, each the same. */
  readonly run: Histogram;
}

/** Runs tasks elsewhere, on a number of workers that are kept. */
export interface Pool extends AsyncDisposable {
  /** The most tasks that run at once. */
  readonly size: number;
  /** What it has done so far. */
  readonly stats: PoolStats;

  /**
   * Has a task run as soon as a worker is free.
   *
   * @param task What to run.
   * @param args Its arguments.
   * @returns Its result; {@linkcode Future.cancel} removes it from those that wait, or aborts the signal that
   * {@linkcode currentTask} gives it.
   * @throws {TypeError} If `task` is not a task.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   */
  submit<Args extends unknown[], R>(
    task: Task<Args, R>,
    ...args: NoInfer<Args>
  ): Future<Awaited<R>>;

  /**
   * Has a task run as {@linkcode Pool.submit} does, with options.
   *
   * @param task What to run.
   * @param args Its arguments.
   * @param options Signal, timeout, priority and what is transferred.
   * @returns Its result. It rejects with a `DOMException` named `TimeoutError` if the task has run too long, with the
   * reason of the signal when that aborts, and otherwise as that of `submit`.
   * @throws {TypeError} If `task` is not a task, `args` is not an array, or an option is not what it should be.
   * @throws {RangeError} If the timeout is negative, or timeout or priority are not numbers.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned or transferred.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  run<Args extends unknown[], R>(
    task: Task<Args, R>,
    args: Readonly<NoInfer<Args>>,
    options?: PoolRunOptions,
  ): Future<Awaited<R>>;

  /**
   * Calls a task with each item, in chunks.
   *
   * @param task What to call.
   * @param items What to call it with, one after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items. When a call or the source of the items fails, no more are begun,
   * and when those that were begun are done, it rejects with the first error.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {DOMException} Named `DataCloneError`, if an item cannot be cloned.
   * @throws {PoolClosedError} If the pool is closed, or terminated meanwhile.
   * @throws {BrokenPoolError} If its workers cannot be started.
   * @throws {unknown} The reason of the signal, when it aborts.
   */
  map<T, R>(task: Task<[T], R>, items: Iterable<T>, options?: MapOptions): Promise<Awaited<R>[]>;

  /**
   * Calls a task with each item, and gives the results in the order of the items as they come.
   *
   * It takes items only as fast as results are taken from it, so there can be any number of them.
   *
   * @param task What to call.
   * @param items What to call it with, one after the other.
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
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<R>>;

  /**
   * Calls a task with each item, and gives the results as they come, in any order; throws what {@linkcode Pool.imap}
   * does.
   *
   * @param task What to call.
   * @param items What to call it with, one after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those that are there and then the error.
   */
  imapUnordered<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): AsyncIterableIterator<Awaited<R>>;

  /**
   * Calls a task with each list of arguments, as {@linkcode Pool.map} does with single ones, and rejects with the same.
   *
   * @param task What to call.
   * @param items Its arguments, one list after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items.
   */
  starmap<Args extends unknown[], R>(
    task: Task<Args, R>,
    items: Iterable<Readonly<NoInfer<Args>>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]>;

  /** Takes no more tasks; those that it has are run, and then its workers end. */
  close(): void;

  /**
   * Waits until all tasks are done and all workers have ended, of a pool that is closed.
   *
   * @param options Timeout and signal of the wait.
   * @throws {Error} If it is not closed.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  join(options?: WaitOptions): Promise<void>;

  /**
   * Ends the workers at once, whatever they do; all futures that are not done reject with a
   * {@linkcode PoolClosedError}.
   *
   * @returns When the workers have ended.
   */
  terminate(): Promise<void>;
}
