// Copyright 2026 the Weft authors. MIT license.

import { QueueFullError } from "../channel/errors.ts";
import { inOrder, unscoped } from "../sync/cancellation.ts";
import { waitFor, type WaitOptions } from "../sync/wait.ts";
import { findCurrentTask } from "../task/current_task.ts";
import { Backlog } from "../task/pool/backlog.ts";
import { Hold, type Holds } from "../task/pool/hold.ts";
import type { JobSink } from "../task/pool/job_sink.ts";
import type { FutureOwner } from "../task/pool/pool_future.ts";
import { StatsCounter } from "../task/pool/stats_counter.ts";
import { noteFinished, noteUnfinished, type UnfinishedPool } from "../task/pool/unfinished.ts";
import type { PoolStats } from "../task/pool.ts";
import { PoolClosedError } from "../task/pool_errors.ts";
import { clearAlarm, setAlarm } from "./_alarm.ts";
import type { AnyFunction } from "./_body.ts";
import { Job, type JobReceiver } from "./_pool_job.ts";
import { outcome, parentOf, watchEnd } from "./_keys.ts";
import type { Coroutine } from "./coroutine.ts";
import { currentCoroutine } from "./current_coroutine.ts";

/** The jobs of all pools that run. */
const running = new Map<Coroutine, Job>();
/** Coroutines of pools that have ended as they were cancelled; code of theirs may go on. */
const cancelled = new WeakSet<Coroutine>();

/**
 * The engine of pools of coroutines: keeps what waits, has it begin when there is room, and settles what has ended.
 *
 * A coroutine has a place in the pool until it has ended, also when its future is told before, as it is cancelled or its
 * time is over: there are never more of them than the pool has places.
 */
export class PoolEngine implements FutureOwner<Job>, UnfinishedPool {
  readonly name: string;
  readonly size: number;
  readonly #maxQueue: number;
  readonly #backlog = new Backlog<Job>();
  readonly #stats = new StatsCounter();
  /** Maps that may bring more jobs though the pool is closed. */
  readonly #holds: Holds = { open: 0, stalled: 0 };
  readonly #ended = Promise.withResolvers<void>();
  #state: "open" | "closed" | "ending" = "open";
  /** Number of places that are taken. */
  #running = 0;
  /** Number of calls of futures that wait. */
  #waitingCalls = 0;
  #joined = false;
  /** When the first job came. */
  #since: number | undefined;

  constructor(name: string, size: number, maxQueue: number) {
    this.name = name;
    this.size = size;
    this.#maxQueue = maxQueue;
  }

  get stats(): PoolStats {
    const queued = this.#backlog.all().reduce((sum, { count }) => sum + count, 0);
    const time = this.#since === undefined ? 0 : (performance.now() - this.#since) * this.size;
    return this.#stats.snapshot(this.#running, queued, this.#running, time);
  }

