// Copyright 2026 the Weft authors. MIT license.

import type { Destination } from "../../sync/handle.ts";
import type { ExitReason } from "../lifecycle.ts";
import type { TaskReference } from "../registry.ts";
import type { SharedState } from "./shared_exchange.ts";
import type { Supply } from "./supplies.ts";

/** What a worker is started with. */
export interface PoolBoot {
  /** Its slot of the board. */
  readonly slot: number;
  /** The memory that it shares with the pool; without it all goes by messages. */
  readonly shared: SharedState | undefined;
  /** The tasks that the pool has met, by number. */
  readonly references: readonly TaskReference[];
  /** What it has been told before it started, and up to which number. */
  readonly supplies: readonly Supply[];
  readonly supplied: number;
  /** What it calls first. */
  readonly initializer: TaskReference | undefined;
  readonly initializerArgs: readonly unknown[];
  /** Calls after which it ends. */
  readonly maxTasks: number;
  /** Milliseconds without a task after which it ends. */
  readonly idleTimeout: number;
}

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

/** Starts the workers of one kind of pool. */
export interface Launcher {
  /** What the workers are: threads or processes. */
  readonly kind: Destination;
  /** Whether they can share memory with the pool. */
  readonly shares: boolean;
  /** Starts one. */
  launch(name: string, boot: PoolBoot, onMessage: (message: unknown) => void): PoolWorker;
}
