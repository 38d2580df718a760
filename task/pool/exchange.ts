// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/ring.ts";
import type { TaskReference } from "../registry.ts";
import type { Board } from "./board.ts";
import type { JobHeader, ResultHeader } from "./frames.ts";
import type { PoolWorker } from "./pool_worker.ts";

/** Takes the results. */
export interface ResultSink {
  /** Reads one: its header, and what is behind it. */
  read(header: ResultHeader, bytes: Uint8Array, start: number, end: number): void;
  /** Deals with the one that was read last, when nothing is locked any more. */
  settle(): void;
}

/** Carries jobs to the workers and results back. */
export interface Exchange {
  /** How far jobs and workers have come. */
  readonly board: Board;
  /** Number of jobs that wait for a worker in it. */
  readonly waiting: number;
  /** Says which task is meant by the next number. */
  define(reference: TaskReference): void;
  /** Gives a worker a slot. */
  enter(slot: number, worker: PoolWorker): void;
  /** Takes the slot of a worker that has ended. */
  leave(slot: number): void;
  /** Lets workers find a job, if there is room for it. */
  post(header: JobHeader, body: Frame): boolean;
  /** Takes back the jobs that nobody has begun, the first one first. */
  recall(use: (cell: number, body: Uint8Array<ArrayBuffer>) => void): void;
  /** Asks the worker that runs a job to abort it. */
  abort(slot: number, cell: number, reason: number): void;
  /** Takes the results that have come by now. */
  collect(): void;
  /**
   * Drains whenever there are results, until `done` says that there will be no more; meanwhile the program
   * does not end.
   */
  watch(done: () => boolean): void;
  /** Resolves when it does not do so. */
  readonly unwatched: Promise<void>;
  /** Lets it look again whether `done` says so. */
  look(): void;
  /** Tells the workers to end when there are no more jobs. */
  goHome(): void;
}
