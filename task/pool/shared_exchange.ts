// Copyright 2026 the Weft authors. MIT license.

import { type Frame, Ring, type RingLimits } from "../../channel/ring.ts";
import { describeBytes, ringBytes, type RingState } from "../../channel/ring_bytes.ts";
import type { Destination } from "../../sync/handle.ts";
import {
  allocateAlone,
  describePlace,
  openPlace,
  type Place,
  type PlaceState,
} from "../../sync/memory/place.ts";
import type { Scope } from "../../sync/memory/memory.ts";
import {
  createBytes,
  openBytes,
  type SharedBytes,
  type SharedBytesState,
} from "../../sync/memory/shared_bytes.ts";
import { Signal } from "../../sync/signal.ts";
import type { TaskReference } from "../registry.ts";
import { Board } from "./board.ts";
import { Catalog } from "./catalog.ts";
import type { Exchange, ResultSink } from "./exchange.ts";
import {
  HeadedFrame,
  HeaderReader,
  type JobHeader,
  jobHeaderBytes,
  newJobHeader,
  newResultHeader,
  resultHeaderBytes,
} from "./frames.ts";

/*
 *   pool ── post ──▶ ring of jobs ──── idle workers pull ──▶ workers
 *   pool ◀── drain ── ring of results ◀────── deliver ────── workers
 *
 * Neither side needs the event loop of the other: jobs that are in the ring are run while the pool is busy.
 */
const resultRingWord = 48;
const jobSignalWord = 96;
const resultSignalWord = 112;
const roomSignalWord = 128;
const catalogWord = 144;
const boardWord = 160;

/** Bytes of the catalog at first. */
const catalogBytes = 4096;
/** Bytes that can be in a ring, so that it stays in the caches. */
const mostBytes = 1 << 20;
/** Milliseconds for which results are taken before the event loop turns. */
const longestDrain = 8;
/** Results between looks at the clock. */
const drainStep = 64;

export const resultLimits: RingLimits = { frames: Infinity, bytes: mostBytes };
const jobLimits: RingLimits = { frames: Infinity, bytes: mostBytes };

/** How the other side finds the memory. */
export interface SharedState {
  readonly place: PlaceState;
  readonly jobs: RingState;
  readonly results: RingState;
  readonly catalog: SharedBytesState;
  readonly slots: number;
}

/** The memory that a pool shares with its workers. */
export class SharedPlaces {
  readonly board: Board;
  readonly catalog: Catalog;
  readonly jobs: Ring;
  readonly results: Ring;
  /** What is said when there is a job. */
  readonly jobSignal: Signal;
  /** What is said when there is a result. */
  readonly resultSignal: Signal;
  /** What is said when there is room for a result. */
  readonly roomSignal: Signal;
  readonly #place: Place;
  readonly #jobBytes: SharedBytes;
  readonly #resultBytes: SharedBytes;
  readonly #catalogBytes: SharedBytes;

