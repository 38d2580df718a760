// Copyright 2026 the Weft authors. MIT license.

import { type CurrentTask, findCurrentTask } from "../current_task.ts";
import { AbortReason, type Board } from "./board.ts";

/** No cell has this number. */
const none = -1;

/** Lets the job that runs in a worker see that it is to stop. */
export class Abortion {
  readonly #board: Board;
  readonly #slot: number;
  #cell = none;
  #controller: AbortController | undefined;
  #watching = false;
  readonly #current: CurrentTask;

  constructor(board: Board, slot: number) {
    this.#board = board;
    this.#slot = slot;
    const signal = () => this.#signal();
    this.#current = {
      get signal() {
        return signal();
      },
    };
    findCurrentTask(() => this.#cell === none ? undefined : this.#current);
  }

  /** Notes that a job begins. */
  begin(cell: number): void {
    this.#cell = cell;
    this.#controller = undefined;
  }

  /** Notes that no job runs. */
  end(): void {
    this.#cell = none;
    this.#controller = undefined;
  }

  /** Throws if the job is to be aborted. */
  check(): void {
    const reason = this.#reason();
    if (reason !== undefined) throw reason;
  }

  #look(): void {
    const controller = this.#controller;
    if (controller === undefined || controller.signal.aborted) return;
    const reason = this.#reason();
    if (reason !== undefined) controller.abort(reason);
  }

  #reason(): DOMException | undefined {
    switch (this.#board.abortReason(this.#slot, this.#cell)) {
      case AbortReason.none:
        return undefined;
      case AbortReason.timeout:
        return new DOMException("The time of the task is over", "TimeoutError");
      default:
        return new DOMException("The task was cancelled", "AbortError");
    }
  }

  #signal(): AbortSignal {
    if (this.#controller === undefined) this.#controller = new AbortController();
    if (!this.#watching) {
      this.#watching = true;
      this.#board.watchAborts(this.#slot, () => this.#look());
    }
    this.#look();
    return this.#controller.signal;
  }
}
