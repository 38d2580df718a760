// Copyright 2026 the Weft authors. MIT license.

import { Future } from "../future.ts";
import { bare, fail, fulfill, markCancelled, start } from "../producer.ts";
import type { JobSink } from "./job_sink.ts";

/** What a future asks of the pool that it comes from. */
export interface FutureOwner<J> {
  /** Whether a job has begun. */
  hasBegun(job: J): boolean;
  /** Takes back jobs that have not begun and aborts others; their sinks are to hear of them no more. */
  drop(jobs: Iterable<J>): void;
}

/** The result of a job of a pool, which is asked for its state only when somebody wants to know. */
export class PoolFuture<T, J> extends Future<T> implements JobSink {
  readonly #owner: FutureOwner<J>;
  #job: J | undefined;

  constructor(owner: FutureOwner<J>) {
    super(bare as never);
    this.#owner = owner;
  }

  /** Notes its job. */
  attach(job: J): void {
    this.#job = job;
  }

  override get running(): boolean {
    if (this.#job !== undefined && this.#owner.hasBegun(this.#job)) this[start]();
    return super.running;
  }

  override cancel(): boolean {
    const job = this.#job;
    if (this.done || job === undefined) return this.cancelled;
    this.#job = undefined;
    // Before others are told, who can call back.
    this[markCancelled]();
    this.#owner.drop([job]);
    return true;
  }

  resolve(value: unknown): void {
    this.#job = undefined;
    this[fulfill](value);
  }

  reject(error: unknown): void {
    this.#job = undefined;
    this[fail](error);
  }
}
