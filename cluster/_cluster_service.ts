// Copyright 2026 the Weft authors. MIT license.

import { CallKind } from "../task/pool/call_kind.ts";
import type { Pool } from "../task/pool.ts";
import { WorkerLostError } from "../task/pool_errors.ts";
import type { Future } from "../task/future.ts";
import type { AnyTask } from "./_cluster_tasks.ts";
import type { BullJob, BullPackage, RedisClient } from "./_cluster_types.ts";
import {
  type Call,
  encodeText,
  type Keys,
  type Outcome,
  readJob,
  replyAge,
  replyOf,
} from "./_cluster_wire.ts";
import { withProgress } from "./_cluster_progress.ts";
import { UnknownTaskError } from "./unknown_task_error.ts";

/** Cancelled jobs that are remembered, as they may be about to come. */
const mostCancelled = 1000;

/** What a service works with. */
export interface ServiceParts {
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Where the tasks run. */
  readonly pool: Pool;
  /** Bytes that the arguments of a job may have. */
  readonly maxJobBytes: number;
  readonly client: RedisClient;
  readonly keys: Keys;
  readonly bullmq: BullPackage;
}

/** Runs the jobs that a worker of BullMQ takes, and makes their replies. */
export class Service {
  readonly #parts: ServiceParts;
  readonly #running = new Map<string, AbortController>();
  readonly #cancelled = new Set<string>();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /** Number of jobs that run. */
  get running(): number {
    return this.#running.size;
  }

  /** Aborts a job, now or when it comes. */
  cancel(id: string): void {
    const controller = this.#running.get(id);
    if (controller !== undefined) {
      controller.abort(new DOMException("The task was cancelled", "AbortError"));
      return;
    }
    // Each program is told of each job, so most of them never come.
    this.#cancelled.add(id);
    if (this.#cancelled.size <= mostCancelled) return;
    const [oldest] = this.#cancelled;
    this.#cancelled.delete(oldest!);
  }

  /** Aborts what was cancelled while this was not told so. */
  lookUpCancelled(): void {
    for (const id of this.#running.keys()) this.#lookUp(id);
  }

  /** Aborts all that runs. */
  abortAll(reason: unknown): void {
    for (const controller of this.#running.values()) controller.abort(reason);
  }

  /**
   * Runs a job.
   *
   * @returns What the event of its end is to say.
   * @throws {Error} Its error, for BullMQ; the one for the pool is put at the key of replies.
   */
  async process(job: BullJob): Promise<unknown> {
    const id = String(job.id);
    const controller = new AbortController();
    this.#running.set(id, controller);
    if (this.#cancelled.delete(id)) this.cancel(id);
    try {
      // Who had it before could not be told.
      if (job.stalledCounter > 0) await this.#lookUp(id);
      return await this.#run(job, id, controller.signal);
    } finally {
      this.#running.delete(id);
    }
  }

  async #lookUp(id: string): Promise<void> {
    const { client, keys } = this.#parts;
    try {
      if (await client.exists(keys.cancelled(id)) > 0) this.cancel(id);
    } catch {
      // The connection is lost again.
    }
  }

  async #run(job: BullJob, id: string, signal: AbortSignal): Promise<unknown> {
    let final = true;
    let outcome: Outcome;
    try {
      signal.throwIfAborted();
      const { call, task } = this.#read(job);
      final = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      outcome = await this.#call(job, task, call, signal);
    } catch (error) {
      outcome = failed(error);
    }
    // A pool that has cancelled it is told of no error, and no retry.
    if (signal.aborted) throw this.#unrecoverable("The task was cancelled");
    const { failure } = outcome;
    if (failure !== undefined && !final) throw new Error(summary(failure.error));
    return await this.#reply(id, outcome);
  }

  /** Finds out what is to be called. */
  #read(job: BullJob): { readonly call: Call; readonly task: AnyTask } {
    const { tasks, maxJobBytes } = this.#parts;
    const call = readJob(job.data, maxJobBytes);
    const task = tasks.get(job.name);
    if (task === undefined) {
      throw new UnknownTaskError(
        `Cannot run task ${JSON.stringify(job.name)} as the program that took it was not given it`,
        job.name,
      );
    }
    if (call.once && job.stalledCounter > 0) {
      throw new WorkerLostError(
        "The program that ran the task was lost, and the task is not to be run again",
        { exitCode: -1 },
      );
    }
    return { call, task };
  }

  /** Makes the call, or those of a chunk one after the other. */
  async #call(job: BullJob, task: AnyTask, call: Call, signal: AbortSignal): Promise<Outcome> {
    const { kind, args, timeout } = call;
    const begin = (list: readonly unknown[]): Future<unknown> =>
      withProgress(
        (value) => tell(job, value),
        () => this.#parts.pool.run(task, list as never[], { signal, timeout }),
      );
    const started = performance.now();
    const values: unknown[] = [];
    try {
      if (kind === CallKind.call) {
        const value = await begin(args);
        return { duration: performance.now() - started, value, failure: undefined };
      }
      for (const item of args) {
        values.push(await begin(kind === CallKind.map ? [item] : item as unknown[]));
      }
      return { duration: performance.now() - started, value: values, failure: undefined };
    } catch (error) {
      return { duration: performance.now() - started, value: values, failure: { error } };
    }
  }

  async #reply(id: string, outcome: Outcome): Promise<unknown> {
    let { failure } = outcome;
    let reply;
    try {
      reply = replyOf(outcome);
    } catch (error) {
      failure = { error };
      reply = replyOf({ ...failed(error), duration: outcome.duration });
    }
    const { client, keys } = this.#parts;
    if (reply.stored !== undefined) await client.set(keys.reply(id), reply.stored, "PX", replyAge);
    if (failure !== undefined) throw this.#unrecoverable(summary(failure.error));
    return reply.event;
  }

  #unrecoverable(message: string): Error {
    return new this.#parts.bullmq.UnrecoverableError(message);
  }
}

function failed(error: unknown): Outcome {
  return { duration: 0, value: [], failure: { error } };
}

async function tell(job: BullJob, value: unknown): Promise<void> {
  await job.updateProgress(encodeText(value));
}

/** What is said of an error to people who look at the queue. */
function summary(error: unknown): string {
  try {
    return String(error).slice(0, 1000);
  } catch {
    return "an error that cannot be shown";
  }
}
