// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import type { Future } from "../task/future.ts";
import { checkRun } from "../task/pool/map_options.ts";
import { PoolFuture } from "../task/pool/pool_future.ts";
import type { PoolRunOptions } from "../task/pool.ts";
import type { AnyFunction } from "./_body.ts";
import type { PoolEngine } from "./_pool_engine.ts";
import type { Job } from "./_pool_job.ts";
import { moveBuffers } from "./_pool_transfer.ts";

/** Checks what is to be run. */
export function checkTask(fn: unknown): void {
  if (typeof fn === "function") return;
  throw new TypeError(
    `Cannot run a task as it is not a function: current value is ${show(fn)}`,
  );
}

/** Checks arguments and options of a call, and has it run. */
export function runGuarded(
  engine: PoolEngine,
  fn: AnyFunction,
  args: readonly unknown[],
  options: PoolRunOptions,
): Future<unknown> {
  const { signal, timeout = Infinity, priority = 0, transfer = [] } = options;
  checkRun(args, options);
  signal?.throwIfAborted();
  engine.checkOpen();
  engine.checkRoom();
  const own = transfer.length === 0 ? [...args] : moveBuffers(args, transfer);
  const future = new PoolFuture<unknown, Job>(engine);
  const job = engine.add(fn, own, 1, priority, future);
  future.attach(job);
  if (timeout < Infinity || signal !== undefined) engine.guard(job, timeout, signal);
  return future;
}
