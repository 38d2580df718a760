// Copyright 2026 the Weft authors. MIT license.

import type { Hold } from "./hold.ts";
import type { JobSink } from "./job_sink.ts";

/** What a map needs of the pool that it belongs to; `J` is what stands for a job there. */
export interface MapEngine<J> {
  /** The most jobs that run at once. */
  readonly size: number;
  /** The most calls that a chunk has, if its map has not fixed the number. */
  readonly mostCalls: number;
  /**
   * Throws if nothing can be submitted.
   *
   * @param held Whether a map asks that began before the pool was closed.
   */
  checkOpen(held: boolean): void;
  /** Takes a chunk; its sink is told nothing before this returns. */
  enqueue(
    fn: unknown,
    kind: number,
    items: readonly unknown[],
    priority: number,
    sink: JobSink,
  ): J;
  /** Takes back a job that has not begun; tells whether that was so. */
  withdraw(job: J): boolean;
  /** Ends jobs whose sinks are to hear of them no more. */
  drop(jobs: Iterable<J>): void;
  /** Lets the map bring jobs also when the pool is closed. */
  hold(): Hold;
}
