// Copyright 2026 the Weft authors. MIT license.

import type { Waiting } from "../task/pool/backlog.ts";
import type { JobSink } from "../task/pool/job_sink.ts";
import type { BullEntry } from "./_cluster_types.ts";
import { replyAge } from "./_cluster_wire.ts";

/** The priority 0 at BullMQ, whose lowest is 1. */
const middle = 1 << 20;

/** How a call is to be run. */
export interface CallOptions {
  readonly priority: number;
  /** Milliseconds that it may run. */
  readonly timeout: number;
  /** How many times more it is run when it fails. */
  readonly retries: number;
  /** Milliseconds before it is run again, and twice as many before each further time. */
  readonly backoff: number;
  readonly onProgress?: ((value: unknown) => void) | undefined;
}

/** What is to be called. */
export interface CallContent {
  /** Name of the task. */
  readonly name: string;
  readonly data: Record<string, unknown>;
  readonly bytes: number;
  /** Number of calls. */
  readonly count: number;
  /** Whether it is the call of a future. */
  readonly isCall: boolean;
}

/** A call of a task, or a chunk of a map, at the side of the pool. */
export class ClusterJob implements Waiting {
  readonly id: string;
  readonly content: CallContent;
  readonly options: CallOptions;
  readonly sink: JobSink;
  /** Milliseconds, by the clock of the platform. */
  readonly submitted: number = performance.now();
  /** Milliseconds by the same clock, when a program has begun with it last. */
  begun: number | undefined = undefined;
  /** `waiting` here, `sent` to Redis, `running` in a program. */
  state: "waiting" | "sent" | "running" | "ended" = "waiting";
  withdrawn = false;
  /** Whether the sink has got what there is, or is to get nothing. */
  settled = false;
  /** Whether no program is to run it any more. */
  dropped = false;
  /** Undoes what waits for its signal. */
  release: () => void = () => {};
  /** Undoes what waits for its time. */
  stopTimer: () => void = () => {};

  constructor(id: string, content: CallContent, options: CallOptions, sink: JobSink) {
    this.id = id;
    this.content = content;
    this.options = options;
    this.sink = sink;
  }

  get priority(): number {
    return this.options.priority;
  }

  get count(): number {
    return this.content.count;
  }

  /** What BullMQ gets. */
  get entry(): BullEntry {
    const { name, data } = this.content;
    const { priority, retries, backoff } = this.options;
    return {
      name,
      data,
      opts: {
        jobId: this.id,
        priority: Math.round(Math.min(Math.max(priority, 1 - middle), middle - 1)) + middle,
        attempts: retries + 1,
        backoff: { type: "exponential", delay: backoff },
        removeOnComplete: { age: replyAge / 1000 },
        removeOnFail: { age: replyAge / 1000 },
        stackTraceLimit: 0,
      },
    };
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
