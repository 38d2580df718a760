// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";
import { byPriority, laneOf, registerQueue } from "./_queue_kind.ts";
import { Queue } from "./queue.ts";

/** Options of {@linkcode PriorityQueue.putNowait}. */
export interface PriorityOptions {
  /**
   * What is lower comes out first; any number, also an infinite one.
   *
   * @default {0}
   */
  readonly priority?: number | undefined;
}

/** Options of {@linkcode PriorityQueue.put}. */
export interface PriorityPutOptions extends PriorityOptions, WaitOptions {}

/**
 * Carries items as a {@linkcode Queue} does, but the one with the lowest priority comes out first, and of those
 * with the same the one that was put first.
 *
 * **Fairness:** what has a high number comes out late, or never as long as others put what has a lower one.
 *
 * **Backpressure:** puts that wait for room get it in the order in which they began, whatever their priority.
 *
 * @typeParam T Type of the items.
 *
 * @example Get what is urgent first
 * ```ts
 * import { PriorityQueue } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new PriorityQueue<string>();
 * await queue.put("sweep the floor", { priority: 5 });
 * await queue.put("look at the mail");
 * await queue.put("put out the fire", { priority: -1 });
 * queue.close();
 *
 * assertEquals(await Array.fromAsync(queue), [
 *   "put out the fire",
 *   "look at the mail",
 *   "sweep the floor",
 * ]);
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  static {
    registerQueue(PriorityQueue, "priority-queue", byPriority);
  }

  /**
   * Puts an item, after waiting for room if the queue is full.
   *
   * @param item The item; copied at once, unless the queue is local.
   * @param options Its priority, and timeout and signal of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be cloned.
   * @throws {QueueFullError} If the time is over first; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed, or is meanwhile; it has the item as `value`.
   * @throws {RangeError} If the priority is not a number, or the timeout is negative or not a number, or there is
   * no memory for the item.
   * @throws {unknown} The reason of the signal, if it aborts first.
   */
  override put(item: T, options: PriorityPutOptions = {}): Promise<void> {
    return laneOf<T>(this).put(item, options, options.priority);
  }

  /**
   * Puts an item, after blocking the thread until there is room if the queue is full.
   *
   * @param item The item; copied at once, unless the queue is local.
   * @param options Its priority, and timeout of the wait.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be cloned.
   * @throws {QueueFullError} If the time is over first; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed, or is meanwhile; it has the item as `value`.
   * @throws {RangeError} If the priority is not a number, or the timeout is negative or not a number, or there is
   * no memory for the item.
   */
  override putSync(item: T, options: Omit<PriorityPutOptions, "signal"> = {}): void {
    laneOf<T>(this).putSync(item, options, options.priority);
  }

  /**
   * Puts an item if there is room; never waits.
   *
   * @param item The item; copied at once, unless the queue is local.
   * @param options Its priority.
   * @throws {DOMException} Named `DataCloneError`, if the item cannot be cloned.
   * @throws {QueueFullError} If the queue is full; it has the item as `value`.
   * @throws {QueueClosedError} If the queue is closed; it has the item as `value`.
   * @throws {RangeError} If the priority is not a number, or there is no memory for the item.
   */
  override putNowait(item: T, options: PriorityOptions = {}): void {
    laneOf<T>(this).putNowait(item, options.priority);
  }
}
