// Copyright 2026 the Weft authors. MIT license.

import type { Encoded } from "../../channel/codec.ts";
import { type Frame, frameOf } from "../../channel/ring.ts";
import { Backlog } from "./backlog.ts";
import { Cells } from "./cells.ts";
import { clock } from "./clock.ts";
import type { Exchange } from "./exchange.ts";
import { newJobHeader } from "./frames.ts";
import { type Job, noCell } from "./job.ts";

/**
 * Keeps the jobs that wait in their order and hands them out: as many as there is room for, so that workers find them
 * also while this thread is busy; but if their priorities differ, no more than keep the workers busy, and those that
 * nobody has begun are taken back when a more urgent one comes.
 */
export class Dispatch {
  readonly #exchange: Exchange;
  readonly #workers: () => number;
  readonly #cells: Cells;
  readonly #backlog = new Backlog<Job>();
  readonly #header = newJobHeader();
  /** Whether there are jobs with another priority than 0. */
  #ranked = false;
  /** The highest number of a priority that was handed out since all was taken back. */
  #worst = 0;

  /** @param workers Tells how many workers there are. */
  constructor(exchange: Exchange, workers: () => number) {
    this.#exchange = exchange;
    this.#workers = workers;
    this.#cells = new Cells(exchange.board);
  }

  /** Number of jobs that wait for a worker, and of frames of some that were withdrawn. */
  get waiting(): number {
    return this.#backlog.size + this.#exchange.waiting;
  }

  /** Counts the jobs that no worker has taken. */
  countWaiting(): number {
    const { board } = this.#exchange;
    let count = this.#backlog.size;
    for (const { cell } of this.#cells.all()) if (board.workerOf(cell) === undefined) count++;
    return count;
  }

  /** All jobs that have no result. */
  all(): Job[] {
    return [...this.#cells.all(), ...this.#backlog.all()];
  }

  /** Hands out a job that was just encoded if it is its turn, else keeps it. */
  add(job: Job, encoded: Encoded): void {
    const first = this.#backlog.size === 0 && !this.#ranked && job.priority === 0;
    if (first && this.#post(job, encoded)) return;
    job.body = frameOf(encoded.take());
    this.#backlog.push(job);
    if (job.priority !== 0) this.#ranked = true;
    if (job.priority < this.#worst) this.#recall();
    this.pump();
  }

  /** Hands out what there is room for. */
  pump(): void {
    while (this.#backlog.size > 0) {
      if (this.#ranked && this.#exchange.waiting >= Math.max(1, this.#workers())) return;
      const job = this.#backlog.peek()!;
      if (!this.#post(job, job.body!)) return;
      this.#backlog.shift();
      job.body = undefined;
      this.#worst = Math.max(this.#worst, job.priority);
    }
  }

  /** Notes that there are no jobs. */
  rest(): void {
    this.#ranked = false;
    this.#worst = 0;
  }

  /** The slot of the worker that has a job in hand; `undefined` if none has. */
  slotOf(job: Job): number | undefined {
    return job.cell === noCell ? undefined : this.#exchange.board.workerOf(job.cell);
  }

  /** Milliseconds since a worker has begun with a job; `undefined` if none has. */
  runningFor(job: Job): number | undefined {
    if (job.cell === noCell) return undefined;
    return this.#exchange.board.runningFor(job.cell, clock());
  }

  /** Takes back a job that nobody has begun; tells whether that was so. */
  withdraw(job: Job): boolean {
    if (job.cell === noCell) {
      if (job.body === undefined) return false;
      job.body = undefined;
      this.#backlog.withdraw();
    } else {
      if (!this.#exchange.board.withdraw(job.cell)) return false;
      this.#cells.remove(job, true);
    }
    job.withdrawn = true;
    return true;
  }

  /** Takes the job of a cell whose result has come. */
  take(cell: number): { readonly job: Job; readonly slot: number } {
    const job = this.#cells.get(cell)!;
    const slot = this.#exchange.board.workerOf(cell)!;
    this.#cells.remove(job);
    return { job, slot };
  }

  /** Takes the jobs that a worker has had in hand when it ended. */
  bury(slot: number): Job[] {
    const jobs = this.#cells.of(slot);
    for (const job of jobs) this.#cells.remove(job, !this.#exchange.board.bury(job.cell));
    return jobs;
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
}
