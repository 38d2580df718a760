// Copyright 2026 the Weft authors. MIT license.

// Declarations of @std/async for the registry that tools/std_registry.ts builds.
// deno-lint-ignore-file no-explicit-any

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Aborts the wait. */
  signal?: AbortSignal;
}

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Aborts the wait. */
  signal?: AbortSignal;
  /** Whether the timer keeps the program alive. */
  persistent?: boolean;
}

/** A function whose calls wait until no other came for a while. */
export interface DebouncedFunction<T extends unknown[]> {
  (...args: T): void;
  /** Drops the waiting call. */
  clear(): void;
  /** Makes the waiting call now. */
  flush(): void;
  /** Whether a call is waiting. */
  readonly pending: boolean;
}

/** Options of {@linkcode retry}; times are milliseconds. */
export interface RetryOptions {
  /** Factor by which each pause is longer than the one before. */
  multiplier?: number;
  /** Longest pause. */
  maxTimeout?: number;
  /** Most attempts. */
  maxAttempts?: number;
  /** First pause. */
  minTimeout?: number;
  /** Random part of each pause, 0 to 1. */
  jitter?: number;
}

/** Thrown by {@linkcode retry} after the last attempt; `cause` is its error. */
export class RetryError extends Error {
  constructor(cause: unknown, attempts: number);
}

/** Gives the promise's outcome, or rejects once the signal is aborted. */
export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;

/** Gives the iterable's items until the signal is aborted. */
export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;

/** Gives the promise's outcome, or rejects after some milliseconds. */
export function deadline<T>(p: Promise<T>, ms: number, options?: DeadlineOptions): Promise<T>;

/** Delays calls until none came for some milliseconds. */
export function debounce<T extends any[]>(
  fn: (this: DebouncedFunction<T>, ...args: T) => void,
  wait: number,
): DebouncedFunction<T>;

/** Waits some milliseconds. */
export function delay(ms: number, options?: DelayOptions): Promise<void>;

/** Merges async iterables into one. */
export class MuxAsyncIterator<T> implements AsyncIterable<T> {
  /** Adds an iterable. */
  add(iterable: AsyncIterable<T>): void;
  /** Gives all items as they come. */
  iterate(): AsyncIterableIterator<T>;
  [Symbol.asyncIterator](): AsyncIterator<T>;
}

/** Maps items in order, at most `poolLimit` at a time. */
export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R>;

/** Calls the function until it succeeds. */
export function retry<T>(fn: (() => Promise<T>) | (() => T), options?: RetryOptions): Promise<T>;

type Copies<T, N extends number, R extends T[] = []> = number extends N ? T[]
  : R["length"] extends N ? R
  : Copies<T, N, [...R, T]>;

/** Copies an async iterable, twice by default. */
export function tee<T, N extends number = 2>(
  iterable: AsyncIterable<T>,
  n?: N,
): Copies<AsyncIterable<T>, N>;
