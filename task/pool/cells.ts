// Copyright 2026 the Weft authors. MIT license.

import { type Board, mostCells } from "./board.ts";
import { type Job, noCell } from "./job.ts";

/** The jobs of a pool that are on its board. */
export class Cells {
  readonly #board: Board;
  readonly #jobs: (Job | undefined)[] = [];
  readonly #free: number[] = [];
  /** Those whose job was taken back or has lost its worker, but whose frame may still be met. */
  readonly #parked: number[] = [];

  constructor(board: Board) {
    this.#board = board;
  }

  /** Finds a free cell. */
  find(): number | undefined {
    const cell = this.#free.pop();
    if (cell !== undefined) return cell;
    if (this.#jobs.length < mostCells) return this.#jobs.push(undefined) - 1;
    // Each is looked at once: a worker can meet its frame meanwhile.
    for (const cell of this.#parked.splice(0)) {
      (this.#board.isWithdrawn(cell) ? this.#parked : this.#free).push(cell);
    }
    return this.#free.pop();
  }

  /** Gives a cell to a job. */
  set(cell: number, job: Job): void {
    this.#jobs[cell] = job;
    job.cell = cell;
  }

  /** The job that has a cell. */
  get(cell: number): Job | undefined {
    return this.#jobs[cell];
  }

  /** Gives a cell back that no job has. */
  giveBack(cell: number): void {
    this.#free.push(cell);
  }

  /** Takes the cell of a job. */
  remove(job: Job, parked = false): void {
    const { cell } = job;
    this.#jobs[cell] = undefined;
    job.cell = noCell;
    if (parked) this.#parked.push(cell);
    else {
      this.#board.free(cell);
      this.#free.push(cell);
    }
  }

  /** The jobs that the worker of a slot has in hand. */
  of(slot: number): Job[] {
    return this.#jobs.filter((job) =>
      job !== undefined && this.#board.workerOf(job.cell) === slot
    ) as Job[];
  }

  /** All jobs. */
  all(): Job[] {
    return this.#jobs.filter((job) => job !== undefined);
  }
}
