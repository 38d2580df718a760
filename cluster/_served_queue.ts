// Copyright 2026 the Weft authors. MIT license.

import { QueueClosedError, QueueEmptyError, QueueFullError } from "../channel/errors.ts";
import { PriorityQueue } from "../channel/priority_queue.ts";
import type { Queue } from "../channel/queue.ts";
import { type Caller, methodsOf, ServedKind, toMilliseconds } from "./_served.ts";

type AnyQueue = Queue<unknown>;

/** The most items, and about the most bytes, that are given at once. */
const mostItems = 10_000;
const mostBytes = 256 * 1024;

/** Serves a queue as Python's `queue.Queue`, with two methods more for many items at once. */
export function serveQueue(queue: AnyQueue): ServedKind<AnyQueue> {
  return new ServedKind(queue, methods);
}

const methods = methodsOf<AnyQueue>({
  empty: ["", (queue) => queue.isEmpty],
  full: ["", (queue) => queue.isFull],
  qsize: ["", (queue) => queue.size],
  get: ["block= timeout=", (queue, [block, timeout], caller) => get(queue, block, timeout, caller)],
  get_nowait: ["", (queue, _, caller) => get(queue, false, undefined, caller)],
  get_many: ["most block= timeout=", getMany],
  put: ["item block= timeout= priority=", put],
  put_nowait: [
    "item priority=",
    (queue, [item, priority], caller) => put(queue, [item, false, undefined, priority], caller),
  ],
  put_many: ["items block= timeout= priorities=", putMany],
  task_done: ["", (queue) => queue.taskDone()],
  join: [
    "timeout=",
    (queue, [timeout], { signal }) => queue.join({ timeout: toMilliseconds(timeout), signal }),
  ],
  shutdown: ["immediate=", (queue, [immediate]) => queue.close({ immediate: Boolean(immediate) })],
  weft_closed: ["", (queue) => queue.closed],
});

function get(
  queue: AnyQueue,
  block: unknown,
  timeout: unknown,
  caller: Caller,
): unknown | Promise<unknown> {
  const ms = isBlocking(block) ? toMilliseconds(timeout) : 0;
  // Without a promise where none is needed.
  if (ms === 0 || !queue.isEmpty) {
    try {
      return note(queue, [queue.getNowait()], caller)[0];
    } catch (error) {
      if (ms === 0 || !(error instanceof QueueEmptyError)) throw error;
    }
  }
  return queue.get({ timeout: ms, signal: caller.signal })
    .then((item) => note(queue, [item], caller)[0]);
}

function getMany(
  queue: AnyQueue,
  [most, block, timeout]: unknown[],
  caller: Caller,
): unknown[] | Promise<unknown[]> {
  const count = checkCount(most);
  const items: unknown[] = [];
  takeMore(queue, items, count);
  if (items.length > 0) return note(queue, items, caller);
  const ms = isBlocking(block) ? toMilliseconds(timeout) : 0;
  if (ms === 0) return note(queue, [queue.getNowait()], caller);
  return queue.get({ timeout: ms, signal: caller.signal }).then((item) => {
    items.push(item);
    takeMore(queue, items, count);
    return note(queue, items, caller);
  });
}

function takeMore(queue: AnyQueue, items: unknown[], count: number): void {
  let bytes = items.length > 0 ? bytesOf(items[0]) : 0;
  try {
    while (items.length < count && bytes < mostBytes && !queue.isEmpty) {
      const item = queue.getNowait();
      bytes += bytesOf(item);
      items.push(item);
    }
  } catch (error) {
    if (!(error instanceof QueueEmptyError || error instanceof QueueClosedError)) throw error;
  }
}

/** How large an item is, as far as that can be told at once. */
function bytesOf(item: unknown): number {
  if (typeof item === "string") return item.length;
  return item instanceof Uint8Array ? item.byteLength : 0;
}

function put(
  queue: AnyQueue,
  [item, block, timeout, priority]: unknown[],
  { signal }: Pick<Caller, "signal">,
): void | Promise<void> {
  const ms = isBlocking(block) ? toMilliseconds(timeout) : 0;
  const options = priorityOf(queue, item, priority);
  try {
    return (queue as PriorityQueue<unknown>).putNowait(item, options);
  } catch (error) {
    if (ms === 0 || !(error instanceof QueueFullError)) throw error;
  }
  return queue.put(item, { ...options, timeout: ms, signal } as object);
}

/** Puts items one after the other; gives the number of those that were put in time, if it is not none. */
async function putMany(
  queue: AnyQueue,
  [items, block, timeout, priorities]: unknown[],
  caller: Caller,
): Promise<number> {
  if (!Array.isArray(items)) throw new TypeError("put_many() needs a list of items");
  const end = performance.now() + (isBlocking(block) ? toMilliseconds(timeout) : 0);
  let count = 0;
  for (const item of items) {
    const rest = Math.max(0, end - performance.now()) / 1000;
    const priority = Array.isArray(priorities) ? priorities[count] : undefined;
    try {
      const wait = put(queue, [item, true, rest === Infinity ? null : rest, priority], caller);
      if (wait !== undefined) await wait;
    } catch (error) {
      if (count === 0) throw error;
      return count;
    }
    count++;
  }
  return count;
}

/** Has items put back at the end if they do not reach the client. */
function note(queue: AnyQueue, items: unknown[], caller: Caller): unknown[] {
  caller.take(() => {
    for (const item of items) {
      const options = priorityOf(queue, item, undefined);
      // Waits for room if others have filled the queue meanwhile; of a closed one nobody gets it any more. It was
      // counted when it came, and is no second one.
      (queue as PriorityQueue<unknown>).put(item, options).catch(() => {})
        .then(() => queue.taskDone()).catch(() => {});
    }
  });
  return items;
}

/** The priority of an item: the one given, or as in Python the first part of a tuple. */
function priorityOf(
  queue: AnyQueue,
  item: unknown,
  priority: unknown,
): { readonly priority?: number } {
  if (!(queue instanceof PriorityQueue)) return {};
  const number = priority ?? (Array.isArray(item) ? item[0] : item);
  return typeof number === "number" ? { priority: number } : {};
}

function isBlocking(block: unknown): boolean {
  return block === undefined || Boolean(block);
}

function checkCount(most: unknown): number {
  if (typeof most === "number" && Number.isSafeInteger(most) && most > 0) {
    return Math.min(most, mostItems);
  }
  throw new RangeError("get_many() needs a whole number of items from 1");
}
