// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { unscoped } from "../sync/cancellation.ts";
import type { Launcher, PoolBoot } from "../task/pool/launcher.ts";
import type { PoolWorker } from "../task/pool/pool_worker.ts";
import { settingsOf } from "../task/pool/settings.ts";
import type { PoolOptions } from "../task/pool_options.ts";
import { WorkerPool } from "../task/worker_pool.ts";
import { post, wired, type WiredOptions } from "../task/wire.ts";
import { checkReadPermission } from "./_main_launcher.ts";
import { poolWorker } from "./_pool_worker.ts";
import { Thread } from "./thread.ts";

/** Options of a {@linkcode ThreadPool}. */
export interface ThreadPoolOptions extends PoolOptions {}

/**
 * Runs tasks in threads that are kept: starting one takes a thousand times as long as handing it a task.
 *
 * Threads are started as they are needed. Those that are idle pull tasks from memory that they share with the pool,
 * so that a slow task holds up none behind it, and work goes on while the thread of the pool is busy. One task runs
 * at a time in each; between two of them its event loop turns now and then.
 *
 * **Fairness:** tasks begin in the order of their priority and then of the calls.
 *
 * **Cancellation:** a task that waits is taken back; the {@linkcode currentTask} of one that runs has its signal
 * aborted. With a `timeout` a task that does not stop is ended with its thread.
 *
 * **Cleanup:** a thread that ends fails the task that it ran with a {@linkcode WorkerLostError} and is replaced; no
 * task is ever run twice. A pool keeps the program alive only while it has something to do. If the program ends
 * before, by `Deno.exit`, it says on the console how many tasks were not done. Disposal (`await using`) closes the
 * pool and waits for its work.
 *
 * **Runtime:** needs `--allow-read`, to load modules.
 *
 * @example Call a function for each item
 * ```ts
 * import { ThreadPool } from "@weft/concurrency/thread";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const fib = task(import.meta, (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2));
 *
 * if (import.meta.main) {
 *   await using pool = new ThreadPool(2);
 *   assertEquals(await pool.map(fib, [20, 21, 22]), [6765, 10946, 17711]);
 *   assertEquals(await pool.submit(fib, 10), 55);
 * }
 * ```
 */
export class ThreadPool extends WorkerPool {
  /**
   * Creates a pool; its threads are started when there are tasks.
   *
   * @param size The most threads that there are at once, up to 4,096; by default as many as there are processors.
   * @param options Name, initializer and limits.
   * @throws {TypeError} If an option is of a wrong type, or the initializer is not a task.
   * @throws {RangeError} If a number is out of range.
   * @throws {DOMException} Named `DataCloneError`, if an argument of the initializer cannot be cloned.
   * @throws {BootstrapError} If the module of a task is being imported, see there.
   * @throws {Deno.errors.NotCapable} If `--allow-read` is missing.
   */
  constructor(size: number = navigator.hardwareConcurrency, options: ThreadPoolOptions = {}) {
    const settings = settingsOf("ThreadPool", size, options);
    checkReadPermission(`thread pool ${JSON.stringify(settings.name)}`);
    super(settings, launcher);
  }
}

const launcher: Launcher = { kind: "thread", shares: true, launch };

function launch(
  name: string,
  boot: PoolBoot,
  onMessage: (message: unknown) => void,
): PoolWorker {
  const options: WiredOptions = { [wired]: { onMessage } };
  const thread = new Thread(poolWorker, { args: [boot], name, daemon: true, ...options }).start();
  return {
    name,
    ended: endOf(thread),
    post: (message) => thread[post](message),
    terminate: () => thread.terminate(),
  };
}

async function endOf(thread: Thread): Promise<Awaited<PoolWorker["ended"]>> {
  const { reason, code } = await thread.exited;
  const joined = unscoped(() => thread.join());
  const failure = await joined.then(() => undefined, (error: unknown) => error);
  const error = reason === "threw" || reason === "lost" ? failure : undefined;
  return { reason, code, signal: undefined, error };
}

refuseInstances(ThreadPool);
