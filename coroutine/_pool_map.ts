// Copyright 2026 the Weft authors. MIT license.

import { CallKind } from "../task/pool/call_kind.ts";
import type { Hold } from "../task/pool/hold.ts";
import type { JobSink } from "../task/pool/job_sink.ts";
import type { MapEngine } from "../task/pool/map_engine.ts";
import type { AnyFunction } from "./_body.ts";
import type { PoolEngine } from "./_pool_engine.ts";
import type { Job, JobReceiver } from "./_pool_job.ts";
import { keepContext } from "./_context.ts";
import { create, type Locals, locals, outside } from "./_keys.ts";
import { Coroutine } from "./coroutine.ts";
import { currentCoroutine } from "./current_coroutine.ts";

interface Arrival {
  readonly job: Job;
  readonly value: unknown;
  readonly failed: boolean;
}

/**
 * What one map sees of a pool of coroutines. It tells the map of what has ended in the context in which the map was
 * called, not in those of the coroutines, as the source of the items and `onProgress` are called then.
 */
export class PoolMap implements MapEngine<Job>, JobReceiver {
  // More would be called one after the other, where the point is to call them at the same time.
  readonly mostCalls = 1;
  readonly #engine: PoolEngine;
  readonly #locals: Locals | undefined = (currentCoroutine() ?? outside)[locals];
  #arrivals: Arrival[] = [];
  #wake: () => void = () => {};

  constructor(engine: PoolEngine) {
    this.#engine = engine;
    // Its coroutine can end before the map does.
    keepContext();
    this.#listen();
  }

  get size(): number {
    return this.#engine.size;
  }

  checkOpen(held: boolean): void {
    this.#engine.checkOpen(held);
  }

  enqueue(
    fn: unknown,
    kind: number,
    items: readonly unknown[],
    priority: number,
    sink: JobSink,
  ): Job {
    const lists = kind === CallKind.map ? items.map((item) => [item]) : items.map(listOf);
    const [only, ...others] = lists;
    const values: unknown[] | undefined = others.length === 0 ? undefined : [];
    const job = values === undefined
      ? this.#engine.add(fn as AnyFunction, only!, 1, priority, sink, this)
      : this.#engine.add(callAll, [fn, lists, values], items.length, priority, sink, this);
    job.values = values;
    // Who takes results of an `imap` has others, as has who called the map by now.
    if (job.coroutine[locals] !== this.#locals) job.coroutine[locals] = this.#locals;
    return job;
  }

  withdraw(job: Job): boolean {
    return this.#engine.withdraw(job);
  }

  drop(jobs: Iterable<Job>): void {
    this.#engine.drop(jobs);
  }

  hold(): Hold {
    return this.#engine.hold();
  }

  receive(job: Job, value: unknown, failed: boolean): void {
    this.#arrivals.push({ job, value, failed });
    if (this.#arrivals.length === 1) this.#wake();
  }

  // Its reaction runs in the context in which this is called.
  #listen(): void {
    new Promise<void>((resolve) => this.#wake = resolve).then(() => this.#tell());
  }

  #tell(): void {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    this.#listen();
    for (const { job, value, failed } of arrivals) {
      if (failed) job.reject(value);
      else if (!job.settled) {
        job.settled = true;
        job.sink.resolve(job.values ?? [value]);
      }
    }
  }
}

/** Calls a function with several lists of arguments, one after the other, each in a coroutine of its own. */
async function callAll(
  fn: AnyFunction,
  lists: readonly unknown[][],
  values: unknown[],
): Promise<void> {
  const parent = currentCoroutine();
  for (const args of lists) {
    values.push(await Coroutine[create](fn, args, parent, undefined).join());
  }
}

function listOf(item: unknown): unknown[] {
  return [...item as Iterable<unknown>];
}
