// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "./wait.ts";

/** Options of an acquire that waits. */
export interface AcquireOptions extends WaitOptions {
  /**
   * Whether to take over silently a lock whose holder has died, instead of rejecting with a
   * {@linkcode LockAbandonedError}.
   *
   * @default {false}
   */
  readonly recover?: boolean | undefined;
}

/** Options of an acquire that blocks the thread, which no signal can end. */
export type AcquireSyncOptions = Omit<AcquireOptions, "signal">;

/** What a {@linkcode Guard} releases. */
export interface Releasable {
  /** Gives back what is held. */
  release(): void;
}

/**
 * Stands for something that is held; its disposal releases it, once.
 *
 * @example Hold a lock until the end of a block
 * ```ts
 * import { Lock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new Lock();
 * {
 *   using _guard = await lock.acquire();
 *   assertEquals(lock.locked, true);
 * }
 * assertEquals(lock.locked, false);
 * ```
 */
export class Guard implements Disposable {
  #held: Releasable | undefined;

  /**
   * Creates a guard of something that is held.
   *
   * @param held What to release.
   */
  constructor(held: Releasable) {
    this.#held = held;
  }

  /** Releases what is held, unless this guard has done so before. */
  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = undefined;
    held?.release();
  }
}
