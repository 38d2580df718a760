// Copyright 2026 the Weft authors. MIT license.

/**
 * Rejects one acquire of a lock whose holder has died while it held the lock, so that what the lock
 * protects may be half changed. The lock is free afterwards.
 *
 * @example Tell it from other errors
 * ```ts
 * import { LockAbandonedError } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new LockAbandonedError("…").name, "LockAbandonedError");
 * ```
 */
export class LockAbandonedError extends Error {
  /** Always `"LockAbandonedError"`. */
  override readonly name = "LockAbandonedError";
}

/**
 * Rejects the waits for a barrier that is broken: one of the parties will not come.
 *
 * @example Tell those who wait
 * ```ts
 * import { Barrier, BrokenBarrierError } from "@weft/concurrency/sync";
 * import { assertRejects } from "@std/assert";
 *
 * const barrier = new Barrier(2);
 * const waiting = barrier.wait();
 * barrier.abort();
 * await assertRejects(() => waiting, BrokenBarrierError);
 * ```
 */
export class BrokenBarrierError extends Error {
  /** Always `"BrokenBarrierError"`. */
  override readonly name = "BrokenBarrierError";
}
