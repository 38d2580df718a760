// Copyright 2026 the Weft authors. MIT license.

import { decode } from "../../channel/codec.ts";
import type { Frame } from "../../channel/ring.ts";
import { UnknownHandleError } from "../../sync/handle.ts";
import { isTimeout } from "../../sync/wait.ts";
import type { TaskReference } from "../registry.ts";
import type { Board } from "./board.ts";
import {
  HeadedFrame,
  HeaderReader,
  jobHeaderBytes,
  type ResultHeader,
  resultHeaderBytes,
} from "./frames.ts";
import type { Intake, Work } from "./intake.ts";
import { resultLimits, SharedPlaces, type SharedState } from "./shared_exchange.ts";
import type { Stock } from "./supplies.ts";

/** Milliseconds for which a worker blocks its thread for the next job: after that its event loop turns. */
const longestBlock = 2;

/** The side of a worker of the memory that it shares with its pool. */
export class SharedIntake implements Intake {
  readonly board: Board;
  readonly #places: SharedPlaces;
  readonly #slot: number;
  readonly #stock: Stock;
  readonly #reader = new HeaderReader();
  readonly #frame = new HeadedFrame(resultHeaderBytes);
  #idle = false;

  constructor(state: SharedState, slot: number, stock: Stock) {
    this.#places = SharedPlaces.open(state);
    this.#slot = slot;
    this.#stock = stock;
    this.board = this.#places.board;
  }

  referenceOf(task: number): TaskReference {
    return this.#places.catalog.get(task);
  }

  take(work: Work): boolean {
    const { jobs, jobSignal, resultSignal } = this.#places;
    for (;;) {
      const taken = jobs.tryTake((bytes, start, end) => this.#read(work, bytes, start, end));
      if (taken === undefined) return false;
      if (jobSignal.marked && jobs.size > 0) jobSignal.wake();
      if (taken.value) return true;
      // A job that the pool has taken back; it may wait for the room, or for the cell.
      this.board.skip(work.cell);
      resultSignal.wake();
    }
  }

  async wait(work: Work, timeout: number): Promise<boolean> {
    const { jobs, jobSignal } = this.#places;
    let taken = false;
    const attempt = () => (taken = this.take(work)) || this.board.closed;
    // If it was not by the last result.
    this.#setIdle(true);
    try {
      if (!jobSignal.waitSync(attempt, Math.min(longestBlock, timeout))) {
        await jobSignal.wait(attempt, { timeout });
      }
    } catch (error) {
      if (!isTimeout(error)) throw error;
    }
    // Whoever is woken takes the mark of those who still sleep, and has set it again only now.
    if (taken && jobs.size > 0) jobSignal.wake();
    return taken;
  }

  deliver(header: ResultHeader, body: Frame): boolean {
    const { results, resultSignal } = this.#places;
    this.#frame.setResult(header);
    this.#frame.body = body;
    // Before the pool knows: it would start another worker for the next job.
    if (!header.retiring) this.#setIdle(true);
    if (!results.tryPut(this.#frame, resultLimits)) return false;
    resultSignal.wake();
    return true;
  }

  async waitForRoom(header: ResultHeader, body: Frame): Promise<void> {
    await this.#places.roomSignal.wait(() => this.deliver(header, body), {});
  }

  async flush(): Promise<void> {
    const { results, roomSignal } = this.#places;
    await roomSignal.wait(() => results.size === 0, {});
    // It needs no room, and another one can wait for some.
    roomSignal.wake();
  }

  /** Reads a job where it lies; tells whether it is one to run. */
  #read(work: Work, bytes: Uint8Array, start: number, end: number): boolean {
    this.#reader.job(bytes, start, work);
    const idle = this.#idle;
    // Before the claim, or the pool could count on this worker for the next one.
    this.#setIdle(false);
    if (!this.board.claim(work.cell, this.#slot)) {
      this.#setIdle(idle);
      return false;
    }
    start += jobHeaderBytes;
    work.bytes = undefined;
    work.failure = undefined;
    if (this.#stock.has(work.needs)) {
      try {
        work.args = decode(bytes, { attached: this.#stock.objects, start, end }) as unknown[];
        return true;
      } catch (error) {
        if (!(error instanceof UnknownHandleError)) {
          work.failure = { error };
          return true;
        }
      }
    }
    work.bytes = new Uint8Array(bytes.subarray(start, end));
    return true;
  }

  #setIdle(idle: boolean): void {
    if (this.#idle === idle) return;
    this.#idle = idle;
    this.board.setIdle(this.#slot, idle);
  }
}
