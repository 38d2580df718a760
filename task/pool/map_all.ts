// Copyright 2026 the Weft authors. MIT license.

import { show } from "../../sync/show.ts";
import { observed } from "../../sync/observer.ts";
import { beginWait, type ScopedOptions, watchEnds } from "../../sync/wait.ts";
import type { MapOptions } from "../pool.ts";
import { ChunkSize } from "./chunk_size.ts";
import type { Hold } from "./hold.ts";
import type { MapEngine } from "./map_engine.ts";
import { type ChunkSink, type Failure, type MapCall, sendChunk } from "./chunk_sink.ts";

/** Chunks that are under way for each worker. */
const ahead = 4;

/** Calls a task with each item, and gives the results in their order. */
export async function mapAll<J>(
  engine: MapEngine<J>,
  fn: unknown,
  kind: number,
  items: Iterable<unknown>,
  options: MapOptions,
): Promise<unknown[]> {
  return await new MapAll(engine, fn, kind, items, beginWait(options)).run();
}

class MapAll<J> {
  readonly #engine: MapEngine<J>;
  readonly #call: MapCall;
  readonly #options: MapOptions & ScopedOptions;
  readonly #source: Iterator<unknown>;
  readonly #size: ChunkSize;
  readonly #hold: Hold;
  readonly #jobs = new Set<J>();
  /** The results of the chunks. */
  readonly #chunks: unknown[][] = [];
  readonly #outcome = Promise.withResolvers<unknown[]>();
  /** Number of items, if it is known. */
  #total: number | undefined;
  /** Number of chunks that were begun. */
  #begun = 0;
  #taken = 0;
  #completed = 0;
  #failure: Failure | undefined;
  #ended = false;
  #feeding = false;

  constructor(
    engine: MapEngine<J>,
    fn: unknown,
    kind: number,
    items: Iterable<unknown>,
    options: MapOptions,
  ) {
    this.#engine = engine;
    this.#call = { fn, kind, priority: options.priority ?? 0 };
    this.#options = options;
    this.#source = iterate(items);
    this.#total = countOf(items);
    this.#size = new ChunkSize(options.chunkSize, engine.mostCalls);
    this.#hold = engine.hold();
  }

  async run(): Promise<unknown[]> {
    const unwatchEnds = watchEnds(this.#options, Infinity, (error) => {
      if (this.#ended && this.#jobs.size === 0) return false;
      this.#fail(error);
      this.#engine.drop(this.#jobs);
      this.#outcome.reject(error);
      return true;
    });
    try {
      this.#feed();
      return await observed("Pool.map", () => this.#outcome.promise);
    } finally {
      unwatchEnds();
      this.#hold.release();
    }
  }

  /** Brings chunks, as long as there are few under way. */
  #feed(): void {
    // The source can call back into this map.
    if (this.#feeding) return;
    this.#feeding = true;
    while (!this.#ended && this.#jobs.size < ahead * this.#engine.size) this.#feedOne();
    this.#feeding = false;
    if (!this.#ended || this.#jobs.size > 0) return;
    if (this.#failure !== undefined) this.#outcome.reject(this.#failure.error);
    else this.#outcome.resolve(joined(this.#chunks));
  }

  #feedOne(): void {
    try {
      const items = this.#pull();
      // The source can have aborted the signal, or ended the pool.
      if (items.length === 0 || this.#failure !== undefined) return;
      const at = this.#begun++;
      this.#taken += items.length;
      const job = sendChunk(this.#engine, this.#call, items, (sink, values, failure) => {
        this.#chunkDone(sink, at, values, failure);
      });
      this.#jobs.add(job);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes the items of the next chunk. */
  #pull(): unknown[] {
    let size = this.#size.next;
    if (this.#total !== undefined && this.#options.chunkSize === undefined) {
      const rest = Math.ceil((this.#total - this.#taken) / (2 * this.#engine.size));
      size = Math.max(1, Math.min(size, rest));
    }
    const items: unknown[] = [];
    while (items.length < size) {
      const next = this.#source.next();
      if (next.done) {
        this.#ended = true;
        this.#total = this.#taken + items.length;
        break;
      }
      items.push(next.value);
    }
    return items;
  }

  #chunkDone(
    sink: ChunkSink<J>,
    at: number,
    values: unknown[],
    failure: Failure | undefined,
  ): void {
    this.#jobs.delete(sink.job!);
    this.#completed += values.length;
    if (failure !== undefined) this.#fail(failure.error);
    else {
      this.#chunks[at] = values;
      this.#size.observe(sink);
    }
    try {
      this.#options.onProgress?.({ completed: this.#completed, total: this.#total });
    } catch (error) {
      this.#fail(error);
    }
    this.#feed();
  }

  /** Begins nothing more. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    if (!this.#ended) {
      this.#ended = true;
      try {
        this.#source.return?.();
      } catch {
        // The first error counts.
      }
    }
    for (const job of this.#jobs) {
      if (this.#engine.withdraw(job)) this.#jobs.delete(job);
    }
  }
}

/** Makes one list of several; to fill it out of order would take many times as long. */
function joined(lists: readonly unknown[][]): unknown[] {
  if (lists.length === 1) return lists[0]!;
  const all: unknown[] = [];
  for (const list of lists) for (let i = 0; i < list.length; i++) all.push(list[i]);
  return all;
}

/** Iterates over what may be given as items. */
export function iterate(items: Iterable<unknown>): Iterator<unknown> {
  const method = (items as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator];
  if (typeof method === "function") return method.call(items);
  throw new TypeError(
    `Cannot map as the items are not iterable: current value is ${show(items)}`,
  );
}

function countOf(items: Iterable<unknown>): number | undefined {
  if (Array.isArray(items) || ArrayBuffer.isView(items)) return (items as unknown[]).length;
  if (items instanceof Set || items instanceof Map) return items.size;
  return undefined;
}
