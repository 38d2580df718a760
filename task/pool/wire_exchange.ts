// Copyright 2026 the Weft authors. MIT license.

import type { Frame } from "../../channel/ring.ts";
import { ThreadMemory } from "../../sync/memory/thread_memory.ts";
import { longestTimer, unrefTimer } from "../../sync/wait.ts";
import type { TaskReference } from "../registry.ts";
import { Board } from "./board.ts";
import { clock } from "./clock.ts";
import type { Exchange, ResultSink } from "./exchange.ts";
import type { JobHeader } from "./frames.ts";
import type { PoolWorker } from "./pool_worker.ts";
import type { FromWorker, ToWorker } from "./wire_intake.ts";

/**
 * Carries jobs and results as messages, where no memory can be shared: a job to a worker that waits for one, so that
 * it is known which of them a worker had in hand when it died.
 */
export class WireExchange implements Exchange {
  readonly board: Board;
  readonly waiting = 0;
  readonly unwatched: Promise<void> = Promise.resolve();
  readonly #sink: ResultSink;
  readonly #idleTimeout: number;
  readonly #workers = new Map<number, PoolWorker>();
  /** The workers that wait for a job, the first one first, and what ends each of them. */
  readonly #idle = new Map<number, ReturnType<typeof setTimeout> | undefined>();
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #done: (() => boolean) | undefined;

  constructor(slots: number, idleTimeout: number, sink: ResultSink) {
    this.board = new Board(new ThreadMemory(Board.words(slots) * 4), 0, slots);
    this.#idleTimeout = idleTimeout;
    this.#sink = sink;
  }

  define(reference: TaskReference): void {
    for (const slot of this.#workers.keys()) this.#send(slot, { type: "task", reference });
  }

  enter(slot: number, worker: PoolWorker): void {
    this.#workers.set(slot, worker);
  }

  leave(slot: number): void {
    this.#busy(slot);
    this.#workers.delete(slot);
  }

  post(header: JobHeader, body: Frame): boolean {
    const slot = this.#idle.keys().next().value;
    if (slot === undefined) return false;
    this.#busy(slot);
    const bytes = new Uint8Array(body.byteLength);
    body.copyTo(bytes, 0);
    this.board.post(header.cell);
    this.board.claim(header.cell, slot);
    this.board.begin(header.cell, slot, clock());
    this.#send(slot, { type: "job", header: { ...header }, body: bytes });
    return true;
  }

  recall(): void {}

  abort(slot: number, cell: number, reason: number): void {
    this.#send(slot, { type: "abort", cell, reason });
  }

  collect(): void {}

  watch(done: () => boolean): void {
    this.#done = done;
    this.#keepAlive ??= setInterval(() => {}, 0x7fff_ffff);
    this.look();
  }

  look(): void {
    if (this.#done?.() !== true) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }

  goHome(): void {
    for (const slot of this.#workers.keys()) this.#send(slot, { type: "go" });
  }

  /** Takes what a worker says. */
  receive(slot: number, message: FromWorker): void {
    if (!this.#workers.has(slot)) return;
    if (message.type === "ready") {
      this.board.serve(slot);
      this.#wait(slot);
    } else {
      const { header, body } = message;
      if (header.retiring) this.board.retire(slot, true);
      else this.#wait(slot);
      this.#sink.read(header, body, 0, body.length);
      this.#sink.settle();
    }
    this.look();
  }

  #wait(slot: number): void {
    this.board.setIdle(slot, true);
    this.#idle.set(slot, undefined);
    if (this.#idleTimeout > longestTimer) return;
    const timer = setTimeout(() => {
      if (!this.board.retire(slot, false)) return;
      this.#busy(slot);
      this.#send(slot, { type: "go" });
    }, this.#idleTimeout);
    unrefTimer(timer);
    this.#idle.set(slot, timer);
  }

  #busy(slot: number): void {
    this.board.setIdle(slot, false);
    clearTimeout(this.#idle.get(slot));
    this.#idle.delete(slot);
  }

  #send(slot: number, message: ToWorker): void {
    this.#workers.get(slot)?.post(message);
  }
}
