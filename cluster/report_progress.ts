// Copyright 2026 the Weft authors. MIT license.

import { currentTeller } from "./_cluster_progress.ts";

/**
 * Tells the pool how far the task is that calls this, and so the `onProgress` of {@linkcode ClusterPool.run}.
 *
 * Elsewhere than in a task that a program serves to a {@linkcode ClusterPool} in its own thread it does nothing, so that
 * the function of a task can be called anywhere.
 *
 * What is told while the connection is lost comes when it is there again, perhaps twice.
 *
 * @param value What to tell: a structured value, the smaller the better.
 * @returns When it is told. It need not be waited for; what is told in the end may come later than the result, and is lost
 * then.
 * @throws {DOMException} Named `DataCloneError`, if the value cannot be cloned or holds a handle.
 *
 * @example Count the parts that are done
 * ```ts
 * import { reportProgress } from "@weft/concurrency/cluster";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const sum = task(import.meta, async function sum(parts: number[][]) {
 *   let total = 0;
 *   for (const [i, part] of parts.entries()) {
 *     for (const n of part) total += n;
 *     await reportProgress((i + 1) / parts.length);
 *   }
 *   return total;
 * });
 *
 * assertEquals(await sum([[1, 2], [3]]), 6);
 * ```
 *
 * @experimental
 */
export async function reportProgress(value: unknown): Promise<void> {
  await currentTeller()?.(value);
}
