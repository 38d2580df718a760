// Copyright 2026 the Weft authors. MIT license.

import { decode } from "../../channel/codec.ts";
import { QueueFullError } from "../../channel/errors.ts";
import { waitFor, type WaitOptions } from "../../sync/wait.ts";
import { checkStart } from "../bootstrap.ts";
import { BrokenPoolError, PoolClosedError } from "../pool_errors.ts";
import type { PoolStats } from "../pool.ts";
import { requireReference, type TaskReference } from "../registry.ts";
import { AbortReason } from "./board.ts";
import { CallKind } from "./call_kind.ts";
import { CoarseClock } from "./clock.ts";
import type { JobControl } from "./deadlines.ts";
import { Dispatch } from "./dispatch.ts";
import type { Exchange, ResultSink } from "./exchange.ts";
import { type ResultHeader, ResultKind } from "./frames.ts";
import { Hold, type Holds } from "./hold.ts";
import { Job } from "./job.ts";
import type { JobSink } from "./job_sink.ts";
import type { Launcher, PoolBoot } from "./launcher.ts";
import type { PoolWorker, WorkerEnd } from "./pool_worker.ts";
import { lostError } from "./lost_error.ts";
import { copyFor, Packer } from "./packer.ts";
import { ResultReader } from "./result_reader.ts";
import type { PoolSettings } from "./settings.ts";
import { SharedExchange, SharedPlaces, type SharedState } from "./shared_exchange.ts";
import { Staff, type StaffOwner } from "./staff.ts";
import { StatsCounter } from "./stats_counter.ts";
import { Supplies } from "./supplies.ts";
import { noteFinished, noteUnfinished, type UnfinishedPool } from "./unfinished.ts";
import { WireExchange } from "./wire_exchange.ts";
import type { FromWorker } from "./wire_intake.ts";

/**
 * The engine of pools of threads and processes: keeps what waits, hands it to workers, and settles what comes back.
 *
 * ```text
 *   enqueue ──▶ backlog ──▶ exchange ──▶ worker      as much as there is room for goes to the exchange at once
 *      sink ◀───────────── exchange ◀── worker       each job is settled exactly once: by its result, by the end
 *                                                    of its worker, or by whoever withdraws or aborts it
 * ```
 */
export class PoolEngine implements StaffOwner, ResultSink, JobControl, UnfinishedPool {
  readonly #settings: PoolSettings;
  readonly #shared: SharedState | undefined;
  readonly #exchange: Exchange;
  readonly #wire: WireExchange | undefined;
  readonly #staff: Staff;
  readonly #dispatch: Dispatch;
  readonly #supplies: Supplies;
  readonly #packer: Packer;
  /** The numbers of the tasks. */
  readonly #tasks = new Map<TaskReference, number>();
  readonly #results: ResultReader;
  readonly #stats = new StatsCounter();
  readonly #initializerArgs: readonly unknown[];
  readonly #changing: boolean;
  readonly #ended = Promise.withResolvers<void>();
  /** Jobs that are not done, though their sinks may have been told that they are. */
  #pending = 0;
  /** Those of them that are no chunks of maps. */
  #calls = 0;
  #state: "open" | "closed" | "ending" = "open";
  #broken: BrokenPoolError | undefined;
  #joined = false;
  /** Whether the result that was read came from a worker that takes no more. */
  #retired = false;
  /** Maps that may bring more jobs though the pool is closed. */
  readonly #holds: Holds = { open: 0, stalled: 0 };
  readonly #clock = new CoarseClock();

