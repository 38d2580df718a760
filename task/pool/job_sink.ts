// Copyright 2026 the Weft authors. MIT license.

/** Who gets what a job of a pool comes to. */
export interface JobSink {
  /** Takes the value: of a call, or the values of a chunk. */
  resolve(value: unknown): void;
  /** Is told of the bytes that are sent. */
  sent?(bytes: number): void;
  /** Is told for how many milliseconds a worker has run it. */
  ran?(duration: number): void;
  /** Takes an error, and the values of a chunk that came before. */
  reject(error: unknown, values?: unknown[]): void;
}
