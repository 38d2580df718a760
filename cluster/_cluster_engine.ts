// Copyright 2026 the Weft authors. MIT license.

import { QueueFullError } from "../channel/errors.ts";
import { inOrder, unscoped } from "../sync/cancellation.ts";
import { startTimer, waitFor, type WaitOptions } from "../sync/wait.ts";
import { Backlog } from "../task/pool/backlog.ts";
import { Hold, type Holds } from "../task/pool/hold.ts";
import type { JobSink } from "../task/pool/job_sink.ts";
import type { FutureOwner } from "../task/pool/pool_future.ts";
import { StatsCounter } from "../task/pool/stats_counter.ts";
import { noteFinished, noteUnfinished, type UnfinishedPool } from "../task/pool/unfinished.ts";
import type { PoolStats } from "../task/pool.ts";
import { BrokenPoolError, PoolClosedError, WorkerLostError } from "../task/pool_errors.ts";
import type { Broker, BrokerListener } from "./_cluster_broker.ts";
import { type CallContent, type CallOptions, ClusterJob } from "./_cluster_job.ts";
import type { ClusterSettings } from "./_cluster_settings.ts";
import { decodeText, type Outcome } from "./_cluster_wire.ts";

/** Milliseconds that a program has to tell that the time of a task is over, before the pool takes it that it cannot. */
const grace = 1000;

/** Exit code of a worker of which nothing is known. */
const unknownCode = -1;

/**
 * The engine of pools over machines: keeps what waits, has the broker bring as many jobs to Redis as may be there at once,
 * and settles what has ended.
 *
 * A job has a place until its end is known, also when its future is told before, as it is cancelled.
 */
