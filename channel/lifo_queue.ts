// Copyright 2026 the Weft authors. MIT license.

import { lifo, registerQueue } from "./_queue_kind.ts";
import { Queue } from "./queue.ts";

/**
 * Carries items as a {@linkcode Queue} does, but last in, first out.
 *
 * **Fairness:** what was put early comes out late, or never as long as others put more.
 *
 * @typeParam T Type of the items.
 *
 * @example Get the latest first
 * ```ts
 * import { LifoQueue } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new LifoQueue<string>();
 * await queue.put("a");
 * await queue.put("b");
 *
 * assertEquals([await queue.get(), await queue.get()], ["b", "a"]);
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  static {
    registerQueue(LifoQueue, "lifo-queue", lifo);
  }
}
