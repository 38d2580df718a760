// Copyright 2026 the Weft authors. MIT license.

import type { LockCore } from "./lock_core.ts";

/** Key of the method by which a lock lets a condition release it and take it again. */
export const suspend: unique symbol = Symbol("suspend");

/** What a re-entrant lock says of the caller. */
export interface Ownership {
  /** How often the caller holds the lock. */
  depth(): number;
  /** Notes down that the caller holds the lock, and how often. */
  set(depth: number): void;
  /** Whether others hold it under the same name, as async functions of one thread do. */
  readonly shared: boolean;
}

/** How one caller releases a lock for a while, and takes it again as it was. */
export class Suspension {
  /** Whether the caller holds the lock. */
  readonly held: boolean;
  readonly #core: LockCore;
  readonly #ownership: Ownership | undefined;
  #kept = 0;
  #given = 1;

  /** @param ownership Of a lock that is re-entrant. */
  constructor(core: LockCore, ownership?: Ownership) {
    this.#core = core;
    this.#ownership = ownership;
    this.held = ownership === undefined ? core.held : ownership.depth() > 0;
  }

  /** Releases the lock wholly, for a caller that blocks its thread. */
  releaseSync(): void {
    this.#given = this.#ownership?.depth() ?? 1;
    this.#core.release();
  }

  /**
   * Releases the lock wholly, for a caller that does not block its thread; if others hold it under the same
   * name, which take what they hold for theirs, once.
   */
  release(): void {
    const ownership = this.#ownership;
    if (ownership?.shared) {
      this.#kept = ownership.depth() - 1;
      if (this.#kept > 0) ownership.set(this.#kept);
      else this.#core.release();
    } else this.releaseSync();
  }

  /** Takes the lock as often as it was released, however long it takes; tells whether its holder had died. */
  async acquire(): Promise<boolean> {
    const ownership = this.#ownership;
    if (this.#kept > 0 && ownership!.depth() > 0) {
      ownership!.set(ownership!.depth() + 1);
      return false;
    }
    let died = false;
    await this.#core.acquire({ recover: true }, (recovered) => {
      died = recovered;
      ownership?.set(this.#given);
    });
    return died;
  }

  /** Blocks the thread until the lock is taken as often as it was released. */
  acquireSync(): boolean {
    let died = false;
    this.#core.acquireSync({ recover: true }, (recovered) => {
      died = recovered;
      this.#ownership?.set(this.#given);
    });
    return died;
  }

  /** Does something as soon as the lock is released. */
  defer(action: () => void): void {
    this.#core.defer(action);
  }

  /** Does something short with the lock if nobody alive holds it. */
  tryWith(action: () => void): void {
    this.#core.tryWith(action);
  }
}
