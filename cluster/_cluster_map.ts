// Copyright 2026 the Weft authors. MIT license.

import type { Hold } from "../task/pool/hold.ts";
import type { JobSink } from "../task/pool/job_sink.ts";
import type { MapEngine } from "../task/pool/map_engine.ts";
import type { ClusterEngine } from "./_cluster_engine.ts";
import type { ClusterJob } from "./_cluster_job.ts";
import { jobData } from "./_cluster_wire.ts";

/** The most calls of a chunk whose size is not fixed. */
const mostCalls = 4096;

/** How a map is run. */
export interface MapSettings {
  readonly retries: number;
  readonly backoff: number;
  readonly once: boolean;
}

/** What one map sees of a pool over machines. */
export class ClusterMap implements MapEngine<ClusterJob> {
  readonly mostCalls: number = mostCalls;
  readonly #engine: ClusterEngine;
  readonly #task: string;
  readonly #settings: MapSettings;

  constructor(engine: ClusterEngine, task: string, settings: MapSettings) {
    this.#engine = engine;
    this.#task = task;
    this.#settings = settings;
  }

  get size(): number {
    return this.#engine.size;
  }

  checkOpen(held: boolean): void {
    this.#engine.checkOpen(held);
  }

  enqueue(
    _fn: unknown,
    kind: number,
    items: readonly unknown[],
    priority: number,
    sink: JobSink,
  ): ClusterJob {
    const { retries, backoff, once } = this.#settings;
    const content = jobData(kind, items, Infinity, once);
    return this.#engine.add(
      { ...content, name: this.#task, count: items.length, isCall: false },
      { priority, timeout: Infinity, retries, backoff },
      sink,
    );
  }

  withdraw(job: ClusterJob): boolean {
    return this.#engine.withdraw(job);
  }

  drop(jobs: Iterable<ClusterJob>): void {
    this.#engine.drop(jobs);
  }

  hold(): Hold {
    return this.#engine.hold();
  }
}
