// Copyright 2026 the Weft authors. MIT license.

import { decode, encode, refuseInstances } from "../channel/codec.ts";
import { unscoped } from "../sync/cancellation.ts";
import type { Launcher, PoolBoot } from "../task/pool/launcher.ts";
import type { PoolWorker } from "../task/pool/pool_worker.ts";
import { settingsOf } from "../task/pool/settings.ts";
import type { PoolOptions } from "../task/pool_options.ts";
import { WorkerPool } from "../task/worker_pool.ts";
import { post, wired, type WiredOptions } from "../task/wire.ts";
import { poolWorker } from "./_pool_worker.ts";
import { checkRunPermission } from "./_spawn.ts";
import { cpuCount } from "./current.ts";
import type { ProcessPermissions } from "./options.ts";
import { Process } from "./process.ts";

/** Milliseconds between SIGTERM and SIGKILL. */
const killGrace = 500;

/** Options of a {@linkcode ProcessPool}. */
export interface ProcessPoolOptions extends PoolOptions {
  /**
   * What its processes may do, as that of `ProcessOptions`.
   *
   * @default {"inherit"}
   */
  readonly permissions?: ProcessPermissions | undefined;
}

/**
 * Runs tasks in processes that are kept: starting one takes a thousand times as long as handing it a task.
 *
 * It does what `ThreadPool` does, with processes: nothing that happens in a task can take this process down. With
 * `--allow-ffi` on both sides tasks and results travel through shared memory, and work goes on while this thread is
 * busy; without it through sockets, one task after the other.
 *
 * **Fairness:** tasks begin in the order of their priority and then of the calls.
 *
 * **Cancellation:** a task that waits is taken back; the {@linkcode currentTask} of one that runs has its signal
 * aborted. With a `timeout` a task that does not stop is ended with its process.
 *
 * **Cleanup:** a process that ends fails the task that it ran with a {@linkcode WorkerLostError} and is replaced; no
 * task is ever run twice. A pool keeps the program alive only while it has something to do; its processes end with
 * the program, however that ends; those in a busy loop outlive one that is killed, unless it is Linux and they have
 * `--allow-ffi`, or the program `--allow-run` in full. SIGINT, which Ctrl-C sends to all of them, they leave to it.
 * If it ends before its work is done, by `Deno.exit`, it says on the console how many tasks were not done. Disposal
 * (`await using`) closes the pool and waits for its work.
 *
 * **Runtime:** needs `--allow-run` and `--allow-net=127.0.0.1`, `--allow-read` to find the program's configuration,
 * and is fast with `--allow-ffi` on Linux.
 *
 * @example Call a function for each item
 * ```ts
 * import { ProcessPool } from "@weft/concurrency/process";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const fib = task(import.meta, (n: number): number => n < 2 ? n : fib(n - 1) + fib(n - 2));
 *
 * if (import.meta.main) {
 *   await using pool = new ProcessPool(2);
 *   assertEquals(await pool.map(fib, [20, 21, 22]), [6765, 10946, 17711]);
 *   assertEquals(await pool.submit(fib, 10), 55);
 * }
 * ```
 */
export class ProcessPool extends WorkerPool {
  /**
   * Creates a pool; its processes are started when there are tasks.
   *
   * @param size The most processes that there are at once, up to 4,096; by default {@linkcode cpuCount} of them.
   * @param options Name, initializer, limits and permissions.
   * @throws {TypeError} If an option is of a wrong type, or the initializer is not a task.
   * @throws {RangeError} If a number is out of range.
   * @throws {DOMException} Named `DataCloneError`, if an argument of the initializer cannot be cloned.
   * @throws {BootstrapError} If the module of a task is being imported, see there, or if a compiled
   * program has not called `freezeSupport`.
   * @throws {Deno.errors.NotCapable} If `--allow-run` is missing.
   * @throws {Deno.errors.NotSupported} If a compiled program gives `permissions`.
   */
  constructor(size: number = cpuCount(), options: ProcessPoolOptions = {}) {
    const settings = settingsOf("ProcessPool", size, options);
    checkRunPermission(`process pool ${JSON.stringify(settings.name)}`, options);
    super(settings, launcherWith(options.permissions ?? "inherit"));
  }
}

function launcherWith(permissions: ProcessPermissions): Launcher {
  return {
    kind: "process",
    shares: canShare(permissions),
    launch: (name, boot, onMessage) => launch(name, boot, permissions, onMessage),
  };
}

function launch(
  name: string,
  boot: PoolBoot,
  permissions: ProcessPermissions,
  onMessage: (message: unknown) => void,
): PoolWorker {
  const options: WiredOptions = {
    [wired]: {
      onMessage: (bytes) => onMessage(decode(bytes as Uint8Array)),
      modules: modulesOf(boot),
    },
  };
  const process = new Process(poolWorker, {
    args: [boot],
    name,
    daemon: true,
    permissions,
    ...options,
  }).start();
  return {
    name,
    ended: endOf(process),
    post: (message) => process[post](encode(message)),
    terminate() {
      process.terminate();
      const timer = setTimeout(() => process.kill(), killGrace);
      process.exited.then(() => clearTimeout(timer));
    },
  };
}

async function endOf(process: Process): Promise<Awaited<PoolWorker["ended"]>> {
  const { reason, code } = await process.exited;
  const joined = unscoped(() => process.join());
  const failure = await joined.then(() => undefined, (error: unknown) => error);
  const error = reason === "threw" ? failure : undefined;
  return { reason, code, signal: process.exitSignal, error };
}

/** The modules that a worker is sure to import. */
function modulesOf({ references, initializer }: PoolBoot): string[] {
  const modules = new Set<string>();
  if (initializer !== undefined) modules.add(initializer.module);
  for (const { module } of references) modules.add(module);
  return [...modules];
}

/** Whether this process and one with such permissions can share memory. */
function canShare(permissions: ProcessPermissions): boolean {
  const { os, arch } = Deno.build;
  if (os !== "linux" || (arch !== "x86_64" && arch !== "aarch64")) return false;
  const { state, partial } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted" || partial) return false;
  if (typeof permissions === "string") return permissions === "inherit";
  return permissions.ffi === true || permissions.ffi === "inherit";
}

refuseInstances(ProcessPool);
