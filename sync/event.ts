// Copyright 2026 the Weft authors. MIT license.

import { WaitQueue } from "./_wait_queue.ts";
import { type Destination, type HandleForm, registerHandle, toHandle } from "./handle.ts";
import type { Scope } from "./memory/memory.ts";
import { allocate, describePlace, openPlace, type Place, type PlaceState } from "./memory/place.ts";
import { Restored, type SyncOptions } from "./options.ts";
import { checkTimeout, timeoutError, type WaitOptions } from "./wait.ts";

const everybody = 0x7fff_ffff;

/**
 * Lets all who wait for it go on when it is set, across coroutines, threads and, with
 * `scope: "process"`, processes.
 *
 * Its word counts how often it was set and cleared, and is odd while it is set: so who waits sees that it
 * was set even if it was cleared at once.
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
export class Event {
  readonly #place: Place;
  readonly #name: string | undefined;
  readonly #queue: WaitQueue;

  static {
    registerHandle("event", (state) => {
      const { place, name } = state as { place: PlaceState; name: string | undefined };
      return new Event(new Restored(openPlace(place), name));
    });
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
    this.#place = options instanceof Restored ? options.place : allocate(options.scope, 1);
    this.#name = options.name;
    this.#queue = new WaitQueue(this.#place.memory, this.#place.index);
  }

  /** Whether the event is set. */
  get isSet(): boolean {
    return (this.#load() & 1) === 1;
  }

  /** Who can use the event. */
  get scope(): Scope {
    return this.#place.memory.scope;
  }

  /** Name of the event, if it has one. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Sets the event; all who wait go on. Does nothing if it is set. */
  set(): void {
    if (this.#flip(0)) this.#place.memory.notify(this.#place.index, everybody);
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
    await this.#queue.wait(this.#attempt(), options);
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

  /** Makes the event travel as a handle on itself. */
  [toHandle](destination: Destination | undefined): HandleForm {
    const place = describePlace(this.#place, destination, `event ${this.#name ?? ""}`.trim());
    return { kind: "event", state: { place, name: this.#name } };
  }

  /** Shows name, scope and state in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const name = this.#name === undefined ? "" : ` ${JSON.stringify(this.#name)}`;
    return `Event${name} { scope: "${this.scope}", ${this.isSet ? "set" : "not set"} }`;
  }

  #load(): number {
    return this.#place.memory.load(this.#place.index);
  }

  /** Makes the word odd or even if its last bit is `bit`, and tells whether it did. */
  #flip(bit: number): boolean {
    const { memory, index } = this.#place;
    for (;;) {
      const seen = memory.load(index);
      if ((seen & 1) !== bit) return false;
      if (memory.compareExchange(index, seen, (seen + 1) | 0) === seen) return true;
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