export class ClusterEngine implements FutureOwner<ClusterJob>, UnfinishedPool, BrokerListener {
  readonly name: string;
  readonly size: number;
  readonly #maxQueue: number;
  readonly #settings: ClusterSettings;
  /** What talks to Redis; loaded for the first job. */
  #broker: Promise<Broker> | undefined;
  readonly #onError: (error: Error) => void;
  readonly #backlog = new Backlog<ClusterJob>();
  readonly #stats = new StatsCounter();
  /** The jobs that have a place. */
  readonly #jobs = new Map<string, ClusterJob>();
  /** Maps that may bring more jobs though the pool is closed. */
  readonly #holds: Holds = { open: 0, stalled: 0 };
  readonly #ended = Promise.withResolvers<void>();
  readonly #base = crypto.randomUUID();
  #state: "open" | "closed" | "ending" = "open";
  #broken: BrokenPoolError | undefined;
  #count = 0;
  #running = 0;
  #waitingCalls = 0;
  #joined = false;
  #since: number | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: ClusterSettings, size: number, maxQueue: number) {
    this.name = settings.name;
    this.size = size;
    this.#maxQueue = maxQueue;
    this.#onError = settings.onError;
    this.#settings = settings;
  }

  get stats(): PoolStats {
    let queued = 0;
    for (const job of this.#backlog.all()) queued += job.count;
    for (const job of this.#jobs.values()) if (job.state === "sent") queued += job.count;
    const time = this.#since === undefined ? 0 : (performance.now() - this.#since) * this.size;
    return this.#stats.snapshot(this.#running, queued, this.#running, time);
  }

  get unfinished(): number {
    return [...this.#backlog.all(), ...this.#jobs.values()].filter((job) => !job.settled).length;
  }

  /**
   * Throws if nothing can be submitted.
   *
   * @param held Whether a map asks that began before the pool was closed.
   */
  checkOpen(held = false): void {
    if (this.#broken !== undefined) {
      throw new BrokenPoolError(this.#broken.message, { cause: this.#broken.cause });
    }
    if (this.#state === "open" || (held && this.#state === "closed")) return;
    throw new PoolClosedError(`Cannot run a task as pool ${this.name} is closed`);
  }

  /** Throws if as many calls wait as may. */
  checkRoom(): void {
    if (this.#waitingCalls < this.#maxQueue || this.#jobs.size < this.size) return;
    throw new QueueFullError(
      `Cannot run a task as maxQueue of them wait in pool ${this.name}: current value is ${this.#maxQueue}`,
    );
  }

  /** Takes a job; its sink is told nothing before this returns. */
  add(content: CallContent, options: CallOptions, sink: JobSink): ClusterJob {
    const job = new ClusterJob(`${this.#base}-${this.#count++}`, content, options, sink);
    this.#since ??= job.submitted;
    if (this.#jobs.size === 0 && this.#backlog.size === 0) noteUnfinished(this);
    sink.sent?.(content.bytes);
    if (this.#jobs.size < this.size) this.#send(job);
    else {
      this.#backlog.push(job);
      if (content.isCall) this.#waitingCalls++;
    }
    return job;
  }

  /** Has a job end when its signal aborts. */
  guard(job: ClusterJob, signal: AbortSignal): void {
    const onAbort = () => {
      job.reject(signal.reason);
      this.#cancel(job);
    };
    job.release = () => signal.removeEventListener("abort", onAbort);
    // By a getter in the arguments.
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  }

  hasBegun(job: ClusterJob): boolean {
    return job.state === "running";
  }

  /** Takes back a job that waits here; one that waits in Redis comes to its end a little later, if it is taken back. */
  withdraw(job: ClusterJob): boolean {
    if (job.state === "waiting") {
      job.withdrawn = true;
      this.#backlog.withdraw();
      if (job.content.isCall) this.#waitingCalls--;
      this.#stats.add(0, job.count);
      this.#leave(job);
      this.#endIfDone();
      return true;
    }
    if (job.state === "sent" && !job.dropped) this.#takeBack(job);
    return job.withdrawn;
  }

  drop(jobs: Iterable<ClusterJob>): void {
    const all = [...jobs];
    for (const job of all) job.settled = true;
    for (const job of all) this.#cancel(job);
  }

  /** Lets a map bring jobs also when the pool is closed. */
  hold(): Hold {
    return new Hold(this.#holds, () => this.#endIfDone());
  }

  /** Takes no more jobs but those of maps that have begun. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.#endIfDone();
  }

  /** Waits until it is closed and everything has ended. */
  async join(options: WaitOptions): Promise<void> {
    if (this.#state === "open") {
      throw new Error(`Cannot join pool ${this.name} as it is not closed: call close() before`);
    }
    this.#joined = true;
    this.#endIfDone();
    await waitFor(this.#ended.promise, options);
  }

  /** Rejects everything, and has what runs aborted if Redis can be told. */
  async terminate(): Promise<void> {
    this.#state = "ending";
    const error = new PoolClosedError(`The task was not done as pool ${this.name} was terminated`);
    const waiting = this.#backlog.all();
    const begun = [...this.#jobs.values()];
    for (const job of [...begun, ...waiting]) job.reject(error);
    for (const job of waiting) this.withdraw(job);
    this.#shut(unscoped(() => Promise.all(begun.map((job) => this.#cancel(job)))), begun);
    await inOrder(this.#ended.promise);
  }

  onBegin(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined || job.state === "running") return;
    job.state = "running";
    job.begun = performance.now();
    this.#running++;
    const { timeout } = job.options;
    if (timeout === Infinity) return;
    job.stopTimer = startTimer(timeout + grace, () => {
      job.reject(new DOMException(`The task timed out after ${timeout} ms`, "TimeoutError"));
      this.#cancel(job);
    });
  }

  onReturn(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    if (job.state === "running") {
      job.state = "sent";
      job.stopTimer();
      this.#running--;
    }
    // Who had it could not be told.
    if (job.dropped) this.#cancel(job);
  }

  onProgress(id: string, text: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined || job.settled) return;
    try {
      job.options.onProgress?.(decodeText(JSON.parse(text)));
    } catch (error) {
      this.#onError(
        new Error(`Error in onProgress of pool ${this.name}: ${error}`, { cause: error }),
      );
    }
  }

  onEnd(id: string, outcome: Outcome | string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    const isLost = typeof outcome === "string";
    const values = isLost || !Array.isArray(outcome.value) ? [] : outcome.value;
    const failed = isLost || outcome.failure !== undefined;
    const completed = job.settled ? 0 : failed ? job.content.isCall ? 0 : values.length : job.count;
    this.#stats.add(completed, job.count - completed);
    if (!isLost) {
      const now = performance.now();
      const { duration } = outcome;
      this.#stats.time((job.begun ?? now - duration) - job.submitted, duration, job.count);
      job.sink.ran?.(duration);
    }
    // Before anybody is told, who can submit something that would come before those that wait.
    this.#vacate(job);
    if (isLost) job.reject(this.#lostError(outcome));
    else if (outcome.failure !== undefined) job.reject(outcome.failure.error, values);
    else if (job.content.isCall) job.resolve(outcome.value);
    else if (values.length === job.count) job.resolve(values);
    else {job.reject(
        new TypeError("Cannot read a reply as it has not as many values as there are items"),
      );}
    this.#endIfDone();
  }

  onRefused(ids: readonly string[], error: unknown): void {
    for (const id of ids) {
      const job = this.#jobs.get(id);
      if (job === undefined) continue;
      this.#stats.add(0, job.count);
      this.#vacate(job);
      job.reject(error);
    }
    this.#endIfDone();
  }

  onBroken(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#broken = new BrokenPoolError(`Pool ${this.name} is broken: ${message}`, { cause });
    const waiting = this.#backlog.all();
    for (const job of [...this.#jobs.values(), ...waiting]) job.reject(this.#broken);
    for (const job of waiting) this.withdraw(job);
    for (const job of [...this.#jobs.values()]) {
      this.#stats.add(0, job.count);
      this.#vacate(job);
    }
    this.#endIfDone();
  }

  #send(job: ClusterJob): void {
    job.state = "sent";
    this.#jobs.set(job.id, job);
    this.#ask((broker) => broker.send(job.entry)).catch((error) => this.onBroken(error));
  }

  /** Asks something of the broker, after what it was asked before. */
  async #ask<T>(question: (broker: Broker) => T): Promise<Awaited<T>> {
    this.#broker ??= this.#load();
    return await question(await this.#broker);
  }

  async #load(): Promise<Broker> {
    const { Broker } = await import("./_cluster_broker.ts");
    return new Broker(this.#settings, this);
  }

  /** Has a job not be run any more. */
  async #cancel(job: ClusterJob): Promise<void> {
    if (job.state === "waiting") {
      this.withdraw(job);
      return;
    }
    if (job.state === "ended") return;
    job.dropped = true;
    try {
      if (await this.#takeBack(job)) return;
      await this.#ask((broker) => broker.abort(job.id));
    } catch {
      // There is no connection, or the pool ends.
    }
  }

  /** Takes a job out of Redis if nobody has begun with it; tells whether that was so. */
  async #takeBack(job: ClusterJob): Promise<boolean> {
    try {
      if (!await this.#ask((broker) => broker.remove(job.id))) return false;
    } catch {
      return false;
    }
    if (!this.#jobs.has(job.id)) return true;
    this.#stats.add(0, job.count);
    this.#vacate(job);
    job.reject(new DOMException("The task was cancelled", "AbortError"));
    this.#endIfDone();
    return true;
  }

  /** Gives the place of a job to the next one. */
  #vacate(job: ClusterJob): void {
    if (job.state === "running") this.#running--;
    this.#jobs.delete(job.id);
    this.#leave(job);
    while (this.#jobs.size < this.size) {
      const next = this.#backlog.shift();
      if (next === undefined) return;
      if (next.content.isCall) this.#waitingCalls--;
      this.#send(next);
    }
  }

  #leave(job: ClusterJob): void {
    job.state = "ended";
    job.stopTimer();
    job.release();
  }

  #lostError(reason: string): WorkerLostError {
    return new WorkerLostError(
      `The programs that ran the task for pool ${this.name} were lost: ${reason}`,
      { exitCode: unknownCode },
    );
  }

  #endIfDone(): void {
    if (this.#jobs.size > 0 || this.#backlog.size > 0) return;
    noteFinished(this);
    if (this.#state === "open") return;
    if (this.#state === "closed") {
      const { open, stalled } = this.#holds;
      if (open > (this.#joined ? stalled : 0)) return;
      this.#state = "ending";
    }
    this.#shut();
  }

  /** Closes the connections, and then says that it has ended. */
  async #shut(last?: Promise<unknown>, jobs: readonly ClusterJob[] = []): Promise<void> {
    if (this.#closing !== undefined) return;
    await (this.#closing = unscoped(async () => await (await this.#broker)?.close(last)));
    for (const job of jobs) if (this.#jobs.delete(job.id)) this.#leave(job);
    this.#running = 0;
    noteFinished(this);
    this.#ended.resolve();
  }
}
