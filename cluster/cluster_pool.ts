// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { inOrder } from "../sync/cancellation.ts";
import { beginWait, type WaitOptions } from "../sync/wait.ts";
import type { Future } from "../task/future.ts";
import { CallKind } from "../task/pool/call_kind.ts";
import { mapAll } from "../task/pool/map_all.ts";
import { checkMapOptions } from "../task/pool/map_options.ts";
import { MapStream } from "../task/pool/map_stream.ts";
import { checkDuration, checkWhole } from "../task/pool/option_checks.ts";
import type { MapOptions, Pool, PoolStats } from "../task/pool.ts";
import type { Task } from "../task/task.ts";
import { ClusterEngine } from "./_cluster_engine.ts";
import { ClusterMap, type MapSettings } from "./_cluster_map.ts";
import { type ClusterRunOptions, runCall } from "./_cluster_run.ts";
import { type ClusterOptions, clusterSettings } from "./_cluster_settings.ts";
import { type ClusterTasks, TaskNames } from "./_cluster_tasks.ts";

export type { AnyTask, ClusterTasks } from "./_cluster_tasks.ts";
export type { ClusterOptions } from "./_cluster_settings.ts";
export type { ClusterRunOptions } from "./_cluster_run.ts";

/** Options of a {@linkcode ClusterPool}. */
export interface ClusterPoolOptions extends ClusterOptions {
  /**
   * Tasks by the names that the programs have for them which serve the queue, as in `{ fib, other }`.
   *
   * @default {each task has its own name, which is that of its function}
   */
  readonly tasks?: ClusterTasks | undefined;
  /**
   * The most calls, or chunks of maps, of this pool that are in Redis at once; others wait here.
   *
   * @default {100}
   */
  readonly size?: number | undefined;
  /**
   * The most tasks that wait here; one more is a `QueueFullError`. Maps never have more than a few chunks that wait, and
   * are not counted.
   *
   * @default {Infinity}
   */
  readonly maxQueue?: number | undefined;
  /**
   * How many times more a task, or a chunk of a map, is run when it throws.
   *
   * @default {0}
   */
  readonly retries?: number | undefined;
  /**
   * Milliseconds before it is run again, and twice as many before each further time.
   *
   * @default {1000}
   */
  readonly backoff?: number | undefined;
  /**
   * Whether a task is run again by another program when the one that ran it was lost. If not, it fails with a
   * `WorkerLostError` then.
   *
   * @default {true}
   */
  readonly redeliver?: boolean | undefined;
}

/**
 * Runs tasks on other machines: a pool whose workers are all the programs that serve the same queue with
 * {@linkcode serveCluster}, over BullMQ and Redis.
 *
 * A task is named, not sent: the other programs have the task themselves, and run no other ones. Its name is that of its
 * function, so write `task(import.meta, function fib(n) { … })`; one without a name is known by its source, which has to
 * be the same everywhere. With `tasks: { fib, other }`, on both sides, names are given. Arguments and results are copied
 * as structured values. Handles on shared memory, queues, locks and tasks are a `DataCloneError`.
 *
 * **Delivery:** a task that has begun may be begun again. A program that is killed or cut off with a task in hand does not
 * prolong its lock; when that is over (`lockDuration`), another program runs the task from its start, at most as often as
 * `maxStalled` says, and then it fails with a `WorkerLostError`. A task that is not to be run twice can say so with
 * `redeliver: false`. A task that throws is run again only with `retries`. What was taken by Redis outlives this
 * program, too: if it ends without `close` and `join`, its tasks are run, and nobody takes their results, which are gone
 * after an hour.
 *
 * **Outages:** the first connection is made with the first task, and if it fails, the pool is broken. Later the connection is
 * made again by itself, however long that takes: tasks wait meanwhile, and those that were done are looked up. Redis
 * has to write to its disk (`appendonly yes`) for its tasks to outlive it, and to be set to `maxmemory-policy noeviction`.
 *
 * **Security:** who can write to the Redis server can have the tasks run that the programs have, with any structured
 * values, and can read all arguments and results: give it a password, and use `rediss://` over networks of others.
 *
 * **Fairness:** tasks begin in the order of their priority and then of the calls, among those of all pools of the queue;
 * priorities are whole numbers from -1000000 to 1000000 there.
 *
 * **Backpressure:** `imap` and `imapUnordered` take items only as results are taken, two chunks for each of `size` ahead.
 *
 * **Cancellation:** a task that waits is taken back; for one that runs, the signal of {@linkcode currentTask} aborts over
 * there. The future tells so at once.
 *
 * **Cleanup:** disposal (`await using`) closes the pool and waits for its work. Until then its connections keep the program
 * alive.
 *
 * **Runtime:** loads `npm:ioredis` and `npm:bullmq` when the first task is run; needs `--allow-net` for the host of Redis,
 * and the whole `--allow-env`, as these packages list the variables.
 *
 * @example Compute on other machines
 * ```ts ignore -- needs a Redis server
 * import { ClusterPool } from "@weft/concurrency/cluster";
 * import { fib } from "./tasks.ts";
 *
 * await using pool = new ClusterPool({ url: "redis://:secret@10.0.0.1", name: "numbers" });
 * console.log(await pool.submit(fib, 30));
 * console.log(await pool.map(fib, [10, 11, 12]));
 * ```
 *
 * @experimental
 */