  get unfinished(): number {
    return [...this.#backlog.all(), ...this.#jobs()].filter((job) => !job.settled).length;
  }

  /**
   * Throws if nothing can be submitted.
   *
   * @param held Whether a map asks that began before the pool was closed.
   */
  checkOpen(held = false): void {
    if (this.#state === "open" || (held && this.#state === "closed")) return;
    throw new PoolClosedError(`Cannot run a task as pool ${this.name} is closed`);
  }

  /** Throws if as many calls wait as may. */
  checkRoom(): void {
    if (this.#waitingCalls < this.#maxQueue || this.#running < this.size) return;
    throw new QueueFullError(
      `Cannot run a task as maxQueue of them wait in pool ${this.name}: current value is ${this.#maxQueue}`,
    );
  }

  /**
   * Takes a job; its sink is told nothing before this returns.
   *
   * @param count Number of calls that it makes.
   * @param receiver Takes what it comes to, if that is not the sink.
   */
  add(
    fn: AnyFunction,
    args: unknown[],
    count: number,
    priority: number,
    sink: JobSink,
    receiver?: JobReceiver,
  ): Job {
    const job = new Job(this, count, priority, sink, receiver);
    const waits = this.#running >= this.size;
    this.#since ??= job.submitted;
    if (this.#running === 0) noteUnfinished(this);
    job.prepare(fn, args, waits);
    if (waits) {
      this.#backlog.push(job);
      if (job.isCall) this.#waitingCalls++;
    } else this.#begin(job, job.submitted);
    job.coroutine[watchEnd](() => this.#onEnd(job));
    return job;
  }

  /** Has a job end when its signal aborts or its time is over. */
  guard(job: Job, timeout: number, signal: AbortSignal | undefined): void {
    const onAbort = () => {
      const { reason } = signal!;
      job.reject(reason);
      if (!this.withdraw(job)) this.#cancel(job, reason);
    };
    const release = () => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    job.extras = { timeout, release };
    if (job.state === "running") this.#setAlarm(job);
  }

  hasBegun(job: Job): boolean {
    return job.state === "running";
  }

  withdraw(job: Job): boolean {
    if (job.state !== "waiting") return job.withdrawn;
    job.withdrawn = true;
    this.#backlog.withdraw();
    if (job.isCall) this.#waitingCalls--;
    this.#stats.add(0, job.count);
    this.#leave(job);
    job.coroutine.cancel();
    this.#endIfDone();
    return true;
  }

  drop(jobs: Iterable<Job>): void {
    for (const job of jobs) job.settled = true;
    // Those that wait go first, or one of them would begin meanwhile.
    const begun = [...jobs].filter((job) => !this.withdraw(job));
    for (const job of begun) this.#cancel(job);
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
    if (this.#isWithin()) {
      throw new Error(
        `Cannot join pool ${this.name} in one of its tasks as that would wait for itself`,
      );
    }
    this.#joined = true;
    this.#endIfDone();
    await waitFor(this.#ended.promise, options);
  }

  /** Cancels everything. */
  async terminate(): Promise<void> {
    this.#state = "ending";
    const error = new PoolClosedError(`The task was not done as pool ${this.name} was terminated`);
    const waiting = this.#backlog.all();
    const begun = this.#jobs();
    for (const job of [...begun, ...waiting]) job.reject(error);
    for (const job of waiting) this.withdraw(job);
    const isWithin = this.#isWithin();
    const ends = begun.map((job) => this.#cancel(job, error));
    this.#endIfDone();
    if (!isWithin) await inOrder(Promise.all([...ends, this.#ended.promise]));
  }

  /** Whether one of its tasks calls. */
  #isWithin(): boolean {
    const coroutine = taskCoroutine();
    return coroutine !== undefined && running.get(coroutine)?.owner === this;
  }

  /** Its jobs that run. */
  #jobs(): Job[] {
    return [...running.values()].filter(({ owner }) => owner === this);
  }

  #begin(job: Job, time: number): void {
    this.#running++;
    job.state = "running";
    job.begun = time;
    running.set(job.coroutine, job);
    if (job.extras !== undefined) this.#setAlarm(job);
    job.open();
  }

  #setAlarm(job: Job): void {
    const { timeout } = job.extras!;
    if (timeout === Infinity) return;
    job.extras!.alarm = setAlarm(timeout, () => {
      const error = new DOMException(`The task timed out after ${timeout} ms`, "TimeoutError");
      job.reject(error);
      this.#cancel(job, error);
    });
  }

  /** Takes what the coroutine of a job has come to. */
  #onEnd(job: Job): void {
    if (job.state !== "running") return;
    const result = job.coroutine[outcome];
    if (result.state !== "fulfilled") this.#complete(job, result.error, true);
    else if (!isThenable(result.value)) this.#complete(job, result.value, false);
    else {
      // What a generator returns is not waited for by its coroutine.
      Promise.resolve(result.value).then(
        (value) => this.#complete(job, value, false),
        (error) => this.#complete(job, error, true),
      );
    }
  }

  /** Cancels a job that runs; resolves at the end of its coroutine. */
  #cancel(job: Job, reason?: unknown): Promise<void> {
    // Who cancels need not wait for it.
    const ended = unscoped(() => job.coroutine.cancel(reason));
    // What it has returned is waited for no more.
    if (job.coroutine.done) this.#complete(job, reason, true);
    return ended;
  }

  #complete(job: Job, value: unknown, failed: boolean): void {
    if (job.state !== "running") return;
    const now = performance.now();
    this.#running--;
    running.delete(job.coroutine);
    if (job.coroutine.cancelled) cancelled.add(job.coroutine);
    this.#leave(job);
    const completed = job.settled ? 0 : failed ? job.values?.length ?? 0 : job.count;
    this.#stats.add(completed, job.count - completed);
    this.#stats.time(job.begun - job.submitted, now - job.begun, job.count);
    // Before anybody is told, who can submit something that would come before those that wait.
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#begin(next, now);
    if (job.receiver !== undefined) job.receiver.receive(job, value, failed);
    else if (failed) job.reject(value);
    else if (!job.settled) {
      job.settled = true;
      job.sink.resolve(value);
    }
    this.#endIfDone();
  }

  /** Takes the job that is to begin next, if there is room for it. */
  #next(): Job | undefined {
    if (this.#running >= this.size) return undefined;
    const job = this.#backlog.shift();
    if (job?.isCall) this.#waitingCalls--;
    return job;
  }

  #leave(job: Job): void {
    job.state = "ended";
    const { extras } = job;
    if (extras === undefined) return;
    if (extras.alarm !== undefined) clearAlarm(extras.alarm);
    extras.release();
  }

  #endIfDone(): void {
    if (this.#running > 0) return;
    noteFinished(this);
    if (this.#state === "open") return;
    if (this.#state === "closed") {
      const { open, stalled } = this.#holds;
      if (open > (this.#joined ? stalled : 0)) return;
      this.#state = "ending";
    }
    this.#ended.resolve();
  }
}

/** The coroutine of a pool that runs this code, also within what that has spawned. */
function taskCoroutine(): Coroutine | undefined {
  for (let at = currentCoroutine(); at !== undefined; at = at[parentOf]) {
    if (running.has(at) || cancelled.has(at)) return at;
  }
  return undefined;
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === "function";
}

findCurrentTask(() => taskCoroutine());
