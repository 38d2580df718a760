// Copyright 2026 the Weft authors. MIT license.

// What is used of the packages ioredis and bullmq; their own types would be part of every program.

/** A connection of ioredis. */
export interface RedisClient {
  readonly status: string;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  duplicate(): RedisClient;
  disconnect(reconnect?: boolean): void;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: "PX", time: number): Promise<unknown>;
  del(...keys: string[]): Promise<number>;
  exists(key: string): Promise<number>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string): Promise<unknown>;
  xread(...args: (string | number)[]): Promise<unknown>;
  xrevrange(key: string, end: string, start: string, ...count: (string | number)[]): Promise<
    [id: string, fields: string[]][]
  >;
}

/** The part of ioredis that is used. */
export interface RedisPackage {
  readonly Redis: new (url: string, options: Record<string, unknown>) => RedisClient;
}

/** How BullMQ is to keep and run a job. */
export interface BullJobOptions {
  readonly jobId: string;
  readonly priority: number;
  readonly attempts: number;
  readonly backoff: { readonly type: "exponential"; readonly delay: number };
  readonly removeOnComplete: { readonly age: number };
  readonly removeOnFail: { readonly age: number };
  readonly stackTraceLimit: number;
}

/** A job that is to be added. */
export interface BullEntry {
  readonly name: string;
  readonly data: unknown;
  readonly opts: BullJobOptions;
}

/** A queue of BullMQ. */
export interface BullQueue {
  on(event: "error", listener: (error: Error) => void): unknown;
  addBulk(jobs: BullEntry[]): Promise<unknown>;
  remove(jobId: string): Promise<number>;
  close(): Promise<void>;
}

/** A job of BullMQ that a worker has taken. */
export interface BullJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly data: unknown;
  readonly opts: { readonly attempts?: number | undefined };
  readonly attemptsMade: number;
  readonly stalledCounter: number;
  updateProgress(progress: string): Promise<void>;
}

/** A worker of BullMQ. */
export interface BullWorker {
  on(event: "error", listener: (error: Error) => void): unknown;
  close(force?: boolean): Promise<void>;
  waitUntilReady(): Promise<unknown>;
  // What follows is protected there, and so may be missing in another version.
  readonly connection?: { closing: boolean | undefined };
  readonly blockingConnection?: { close(force: boolean): Promise<void> };
  readonly lockManager?: { close(): Promise<void> };
  readonly stalledCheckStopper?: (() => void) | undefined;
}

/** The part of BullMQ that is used. */
export interface BullPackage {
  readonly Queue: new (name: string, options: Record<string, unknown>) => BullQueue;
  readonly Worker: new (
    name: string,
    process: (job: BullJob) => Promise<unknown>,
    options: Record<string, unknown>,
  ) => BullWorker;
  readonly UnrecoverableError: new (message: string) => Error;
}
