// Copyright 2026 the Weft authors. MIT license.

import { WaitQueue } from "./_wait_queue.ts";
import { everybody, type Memory } from "./memory/memory.ts";
import { placeOf, registerShared, SharedObject, type SyncOptions } from "./shared_object.ts";
import { beginWait, checkTimeout, timeoutError, type WaitOptions } from "./wait.ts";

/**
 * Lets all who wait for it go on when it is set, across coroutines, threads and, with
 * `scope: "process"`, processes.
 *
 * Who waits goes on even if the event is cleared at once: what counts is that it was set meanwhile.
 *
 * **Cancellation:** a wait that is aborted or times out leaves no trace.
 *
 * **Runtime:** `scope: "process"` needs `--allow-ffi`, and Linux on x86-64 or arm64.
 *
 * @example Start all at once
 * ```ts
 * import { Event } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const start = new Event();
 * const runners = [1, 2, 3].map((n) => start.wait().then(() => n));
 * start.set();
 *
 * assertEquals(await Promise.all(runners), [1, 2, 3]);
 * ```
 */
export class Event extends SharedObject {
  readonly #memory: Memory;
  // Its word counts how often the event was set and cleared, and is odd while it is set: so who waits sees
  // that it was set even if it was cleared at once.
  readonly #index: number;
  readonly #queue: WaitQueue;

  static {
    registerShared(Event, "event", (restored) => new Event(restored));
  }

  /**
   * Creates an event that is not set.
   *
   * @param options Its scope and name.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(options: SyncOptions = {}) {
    super(options, 1);
    const { memory, index } = placeOf(this);
    this.#memory = memory;
    this.#index = index;
    this.#queue = new WaitQueue(memory, index, {
      label: { what: "Event", name: this.name, index },
    });
  }

  /** Whether the event is set. */
  get isSet(): boolean {
    return (this.#load() & 1) === 1;
  }

  /** Sets the event; all who wait go on. Does nothing if it is set. */
  set(): void {
    if (!this.#flip(0)) return;
    this.#queue.serve();
    this.#memory.notify(this.#index, everybody);
  }

  /** Clears the event; who waits from now on waits for the next time it is set. */
  clear(): void {
    this.#flip(1);
  }

  /**
   * Waits until the event is set; if it is, does not wait.
   *
   * @param options Timeout and signal of the wait.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    await this.#queue.wait(this.#attempt(), beginWait(options));
  }

  /**
   * Blocks the thread until the event is set; if it is, does not block.
   *
   * @param options Timeout of the wait.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   */
  waitSync(options: Omit<WaitOptions, "signal"> = {}): void {
    const timeout = checkTimeout(options.timeout);
    if (!this.#queue.waitSync(this.#attempt(), timeout)) throw timeoutError(timeout);
  }

  /** Its state, for `Deno.inspect`. */
  protected override describe(): string {
    return this.isSet ? "set" : "not set";
  }

  #load(): number {
    return this.#memory.load(this.#index);
  }

  /** Makes the word odd or even if its last bit is `bit`, and tells whether it did. */
  #flip(bit: number): boolean {
    for (;;) {
      const seen = this.#load();
      if ((seen & 1) !== bit) return false;
      const next = (seen + 1) | 0;
      if (this.#memory.compareExchange(this.#index, seen, next) === seen) return true;
    }
  }

  #attempt(): () => number | undefined {
    const first = this.#load();
    return () => {
      const seen = this.#load();
      return (seen & 1) === 1 || seen !== first ? undefined : seen;
    };
  }
}
