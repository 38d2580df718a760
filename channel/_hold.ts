// Copyright 2026 the Weft authors. MIT license.

import { timeoutError } from "../sync/wait.ts";
import type { Journey } from "./_holders.ts";
import type { ConduitErrors } from "./_conduit.ts";
import type { Lane } from "./_lane.ts";
import type { PipeEnd } from "./_pipe_end.ts";
import type { Again, Reason, Refuse, Store } from "./_store.ts";
import type { Taken } from "./_taken.ts";
import { ConnectionClosedError } from "./errors.ts";

type AnyLane = Lane<unknown>;

/** Milliseconds between looks of one who does not wait. */
const lookInterval = 100;

/**
 * What a connection and all that waits at it have in common. When nobody has it any more, the end is left as if the
 * connection had been closed.
 */
export class Hold {
  readonly end: PipeEnd;
  readonly name: string | undefined;
  /** What has brought it from another side. */
  readonly journey: Journey | undefined;
  /** What receives; nothing if the end only sends. */
  readonly incoming: AnyLane | undefined;
  /** What sends; nothing if the end only receives. */
  readonly outgoing: AnyLane | undefined;
  /** The lanes that are not shut down here. */
  readonly #open = new Set<AnyLane>();
  #closed: boolean;
  #looked = 0;
  /** Whether something was received since something was sent. */
  #heard = false;

  /**
   * Begins to hold an end; counts as closed if that is gone.
   *
   * @throws {RangeError} If too many isolates hold the end.
   */
  constructor(end: PipeEnd, name: string | undefined, journey?: Journey) {
    this.end = end;
    this.name = name;
    this.journey = journey;
    this.incoming = end.incoming && this.#lane("in", end.incoming);
    this.outgoing = end.outgoing && this.#lane("out", end.outgoing);
    this.#closed = !end.enter();
    if (!this.#closed) unreachable.register(this, end, this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * What receives.
   *
   * @throws {TypeError} If the end only sends.
   * @throws {ConnectionClosedError} If it is closed.
   */
  receiver(): AnyLane {
    const { incoming } = this;
    if (incoming === undefined) {
      throw new TypeError("Cannot receive as this end of a one-way pipe only sends");
    }
    if (this.#closed) throw this.ended();
    return incoming;
  }

  /**
   * What sends.
   *
   * @throws {TypeError} If the end only receives.
   * @throws {ConnectionClosedError} If it is closed; it has the value.
   */
  sender(value?: unknown): AnyLane {
    const { outgoing } = this;
    if (outgoing === undefined) {
      throw new TypeError("Cannot send as this end of a one-way pipe only receives");
    }
    if (this.#closed) throw this.refused(value);
    // Reading the clock takes as long as sending. Who has got an answer will wait for the next one.
    if (this.#heard) this.#heard = false;
    else this.look();
    return outgoing;
  }

  /** Says that something was received. */
  hear(): void {
    this.#heard = true;
  }

  /** Leaves the end, if it is held. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unreachable.unregister(this);
    this.end.leave();
    for (const lane of [this.incoming, this.outgoing]) {
      lane?.items.wakeAll();
      lane?.room.wakeAll();
    }
  }

  /** Shuts one direction down, for all; the last one closes. */
  finish(lane: AnyLane): void {
    if (!this.#open.delete(lane)) return;
    if (!lane.closed) lane.close();
    if (this.#open.size === 0) this.close();
  }

  /** Looks now and then whether those who hold the other end have died. */
  look(): void {
    const now = performance.now();
    if (now - this.#looked < lookInterval) return;
    this.#looked = now;
    this.end.look();
  }

  /** The error of who sends what nobody gets. */
  refused(value: unknown): ConnectionClosedError {
    return new ConnectionClosedError(`Cannot send as ${this.#reason("nobody receives")}`, value);
  }

  /** The error of who receives when nothing comes. */
  ended(): ConnectionClosedError {
    return new ConnectionClosedError(`Cannot receive as ${this.#reason("nobody sends")}`);
  }

  #reason(otherwise: string): string {
    if (this.#closed) return "the connection is closed";
    if (this.end.otherGone) return "the other end of the connection is closed";
    return `${otherwise} in this direction any more`;
  }

  #lane(direction: "in" | "out", store: Store<unknown>): AnyLane {
    const gate = new Gate(this, store);
    // A wait that was too short to look while it lasted looks at its end.
    const late = (error: () => Error) => (timeout: number | undefined) => {
      this.look();
      return gate.closed && (direction === "out" || gate.size === 0)
        ? error()
        : timeoutError(timeout ?? 0);
    };
    const ended = () => this.ended();
    const errors: ConduitErrors = {
      full: (value, timeout) => late(() => this.refused(value))(timeout),
      empty: late(ended),
      refused: (value) => this.refused(value),
      ended,
      isEnd: (error) => error instanceof ConnectionClosedError,
    };
    const lane = this.end.lane(direction, { store: gate, errors, probe: () => this.end.look() });
    this.#open.add(lane);
    return lane;
  }
}

const unreachable = new FinalizationRegistry<PipeEnd>((end) => end.leave());

/** A store that is closed with the connection, for those who wait at that. */
class Gate<T> implements Store<T> {
  readonly limited: boolean;
  readonly #hold: Hold;
  readonly #store: Store<T>;

  constructor(hold: Hold, store: Store<T>) {
    this.#hold = hold;
    this.#store = store;
    this.limited = store.limited;
  }

  get size(): number {
    return this.#store.size;
  }

  get put(): number {
    return this.#store.put;
  }

  get isFull(): boolean {
    return this.#store.isFull;
  }

  get closed(): boolean {
    return this.#hold.closed || this.#store.closed;
  }

  get reason(): Reason | undefined {
    return this.#store.reason;
  }

  close(reason?: Reason): void {
    this.#store.close(reason);
  }

  tryPut(item: T, refuse: Refuse<T>, later: boolean): Again | undefined {
    if (this.#hold.closed) refuse(item);
    const again = this.#store.tryPut(item, refuse, later);
    return again && (() => this.#hold.closed ? refuse(item) : again());
  }

  tryTake(canLoad: boolean): Taken<T> | undefined {
    return this.#hold.closed ? undefined : this.#store.tryTake(canLoad);
  }

  drop(): boolean {
    return this.#store.drop();
  }
}
