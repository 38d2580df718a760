// Copyright 2026 the Weft authors. MIT license.

// A pool over machines for the tests that all pools share, whose tasks work with events and numbers in shared memory. Those
// cannot go to another machine; as the server is in the same program here, they wait at this side, and a ticket travels.

import { ClusterPool } from "../../cluster/cluster_pool.ts";
import { type ClusterServer, serveCluster } from "../../cluster/serve_cluster.ts";
import { toHandle } from "../../sync/handle.ts";
import { type Future, type MapOptions, type Pool, type PoolStats, task } from "../../task/mod.ts";
import type { PoolRunOptions, Task, WaitOptions } from "../../task/mod.ts";
import { referenceOf } from "../../task/registry.ts";

type AnyTask = Task<unknown[], unknown>;

const left = new Map<string, object>();
const tickets = new Map<object, string>();

/** Leaves the handles within a value here, and gives a copy with tickets for them. */
function checkIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (toHandle in value) {
    let ticket = tickets.get(value);
    if (ticket === undefined) {
      ticket = `ticket ${crypto.randomUUID()}`;
      tickets.set(value, ticket);
      left.set(ticket, value);
    }
    return ticket;
  }
  return copyOf(value, checkIn);
}

/** Puts handles in the places of their tickets. */
function checkOut(value: unknown): unknown {
  if (typeof value === "string") return left.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  return copyOf(value, checkOut);
}

/** Copies what is plain and shallow, if anything in it is another one then. */
function copyOf(value: object, map: (part: unknown) => unknown): unknown {
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    const parts = value.map(map);
    return parts.some((part, i) => part !== value[i]) ? parts : value;
  }
  if (prototype !== Object.prototype) return value;
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(value));
  if (descriptors.some(([, { get }]) => get !== undefined)) return value;
  const parts = descriptors.map(([key, descriptor]) => [key, map(descriptor.value)] as const);
  if (parts.every(([key, part]) => part === Reflect.get(value, key))) return value;
  return Object.fromEntries(parts);
}

/** Makes a task that takes its handles out of the cloakroom. */
function unpacking(fn: (...args: unknown[]) => unknown): AnyTask {
  return task(import.meta, (...args: unknown[]) => fn(...args.map(checkOut))) as AnyTask;
}

/** The tasks of the modules of fixtures, by the names that pools call them. */
export function tasksOf(...modules: object[]): Record<string, AnyTask> {
  const tasks: Record<string, AnyTask> = {};
  for (const module of modules) {
    for (const value of Object.values(module)) {
      const reference = typeof value === "function" ? referenceOf(value) : undefined;
      if (reference !== undefined) tasks[reference.name] = unpacking(value);
    }
  }
  return tasks;
}

/** A pool with a server of its own, from when it is used. */
export class SuitePool implements Pool {
  readonly #inner: ClusterPool;
  readonly #serve: () => Promise<ClusterServer>;
  #server: Promise<ClusterServer> | undefined;
  #ended = false;

  constructor(
    url: string,
    tasks: Record<string, AnyTask>,
    size = 4,
    options: { readonly name?: string } = {},
  ) {
    const unique = `suite-${crypto.randomUUID()}`;
    const { name = unique } = options;
    const queue = typeof name === "string" ? unique : name;
    this.#inner = new ClusterPool({ ...options, url, name: queue, size });
    this.#serve = () => serveCluster({ url, name: queue, tasks, concurrency: size });
  }

  get size(): number {
    return this.#inner.size;
  }

  get stats(): PoolStats {
    return this.#inner.stats;
  }

  submit<A extends unknown[], R>(task: Task<A, R>, ...args: NoInfer<A>): Future<Awaited<R>> {
    const future = this.#inner.submit(task, ...checkInList(args) as never);
    this.#use();
    return future;
  }

  run<A extends unknown[], R>(
    task: Task<A, R>,
    args: Readonly<NoInfer<A>>,
    options?: PoolRunOptions,
  ): Future<Awaited<R>> {
    const own = Array.isArray(args) ? checkInList(args) : args;
    const future = this.#inner.run(task, own as never, options);
    this.#use();
    return future;
  }

  async map<T, R>(task: Task<[T], R>, items: Iterable<T>, options?: MapOptions) {
    this.#use();
    return await this.#inner.map(task, packed(items), options);
  }

  imap<T, R>(task: Task<[T], R>, items: Iterable<T> | AsyncIterable<T>, options?: MapOptions) {
    this.#use();
    return this.#inner.imap(task, packed(items), options);
  }

  imapUnordered<T, R>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ) {
    this.#use();
    return this.#inner.imapUnordered(task, packed(items), options);
  }

  async starmap<A extends unknown[], R>(
    task: Task<A, R>,
    items: Iterable<Readonly<NoInfer<A>>>,
    options?: MapOptions,
  ) {
    this.#use();
    return await this.#inner.starmap(task, packed(items) as never, options);
  }

  close(): void {
    this.#ended = true;
    this.#inner.close();
  }

  async join(options?: WaitOptions): Promise<void> {
    await this.#inner.join(options);
    await (await this.#server)?.close();
  }

  /** Ends the server, too. */
  async terminate(): Promise<void> {
    this.#ended = true;
    await this.#inner.terminate();
    await (await this.#server)?.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
    await (await this.#server)?.close();
  }

  #use(): void {
    if (!this.#ended) this.#server ??= this.#serve();
  }
}

function checkInList(args: readonly unknown[]): unknown[] {
  // What is transferred has to be the same.
  return args.map(checkIn);
}

/** Gives the same items, packed; with the same calls to their iterator. */
function packed<I>(items: I): I {
  if (Array.isArray(items)) return items.map(checkIn) as I;
  const source = items as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  if (typeof source?.[Symbol.asyncIterator] === "function") {
    return {
      [Symbol.asyncIterator]() {
        const iterator = source[Symbol.asyncIterator]!();
        return {
          next: async () => packResult(await iterator.next()),
          ...(iterator.return && { return: (value?: unknown) => iterator.return!(value) }),
        };
      },
    } as I;
  }
  if (typeof source?.[Symbol.iterator] !== "function" || typeof source === "string") return items;
  if (source instanceof Set || ArrayBuffer.isView(source)) return items;
  return {
    [Symbol.iterator]() {
      const iterator = source[Symbol.iterator]!();
      return {
        next: () => packResult(iterator.next()),
        ...(iterator.return && { return: (value?: unknown) => iterator.return!(value) }),
      };
    },
  } as I;
}

function packResult<T>(result: IteratorResult<T>): IteratorResult<T> {
  return result.done ? result : { done: false, value: checkIn(result.value) as T };
}
