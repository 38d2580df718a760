// Copyright 2026 the Weft authors. MIT license.

import { Future } from "../future.ts";
import { bare, fail, fulfill, markCancelled, start } from "../_producer.ts";
import { AbortReason } from "./board.ts";
import type { Job, JobOwner, JobSink } from "./job.ts";

/** The result of a job of a pool, which is asked for its state only when somebody wants to know. */
export class PoolFuture<T> extends Future<T> implements JobSink {
  readonly #owner: JobOwner;
  #job: Job | undefined;

  constructor(owner: JobOwner) {
    super(bare as never);
    this.#owner = owner;
  }

  /** Notes its job. */
  attach(job: Job): void {
    this.#job = job;
  }

  override get running(): boolean {
    if (this.#job !== undefined && this.#owner.hasBegun(this.#job)) this[start]();
    return super.running;
  }

  override cancel(): boolean {
    const job = this.#job;
    if (this.done || job === undefined) return this.cancelled;
    job.settled = true;
    this.#job = undefined;
    if (!this.#owner.withdraw(job)) this.#owner.abort(job, AbortReason.cancelled);
    this[markCancelled]();
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
