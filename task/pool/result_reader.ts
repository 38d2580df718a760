// Copyright 2026 the Weft authors. MIT license.

import { decode, decodeLoading } from "../../channel/codec.ts";
import { UnknownHandleError } from "../../sync/handle.ts";
import { Arrivals } from "./arrivals.ts";
import { type ResultHeader, ResultKind } from "./frames.ts";
import type { Job } from "./job.ts";

/** Settles jobs with the results that come from the workers. */
export class ResultReader {
  readonly #done: (job: Job) => void;
  /** What has come beside results, by the slot of the worker. */
  readonly #arrivals = new Map<number, Arrivals>();
  /** Jobs whose result is here but waits for what comes beside it, and the slots of their workers. */
  readonly #held = new Map<Job, number>();

  /** What was read last: the job, unless it must wait, and what it has come to. */
  #job: Job | undefined;
  #kind = 0;
  #value: unknown;
  #failure: { readonly error: unknown } | undefined;

  /** @param done Is told of each job when it is settled. */
  constructor(done: (job: Job) => void) {
    this.#done = done;
  }

  /** Jobs whose result is here but cannot be read yet. */
  held(): Job[] {
    return [...this.#held.keys()];
  }

  /** Takes an object that travels beside a result. */
  addObject(slot: number, { number, object }: { number: number; object: object }): void {
    this.#of(slot).add(number, object);
  }

  /**
   * Reads the result of a job of the worker in a slot; it is settled by {@linkcode ResultReader.settle}, or later if
   * it must wait for something.
   */
  read(
    job: Job,
    slot: number,
    { kind, needs }: ResultHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#job = job;
    if (job.settled) return;
    this.#kind = kind;
    this.#failure = undefined;
    if (needs > 0) return this.#hold(slot, needs, new Uint8Array(bytes.subarray(start, end)));
    try {
      this.#value = decode(bytes, { start, end });
    } catch (error) {
      if (error instanceof UnknownHandleError) {
        this.#load(job, kind, new Uint8Array(bytes.subarray(start, end)));
        this.#job = undefined;
      } else this.#failure = { error };
    }
  }

  /** Settles the job that was read last, which can run code of the user. */
  settle(): void {
    const job = this.#job;
    const value = this.#value;
    this.#job = undefined;
    this.#value = undefined;
    if (job === undefined) return;
    if (this.#failure !== undefined) job.reject(this.#failure.error);
    else if (!job.settled) settle(job, this.#kind, value);
    this.#done(job);
  }

  /** Forgets the worker of a slot, and gives the jobs whose results cannot be read any more. */
  leave(slot: number): Job[] {
    this.#arrivals.delete(slot);
    const jobs = [...this.#held].filter(([, of]) => of === slot).map(([job]) => job);
    for (const job of jobs) this.#held.delete(job);
    return jobs;
  }

  /** Keeps a result until what comes beside it is there. */
  #hold(slot: number, needs: number, bytes: Uint8Array): void {
    const job = this.#job!;
    const kind = this.#kind;
    this.#job = undefined;
    const arrivals = this.#of(slot);
    if (arrivals.has(needs)) {
      this.#load(job, kind, bytes, arrivals, needs);
      return;
    }
    this.#held.set(job, slot);
    arrivals.when(needs, () => {
      if (this.#held.delete(job)) this.#load(job, kind, bytes, arrivals, needs);
    });
  }

  async #load(
    job: Job,
    kind: number,
    bytes: Uint8Array,
    arrivals?: Arrivals,
    needs = 0,
  ): Promise<void> {
    try {
      const value = await decodeLoading(bytes, { attached: arrivals?.objects });
      settle(job, kind, value, arrivals?.objects);
    } catch (error) {
      job.reject(error);
    }
    arrivals?.used(needs);
    this.#done(job);
  }

  #of(slot: number): Arrivals {
    let arrivals = this.#arrivals.get(slot);
    if (arrivals === undefined) this.#arrivals.set(slot, arrivals = new Arrivals());
    return arrivals;
  }
}

function settle(job: Job, kind: number, value: unknown, attached?: readonly object[]): void {
  if (kind === ResultKind.value) return job.resolve(value);
  if (kind === ResultKind.error) return job.reject(value);
  const [values, thrown] = value as [unknown[], Uint8Array];
  let error;
  try {
    error = decode(thrown, { attached });
  } catch (other) {
    error = other;
  }
  job.reject(error, values);
}
