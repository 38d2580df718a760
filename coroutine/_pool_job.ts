// Copyright 2026 the Weft authors. MIT license.

import type { Waiting } from "../task/pool/backlog.ts";
import type { JobSink } from "../task/pool/job_sink.ts";
import type { Alarm } from "./_alarm.ts";
import type { AnyFunction } from "./_body.ts";
import { pause } from "./_turn.ts";
import { create } from "./_keys.ts";
import { Coroutine } from "./coroutine.ts";

/** What few jobs have. */
export interface JobExtras {
  /** Milliseconds that it may run. */
  readonly timeout: number;
  alarm?: Alarm | undefined;
  /** Undoes what waits for its signal. */
  readonly release: () => void;
}

/** Who takes what a job of a map comes to. */
export interface JobReceiver {
  receive(job: Job, value: unknown, failed: boolean): void;
}

/**
 * Some calls of a pool of coroutines that are made one after the other, in a coroutine.
 *
 * The coroutine is made at once, so that the platform and `CoroutineLocal` give it the context of who submits; it begins
 * when its gate is opened.
 */
export class Job implements Waiting {
  readonly owner: object;
  /** Whether it is the call of a future. */
  readonly isCall: boolean;
  readonly count: number;
  readonly priority: number;
  readonly sink: JobSink;
  readonly receiver: JobReceiver | undefined;
  /** Milliseconds, by the clock of the platform. */
  readonly submitted: number;
  /** Milliseconds, by the same clock. */
  begun = 0;
  state: "waiting" | "running" | "ended" = "waiting";
  withdrawn = false;
  /** Whether the sink has got what there is, or is to get nothing. */
  settled = false;
  extras: JobExtras | undefined = undefined;
  /** The values of a chunk of several calls. */
  values: unknown[] | undefined = undefined;
  #coroutine: Coroutine | undefined;
  #open: (() => void) | undefined;

  /** @param owner The pool. */
  constructor(
    owner: object,
    count: number,
    priority: number,
    sink: JobSink,
    receiver: JobReceiver | undefined,
  ) {
    this.owner = owner;
    this.isCall = receiver === undefined;
    this.count = count;
    this.priority = priority;
    this.sink = sink;
    this.receiver = receiver;
    this.submitted = performance.now();
  }

  get coroutine(): Coroutine {
    return this.#coroutine!;
  }

  /** Makes the coroutine; it begins at once if it need not wait. */
  prepare(fn: AnyFunction, args: unknown[], waits: boolean): void {
    const gate = waits ? new Promise<void>((resolve) => this.#open = resolve) : undefined;
    this.#coroutine = Coroutine[create](fn, args, undefined, undefined, gate);
  }

  /** Has the coroutine begin when it is its turn. */
  open(): void {
    if (this.#open === undefined) return;
    pause().then(this.#open);
    this.#open = undefined;
  }

  /** Gives the sink an error, if it has got nothing yet. */
  reject(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.sink.reject(error, this.values?.slice());
  }
}
