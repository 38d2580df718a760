// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";
import type { Future } from "./future.ts";
import type { MapOptions, Pool, PoolRunOptions, PoolStats } from "./pool.ts";
import { guardJob } from "./pool/deadlines.ts";
import { PoolEngine } from "./pool/engine.ts";
import { CallKind } from "./pool/frames.ts";
import type { Launcher } from "./pool/launcher.ts";
import { mapAll } from "./pool/map_all.ts";
import { checkMapOptions, checkRunOptions } from "./pool/map_options.ts";
import { MapStream } from "./pool/map_stream.ts";
import { PoolFuture } from "./pool/pool_future.ts";
import type { PoolSettings } from "./pool/settings.ts";
import { requireReference } from "./registry.ts";
import type { Task } from "./task.ts";
import { show } from "../sync/show.ts";

/**
 * What pools of threads and pools of processes have in common; see `ThreadPool` and `ProcessPool`.
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

  submit<Args extends unknown[], R>(
    task: Task<Args, R>,
    ...args: NoInfer<Args>
  ): Future<Awaited<R>> {
    const engine = this.#engine;
    engine.checkOpen();
    engine.checkRoom();
    const future = new PoolFuture<Awaited<R>>(engine);
    future.attach(engine.enqueue(task, CallKind.call, args, 0, future));
    return future;
  }

  run<Args extends unknown[], R>(
    task: Task<Args, R>,
    args: Readonly<NoInfer<Args>>,
    options: PoolRunOptions = {},
  ): Future<Awaited<R>> {
    const engine = this.#engine;
    const { signal, timeout = Infinity, priority = 0, transfer = [] } = options;
    requireReference(task, "a task");
    checkRunOptions(options);
    if (!Array.isArray(args)) {
      throw new TypeError(
        `Cannot run a task as args is not an array: current value is ${show(args)}`,
      );
    }
    signal?.throwIfAborted();
    engine.checkOpen();
    engine.checkRoom();
    const future = new PoolFuture<Awaited<R>>(engine);
    const job = engine.enqueue(task, CallKind.call, args, priority, future);
    future.attach(job);
    if (timeout < Infinity || signal !== undefined) guardJob(job, engine, timeout, signal);
    for (const buffer of transfer) buffer.transfer(0);
    return future;
  }

  async map<T, R>(
    task: Task<[T], R>,
    items: Iterable<T>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    this.#check(task, options);
    return await mapAll(this.#engine, task, CallKind.map, items, options) as Awaited<R>[];
  }

  imap<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    this.#check(task, options);
    return new MapStream(this.#engine, task, CallKind.map, items, true, options);
  }

  imapUnordered<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions = {},
  ): AsyncIterableIterator<Awaited<R>> {
    this.#check(task, options);
    return new MapStream(this.#engine, task, CallKind.map, items, false, options);
  }

  async starmap<Args extends unknown[], R>(
    task: Task<Args, R>,
    items: Iterable<Readonly<NoInfer<Args>>>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    this.#check(task, options);
    return await mapAll(this.#engine, task, CallKind.starmap, items, options) as Awaited<R>[];
  }

  close(): void {
    this.#engine.close();
  }

  async join(options: WaitOptions = {}): Promise<void> {
    await this.#engine.join(options);
  }

  async terminate(): Promise<void> {
    await this.#engine.terminate();
  }

  /** Closes the pool and waits for its work and its workers; terminates it if that fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.join();
  }

  #check(task: unknown, options: MapOptions): void {
    requireReference(task, "a task");
    checkMapOptions(options);
    this.#engine.checkOpen();
  }
}