  constructor(place: Place, slots: number, state?: SharedState) {
    const { memory, index } = place;
    this.#place = place;
    this.#jobBytes = ringBytes(place, state?.jobs);
    this.#resultBytes = ringBytes(place, state?.results);
    this.#catalogBytes = state === undefined
      ? createBytes(memory.scope, catalogBytes)
      : openBytes(state.catalog, catalogBytes);
    this.catalog = new Catalog(memory, index + catalogWord, this.#catalogBytes);
    this.board = new Board(memory, index + boardWord, slots);
    this.jobs = new Ring(memory, index, this.#jobBytes);
    this.results = new Ring(memory, index + resultRingWord, this.#resultBytes);
    const label = { what: "Pool.task", name: undefined, index };
    this.jobSignal = new Signal(memory, index + jobSignalWord, undefined, label);
    this.resultSignal = new Signal(memory, index + resultSignalWord);
    this.roomSignal = new Signal(memory, index + roomSignalWord);
  }

  /** Makes them in new memory. */
  static create(scope: Scope, slots: number): SharedPlaces {
    const words = boardWord + Board.words(slots);
    return new SharedPlaces(allocateAlone(scope, words * 4), slots);
  }

  /** Finds those that another side has described. */
  static open(state: SharedState): SharedPlaces {
    return new SharedPlaces(openPlace(state.place), state.slots, state);
  }

  /** Says how the other side finds them. */
  describe(destination: Destination): SharedState {
    return {
      place: describePlace(this.#place, destination, "the memory of a pool"),
      jobs: describeBytes(this.#jobBytes),
      results: describeBytes(this.#resultBytes),
      catalog: this.#catalogBytes.describe(destination),
      slots: this.board.slots,
    };
  }
}

/** Carries jobs and results through shared memory. */
export class SharedExchange implements Exchange {
  readonly board: Board;
  unwatched: Promise<void> = Promise.resolve();
  readonly #places: SharedPlaces;
  readonly #sink: ResultSink;
  readonly #frame = new HeadedFrame(jobHeaderBytes);
  readonly #reader = new HeaderReader();
  readonly #header = newResultHeader();
  #watching = false;
  /** Set while no results are taken, so that the event loop turns. */
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(places: SharedPlaces, sink: ResultSink) {
    this.#places = places;
    this.#sink = sink;
    this.board = places.board;
  }

  get waiting(): number {
    return this.#places.jobs.size;
  }

  define(reference: TaskReference): void {
    this.#places.catalog.add(reference);
  }

  enter(): void {}

  leave(): void {}

  post(header: JobHeader, body: Frame): boolean {
    const { jobs, jobSignal } = this.#places;
    this.#frame.setJob(header);
    this.#frame.body = body;
    this.board.post(header.cell);
    if (!jobs.tryPut(this.#frame, jobLimits)) {
      this.board.free(header.cell);
      return false;
    }
    jobSignal.wake();
    return true;
  }

  recall(use: (cell: number, body: Uint8Array<ArrayBuffer>) => void): void {
    const header = newJobHeader();
    let body: Uint8Array<ArrayBuffer> | undefined;
    for (;;) {
      const taken = this.#places.jobs.tryTake((bytes, start, end) => {
        this.#reader.job(bytes, start, header);
        body = new Uint8Array(bytes.subarray(start + jobHeaderBytes, end));
      });
      if (taken === undefined) return;
      const { cell } = header;
      const queued = this.board.withdraw(cell);
      if (queued || this.board.isWithdrawn(cell)) this.board.free(cell);
      if (queued) use(cell, body!);
    }
  }

  abort(slot: number, cell: number, reason: number): void {
    this.board.abort(slot, cell, reason);
  }

  collect(): void {
    const { results } = this.#places;
    const { put } = results;
    while (((put - results.taken) | 0) > 0 && this.#takeOne());
  }

  watch(done: () => boolean): void {
    if (!this.#watching) this.unwatched = this.#watch(done);
  }

  look(): void {
    this.#places.resultSignal.serve();
  }

  goHome(): void {
    this.board.close();
    this.#places.jobSignal.wakeAll();
  }

  async #watch(done: () => boolean): Promise<void> {
    this.#watching = true;
    do {
      await this.#places.resultSignal.wait(() => {
        const resting = this.#rest !== undefined;
        const drained = resting || this.#drain();
        if (done()) return true;
        if (!drained) this.#startRest();
        return false;
      }, {});
      // There may be more to do since the end of the wait.
    } while (!done());
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#watching = false;
  }

  /** Takes no results until the event loop has turned, however many come. */
  #startRest(): void {
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.look();
    });
  }

  /** Takes results for a while; tells whether there are no more. */
  #drain(): boolean {
    const end = performance.now() + longestDrain;
    for (let i = 1; this.#takeOne(); i++) {
      if (i % drainStep === 0 && performance.now() >= end) return false;
    }
    return true;
  }

  #takeOne(): boolean {
    const { results, roomSignal } = this.#places;
    if (results.tryTake(this.#take) === undefined) return false;
    this.#sink.settle();
    if (roomSignal.marked) roomSignal.wake();
    return true;
  }

  // A field, so that it is made once.
  readonly #take = (bytes: Uint8Array, start: number, end: number): void => {
    this.#reader.result(bytes, start, this.#header);
    this.#sink.read(this.#header, bytes, start + resultHeaderBytes, end);
  };
}
