// Copyright 2026 the Weft authors. MIT license.

import type { ExitReason } from "../lifecycle.ts";

/** How a worker ended. */
export interface WorkerEnd {
  readonly reason: ExitReason;
  readonly code: number;
  readonly signal: string | undefined;
  /** What it has thrown, if it has. */
  readonly error: unknown;
}

/** A worker as the pool sees it. */
export interface PoolWorker {
  readonly name: string;
  /** Resolves when it has ended and changes nothing any more; never rejects. */
  readonly ended: Promise<WorkerEnd>;
  /** Tells it something; does nothing if it has ended. */
  post(message: unknown): void;
  /** Ends it, whatever it does. */
  terminate(): void;
}
