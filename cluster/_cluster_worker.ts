// Copyright 2026 the Weft authors. MIT license.

import { CoroutinePool } from "../coroutine/coroutine_pool.ts";
import type { Pool } from "../task/pool.ts";
import { closeRedis, connectAgain, connectRedis, Troubles, within } from "./_cluster_redis.ts";
import { Service } from "./_cluster_service.ts";
import type { ClusterSettings } from "./_cluster_settings.ts";
import type { AnyTask } from "./_cluster_tasks.ts";
import type { BullPackage, BullWorker, RedisClient } from "./_cluster_types.ts";
import { Keys } from "./_cluster_wire.ts";
import { loadPackage } from "./_npm.ts";

/** How a program runs the tasks of a queue. */
export interface WorkerSettings {
  readonly settings: ClusterSettings;
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Where the tasks run; in this thread if there is none. */
  readonly pool: Pool | undefined;
  /** What BullMQ is to know. */
  readonly locks: {
    readonly concurrency: number;
    readonly lockDuration: number;
    readonly stalledInterval: number;
    readonly maxStalledCount: number;
  };
  /** Bytes that the arguments of a job may have. */
  readonly maxJobBytes: number;
}

/** What it consists of. */
interface WorkerParts {
  readonly settings: ClusterSettings;
  readonly tasks: readonly string[];
  readonly worker: BullWorker;
  readonly service: Service;
  readonly clients: readonly RedisClient[];
  /** The pool of its own. */
  readonly ownPool: Pool | undefined;
}

/** Takes jobs from Redis and runs them, until it is closed. */
export class ClusterWorker {
  readonly #parts: WorkerParts;
  readonly #closed = Promise.withResolvers<void>();
  #closing = false;
  #terminating = false;

  private constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Connects, and begins. */
  static async start(
    { settings, tasks, pool, locks, maxJobBytes }: WorkerSettings,
  ): Promise<ClusterWorker> {
    const { name, prefix } = settings;
    const troubles = new Troubles(settings.onError);
    const keys = new Keys(prefix, name);
    const bullmq = await loadPackage<BullPackage>("bullmq", "serveCluster");
    const client = await connectRedis(settings, "serveCluster", troubles);
    const clients = [client];
    const ownPool = pool === undefined ? new CoroutinePool(locks.concurrency) : undefined;
    let worker: BullWorker | undefined;
    try {
      const subscriber = await connectAgain(client, settings, troubles);
      clients.push(subscriber);
      const service = new Service({
        tasks,
        pool: pool ?? ownPool!,
        maxJobBytes,
        client,
        keys,
        bullmq,
      });
      subscriber.on("message", (_channel: string, id: string) => service.cancel(id));
      await subscriber.subscribe(keys.cancel);
      // What was told meanwhile is looked up.
      subscriber.on("ready", () => service.lookUpCancelled());
      worker = new bullmq.Worker(name, (job) => service.process(job), {
        ...locks,
        connection: client,
        prefix,
        runRetryDelay: 500,
      });
      worker.on("error", (error) => troubles.tell(error));
      await worker.waitUntilReady();
      const names = [...tasks.keys()];
      return new ClusterWorker({ settings, tasks: names, worker, service, clients, ownPool });
    } catch (error) {
      if (worker !== undefined) await closeWorker(worker);
      await Promise.all(clients.map(closeRedis));
      throw error;
    }
  }

  /** Name of the queue. */
  get name(): string {
    return this.#parts.settings.name;
  }

  /** Names of the tasks that it runs. */
  get tasks(): readonly string[] {
    return this.#parts.tasks;
  }

  /** Number of calls and chunks that run here. */
  get running(): number {
    return this.#parts.service.running;
  }

  /** Resolves when it has ended. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Takes no more jobs, and ends when those that run are done. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const { worker, clients, settings } = this.#parts;
    const done = worker.close();
    // Without Redis it waits for ever.
    while (!await within(done, Math.max(settings.connectTimeout, 100))) {
      if (this.#terminating || clients[0]!.status !== "ready") break;
    }
    this.#end(false);
  }

  /** Ends at once. */
  terminate(): void {
    this.#closing = true;
    this.#end(true);
  }

  async #end(abort: boolean): Promise<void> {
    if (this.#terminating) return;
    this.#terminating = true;
    const { worker, service, clients, ownPool } = this.#parts;
    if (abort) {
      service.abortAll(new DOMException("The server was terminated", "AbortError"));
    }
    await closeWorker(worker);
    await Promise.all(clients.map(closeRedis));
    await ownPool?.terminate();
    this.#closed.resolve();
  }
}

/** Ends a worker, whatever it does. */
async function closeWorker(worker: BullWorker): Promise<void> {
  // What ends from now on is told to nobody; the worker would ask a closed connection without end to take it.
  if (worker.connection !== undefined) worker.connection.closing = true;
  if (await within(worker.close(true), 1000)) return;
  // In an outage it has waited for ever for its blocking connection, before it came to these.
  await within(
    Promise.all([worker.lockManager?.close(), worker.blockingConnection?.close(true)]),
    1000,
  );
  worker.stalledCheckStopper?.();
}
