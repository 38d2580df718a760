// Copyright 2026 the Weft authors. MIT license.

import { startTimer } from "../../sync/wait.ts";
import { AbortReason } from "./board.ts";
import type { Job } from "./job.ts";

/** Milliseconds that a task whose time is over has to stop by itself. */
const grace = 100;

/** What can be done to a job from outside. */
export interface JobControl {
  /** Takes back a job that nobody has begun; tells whether that was so. */
  withdraw(job: Job): boolean;
  /** Asks the worker of a job to abort it. */
  abort(job: Job, reason: number): void;
  /** Milliseconds since a worker has begun with a job; `undefined` if none has. */
  runningFor(job: Job): number | undefined;
  /** Takes the results that are there. */
  collect(): void;
  /** Ends the worker of a job. */
  kill(job: Job): void;
}

/**
 * Has a job end when its signal aborts or its time is over.
 *
 * @param timeout Milliseconds that it may run.
 */
export function guardJob(
  job: Job,
  control: JobControl,
  timeout: number,
  signal: AbortSignal | undefined,
): void {
  let cancelTimer = () => {};
  let done = false;
  const stop = (reason: number) => {
    if (!control.withdraw(job)) control.abort(job, reason);
  };
  const onAbort = () => {
    job.reject(signal!.reason);
    stop(AbortReason.cancelled);
  };
  const look = () => {
    // A result that is there came in time, however late this thread is.
    control.collect();
    if (done) return;
    const elapsed = control.runningFor(job) ?? 0;
    if (elapsed < timeout) {
      cancelTimer = startTimer(timeout - elapsed, look);
      return;
    }
    job.reject(new DOMException(`The task timed out after ${timeout} ms`, "TimeoutError"));
    cancelTimer = startTimer(grace, () => control.kill(job));
    stop(AbortReason.timeout);
  };
  (job.extras ??= {}).release = () => {
    done = true;
    cancelTimer();
    signal?.removeEventListener("abort", onAbort);
  };
  cancelTimer = startTimer(timeout, look);
  // By a getter in the arguments.
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
}
