// Copyright 2026 the Weft authors. MIT license.

import { unscoped } from "../sync/cancellation.ts";
import { observed } from "../sync/observer.ts";
import { beginWait, Deadline, waitFor, type WaitOptions } from "../sync/wait.ts";
import { type RemotePlace, RemoteProxy, slice } from "./remote_object.ts";

/**
 * An event of a manager: an `Event` of this library or of Python.
 *
 * @example Wait for another program
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { Event } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const event = new Event();
 * await using server = await serveManager({ port: 0, authKey, registry: { get_event: () => event } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<Event>("get_event");
 *
 * event.set();
 * await remote.wait();
 * assertEquals(await remote.isSet, true);
 * ```
 */
export class RemoteEvent extends RemoteProxy {
  readonly #place: RemotePlace;

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
  }

  /** Whether it is set. */
  get isSet(): Promise<boolean> {
    return this.#call("is_set") as Promise<boolean>;
  }

  /**
   * Sets it, so that all who wait go on.
   *
   * @throws {ManagerLostError} If the connection is lost.
   */
  async set(): Promise<void> {
    await this.#call("set");
  }

  /**
   * Clears it, so that who comes waits.
   *
   * @throws {ManagerLostError} If the connection is lost.
   */
  async clear(): Promise<void> {
    await this.#call("clear");
  }

  /**
   * Waits until it is set.
   *
   * @param options Timeout and signal of the wait.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    const scoped = beginWait(options);
    const deadline = new Deadline(options.timeout);
    const { calls, ident } = this.#place;
    const { timeout: _, ...ends } = scoped;
    for (;;) {
      const seconds = Math.min(slice, deadline.rest) / 1000;
      const attempt = unscoped(() => calls.callWaiting(ident, "wait", [seconds]));
      attempt.catch(() => {});
      if (await observed("RemoteEvent", () => waitFor(attempt, ends))) return;
      if (deadline.rest === 0) throw deadline.error;
    }
  }

  #call(name: string): Promise<unknown> {
    return this.#place.calls.call(this.#place.ident, name);
  }
}
