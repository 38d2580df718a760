// Copyright 2026 the Weft authors. MIT license.

import { type CancelScope, currentScope } from "../../sync/cancellation.ts";
import type { MapOptions } from "../pool.ts";
import { type Failure, type MapCall, sendChunk } from "./chunk_sink.ts";
import { ChunkSize } from "./chunk_size.ts";
import type { Hold } from "./hold.ts";
import { iterate } from "./map_all.ts";
import type { MapEngine } from "./map_engine.ts";

/** Items that are taken ahead of those whose results were taken, at most. */
const mostAhead = 8192;

/** What a chunk has come to, as far as it has. */
interface Entry {
  values: unknown[];
  error: Failure | undefined;
  done: boolean;
}

/**
 * Calls a task with each item of a source, and gives the results as they are asked for. It takes a few items for each
 * worker ahead, and more the more results were taken: so that chunks can grow without taking what nobody wants.
 */
export class MapStream<R, J> implements AsyncIterableIterator<R>, AsyncDisposable {
  readonly #engine: MapEngine<J>;
  readonly #call: MapCall;
  readonly #ordered: boolean;
  readonly #options: MapOptions;
  readonly #size: ChunkSize;
  readonly #hold: Hold;
  readonly #source: Iterator<unknown> | undefined;
  readonly #asyncSource: AsyncIterator<unknown> | undefined;
  readonly #jobs = new Set<J>();
  readonly #entries: Entry[] = [];
  readonly #results: AsyncGenerator<R>;
  readonly #onAbort: () => void;
  #taken = 0;
  #consumed = 0;
  #completed = 0;
  /** Whether nothing more is taken from the source. */
  #ended = false;
  /** Whether the source has ended or thrown by itself. */
  #exhausted = false;
  /** Whether an item of a source was asked for that is to come. */
  #pulling = false;
  #failure: Failure | undefined;
  #stopped = false;
  /** Whether the source was ended and what was begun cancelled. */
  #dropped = false;
  #wake: (() => void) | undefined;

  constructor(
    engine: MapEngine<J>,
    fn: unknown,
    kind: number,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    ordered: boolean,
    options: MapOptions,
  ) {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#engine = engine;
    this.#call = { fn, kind, priority: options.priority ?? 0 };
    this.#ordered = ordered;
    this.#options = options;
    const method = (items as Partial<AsyncIterable<unknown>> | undefined)?.[Symbol.asyncIterator];
    if (typeof method === "function") this.#asyncSource = method.call(items);
    else this.#source = iterate(items as Iterable<unknown>);
    this.#size = new ChunkSize(options.chunkSize, engine.mostCalls);
    this.#hold = engine.hold();
    this.#results = this.#iterate();
    this.#onAbort = () => this.#abort(signal!.reason);
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#feed();
  }

  next(): Promise<IteratorResult<R>> {
    const scope = currentScope();
    return scope === undefined ? this.#results.next() : this.#nextWithin(scope);
  }

  return(value?: unknown): Promise<IteratorResult<R>> {
    this.#stop();
    return this.#results.return(value);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<R> {
    return this;
  }

