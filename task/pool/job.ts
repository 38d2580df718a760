// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/ring.ts";
import type { HandleForm } from "../../sync/handle.ts";
import type { Waiting } from "./backlog.ts";
import type { JobSink } from "./job_sink.ts";

/** Stands for the cell of a job that has none. */
export const noCell = -1;

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
