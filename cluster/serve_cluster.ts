// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { inOrder } from "../sync/cancellation.ts";
import { show } from "../sync/show.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { checkWhole } from "../task/pool/option_checks.ts";
import type { Pool } from "../task/pool.ts";
import { checkTime, type ClusterOptions, clusterSettings } from "./_cluster_settings.ts";
import { type ClusterTasks, namesOf } from "./_cluster_tasks.ts";
import type { ClusterWorker } from "./_cluster_worker.ts";

/** Options of {@linkcode serveCluster}. */
export interface ServeClusterOptions extends ClusterOptions {
  /** The tasks that this program runs, as a list or by names, as in `{ fib, other }`; no others are run. */
  readonly tasks: ClusterTasks;
  /**
   * The most calls or chunks that run here at once.
   *
   * @default {the size of the pool if one is given, or else 1}
   */
  readonly concurrency?: number | undefined;
  /**
   * Where the tasks run: a pool of threads or processes for those that compute. It is not closed with the server.
   *
   * @default {they run in this thread, as coroutines}
   */
  readonly pool?: Pool | undefined;
  /**
   * Milliseconds after which a task is taken to be lost whose program is not heard of; all programs of a queue should have
   * the same.
   *
   * @default {30000}
   */
  readonly lockDuration?: number | undefined;
  /**
   * Milliseconds between two looks for tasks that are lost.
   *
   * @default {30000}
   */
  readonly stalledInterval?: number | undefined;
  /**
   * How many times a task is given to another program when the one that ran it is lost, before it fails.
   *
   * @default {1}
   */
  readonly maxStalled?: number | undefined;
  /**
   * Bytes that the arguments of a job may have.
   *
   * @default {67108864}
   */
  readonly maxJobBytes?: number | undefined;
}

/** Key of the method that creates a server. */
const create: unique symbol = Symbol("create");

/**
 * A program's part in running the tasks of a {@linkcode ClusterPool}; made by {@linkcode serveCluster}.
 *
 * **Cleanup:** disposal (`await using`) takes no more tasks and waits for those that run. Until then it keeps the program
 * running.
 *
 * @example Finish what runs when Ctrl-C is pressed
 * ```ts ignore -- needs a Redis server
 * import { serveCluster } from "@weft/concurrency/cluster";
 * import { fib } from "./tasks.ts";
 *
 * const server = await serveCluster({ url: "redis://127.0.0.1", name: "numbers", tasks: [fib] });
 * Deno.addSignalListener("SIGINT", () => server.close());
 * await server.closed;
 * ```
 *
 * @experimental
 */
export class ClusterServer implements AsyncDisposable {
  readonly #worker: ClusterWorker;

  private constructor(worker: ClusterWorker) {
    this.#worker = worker;
  }

  /** @internal */
  static [create](worker: ClusterWorker): ClusterServer {
    return new ClusterServer(worker);
  }

  /** Name of the queue. */
  get name(): string {
    return this.#worker.name;
  }

  /** Names of the tasks that it runs. */
  get tasks(): readonly string[] {
    return this.#worker.tasks;
  }

  /** Number of calls and chunks that run here. */
  get running(): number {
    return this.#worker.running;
  }

  /** Resolves when it has ended. */
  get closed(): Promise<void> {
    return this.#worker.closed;
  }

  /**
   * Takes no more tasks, and waits until those that run are done. If Redis is not there to take their results, it gives
   * up after the time for a connection; others run them again then.
   *
   * @param options Timeout and signal of the wait; it closes also when the wait ends before.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first, or of the coroutine that waits, if that is cancelled.
   */
  async close(options: WaitOptions = {}): Promise<void> {
    const wait = beginWait(options);
    this.#worker.close();
    await waitFor(this.closed, wait);
  }

  /**
   * Ends at once: aborts the signals of the tasks that run, and tells nobody what they come to. Another program runs them
   * again when their locks are over.
   *
   * @returns When the connections are closed.
   */
  async terminate(): Promise<void> {
    this.#worker.terminate();
    await inOrder(this.closed);
  }

  /** Takes no more tasks, and waits until those that run are done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.close();
    await inOrder(this.closed);
  }
}

refuseInstances(ClusterServer);

/**
 * Runs tasks for the pools of a queue, until it is closed.
 *
 * Only the tasks that are given are run: a job names a task by its name, and nothing is imported or looked up for it. A job
 * of another name fails with an {@linkcode UnknownTaskError} for who submitted it, so all programs of a queue should have
 * the same tasks. Arguments are structured values without handles; what is not, or is larger than `maxJobBytes`, fails.
 *
 * The tasks run in this thread, each as a coroutine, so that {@linkcode currentTask} and {@linkcode reportProgress} know it;
 * for what computes, give a pool of threads or processes.
 *
 * **Delivery:** while a task runs, its lock at Redis is prolonged. When that does not happen for `lockDuration` (the
 * program was killed, cut off, or its thread is blocked that long), another program runs the task again.
 *
 * **Outages:** connections are made again by themselves; results are kept until Redis takes them.
 *
 * **Cleanup:** disposal (`await using`) waits for what runs.
 *
 * **Runtime:** loads `npm:ioredis` and `npm:bullmq`; needs `--allow-net` for the host of Redis, and the whole
 * `--allow-env`, as these packages list the variables.
 *
 * @param options Where Redis is, the queue, the tasks, and how they run.
 * @returns The server.
 * @throws {TypeError} If an option is of a wrong type, something is not a task, or two tasks have the same name.
 * @throws {RangeError} If a number is out of range.
 * @throws {Error} If Redis does not answer within `connectTimeout`, or does not let the program in.
 *
 * @example Serve two tasks, with all cores
 * ```ts ignore -- needs a Redis server
 * import { serveCluster } from "@weft/concurrency/cluster";
 * import { ThreadPool } from "@weft/concurrency/thread";
 * import { fib, isPrime } from "./tasks.ts";
 *
 * await using pool = new ThreadPool();
 * await using server = await serveCluster({
 *   url: "redis://:secret@10.0.0.1",
 *   name: "numbers",
 *   tasks: [fib, isPrime],
 *   pool,
 * });
 * await server.closed;
 * ```
 *
 * @experimental
 */
export async function serveCluster(options: ServeClusterOptions): Promise<ClusterServer> {
  const settings = clusterSettings("ClusterServer", options);
  const tasks = namesOf(options.tasks);
  const { pool } = options;
  if (pool !== undefined && typeof (pool as Partial<Pool> | null)?.run !== "function") {
    throw new TypeError(
      `Cannot create a ClusterServer as its pool is not a pool: current value is ${show(pool)}`,
    );
  }
  const concurrency = checkWhole("concurrency", options.concurrency ?? pool?.size ?? 1, 1, false);
  const maxJobBytes = checkWhole("maxJobBytes", options.maxJobBytes ?? 1 << 26, 1);
  const locks = {
    concurrency,
    lockDuration: checkTime("lockDuration", options.lockDuration ?? 30_000),
    stalledInterval: checkTime("stalledInterval", options.stalledInterval ?? 30_000),
    maxStalledCount: checkWhole("maxStalled", options.maxStalled ?? 1, 0, false),
  };
  const { ClusterWorker } = await import("./_cluster_worker.ts");
  return ClusterServer[create](
    await ClusterWorker.start({ settings, tasks, pool, locks, maxJobBytes }),
  );
}
