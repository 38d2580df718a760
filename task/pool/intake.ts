// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/ring.ts";
import type { TaskReference } from "../registry.ts";
import type { Board } from "./board.ts";
import type { JobHeader, ResultHeader } from "./frames.ts";

/** A job that a worker has taken. */
export interface Work extends JobHeader {
  /** The arguments, or the items of a chunk. */
  args: unknown[];
  /** What they are to be read from, if that must wait for something. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Why they cannot be read. */
  failure: { readonly error: unknown } | undefined;
}

/** Where a worker takes jobs, and gives their results. */
export interface Intake {
  readonly board: Board;
  /** Tells which task is meant by a number. */
  referenceOf(task: number): TaskReference;
  /** Takes a job, if there is one; tells whether there was. */
  take(work: Work): boolean;
  /** Takes a job after waiting for one; tells whether there was one before the time was over or the pool closed. */
  wait(work: Work, timeout: number): Promise<boolean>;
  /** Gives a result, if there is room. */
  deliver(header: ResultHeader, body: Frame): boolean;
  /** Gives a result, after waiting for room. */
  waitForRoom(header: ResultHeader, body: Frame): Promise<void>;
  /** Waits until the pool has taken all results. */
  flush(): Promise<void>;
}
