// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import { CallKind } from "../task/pool/call_kind.ts";
import { checkRun } from "../task/pool/map_options.ts";
import { checkDuration, checkWhole } from "../task/pool/option_checks.ts";
import { PoolFuture } from "../task/pool/pool_future.ts";
import type { PoolRunOptions } from "../task/pool.ts";
import type { Future } from "../task/future.ts";
import type { ClusterEngine } from "./_cluster_engine.ts";
import type { ClusterJob } from "./_cluster_job.ts";
import type { MapSettings } from "./_cluster_map.ts";
import { jobData } from "./_cluster_wire.ts";

/** Options of {@linkcode ClusterPool.run}. */
export interface ClusterRunOptions extends PoolRunOptions {
  /**
   * How many times more the task is run when it throws.
   *
   * @default {that of the pool}
   */
  readonly retries?: number | undefined;
  /**
   * Milliseconds before the task is run again, and twice as many before each further time.
   *
   * @default {that of the pool}
   */
  readonly backoff?: number | undefined;
  /** Called with what the task tells by {@linkcode reportProgress}. */
  // deno-lint-ignore no-explicit-any -- the caller knows what its task tells
  readonly onProgress?: ((value: any) => void) | undefined;
}

/** Has a call run, whose options are checked first. */
export function runCall<R>(
  engine: ClusterEngine,
  name: string,
  args: readonly unknown[],
  options: ClusterRunOptions,
  settings: MapSettings,
): Future<R> {
  checkRun(args, options);
  const { signal, timeout = Infinity, priority = 0, transfer = [], onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(
      `Cannot run a task as onProgress is not a function: current value is ${show(onProgress)}`,
    );
  }
  const retries = checkWhole("retries", options.retries ?? settings.retries, 0, false);
  const backoff = checkDuration("backoff", options.backoff ?? settings.backoff);
  signal?.throwIfAborted();
  engine.checkOpen();
  engine.checkRoom();
  const content = jobData(CallKind.call, args, timeout, settings.once);
  detach(transfer);
  const future = new PoolFuture<R, ClusterJob>(engine);
  const job = engine.add(
    { ...content, name, count: 1, isCall: true },
    { priority, timeout, retries, backoff, onProgress },
    future,
  );
  future.attach(job);
  if (signal !== undefined) engine.guard(job, signal);
  return future;
}

/** Takes buffers away whose bytes are encoded. */
function detach(buffers: readonly ArrayBuffer[]): void {
  try {
    for (const buffer of buffers) buffer.transfer(0);
  } catch (error) {
    throw new DOMException(
      "Cannot run a task as a part of transfer cannot be detached, like that of a WebAssembly.Memory: " +
        `current value is ${show(error)}`,
      "DataCloneError",
    );
  }
}