export class ClusterPool implements Pool {
  readonly #engine: ClusterEngine;
  readonly #names: TaskNames;
  readonly #settings: MapSettings;

  /**
   * Creates a pool; it connects when it is used.
   *
   * @param options Where Redis is, the queue, and how tasks are run.
   * @throws {TypeError} If an option is of a wrong type, the URL is not one of Redis, or the name has a colon.
   * @throws {RangeError} If a number is out of range.
   */
  constructor(options: ClusterPoolOptions) {
    const settings = clusterSettings("ClusterPool", options);
    const { redeliver = true } = options;
    this.#names = new TaskNames(options.tasks ?? []);
    this.#settings = {
      retries: checkWhole("retries", options.retries ?? 0, 0, false),
      backoff: checkDuration("backoff", options.backoff ?? 1000),
      once: !redeliver,
    };
    this.#engine = new ClusterEngine(
      settings,
      checkWhole("its size", options.size ?? 100, 1, false),
      checkWhole("maxQueue", options.maxQueue ?? Infinity, 1),
    );
  }

  /** Name of the queue. */
  get name(): string {
    return this.#engine.name;
  }

  /** The most calls or chunks that are in Redis at once. */
  get size(): number {
    return this.#engine.size;
  }

  /**
   * What it has done so far. Its workers are the calls and chunks that run, as it does not know the programs; `queued` are
   * those that wait here or in Redis.
   */
  get stats(): PoolStats {
    return this.#engine.stats;
  }

  /**
   * Has a task run as soon as one of the programs is free.
   *
   * @param task What to run.
   * @param args Its arguments; they are copied.
   * @returns Its result. It rejects with what the task throws, with an {@linkcode UnknownTaskError} if the program that
   * took it does not have it, with a {@linkcode WorkerLostError}, whose exit code is -1, if the programs that ran it were
   * lost, and with a {@linkcode BrokenPoolError} if Redis cannot be reached at the start.
   * @throws {TypeError} If `task` is not a task.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned or holds a handle.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If Redis could not be reached.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   */
  submit<Args extends unknown[], R>(
    task: Task<Args, R>,
    ...args: NoInfer<Args>
  ): Future<Awaited<R>> {
    return runCall(this.#engine, this.#names.of(task), args, {}, this.#settings);
  }

  /**
   * Has a task run as {@linkcode ClusterPool.submit} does, with options.
   *
   * @param task What to run.
   * @param args Its arguments; they are copied.
   * @param options Signal, timeout, priority, what is transferred, retries and progress. The timeout counts anew each time
   * that a program begins with the task. A task that does not stop then goes on in its program, unless that
   * runs its tasks in a pool of threads or processes.
   * @returns Its result. It rejects with a `DOMException` named `TimeoutError` if the task has run too long, with the
   * reason of the signal when that aborts, and otherwise as that of `submit`.
   * @throws {TypeError} If `task` is not a task, `args` is not an array, or an option is of a wrong type.
   * @throws {RangeError} If timeout, priority, retries or backoff are out of range.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned or transferred.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If Redis could not be reached.
   * @throws {QueueFullError} If as many tasks wait as `maxQueue` allows.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   *
   * @example Try again, and see how far it is
   * ```ts ignore -- needs a Redis server
   * import { ClusterPool } from "@weft/concurrency/cluster";
   * import { convert } from "./tasks.ts";
   *
   * await using pool = new ClusterPool({ url: "redis://10.0.0.1", name: "videos" });
   * await pool.run(convert, ["cats.mov"], {
   *   retries: 3,
   *   onProgress: (percent) => console.log(`${percent} %`),
   * });
   * ```
   */
  run<Args extends unknown[], R>(
    task: Task<Args, R>,
    args: Readonly<NoInfer<Args>>,
    options: ClusterRunOptions = {},
  ): Future<Awaited<R>> {
    return runCall(this.#engine, this.#names.of(task), args, options, this.#settings);
  }

  /**
   * Calls a task with each item, in chunks that grow until one takes a program some milliseconds.
   *
   * @param task What to call.
   * @param items What to call it with; they are taken as they are needed.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items. When a call or the source of the items fails, no more chunks are
   * begun, and when those that were begun are done, it rejects with the first error.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {DOMException} Named `DataCloneError`, if an item cannot be cloned or holds a handle.
   * @throws {PoolClosedError} If the pool is closed, or terminated meanwhile.
   * @throws {BrokenPoolError} If Redis cannot be reached.
   * @throws {unknown} The reason of the signal, when it aborts, or of the coroutine that waits, if that is cancelled.
   */
  async map<T, R>(
    task: Task<[T], R>,
    items: Iterable<T>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    const values = await mapAll(this.#map(task, options), task, CallKind.map, items, options);
    return values as Awaited<R>[];
  }

  /**
   * Calls a task with each item, and gives the results in the order of the items as they come.
   *
   * It takes items only as fast as results are taken from it, so there can be any number of them.
   *
   * @param task What to call.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those before it and then the error. Leaving the loop
   * cancels what was begun.
   * @throws {TypeError} If `task` is not a task or the items are not iterable.
   * @throws {RangeError} If the chunk size is not a whole number from 1.
   * @throws {PoolClosedError} If the pool is closed.
   * @throws {BrokenPoolError} If Redis could not be reached.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  imap<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    return new MapStream(this.#map(task, options), task, CallKind.map, items, true, options);
  }

  /**
   * Calls a task with each item, and gives the results as they come, in any order; else it does what
   * {@linkcode ClusterPool.imap} does, and throws the same.
   *
   * @param task What to call.
   * @param items What to call it with; they can be asynchronous.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results; when a call or the source fails, those that are there and then the error.
   */
  imapUnordered<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    return new MapStream(this.#map(task, options), task, CallKind.map, items, false, options);
  }

  /**
   * Calls a task with each list of arguments, as {@linkcode ClusterPool.map} does with single ones, and rejects with the
   * same.
   *
   * @param task What to call.
   * @param items Its arguments, one list after the other.
   * @param options Chunk size, signal, priority and progress.
   * @returns The results, in the order of the items.
   */
  async starmap<Args extends unknown[], R>(
    task: Task<Args, R>,
    items: Iterable<Readonly<NoInfer<Args>>>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    const values = await mapAll(this.#map(task, options), task, CallKind.starmap, items, options);
    return values as Awaited<R>[];
  }

  /** Takes no more tasks. Those that it has are run, and maps that have begun go on. */
  close(): void {
    this.#engine.close();
  }

  /**
   * Waits until all tasks are done and the connections are closed. An `imap` whose results nobody takes is not waited for.
   *
   * **Cancellation:** a timeout or an abort ends this wait alone, and so does the end of a cancelled coroutine that waits.
   *
   * @param options Timeout and signal of the wait.
   * @throws {Error} If the pool is not closed.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first, or of the coroutine that waits, if that is cancelled.
   */
  async join(options: WaitOptions = {}): Promise<void> {
    await this.#engine.join(beginWait(options));
  }

  /**
   * Takes back what waits, and has what runs aborted, as far as Redis can be told within a second. All futures and maps
   * that are not done reject with a {@linkcode PoolClosedError} at once. The programs that serve the queue go on.
   *
   * @returns When the connections are closed.
   */
  async terminate(): Promise<void> {
    await this.#engine.terminate();
  }

  /** Closes the pool, and waits for its work, also if the coroutine is cancelled meanwhile that waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await inOrder(this.#engine.join({}));
  }

  #map(task: unknown, options: MapOptions): ClusterMap {
    const name = this.#names.of(task);
    checkMapOptions(options);
    this.#engine.checkOpen();
    return new ClusterMap(this.#engine, name, this.#settings);
  }
}

refuseInstances(ClusterPool);
