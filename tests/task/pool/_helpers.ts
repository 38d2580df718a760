// Copyright 2026 the Weft authors. MIT license.

import type { Task } from "../../../task/mod.ts";
import { Event, SharedArray } from "../../../sync/mod.ts";
import type { Pool } from "../../../task/mod.ts";
import type { Gate } from "../../fixtures/pool_tasks.ts";

/** What the workers of a pool are. */
export type PoolKind = "thread" | "process" | "coroutine" | "cluster";

/** The options that both pools have. */
export interface PoolOptions {
  readonly name?: string;
  // deno-lint-ignore no-explicit-any -- any task
  readonly initializer?: Task<any, unknown>;
  readonly initializerArgs?: readonly unknown[];
  readonly maxTasksPerWorker?: number;
  readonly idleTimeout?: number;
  readonly minSize?: number;
  readonly maxQueue?: number;
}

/** Creates a pool. */
export type MakePool = (size?: number, options?: PoolOptions) => Pool;

/** Name of the class of a kind. */
export const poolNames: Record<PoolKind, string> = {
  thread: "ThreadPool",
  process: "ProcessPool",
  coroutine: "CoroutinePool",
  cluster: "ClusterPool",
};

/** Milliseconds after which a test gives up, so that a promise that is left pending fails it. */
const limit = 60_000;

/**
 * Has a test use a pool, and waits for its end; when the test fails, ends it at once instead.
 */
export async function usePool(pool: Pool, body: (pool: Pool) => Promise<void>): Promise<void> {
  try {
    await soon(body(pool), "The body of the test", pool);
    pool.close();
    await soon(pool.join(), "The join of the pool", pool);
  } finally {
    await pool.terminate();
  }
}

/** Gives the result of a promise, or fails when that is still pending after a minute. */
export async function soon<T>(promise: PromiseLike<T>, what: string, pool?: Pool): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const stats = pool === undefined ? "" : `: ${Deno.inspect(pool.stats)}`;
    late.reject(new Error(`${what} has not ended within ${limit} ms${stats}`));
  }, limit);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a pool has threads or processes of its own. */
export function hasWorkers(kind: PoolKind): boolean {
  return kind === "thread" || kind === "process";
}

/** How to define a test of a pool. */
export interface TestOptions extends PoolOptions {
  readonly size?: number;
  /** Whether it is of threads or processes: that they are kept, can block or be ended, and get copies. */
  readonly workers?: boolean;
}

/** Defines a test that has a pool. */
export type DefineTest = (
  name: string,
  options: TestOptions,
  body: (pool: Pool) => Promise<void>,
) => void;

/** Defines tests of one kind of pool, each with a pool of its own and 1 worker if not told otherwise. */
export function defineTests(make: MakePool, kind: PoolKind): DefineTest {
  return (name, { size = 1, workers = false, ...options }, body) => {
    if (workers && !hasWorkers(kind)) return;
    Deno.test(`${poolNames[kind]} ${name}`, () => usePool(make(size, options), body));
  };
}

/** A gate at which tasks wait, in threads and processes alike. */
export function makeGate(): Gate {
  return { reached: new Event({ scope: "process" }), open: new Event({ scope: "process" }) };
}

/** Numbers that threads and processes share. */
export function makeNumbers(length: number): SharedArray<"i32"> {
  return new SharedArray("i32", length, { scope: "process" });
}

/** The numbers from 0. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** What a promise came to. */
export async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

/** Waits for what no event tells of. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Collects what comes before the end or the error. */
export async function collect<T>(
  source: AsyncIterable<T>,
): Promise<{ values: T[]; error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of source) values.push(value);
  } catch (error) {
    return { values, error };
  }
  return { values, error: undefined };
}
