// Copyright 2026 the Weft authors. MIT license.

import { decode, type Encoded, type EncodeOptions, encodeWith } from "../../channel/codec.ts";
import { QueueFullError } from "../../channel/errors.ts";
import { type Frame, frameOf } from "../../channel/_ring.ts";
import { endPassages } from "../../sync/handle.ts";
import { waitFor, type WaitOptions } from "../../sync/wait.ts";
import { checkStart } from "../bootstrap.ts";
import { BrokenPoolError, PoolClosedError } from "../pool_errors.ts";
import type { PoolStats } from "../pool.ts";
import { requireReference } from "../registry.ts";
import { Backlog } from "./backlog.ts";
import { Cells } from "./cells.ts";
import { clock, CoarseClock } from "./clock.ts";
import type { JobControl } from "./deadlines.ts";
import type { Exchange, ResultSink } from "./exchange.ts";
import { CallKind, type JobHeader, type ResultHeader, ResultKind } from "./frames.ts";
import { Hold, type Holds } from "./hold.ts";
import { Job, type JobExtras, type JobSink, noCell } from "./job.ts";
import type { Launcher, PoolBoot, PoolWorker, WorkerEnd } from "./launcher.ts";
import { lostError } from "./lost_error.ts";
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
  readonly #launcher: Launcher;
  readonly #shared: SharedState | undefined;
  readonly #exchange: Exchange;
  readonly #wire: WireExchange | undefined;
  readonly #staff: Staff;
  readonly #cells: Cells;
  readonly #backlog = new Backlog<Job>();
  readonly #supplies: Supplies;
  readonly #results: ResultReader;
  readonly #stats = new StatsCounter();
  readonly #changing: boolean;
  readonly #ended = Promise.withResolvers<void>();
  /** Jobs that are not done, though their sinks may have been told that they are. */
  #pending = 0;
  /** Whether some of them have another priority than 0: then only few are handed out ahead. */
  #ranked = false;
  /** The highest number of a priority that was handed out since all was taken back. */
  #worst = 0;
  #state: "open" | "closed" | "ending" = "open";
  #broken: BrokenPoolError | undefined;
  #joined = false;
  /** Whether the result that was read came from a worker that takes no more. */
  #retired = false;
  /** Maps that may bring more jobs though the pool is closed. */
  readonly #holds: Holds = { open: 0, stalled: 0 };
  readonly #clock = new CoarseClock();
  /** The job that is being encoded. */
  #current!: Job;
  readonly #encoding: EncodeOptions;
  readonly #header: JobHeader = { cell: 0, task: 0, kind: 0, needs: 0, count: 0 };

  constructor(settings: PoolSettings, launcher: Launcher) {
    checkStart(`${launcher.kind} pool ${JSON.stringify(settings.name)}`);
    this.#settings = settings;
    this.#launcher = launcher;
    this.#supplies = new Supplies((supply) => {
      this.#staff.post(this.#shared === undefined ? { type: "supply", supply } : supply);
    });
    const slots = 2 * settings.size;
    if (launcher.shares) {
      const places = SharedPlaces.create(launcher.kind, slots);
      this.#shared = places.describe(launcher.kind);
      this.#exchange = new SharedExchange(places, this);
    } else {
      this.#exchange = this.#wire = new WireExchange(slots, settings.idleTimeout, this);
    }
    this.#exchange.board.keep(settings.minSize);
    this.#cells = new Cells(this.#exchange.board);
    this.#results = new ResultReader((job) => this.#finish(job));
    this.#staff = new Staff(this, launcher, this.#exchange, settings.name, settings.size);
    this.#encoding = {
      destination: launcher.kind,
      onHandle: (form) => {
        if (form.passage === undefined) return;
        ((this.#current.extras ??= {}).handles ??= []).push(form);
      },
      ...(launcher.kind === "thread" ? { attach: (object: object) => this.#attach(object) } : {}),
    };
    this.#changing = settings.maxTasks < Infinity || settings.idleTimeout < Infinity;
    encodeWith(settings.initializerArgs, () => {}, {
      destination: launcher.kind,
      ...(launcher.kind === "thread" ? { attach: () => 0 } : {}),
    });
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
    let count = 0;
    for (const job of this.#allJobs()) if (!job.settled) count++;
    return count;
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

  /** Throws if as many jobs wait as may. */
  checkRoom(): void {
    const { maxQueue } = this.#settings;
    if (this.#pending < this.size + maxQueue) return;
    throw new QueueFullError(
      `Cannot run a task as too many wait in pool ${this.name}: current value is ${maxQueue}`,
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
    const task = this.#supplies.task(requireReference(fn, "a task"));
    const count = kind === CallKind.call ? 1 : args.length;
    const job = new Job(task, kind, count, priority, sink, this.#clock.now());
    // Before it is posted: nothing may be settled before this returns.
    if (this.#pending++ === 0) this.#begin();
    // A getter in the arguments can call this method again.
    const outer = this.#current;
    this.#current = job;
    try {
      encodeWith(args, this.#place, this.#encoding);
    } catch (error) {
      this.#finish(job);
      throw error;
    } finally {
      this.#current = outer;
    }
    if (job.body !== undefined) this.#queue(job);
    if (this.#staff.count < this.size || this.#changing) this.review();
    return job;
  }

  hasBegun(job: Job): boolean {
    return job.cell !== noCell && this.#exchange.board.workerOf(job.cell) !== undefined;
  }

  runningFor(job: Job): number | undefined {
    if (job.cell === noCell) return undefined;
    return this.#exchange.board.runningFor(job.cell, clock());
  }

  withdraw(job: Job): boolean {
    if (job.withdrawn) return true;
    if (job.cell === noCell) {
      if (job.body === undefined) return false;
      job.body = undefined;
      this.#backlog.withdraw();
    } else {
      if (!this.#exchange.board.withdraw(job.cell)) return false;
      this.#cells.remove(job, true);
    }
    job.withdrawn = true;
    this.#stats.add(0, job.count);
    this.#finish(job);
    return true;
  }

  abort(job: Job, reason: number): void {
    if (job.cell === noCell) return;
    const slot = this.#exchange.board.workerOf(job.cell);
    if (slot !== undefined) this.#exchange.abort(slot, job.cell, reason);
  }

  kill(job: Job): void {
    if (job.cell === noCell) return;
    const slot = this.#exchange.board.workerOf(job.cell);
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
    this.#abandon(() =>
      new PoolClosedError(`The task was not done as pool ${this.name} was terminated`)
    );
    this.#state = "ending";
    this.#staff.terminate();
    await this.#end();
    await this.join({});
  }

  boot(slot: number): PoolBoot {
    const { initializer, initializerArgs, maxTasks, idleTimeout } = this.#settings;
    return {
      slot,
      shared: this.#shared,
      supplies: this.#supplies.list(),
      supplied: this.#supplies.count,
      initializer,
      initializerArgs,
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
    this.#exchange.drain();
    const { board } = this.#exchange;
    for (const job of this.#cells.of(slot)) {
      this.#cells.remove(job, !board.bury(job.cell));
      this.#lose(job, name, end);
    }
    for (const job of this.#results.leave(slot)) this.#lose(job, name, end);
    this.#exchange.look();
  }

  broken(error: unknown): void {
    if (this.#broken !== undefined) return;
    const message = error instanceof Error ? error.message : String(error);
    const broken = new BrokenPoolError(`Pool ${this.name} is broken: ${message}`, { cause: error });
    this.#broken = broken;
    this.#abandon(() => broken);
    this.#state = "ending";
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
    const job = this.#cells.get(cell)!;
    const slot = this.#exchange.board.workerOf(cell)!;
    job.sink.ran?.(header.duration);
    this.#cells.remove(job);
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
    const waiting = this.#backlog.size + this.#exchange.waiting;
    const least = this.#state === "open" ? this.#settings.minSize : 0;
    this.#staff.provide(waiting, least);
  }

  /** Puts the job that was encoded where workers find it, or keeps it. */
  readonly #place = (encoded: Encoded): void => {
    const job = this.#current;
    job.needs = job.extras?.objects === undefined ? job.task + 1 : this.#supplies.count;
    job.sink.sent?.(encoded.byteLength);
    const first = this.#backlog.size === 0 && !this.#ranked && job.priority === 0;
    if (first && this.#post(job, encoded)) return;
    job.body = frameOf(encoded.take());
  };

  #attach(object: object): number {
    ((this.#current.extras ??= {}).objects ??= []).push(object);
    return this.#supplies.object(object);
  }

  /** Keeps a job until it is its turn. */
  #queue(job: Job): void {
    this.#backlog.push(job);
    if (job.priority !== 0) this.#ranked = true;
    if (job.priority < this.#worst) this.#recall();
    this.#pump();
  }

  /** Takes back what nobody has begun, as it is not its turn any more. */
  #recall(): void {
    const jobs: Job[] = [];
    this.#exchange.recall((cell, body) => {
      const job = this.#cells.get(cell)!;
      this.#cells.remove(job);
      job.body = frameOf(body);
      jobs.push(job);
    });
    this.#backlog.unshift(jobs);
    this.#worst = -Infinity;
  }

  /** Hands out what there is room for. */
  #pump(): void {
    while (this.#backlog.size > 0) {
      if (this.#ranked && this.#exchange.waiting >= Math.max(1, this.#staff.count)) return;
      const job = this.#backlog.peek()!;
      if (!this.#post(job, job.body!)) return;
      this.#backlog.shift();
      job.body = undefined;
      this.#worst = Math.max(this.#worst, job.priority);
    }
  }

  #post(job: Job, body: Frame): boolean {
    const cell = this.#cells.find();
    if (cell === undefined) return false;
    const header = this.#header;
    header.cell = cell;
    header.task = job.task;
    header.kind = job.kind;
    header.needs = job.needs;
    header.count = job.count;
    if (!this.#exchange.post(header, body)) {
      this.#cells.giveBack(cell);
      return false;
    }
    this.#cells.set(cell, job);
    return true;
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
      this.#pump();
      return this.#pending === 0;
    });
  }

  /** Notes that a job is done. */
  #finish(job: Job): void {
    if (job.extras !== undefined) this.#release(job.extras);
    if (--this.#pending > 0) return;
    noteFinished(this);
    this.#ranked = false;
    this.#worst = 0;
    this.#exchange.look();
    this.#endIfDone();
  }

  #release({ release, objects, handles }: JobExtras): void {
    release?.();
    if (objects !== undefined) this.#supplies.release(objects);
    if (handles !== undefined) endPassages(handles);
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
    this.#ended.resolve();
  }

  #allJobs(): Job[] {
    return [...this.#cells.all(), ...this.#backlog.all(), ...this.#results.held()];
  }
}
