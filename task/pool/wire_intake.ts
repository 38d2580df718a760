// Copyright 2026 the Weft authors. MIT license.

import { decode } from "../../channel/codec.ts";
import type { Frame } from "../../channel/ring.ts";
import { UnknownHandleError } from "../../sync/handle.ts";
import { ThreadMemory } from "../../sync/memory/thread_memory.ts";
import type { TaskReference } from "../registry.ts";
import type { Wire } from "../wire.ts";
import { AbortReason, Board } from "./board.ts";
import type { JobHeader, ResultHeader } from "./frames.ts";
import type { Intake, Work } from "./intake.ts";

/** What a worker is told that shares no memory with its pool. */
export type ToWorker =
  | { readonly type: "task"; readonly reference: TaskReference }
  | { readonly type: "job"; readonly header: JobHeader; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly type: "abort"; readonly cell: number; readonly reason: number }
  | { readonly type: "go" };

/** What it tells. */
export type FromWorker =
  | { readonly type: "ready" }
  | {
    readonly type: "result";
    readonly header: ResultHeader;
    readonly body: Uint8Array<ArrayBuffer>;
  };

/** The side of a worker that gets one job after the other as a message. */
export class WireIntake implements Intake {
  /** Its own: the pool has another one. */
  readonly board: Board;
  readonly #wire: Wire;
  readonly #references: TaskReference[];
  readonly #jobs: Extract<ToWorker, { type: "job" }>[] = [];
  #ready = false;
  #wake: (() => void) | undefined;

  /** @param references Those of the first numbers. */
  constructor(wire: Wire, slot: number, references: readonly TaskReference[]) {
    this.#wire = wire;
    this.#references = [...references];
    this.board = new Board(new ThreadMemory(Board.words(slot + 1) * 4), 0, slot + 1);
    wire.listen((message) => this.#receive(message as ToWorker, slot));
  }

  referenceOf(task: number): TaskReference {
    return this.#references[task]!;
  }

  take(work: Work): boolean {
    const job = this.#jobs.shift();
    if (job === undefined) return false;
    Object.assign(work, job.header);
    work.bytes = undefined;
    work.failure = undefined;
    try {
      work.args = decode(job.body) as unknown[];
    } catch (error) {
      if (error instanceof UnknownHandleError) work.bytes = job.body;
      else work.failure = { error };
    }
    return true;
  }

  /** The pool itself sees to it that a worker does not wait too long. */
  async wait(work: Work): Promise<boolean> {
    if (!this.#ready) this.#post({ type: "ready" });
    this.#ready = true;
    while (this.#jobs.length === 0 && !this.board.closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.take(work);
  }

  deliver(header: ResultHeader, body: Frame): boolean {
    const bytes = new Uint8Array(body.byteLength);
    body.copyTo(bytes, 0);
    this.#post({ type: "result", header: { ...header }, body: bytes });
    return true;
  }

  async waitForRoom(): Promise<void> {}

  async flush(): Promise<void> {}

  #post(message: FromWorker): void {
    this.#wire.post(message);
  }

  #receive(message: ToWorker, slot: number): void {
    switch (message.type) {
      case "task":
        this.#references.push(message.reference);
        return;
      case "abort":
        return this.board.abort(slot, message.cell, message.reason);
      case "job":
        // What was to be aborted is another one.
        this.board.abort(slot, message.header.cell, AbortReason.none);
        this.#jobs.push(message);
        break;
      case "go":
        this.board.close();
    }
    this.#wake?.();
  }
}
