// Copyright 2026 the Weft authors. MIT license.

import { currentOwner } from "../sync/owner.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, Deadline, waitFor, type WaitOptions } from "../sync/wait.ts";
import { unscoped } from "../sync/cancellation.ts";
import type { ManagerLink } from "./_manager_link.ts";
import { type RemotePlace, RemoteProxy, slice } from "./remote_object.ts";

/** Releases a lock when it is left by `await using`. */
export interface RemoteGuard extends AsyncDisposable {
  /** Releases the lock, once. */
  release(): Promise<void>;
}

interface Hold {
  readonly owner: number;
  readonly link: ManagerLink;
  depth: number;
  /** Settles when what is done with it so far is: a link takes one call after the other. */
  last: Promise<unknown>;
}

/**
 * A lock of a manager: a `Lock`, `RLock`, `Semaphore` or `BoundedSemaphore` of this library, or one of Python. That of an
 * `RLock` is held by the coroutine that has acquired it, or else the thread.
 *
 * A manager of this library releases it when its holder is gone; one of Python does not.
 *
 * @example Let one at a time
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { Lock } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const lock = new Lock();
 * await using server = await serveManager({ port: 0, authKey, registry: { get_lock: () => lock } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<Lock>("get_lock");
 * {
 *   await using _ = await remote.acquire();
 *   assertEquals(lock.locked, true);
 * }
 * assertEquals(lock.locked, false);
 * ```
 */
export class RemoteLock extends RemoteProxy {
  readonly #place: RemotePlace;
  readonly #holds: Hold[] = [];

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
  }

  /**
   * Acquires the lock, after waiting until it is free.
   *
   * @param options Timeout and signal of the wait.
   * @returns What releases it; to ignore that and call {@linkcode RemoteLock.release} is good as well.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async acquire(options: WaitOptions = {}): Promise<RemoteGuard> {
    const scoped = beginWait(options);
    const deadline = new Deadline(options.timeout);
    const owner = currentOwner();
    for (;;) {
      const { rest } = deadline;
      const attempt = unscoped(() => this.#attempt(owner, Math.min(slice, rest)));
      let isHeld: boolean;
      try {
        const { timeout: _, ...ends } = scoped;
        isHeld = await observed("RemoteLock", () => waitFor(attempt, ends));
      } catch (error) {
        // What comes too late is given back.
        attempt.then((isHeld) => isHeld ? this.#release(owner) : undefined).catch(() => {});
        throw error;
      }
      if (isHeld) return this.#guard(owner);
      if (deadline.rest === 0) throw deadline.error;
    }
  }

  /**
   * Acquires the lock if it is free.
   *
   * @returns Whether it is held now.
   * @throws {ManagerLostError} If the connection is lost.
   */
  tryAcquire(): Promise<boolean> {
    return this.#attempt(currentOwner(), 0);
  }

  /**
   * Releases the lock.
   *
   * @throws {Error} If it is not held; of which class says the other side.
   * @throws {ManagerLostError} If the connection is lost.
   */
  async release(): Promise<void> {
    await this.#release(currentOwner());
  }

  async #attempt(owner: number, milliseconds: number): Promise<boolean> {
    const { calls, ident } = this.#place;
    const held = this.#holds.findLast((hold) => hold.owner === owner && !hold.link.isLost);
    if (held !== undefined) {
      // One that is re-entrant over there is so for the connection that holds it alone.
      const again = calls.write(ident, "acquire", [false]);
      const isHeld = await inTurn(held, async () => {
        // It may have been released meanwhile.
        if (held.depth === 0 || !(await calls.callOn(held.link, again))) return false;
        held.depth++;
        return true;
      });
      if (isHeld) return true;
    }
    const args = milliseconds === 0 ? [false] : [true, milliseconds / 1000];
    const link = await calls.take();
    try {
      if (!(await calls.callOn(link, calls.write(ident, "acquire", args)))) {
        calls.give(link);
        return false;
      }
    } catch (error) {
      calls.give(link);
      throw error;
    }
    this.#holds.push({ owner, link, depth: 1, last: Promise.resolve() });
    return true;
  }

  async #release(owner: number): Promise<void> {
    const { calls, ident } = this.#place;
    // A lock, but for a re-entrant one, can be released by others as well.
    const hold = this.#holds.findLast((hold) => hold.owner === owner) ?? this.#holds[0];
    if (hold === undefined) return void await calls.call(ident, "release");
    await inTurn(hold, () => this.#releaseHold(hold));
  }

  async #releaseHold(hold: Hold): Promise<void> {
    const { calls, ident } = this.#place;
    if (hold.depth === 0) return void await calls.call(ident, "release");
    try {
      await calls.callOn(hold.link, calls.write(ident, "release", []));
    } finally {
      if (--hold.depth === 0 || hold.link.isLost) {
        hold.depth = 0;
        this.#holds.splice(this.#holds.indexOf(hold), 1);
        calls.give(hold.link);
      }
    }
  }

  #guard(owner: number): RemoteGuard {
    let isReleased = false;
    const release = async () => {
      if (isReleased) return;
      isReleased = true;
      await this.#release(owner);
    };
    return { release, [Symbol.asyncDispose]: release };
  }
}

/** Does something with a hold after what is done with it already. */
function inTurn<T>(hold: Hold, action: () => Promise<T>): Promise<T> {
  const result = hold.last.then(action);
  hold.last = result.catch(() => {});
  return result;
}
