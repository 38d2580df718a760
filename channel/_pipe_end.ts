// Copyright 2026 the Weft authors. MIT license.

import type { Destination, Passage } from "../sync/handle.ts";
import { atIsolateEnd } from "../sync/isolate.ts";
import { ownToken, tokenOfTask } from "../sync/memory/task_token.ts";
import type { Memory } from "../sync/memory/memory.ts";
import type { Place } from "../sync/memory/place.ts";
import { Holders, type Journey } from "./_holders.ts";
import type { ConduitErrors } from "./_conduit.ts";
import { Lane, type LaneOptions } from "./_lane.ts";
import type { RingState } from "./ring_bytes.ts";
import { RingStore } from "./_ring_store.ts";

/*
 * The words of a pipe:
 *
 *   a lane and a ring for what the first end sends, the same for what the second sends,
 *   the holders of the first end, those of the second
 */
const laneWords = Lane.words + RingStore.words;
const holdersWord = 2 * laneWords;

/** Number of words that a pipe takes. */
export const pipeWords: number = holdersWord + 2 * Holders.words;

/** One of both ends; what it sends goes through the lane of the same number. */
export type Side = 0 | 1;

/** What carries messages in both directions; a one-way pipe has one of them. */
export type Rings = readonly [RingStore<unknown> | undefined, RingStore<unknown> | undefined];

/** What the other side must know of an end besides its place. */
export interface PipeEndState {
  readonly side: Side;
  readonly rings: readonly (RingState | undefined)[];
  readonly journey: Journey;
}

const limits = { frames: Infinity, bytes: 2 ** 20 };

/** Makes what carries messages, in words that are zero. */
export function createRings(place: Place, duplex: boolean): Rings {
  const create = (side: Side) => RingStore.at<unknown>(ringAt(place, side), limits);
  return [duplex ? create(0) : undefined, create(1)];
}

/** One holding of one end of a pipe. */
export class PipeEnd {
  readonly place: Place;
  readonly side: Side;
  readonly rings: Rings;
  readonly #own: Holders;
  readonly #other: Holders;

  constructor(place: Place, side: Side, rings: Rings) {
    const { memory } = place;
    this.place = place;
    this.side = side;
    this.rings = rings;
    this.#own = new Holders(memory, holdersAt(place, side));
    this.#other = new Holders(memory, holdersAt(place, 1 - side));
  }

  /** Finds an end that another side has described. */
  static open(place: Place, { side, rings }: PipeEndState): PipeEnd {
    const open = (side: Side) => {
      const state = rings[side];
      return state && RingStore.at<unknown>(ringAt(place, side), limits, state);
    };
    return new PipeEnd(place, side, [open(0), open(1)]);
  }

  /** What it sends through; nothing if it only receives. */
  get outgoing(): RingStore<unknown> | undefined {
    return this.rings[this.side];
  }

  /** What it receives from; nothing if it only sends. */
  get incoming(): RingStore<unknown> | undefined {
    return this.rings[1 - this.side];
  }

  /** Whether nobody holds the other end. */
  get otherGone(): boolean {
    return this.#other.gone;
  }

  /** Makes what waits at one of its two lanes. */
  lane(direction: "in" | "out", options: LaneOptions<unknown>): Lane<unknown> {
    const side = direction === "out" ? this.side : 1 - this.side;
    const { memory, index } = this.place;
    const verbs = { take: "Connection.receive", put: "Connection.send", name: undefined, index };
    return new Lane(memory, index + side * laneWords, { ...options, verbs });
  }

  /**
   * Begins to hold the end.
   *
   * @returns Whether it is there; nobody can hold one that is gone.
   * @throws {RangeError} If too many isolates hold it.
   */
  enter(): boolean {
    if (!this.#own.enter()) return false;
    if (held.size === 0) atIsolateEnd(leaveAll);
    held.add(this);
    return true;
  }

  /** Holds the end no more. */
  leave(): void {
    held.delete(this);
    this.#own.leave();
    this.#settle(this.#own);
  }

  /** Says how the other side finds it, but for its place and journey. */
  describe(): Omit<PipeEndState, "journey"> {
    return { side: this.side, rings: this.rings.map((ring) => ring?.describe()) };
  }

  /**
   * Sends it on a journey.
   *
   * @throws {RangeError} If there is no room for more.
   */
  depart(destination: Destination | undefined): { journey: Journey; passage: Passage } {
    const journey = this.#own.depart(lifeOf(this.place.memory, destination));
    sweep();
    underWay.add({ end: this, journey });
    const passage: Passage = {
      entrust: (pid) => {
        const token = tokenOfTask(pid);
        if (token === undefined) this.arrive(journey);
        else this.#own.entrust(journey, token);
      },
      end: () => this.arrive(journey),
    };
    return { journey, passage };
  }

  /** Ends a journey: it has brought a holder, or nobody will come. */
  arrive(journey: Journey): void {
    this.#own.arrive(journey);
    this.#settle(this.#own);
  }

  isUnderWay(journey: Journey): boolean {
    return this.#own.isUnderWay(journey);
  }

  /** Looks whether those who hold the other end have died; if so, closes both directions. */
  look(): void {
    this.#other.removeDead();
    this.#settle(this.#other);
  }

  /** Closes both directions if nobody holds an end, whoever finds that out. */
  #settle(holders: Holders): void {
    if (!holders.settle()) return;
    for (const direction of ["in", "out"] as const) {
      const store = direction === "out" ? this.outgoing : this.incoming;
      if (store !== undefined && !store.closed) this.lane(direction, { store, errors }).close();
    }
  }
}

/** What this isolate holds. */
const held = new Set<PipeEnd>();

function leaveAll(): void {
  for (const end of held) end.leave();
}

/** The journeys that this isolate has begun: it keeps the memory until another one has it. */
const underWay = new Set<{ readonly end: PipeEnd; readonly journey: Journey }>();

function sweep(): void {
  for (const entry of underWay) {
    if (!entry.end.isUnderWay(entry.journey)) underWay.delete(entry);
  }
}

/** Token of the isolate with which a journey ends: within one process it outlives the thread that sends. */
function lifeOf(memory: Memory, destination: Destination | undefined): number {
  if (destination !== "thread") return memory.token;
  if (memory.scope === "thread") return mainThread;
  return tokenOfTask(Deno.pid) ?? ownToken();
}

/** The token of the main isolate in memory of scope thread. */
const mainThread = 1;

function ringAt({ memory, index }: Place, side: number): Place {
  return { memory, index: index + side * laneWords + Lane.words };
}

function holdersAt({ index }: Place, side: number): number {
  return index + holdersWord + side * Holders.words;
}

/** For lanes at which nobody waits. */
const errors: ConduitErrors = {
  full: fail,
  empty: fail,
  refused: fail,
  ended: fail,
  isEnd: () => false,
};

function fail(): Error {
  return new Error("Cannot wait here");
}
