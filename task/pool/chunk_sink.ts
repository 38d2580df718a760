// Copyright 2026 the Weft authors. MIT license.

import type { JobSink } from "./job_sink.ts";
import type { MapEngine } from "./map_engine.ts";

/** An error, whatever was thrown. */
export interface Failure {
  readonly error: unknown;
}

/** Takes what a chunk comes to. */
export class ChunkSink<J> implements JobSink {
  job: J | undefined;
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

/** What is called with the items of a map, and how. */
export interface MapCall {
  /** The task. */
  readonly fn: unknown;
  /** One of `CallKind`. */
  readonly kind: number;
  readonly priority: number;
}

/**
 * Has a chunk run, also by a pool that was closed since its map began.
 *
 * @param done Gets what it comes to, when this has returned.
 * @throws {PoolClosedError} If the pool is about to end.
 * @throws {BrokenPoolError} If it is broken.
 * @throws {DOMException} Named `DataCloneError`, if an item cannot be cloned.
 */
export function sendChunk<J>(
  engine: MapEngine<J>,
  { fn, kind, priority }: MapCall,
  items: readonly unknown[],
  done: (sink: ChunkSink<J>, values: unknown[], failure: Failure | undefined) => void,
): J {
  engine.checkOpen(true);
  const sink = new ChunkSink<J>(items.length, (values, failure) => done(sink, values, failure));
  return sink.job = engine.enqueue(fn, kind, items, priority, sink);
}
