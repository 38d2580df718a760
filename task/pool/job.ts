// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/_ring.ts";
import type { HandleForm } from "../../sync/handle.ts";
import type { Waiting } from "./backlog.ts";

/** Stands for the cell of a job that has none. */
export const noCell = -1;

/** Who gets what a job comes to. */
export interface JobSink {
  /** Takes the value: of a call, or the values of a chunk. */
  resolve(value: unknown, job: Job): void;
  /** Takes an error, and the values of a chunk that came before. */
  reject(error: unknown, values?: unknown[]): void;
}

/** A call of a task, or some calls that are made one after the other. */
export class Job implements Waiting {
  readonly task: number;
  readonly kind: number;
  readonly count: number;
  readonly priority: number;
  readonly sink: JobSink;
  /** Milliseconds since the epoch. */
  readonly submitted: number;
  /** Where it is on the board. */
  cell = noCell;
  /** What is sent, while it is not on the board. */
  body: Frame | undefined;
  bytes = 0;
  needs = 0;
  /** Objects that travel beside it. */
  objects: object[] | undefined;
  /** Handles that keep something alive until it is done. */
  handles: HandleForm[] | undefined;
  /** Milliseconds that it may run. */
  timeout = Infinity;
  withdrawn = false;
  /** Whether the sink has got what there is. */
  settled = false;
  /** Milliseconds that it has run, when it is done. */
  duration = 0;
  /** Undoes what waits for its timeout and its signal. */
  release: (() => void) | undefined;

  constructor(task: number, kind: number, count: number, priority: number, sink: JobSink) {
    this.task = task;
    this.kind = kind;
    this.count = count;
    this.priority = priority;
    this.sink = sink;
    this.submitted = performance.timeOrigin + performance.now();
  }

  /** Gives the sink a value, if it has got nothing yet. */
  resolve(value: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.sink.resolve(value, this);
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
