// Copyright 2026 the Weft authors. MIT license.

/** What the code of a task can ask about the call that runs it. */
export interface CurrentTask {
  /**
   * Aborts when the call is cancelled or its time is over. Where a task computes without a break, take it anew each
   * time, as in `currentTask().signal.throwIfAborted()`: an abort that came meanwhile is seen then.
   */
  readonly signal: AbortSignal;
}

/** Finds the call that runs here. */
type Finder = () => CurrentTask | undefined;

const finders: Finder[] = [];
const never: CurrentTask = { signal: new AbortController().signal };

/**
 * Tells about the call of a pool that runs this code.
 *
 * @returns The call; elsewhere than in a task of a pool one whose signal never aborts, so that the function of a task
 * can be called here, too.
 *
 * @example Stop when the call is cancelled
 * ```ts
 * import { currentTask, task } from "@weft/concurrency/task";
 * import { ThreadPool } from "@weft/concurrency/thread";
 * import { assertRejects } from "@std/assert";
 *
 * export const search = task(import.meta, () => {
 *   for (let n = 0;; n++) if (n % 1000 === 0) currentTask().signal.throwIfAborted();
 * });
 *
 * if (import.meta.main) {
 *   await using pool = new ThreadPool(1);
 *   const signal = AbortSignal.timeout(50);
 *   await assertRejects(() => pool.run(search, [], { signal }), DOMException, "timeout");
 * }
 * ```
 */
export function currentTask(): CurrentTask {
  for (const find of finders) {
    const found = find();
    if (found !== undefined) return found;
  }
  return never;
}

/**
 * Says how to find the call that runs, in one kind of pool. The last one is asked first: a worker says so before the
 * modules of its tasks do, in which there can be other pools.
 */
export function findCurrentTask(finder: Finder): void {
  finders.unshift(finder);
}