  /** Cancels what was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** As `next`, for a coroutine: a loop whose `next` throws leaves it to the iterator to clean up. */
  async #nextWithin(scope: CancelScope): Promise<IteratorResult<R>> {
    let cancellation: Failure | undefined;
    let settled = false;
    const end = (error: unknown) => {
      if (settled) return false;
      cancellation = { error };
      this.#abort(error);
      return true;
    };
    scope.enter(end);
    try {
      const result = await this.#results.next();
      if (cancellation === undefined) return result;
    } finally {
      settled = true;
      scope.exit(end);
    }
    throw cancellation.error;
  }

  async *#iterate(): AsyncGenerator<R> {
    try {
      for (;;) {
        const entry = this.#shift();
        if (entry === undefined) {
          if (this.#stopped) return;
          if (this.#ended && this.#entries.length === 0) {
            if (this.#failure !== undefined) throw this.#failure.error;
            return;
          }
          await new Promise<void>((resolve) => this.#wake = resolve);
          continue;
        }
        for (const value of entry.values) {
          this.#consumed++;
          this.#feed();
          yield value as R;
          if (this.#options.signal?.aborted) throw this.#options.signal.reason;
        }
        if (entry.error !== undefined) throw entry.error.error;
      }
    } finally {
      this.#stop();
    }
  }

  /** Takes what can be given next. */
  #shift(): Entry | undefined {
    const at = this.#ordered ? 0 : this.#entries.findIndex(({ done }) => done);
    const entry = this.#entries[at];
    if (entry === undefined || !entry.done) return undefined;
    this.#entries.splice(at, 1);
    return entry;
  }

  /** Items that may be taken before the result of the first of them is. */
  get #mostAhead(): number {
    const fixed = this.#options.chunkSize ?? 1;
    const { size, mostCalls } = this.#engine;
    const grown = Math.min(this.#consumed / 2, mostAhead, 2 * size * mostCalls);
    return Math.max(2 * size * fixed, grown);
  }

  /** Takes items and has them run, as long as it may. */
  #feed(): void {
    while (!this.#ended && !this.#pulling) {
      const room = this.#mostAhead - (this.#taken - this.#consumed);
      if (room < 1) {
        this.#hold.stalled = true;
        return;
      }
      this.#hold.stalled = false;
      this.#pulling = true;
      if (this.#asyncSource !== undefined) {
        this.#pullLater(this.#asyncSource);
        return;
      }
      const most = Math.max(1, Math.floor(this.#mostAhead / (2 * this.#engine.size)));
      this.#take(this.#pull(this.#source!, Math.min(this.#size.next, most)));
      this.#pulling = false;
    }
  }

  #pull(source: Iterator<unknown>, size: number): unknown[] {
    const items: unknown[] = [];
    try {
      while (items.length < size) {
        const next = source.next();
        if (next.done) {
          this.#exhausted = true;
          this.#end();
          break;
        }
        items.push(next.value);
      }
    } catch (error) {
      this.#exhausted = true;
      this.#end({ error });
    }
    return items;
  }

  /** Takes items of a source that makes one wait for them. */
  async #pullLater(source: AsyncIterator<unknown>): Promise<void> {
    const items: unknown[] = [];
    try {
      while (items.length < (this.#options.chunkSize ?? 1)) {
        const next = await source.next();
        if (next.done) {
          this.#exhausted = true;
          this.#end();
          break;
        }
        items.push(next.value);
      }
    } catch (error) {
      this.#exhausted = true;
      this.#end({ error });
    }
    this.#take(items);
    this.#pulling = false;
    this.#feed();
    this.#notify();
  }

  /** Has a chunk run. */
  #take(items: unknown[]): void {
    if (items.length === 0 || this.#dropped) return;
    const entry: Entry = { values: [], error: undefined, done: false };
    this.#taken += items.length;
    try {
      const job = sendChunk(this.#engine, this.#call, items, (sink, values, error) => {
        this.#jobs.delete(job);
        this.#completed += values.length;
        Object.assign(entry, { values, error, done: true });
        if (error === undefined) this.#size.observe(sink);
        this.#report(entry);
        this.#notify();
      });
      this.#jobs.add(job);
    } catch (error) {
      Object.assign(entry, { error: { error }, done: true });
      this.#end();
    }
    this.#entries.push(entry);
  }

  #report(entry: Entry): void {
    try {
      const total = this.#ended ? this.#taken : undefined;
      this.#options.onProgress?.({ completed: this.#completed, total });
    } catch (error) {
      entry.error ??= { error };
    }
  }

  /** Notes that the source gives nothing more. */
  #end(failure?: Failure): void {
    this.#failure ??= failure;
    if (this.#ended) return;
    this.#ended = true;
    this.#hold.release();
  }

  /** Gives no more results but an error. */
  #abort(error: unknown): void {
    this.#entries.length = 0;
    this.#end({ error });
    this.#drop();
    this.#notify();
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#entries.length = 0;
    this.#drop();
    this.#notify();
  }

  /** Ends the source and what was begun. */
  #drop(): void {
    this.#engine.drop(this.#jobs);
    this.#jobs.clear();
    if (this.#dropped) return;
    this.#dropped = true;
    this.#end();
    if (!this.#exhausted) returnQuietly(this.#source ?? this.#asyncSource!);
  }

  #notify(): void {
    this.#wake?.();
  }
}

/** Ends a source whose end nobody waits for. */
async function returnQuietly(source: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // There is nobody to tell.
  }
}
