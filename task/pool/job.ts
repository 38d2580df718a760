// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/ring.ts";
import type { HandleForm } from "../../sync/handle.ts";
import type { Waiting } from "./backlog.ts";

/** Stands for the cell of a job that has none. */
export const noCell = -1;

/** Who gets what a job comes to. */
export interface JobSink {
  /** Takes the value: of a call, or the values of a chunk. */
  resolve(value: unknown): void;
  /** Is told of the bytes that are sent. */
  sent?(bytes: number): void;
  /** Is told for how many milliseconds a worker has run it. */
  ran?(duration: number): void;
  /** Takes an error, and the values of a chunk that came before. */
  reject(error: unknown, values?: unknown[]): void;
}

/** What few jobs have. */
export interface JobExtras {
  /** Objects that travel beside it. */
  objects?: object[];
  /** Handles that keep something alive until it is done. */
  handles?: HandleForm[];
  /** Undoes what waits for its timeout and its signal. */
  release?: () => void;
}

/** A call of a task, or some calls that are made one after the other. */
export class Job implements Waiting {
  /** Number of the task. */
  readonly task: number;
  readonly kind: number;
  readonly count: number;
  readonly priority: number;
  readonly sink: JobSink;
  /** Milliseconds, by the clock of the pool. */
  readonly submitted: number;
  /** Where it is on the board. */
  cell = noCell;
  /** What is sent, while it is not on the board. */
  body: Frame | undefined = undefined;
  needs = 0;
  withdrawn = false;
  /** Whether the sink has got what there is. */
  settled = false;
  extras: JobExtras | undefined = undefined;

  constructor(
    task: number,
    kind: number,
    count: number,
    priority: number,
    sink: JobSink,
    submitted: number,
  ) {
    this.task = task;
    this.kind = kind;
    this.count = count;
    this.priority = priority;
    this.sink = sink;
    this.submitted = submitted;
  }

  /** Gives the sink a value, if it has got nothing yet. */
  resolve(value: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.sink.resolve(value);
  }

  /** Gives the sink an error, if it has got nothing yet. */
  reject(error: unknown, values?: unknown[]): void {
    if (this.settled) return;
    this.settled = true;
    this.sink.reject(error, values);
  }
}

/** What a future asks of the pool that it comes from. */
export interface JobOwner {
  /** Whether a worker has begun with a job. */
  hasBegun(job: Job): boolean;
  /** Takes back a job that nobody has begun; tells whether that was so. */
  withdraw(job: Job): boolean;
  /** Asks the worker of a job to abort it. */
  abort(job: Job, reason: number): void;
}
