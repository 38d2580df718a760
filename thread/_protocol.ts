// Copyright 2026 the Weft authors. MIT license.

import type { ThreadEntry } from "../sync/thread_table.ts";
import type { ProcessContext } from "../task/context.ts";
import type { Job } from "../task/job.ts";
import type { ExitReason } from "../task/lifecycle.ts";

/*
 * What main isolate and threads tell each other. Only the main isolate creates workers, since a
 * worker created by a worker takes half a second to start; the others ask it to.
 *
 *   thread ── launch, terminate ──▶ main isolate ── new Worker(worker.ts, Boot) ──▶ new thread
 *   thread ── post ───────────────▶ main isolate ── stop, message ───────────────▶ new thread
 *   thread ◀─ posted, ended ─────── main isolate ◀─ message, outcome ────────────── new thread
 *
 * Bytes travel in shared memory: a message of a worker takes milliseconds for 64 KiB of them.
 */

/** A thread to create. */
export interface LaunchRequest {
  readonly entry: ThreadEntry;
  readonly slot: number;
  /** How many starts led to the thread. */
  readonly depth: number;
  readonly reference: Job["reference"];
  readonly payload: SharedArrayBuffer;
  /** What the payload refers to and travels beside it. */
  readonly attached: readonly object[];
}

/** What a worker is created with. */
export interface Boot extends LaunchRequest {
  /** The memory of the thread table. */
  readonly table: SharedArrayBuffer;
  /** The process that the worker belongs to. */
  readonly context: ProcessContext;
}

/** What a task came to, encoded. */
export interface EncodedOutcome {
  readonly ok: boolean;
  readonly payload: SharedArrayBuffer;
  readonly attached: readonly object[];
}

/** How a thread ended, and what its task came to if it came to anything. */
export interface ThreadEnd {
  readonly reason: ExitReason;
  readonly code: number;
  readonly outcome: EncodedOutcome | undefined;
  /** What the runtime said of a thread that was lost. */
  readonly message: string | undefined;
}

/** What a thread tells the main isolate. */
export type FromThread =
  | { readonly type: "outcome"; readonly outcome: EncodedOutcome }
  | { readonly type: "lost"; readonly message: string }
  | { readonly type: "launch"; readonly request: LaunchRequest }
  | { readonly type: "terminate"; readonly id: number }
  /** A message to a thread that it started. */
  | { readonly type: "post"; readonly id: number; readonly message: unknown }
  /** A message to its starter. */
  | { readonly type: "message"; readonly message: unknown };

/** What the main isolate tells a thread. */
export type ToThread =
  | { readonly type: "stop" }
  | { readonly type: "ended"; readonly id: number; readonly end: ThreadEnd }
  /** A message of a thread that it started. */
  | { readonly type: "posted"; readonly id: number; readonly message: unknown }
  /** A message of its starter. */
  | { readonly type: "message"; readonly message: unknown };

/** Who started a thread. */
export interface Starter {
  /** Is told once that the thread has ended. */
  onEnd(end: ThreadEnd): void;
  /** Takes the messages of the thread, all before its end. */
  onMessage(message: unknown): void;
}

/** Creates threads: itself, or by asking the main isolate. */
export interface Launcher {
  /** Creates a thread and tells its starter of it. */
  launch(request: LaunchRequest, starter: Starter): void;
  /** Sends a message to a thread that it created; to one that has ended it gets lost. */
  post(id: number, message: unknown): void;
  /** Ends a thread that it created. */
  terminate(id: number): void;
}

/** Copies bytes into memory that a message shares instead of copying it. */
export function share(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** Takes bytes out of shared memory. */
export function unshare(buffer: SharedArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer).slice() as Uint8Array<ArrayBuffer>;
}
