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

  /** Settles a job of the worker in a slot. */
  read(
    job: Job,
    slot: number,
    header: ResultHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { kind, needs } = header;
    if (job.settled) return this.#done(job);
    if (needs > 0) {
      const arrivals = this.#of(slot);
      const copy = new Uint8Array(bytes.subarray(start, end));
      const run = () => this.#load(job, kind, copy, arrivals, needs);
      if (arrivals.has(needs)) return void run();
      this.#held.set(job, slot);
      return arrivals.when(needs, () => {
        if (this.#held.delete(job)) run();
      });
    }
    let value;
    try {
      value = decode(bytes, { start, end });
    } catch (error) {
      if (error instanceof UnknownHandleError) {
        const copy = new Uint8Array(bytes.subarray(start, end));
        return void this.#load(job, kind, copy, undefined, 0);
      }
      job.reject(error);
      return this.#done(job);
    }
    settle(job, kind, value);
    this.#done(job);
  }

  /** Forgets the worker of a slot, and gives the jobs whose results cannot be read any more. */
  leave(slot: number): Job[] {
    this.#arrivals.delete(slot);
    const jobs = [...this.#held].filter(([, of]) => of === slot).map(([job]) => job);
    for (const job of jobs) this.#held.delete(job);
    return jobs;
  }

  async #load(
    job: Job,
    kind: number,
    bytes: Uint8Array,
    arrivals: Arrivals | undefined,
    needs: number,
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
