// Copyright 2026 the Weft authors. MIT license.

import type { Job, JobSink } from "./job.ts";

/** An error, whatever was thrown. */
export interface Failure {
  readonly error: unknown;
}

/** Takes what a chunk comes to. */
export class ChunkSink implements JobSink {
  job: Job | undefined;
  /** Number of calls. */
  readonly count: number;
  bytes = 0;
  /** Milliseconds that a worker has run it. */
  duration = 0;
  readonly #done: (values: unknown[], failure: Failure | undefined) => void;

  /** @param done Gets the values, up to the call that has failed if one has. */
  constructor(count: number, done: (values: unknown[], failure: Failure | undefined) => void) {
    this.count = count;
    this.#done = done;
  }

  sent(bytes: number): void {
    this.bytes = bytes;
  }

  ran(duration: number): void {
    this.duration = duration;
  }

  resolve(values: unknown): void {
    this.#done(values as unknown[], undefined);
  }

  reject(error: unknown, values: unknown[] = []): void {
    this.#done(values, { error });
  }
}
