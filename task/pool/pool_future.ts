// Copyright 2026 the Weft authors. MIT license.

import { Future } from "../future.ts";
import { AbortReason } from "./board.ts";
import type { Job, JobOwner, JobSink } from "./job.ts";

/** The result of a job of a pool, which is asked for its state only when somebody wants to know. */
export class PoolFuture<T> extends Future<T> implements JobSink {
  readonly #owner: JobOwner;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #start: () => boolean;
  #job: Job | undefined;

  constructor(owner: JobOwner) {
    let functions!: [(value: T) => void, (error: unknown) => void, () => boolean];
    const cancel = (running: boolean) => this.#onCancel(running);
    super((resolve, reject, start) => functions = [resolve, reject, start], { cancel });
    [this.#resolve, this.#reject, this.#start] = functions;
    this.#owner = owner;
  }

  /** Notes its job. */
  attach(job: Job): void {
    this.#job = job;
  }

  override get running(): boolean {
    this.#look();
    return super.running;
  }

  override cancel(): boolean {
    const job = this.#job;
    if (!this.done && job !== undefined) {
      if (this.#owner.withdraw(job)) job.settled = true;
      else this.#start();
    }
    return super.cancel();
  }

  resolve(value: unknown): void {
    this.#job = undefined;
    this.#resolve(value as T);
  }

  reject(error: unknown): void {
    this.#job = undefined;
    this.#reject(error);
  }

  #look(): void {
    if (this.#job !== undefined && this.#owner.hasBegun(this.#job)) this.#start();
  }

  #onCancel(running: boolean): boolean {
    const job = this.#job;
    this.#job = undefined;
    if (running && job !== undefined) {
      job.settled = true;
      this.#owner.abort(job, AbortReason.cancelled);
    }
    return true;
  }
}
