// Copyright 2026 the Weft authors. MIT license.

import { Durations } from "../histogram.ts";
import type { PoolStats } from "../pool.ts";

/** Counts what a pool does. */
export class StatsCounter {
  #completed = 0;
  #failed = 0;
  readonly #wait = new Durations();
  readonly #run = new Durations();

  /** Notes that calls of a job have ended. */
  add(completed: number, failed: number): void {
    this.#completed += completed;
    this.#failed += failed;
  }

  /** Notes for how long a job has waited and run. */
  time(wait: number, run: number, count: number): void {
    this.#wait.add(Math.max(0, wait), count);
    this.#run.add(run / Math.max(1, count), count);
  }

  /**
   * What it is now.
   *
   * @param time Milliseconds for which there were workers.
   */
  snapshot(workers: number, queued: number, running: number, time: number): PoolStats {
    return {
      workers,
      queued,
      running,
      completed: this.#completed,
      failed: this.#failed,
      utilization: time === 0 ? 0 : Math.min(1, this.#run.sum / time),
      wait: this.#wait.copy(),
      run: this.#run.copy(),
    };
  }
}