  constructor(settings: PoolSettings, launcher: Launcher) {
    checkStart(`${launcher.kind} pool ${JSON.stringify(settings.name)}`);
    this.#settings = settings;
    this.#supplies = new Supplies((supply) => this.#staff.post(supply));
    const slots = 2 * settings.size;
    if (launcher.shares) {
      const places = SharedPlaces.create(launcher.kind, slots);
      this.#shared = places.describe(launcher.kind);
      this.#exchange = new SharedExchange(places, this);
    } else {
      this.#exchange = this.#wire = new WireExchange(slots, settings.idleTimeout, this);
    }
    this.#exchange.board.keep(settings.minSize);
    this.#dispatch = new Dispatch(this.#exchange, () => this.#staff.count);
    this.#packer = new Packer(
      this.#supplies,
      launcher.kind,
      (job, encoded) => this.#dispatch.add(job, encoded),
    );
    this.#results = new ResultReader((job) => this.#finish(job));
    this.#staff = new Staff(this, launcher, this.#exchange, settings.name, settings.size);
    this.#changing = settings.maxTasks < Infinity || settings.idleTimeout < Infinity;
    this.#initializerArgs = copyFor(launcher.kind, settings.initializerArgs);
    if (settings.minSize > 0) this.review();
  }

  get name(): string {
    return this.#settings.name;
  }

  get size(): number {
    return this.#settings.size;
  }

  /** The most calls that a chunk can have. */
  get mostCalls(): number {
    return this.#settings.maxTasks;
  }

  get unfinished(): number {
    return this.#allJobs().filter((job) => !job.settled).length;
  }

  get stats(): PoolStats {
    let queued = 0;
    let running = 0;
    for (const job of this.#allJobs()) {
      if (this.hasBegun(job)) running++;
      else if (!job.withdrawn) queued += job.count;
    }
    return this.#stats.snapshot(this.#staff.count, queued, running, this.#staff.time);
  }

  /**
   * Throws if nothing can be submitted.
   *
   * @param held Whether a map asks that began before the pool was closed.
   */
  checkOpen(held = false): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#state === "open" || (held && this.#state === "closed")) return;
    throw new PoolClosedError(`Cannot run a task as pool ${this.name} is closed`);
  }

  /** Throws if as many calls wait as may, besides those that a free worker is there for. */
  checkRoom(): void {
    const { maxQueue } = this.#settings;
    if (this.#calls < maxQueue) return;
    let busy = 0;
    let waiting = 0;
    for (const job of this.#allJobs()) {
      if (job.kind !== CallKind.call || this.hasBegun(job)) busy++;
      else waiting++;
    }
    if (waiting < maxQueue + Math.max(0, this.size - busy)) return;
    throw new QueueFullError(
      `Cannot run a task as maxQueue of them wait in pool ${this.name}: current value is ${maxQueue}`,
    );
  }

  /**
   * Takes a job.
   *
   * @param fn The task.
   * @param args Its arguments, or the items of a chunk.
   * @throws {TypeError} If `fn` is not a task.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
   */
  enqueue(
    fn: unknown,
    kind: number,
    args: readonly unknown[],
    priority: number,
    sink: JobSink,
  ): Job {
    const task = this.#numberOf(requireReference(fn, "a task"));
    const count = kind === CallKind.call ? 1 : args.length;
    const job = new Job(task, kind, count, priority, sink, this.#clock.now());
    // Before it is posted: nothing may be settled before this returns.
    if (this.#pending++ === 0) this.#begin();
    if (kind === CallKind.call) this.#calls++;
    try {
      this.#packer.pack(job, args);
    } catch (error) {
      this.#finish(job);
      throw error;
    }
    // A getter in the arguments can have ended the pool.
    if (this.#state === "ending") {
      job.settled = true;
      this.withdraw(job);
      this.checkOpen();
    }
    if (this.#staff.count < this.size || this.#changing) this.review();
    return job;
  }

  hasBegun(job: Job): boolean {
    return this.#dispatch.slotOf(job) !== undefined;
  }

  /** Ends jobs whose sinks are to hear of them no more. */
  drop(jobs: Iterable<Job>): void {
    // Those that wait go first, the last one before the others, or a worker could begin one meanwhile.
    for (const job of jobs) job.settled = true;
    const begun = [...jobs].reverse().filter((job) => !this.withdraw(job));
    for (const job of begun) this.abort(job, AbortReason.cancelled);
  }

  runningFor(job: Job): number | undefined {
    return this.#dispatch.runningFor(job);
  }

  withdraw(job: Job): boolean {
    if (job.withdrawn) return true;
    if (!this.#dispatch.withdraw(job)) return false;
    this.#stats.add(0, job.count);
    this.#finish(job);
    return true;
  }

  abort(job: Job, reason: number): void {
    const slot = this.#dispatch.slotOf(job);
    if (slot !== undefined) this.#exchange.abort(slot, job.cell, reason);
  }

  collect(): void {
    this.#exchange.collect();
  }

  kill(job: Job): void {
    const slot = this.#dispatch.slotOf(job);
    if (slot !== undefined) this.#staff.at(slot)?.terminate();
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
    const keepAlive = setInterval(() => {}, 0x7fff_ffff);
    try {
      await waitFor(this.#ended.promise, options);
    } finally {
      clearInterval(keepAlive);
    }
  }

  /** Ends everything at once. */
  async terminate(): Promise<void> {
    // Before others are told, who can hand in something else then.
    this.#state = "ending";
    this.#abandon(() =>
      new PoolClosedError(`The task was not done as pool ${this.name} was terminated`)
    );
    this.#staff.terminate();
    await this.#end();
    await this.join({});
  }

  boot(slot: number): PoolBoot {
    const { initializer, maxTasks, idleTimeout } = this.#settings;
    return {
      slot,
      shared: this.#shared,
      references: [...this.#tasks.keys()],
      supplies: this.#supplies.list(),
      supplied: this.#supplies.count,
      initializer,
      initializerArgs: this.#initializerArgs,
      maxTasks,
      idleTimeout,
    };
  }

  receive(slot: number, message: unknown): void {
    if (this.#wire !== undefined) this.#wire.receive(slot, message as FromWorker);
    else this.#results.addObject(slot, message as { number: number; object: object });
  }

  ended(slot: number, { name }: PoolWorker, end: WorkerEnd): void {
    // What it has delivered counts.
    this.collect();
    for (const job of this.#dispatch.bury(slot)) this.#lose(job, name, end);
    for (const job of this.#results.leave(slot)) this.#lose(job, name, end);
    this.#exchange.look();
  }

  broken(error: unknown): void {
    if (this.#broken !== undefined) return;
    const message = error instanceof Error ? error.message : String(error);
    const broken = new BrokenPoolError(`Pool ${this.name} is broken: ${message}`, { cause: error });
    this.#broken = broken;
    this.#state = "ending";
    this.#abandon(() => broken);
    this.#staff.terminate();
    this.#end();
  }

  read(header: ResultHeader, bytes: Uint8Array, start: number, end: number): void {
    if (header.kind === ResultKind.broken) {
      const error = decode(bytes, { start, end });
      queueMicrotask(() => this.broken(error));
      return;
    }
    const { cell, count, kind } = header;
    const { job, slot } = this.#dispatch.take(cell);
    job.sink.ran?.(header.duration);
    const completed = kind === ResultKind.value
      ? count
      : kind === ResultKind.partial
      ? count - 1
      : 0;
    this.#stats.time(header.start - job.submitted, header.duration, count);
    if (job.settled) this.#stats.add(0, job.count);
    else this.#stats.add(completed, job.count - completed);
    this.#results.read(job, slot, header, bytes, start, end);
    this.#retired ||= header.retiring;
  }

  settle(): void {
    this.#results.settle();
    if (!this.#retired) return;
    this.#retired = false;
    this.review();
  }

  review(): void {
    const least = this.#state === "open" ? this.#settings.minSize : 0;
    this.#staff.provide(this.#dispatch.waiting, () => this.#dispatch.countWaiting(), least);
  }

  /** The number of a task, which the workers are told. */
  #numberOf(reference: TaskReference): number {
    let number = this.#tasks.get(reference);
    if (number === undefined) {
      number = this.#tasks.size;
      this.#tasks.set(reference, number);
      this.#exchange.define(reference);
    }
    return number;
  }

  /** Settles a job whose worker has ended. */
  #lose(job: Job, worker: string, end: WorkerEnd): void {
    this.#stats.add(0, job.count);
    job.reject(lostError(worker, end));
    this.#finish(job);
  }

  /** Notes that there is something to do. */
  #begin(): void {
    noteUnfinished(this);
    this.#exchange.watch(() => {
      this.#dispatch.pump();
      return this.#pending === 0;
    });
  }

  /** Notes that a job is done. */
  #finish(job: Job): void {
    if (job.kind === CallKind.call) this.#calls--;
    if (job.extras !== undefined) this.#packer.release(job.extras);
    if (--this.#pending > 0) return;
    noteFinished(this);
    this.#dispatch.rest();
    this.#exchange.look();
    this.#endIfDone();
  }

  /** Settles all jobs with an error. */
  #abandon(error: () => Error): void {
    for (const job of this.#allJobs()) {
      job.reject(error());
      this.withdraw(job);
    }
  }

  #endIfDone(): void {
    if (this.#state !== "closed" || this.#pending > 0) return;
    const { open, stalled } = this.#holds;
    if (open > (this.#joined ? stalled : 0)) return;
    this.#state = "ending";
    this.#exchange.goHome();
    this.#staff.stop();
    this.#end();
  }

  async #end(): Promise<void> {
    await this.#staff.wait();
    await this.#exchange.unwatched;
    this.#ended.resolve();
  }

  #allJobs(): Job[] {
    return [...this.#dispatch.all(), ...this.#results.held()];
  }
}
